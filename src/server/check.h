#pragma once

#include "server/settings.h"

/* --check-config: tries out what the settings name (databases, resolver options, users, the
 * socket's folder) without serving or changing anything. Says all that is wrong, and "settings are
 * good" if nothing is. 0 or -EINVAL. */
int check_settings(const struct settings *settings);
