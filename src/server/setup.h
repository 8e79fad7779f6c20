#pragma once

#include "alias/state.h"
#include "resolve/resolver.h"
#include "server/settings.h"
#include "store/database.h"

/* What the layers below want to know, taken from the settings. Text and lists stay the settings'.
 */

struct database_config setup_database(const struct settings *settings);
struct alias_config setup_alias(const struct settings *settings);
struct resolver_config setup_resolver(const struct settings *settings);
