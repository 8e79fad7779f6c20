#pragma once

#include "resolve/resolver.h"

/*
 * A libunbound context, configured and tried out
 */

struct event_base;
struct ub_ctx;

/* Makes a context on `base` that is ready to resolve. To be freed with ub_ctx_delete(), outside
 * libunbound's callbacks. 0; -EINVAL after a logged message that names the setting; -ENOMEM. */
int engine_new(struct event_base *base, const struct resolver_config *config, struct ub_ctx **ret);
