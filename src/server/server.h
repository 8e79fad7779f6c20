#pragma once

#include "server/settings.h"

/*
 * The daemon: from settings to a served socket, until SIGTERM or SIGINT
 */

/* SIGHUP: puts new values into the settings that server_run() was given, those only that may change
 * at run time. 0; negative, logged: nothing was changed. */
typedef int (*server_reload_fn)(void *userdata);

/* Runs until a signal ends it. `settings` is borrowed; only the main thread reads it, and only
 * `reload` writes it. 0 after an ordered end; negative, logged, if it could not start. */
int server_run(const struct settings *settings, server_reload_fn reload, void *userdata);
