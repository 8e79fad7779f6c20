#pragma once

#include "server/settings.h"

/*
 * The daemon: from settings to a served socket, until SIGTERM or SIGINT
 */

enum {
    /* Something is wrong with the settings, and a new start would not change it (logged). */
    SERVER_E_SETTINGS = 1,
};

/* Puts those parts of `candidate` into force that may fail. 0; negative, logged: nothing changed.
 */
typedef int (*server_try_fn)(void *server, const struct settings *candidate);

/* SIGHUP: loads the settings anew, has `try` try them, and puts them into those that server_run()
 * was given; what can't change at run time keeps its value. 0; negative, logged: nothing was
 * changed. */
typedef int (*server_reload_fn)(void *userdata, server_try_fn try, void *server);

/* Runs until a signal ends it. `settings` is borrowed; only the main thread reads it, and only
 * `reload` writes it. 0 after an ordered end; SERVER_E_SETTINGS; negative, logged: it could not
 * start, or not go on. */
int server_run(const struct settings *settings, server_reload_fn reload, void *userdata);
