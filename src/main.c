#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build-config.h"
#include "config.h"
#include "relay/relay.h"
#include "server/check-settings.h"
#include "server/check-zones.h"
#include "server/control-client.h"
#include "server/server.h"
#include "util/log.h"

/* Exit statuses, as in pdns-aliasd(8). */
enum {
    STATUS_FAILED = 1,
    STATUS_BAD_SETTINGS = 2,
    /* Of check, where 1 says something else. */
    STATUS_FAULTS = 1,
    STATUS_UNREADABLE = 3,
};

struct reload {
    int argc;
    char **argv;
    struct config *config;
};

/* SIGHUP: the same arguments and the same file once more. */
static int reload(void *userdata, server_try_fn try, void *server)
{
    struct reload *reload = userdata;

    return config_reload(reload->config, reload->argc, reload->argv, try, server);
}

static int run_check(const struct config *config)
{
    int r = check_zones(&config->settings, config->words);

    if (r < 0)
        return STATUS_UNREADABLE;
    if (r == CHECK_ZONES_E_NO_ZONE)
        return STATUS_BAD_SETTINGS;
    return r == CHECK_ZONES_E_FAULTS ? STATUS_FAULTS : EXIT_SUCCESS;
}

static int run_control(const struct config *config)
{
    int r = control_client_run(&config->settings, config->words);

    if (r == CONTROL_CLIENT_E_USAGE)
        return STATUS_BAD_SETTINGS;
    return r == 0 ? EXIT_SUCCESS : STATUS_FAILED;
}

int main(int argc, char *argv[])
{
    CLEANUP(config_freep) struct config *config = NULL;
    int r;

    if (argc > 1 && strcmp(argv[1], "relay") == 0)
        return relay_run(argv + 2);
    r = config_load(argc, argv, &config);
    if (r < 0)
        log_error("can't read the settings: %s", strerror(-r));
    if (r)
        return r == CONFIG_E_INVALID ? STATUS_BAD_SETTINGS : STATUS_FAILED;

    switch (config->action) {
    case CONFIG_HELP:
        config_print_help();
        return EXIT_SUCCESS;
    case CONFIG_VERSION:
        printf("pdns-aliasd %s\n", PACKAGE_VERSION);
        return EXIT_SUCCESS;
    case CONFIG_CHECK_SETTINGS:
        if (check_settings(&config->settings))
            return STATUS_BAD_SETTINGS;
        puts("the settings are good");
        return EXIT_SUCCESS;
    case CONFIG_CHECK_ZONES:
        return run_check(config);
    case CONFIG_CONTROL:
        return run_control(config);
    case CONFIG_RUN:
        break;
    }
    r = server_run(&config->settings, reload, &(struct reload){argc, argv, config});
    if (r == SERVER_E_SETTINGS)
        return STATUS_BAD_SETTINGS;
    return r == 0 ? EXIT_SUCCESS : STATUS_FAILED;
}
