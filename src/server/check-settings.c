#include "server/check-settings.h"

#include <errno.h>
#include <libgen.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "resolve/resolver.h"
#include "server/accounts.h"
#include "server/setup.h"
#include "server/status-server.h"
#include "store/database.h"
#include "util/cleanup.h"
#include "util/log.h"

/* Every check logs its own fault and returns it. */

static int check_folder(const char *setting, const char *path)
{
    CLEANUP(cleanup_freep) char *copy = strdup(path);
    struct stat status;
    const char *folder;
    int r;

    if (!copy)
        return -ENOMEM;
    folder = dirname(copy);
    if (stat(folder, &status) < 0) {
        r = -errno;
        log_error("%s: %s: %s", setting, folder, strerror(-r));
        return r;
    }
    if (!S_ISDIR(status.st_mode)) {
        log_error("%s: %s is no folder", setting, folder);
        return -ENOTDIR;
    }
    return 0;
}

/* Opened as it will be, but never written: `read_only` also keeps the journal mode as it is. */
static int check_zones_db(const struct settings *settings)
{
    CLEANUP(database_freep) struct database *db = NULL;
    struct database_config config = setup_database(settings);
    int r;

    config.read_only = true;
    r = database_open(&config, &db);
    if (r == 0 && settings->zone_upkeep && access(settings->zones_db, W_OK) < 0) {
        r = -errno;
        log_error("zones-db: %s is not writable (with zone-upkeep=no it need not be): %s",
                  settings->zones_db, strerror(-r));
    }
    return r;
}

static int check_accounts(const struct settings *settings)
{
    uid_t user;
    gid_t group;
    int r = 0, one;

    const char *const users[][2] = {{"setuid", settings->setuid},
                                    {"socket-owner", settings->socket_owner}};
    const char *const groups[][2] = {{"setgid", settings->setgid},
                                     {"socket-group", settings->socket_group}};

    for (size_t i = 0; i < 2; ++i) {
        one = *users[i][1] ? accounts_find_user(users[i][0], users[i][1], &user, NULL) : 0;
        r = one ? one : r;
        one = *groups[i][1] ? accounts_find_group(groups[i][0], groups[i][1], &group) : 0;
        r = one ? one : r;
    }
    return r;
}

/* No fault: what isn't looked at does no harm. */
static void warn_of_idle_settings(const struct settings *settings)
{
    if (!settings->zone_upkeep && settings->pdns_control_socket[0])
        log_warning("pdns-control-socket has no effect with zone-upkeep=no: nobody is told of "
                    "changes then");
}

int check_settings(const struct settings *settings)
{
    struct resolver_config resolver = setup_resolver(settings);
    const int outcomes[] = {
        check_folder("socket", settings->socket),
        check_zones_db(settings),
        *settings->fallback_db ? check_folder("fallback-db", settings->fallback_db) : 0,
        check_accounts(settings),
        *settings->status_address ? status_server_check(settings->status_address) : 0,
        resolver_check(&resolver),
    };

    for (size_t i = 0; i < sizeof(outcomes) / sizeof(outcomes[0]); ++i) {
        if (outcomes[i])
            return -EINVAL;
    }
    warn_of_idle_settings(settings);
    return 0;
}
