#pragma once

#include "server/settings.h"

/*
 * `pdns-aliasd ctl COMMAND...`: asks the daemon that listens on `socket`, and shows what it says
 */

enum {
    /* The daemon could not do it (said on standard error). */
    CONTROL_CLIENT_E_REFUSED = 1,
    /* It knows no such command (said on standard error). */
    CONTROL_CLIENT_E_USAGE = 2,
};

/* `words` end with NULL; without any it asks for help. What the daemon answers goes to standard
 * output. 0; the above; negative (logged): there is no daemon, or it doesn't answer. */
int control_client_run(const struct settings *settings, char *const *words);
