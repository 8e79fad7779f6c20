#pragma once

#include "alias/state.h"
#include "dns/chain.h"
#include "resolve/resolver.h"
#include "server/settings.h"
#include "store/database.h"

/* What the layers below want to know, taken from the settings. Text and lists stay the
 * settings'. */

/* What alias-hops-max may be at most. */
#define SETUP_HOPS_LIMIT CHAIN_HOPS_LIMIT

/* Whether `text` can be an item of `forward`. With forward-tls it may end in `#NAME`. */
bool setup_is_forwarder(const char *text);

/* Whether `text` can be an item of `alias-deny`. */
bool setup_is_range(const char *text);

struct database_config setup_database(const struct settings *settings);
struct alias_config setup_alias(const struct settings *settings, const struct ranges *deny);
struct resolver_config setup_resolver(const struct settings *settings);
