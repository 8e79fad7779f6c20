#pragma once

#include "alias/targets-status.h"

/*
 * What an operator may want done to targets: ask again, forget
 *
 * Any thread. That libunbound has an answer in its own cache still is the resolver's business:
 * resolver_forget() first.
 */

/* Resolves them now, both families, whatever is known (which is served meanwhile), also those that
 * nobody has asked for yet; waits for the outcome, until `deadline` (steady milliseconds) at most.
 * 0; -ENOMEM; -ESHUTDOWN: the daemon is ending. */
int targets_refresh(struct targets *targets, const char *const *names, size_t count,
                    int64_t deadline);

/* The same for each of which something is known, or was tried: some hundred in a second, from the
 * next tick on. Returns for how many, each family on its own. */
size_t targets_refresh_all(struct targets *targets);

/* What is known of it is given up, here and in the fallback database; the next who asks waits for
 * its resolution. 0 or TARGETS_E_UNKNOWN. */
int targets_forget(struct targets *targets, const char *name);
