#pragma once

#include <stdbool.h>

#include "server/server.h"
#include "server/settings.h"
#include "util/cleanup.h"

/*
 * Command line and configuration file -> struct settings
 *
 * The file is written as pdns.conf: `name=value` lines, `#` comments, a backslash at the end of a
 * line goes on in the next. Each setting is also an option, `--name=value`, which wins over the
 * file.
 */

enum {
    /* Something is wrong with the settings; every fault was logged with file and line. */
    CONFIG_E_INVALID = 1,
};

enum config_action {
    CONFIG_RUN,
    CONFIG_CHECK_SETTINGS, /* --check-config */
    CONFIG_CHECK_ZONES,    /* check [ZONE...] */
    CONFIG_CONTROL,        /* ctl COMMAND... */
    CONFIG_HELP,           /* --help */
    CONFIG_VERSION,        /* --version */
};

struct config {
    enum config_action action;
    char **words; /* behind the action: zones to be checked, or a command; NULL-ended, the text is
                     the arguments' */
    struct settings settings;
};

void config_free(struct config *config);
CLEANUP_DEFINE(struct config *, config_free)

/* Reads the arguments and the file that they name (`--config=FILE`), or the default one if there is
 * any. 0; CONFIG_E_INVALID; -ENOMEM. */
int config_load(int argc, char *const argv[], struct config **ret);

/* Loads the same once more, has `try` try it with `userdata`, and puts those settings into `config`
 * that may change at run time; any other that differs is logged. 0; negative (logged): nothing was
 * changed. */
int config_reload(struct config *config, int argc, char *const argv[], server_try_fn try,
                  void *userdata);

/* Every setting with its default, unit and meaning, to standard output. */
void config_print_help(void);
