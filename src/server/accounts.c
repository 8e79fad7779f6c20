#include "server/accounts.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/log.h"

static bool parse_number(const char *text, unsigned *ret)
{
    char *end;
    unsigned long number;

    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    number = strtoul(text, &end, 10);
    /* -1 means 'unchanged' to chown() and setresuid(). */
    if (errno || *end || number >= (unsigned)-1)
        return false;
    *ret = number;
    return true;
}

int accounts_find_user(const char *text, uid_t *ret, gid_t *ret_group)
{
    const struct passwd *entry = getpwnam(text);
    unsigned number;

    if (!entry && parse_number(text, &number)) {
        entry = getpwuid(number);
        if (!entry) {
            *ret = number;
            if (ret_group)
                *ret_group = number;
            return 0;
        }
    }
    if (!entry) {
        log_error("there is no user '%s'", text);
        return -ENOENT;
    }
    *ret = entry->pw_uid;
    if (ret_group)
        *ret_group = entry->pw_gid;
    return 0;
}

int accounts_find_group(const char *text, gid_t *ret)
{
    const struct group *entry = getgrnam(text);
    unsigned number;

    if (entry) {
        *ret = entry->gr_gid;
        return 0;
    }
    if (parse_number(text, &number)) {
        *ret = number;
        return 0;
    }
    log_error("there is no group '%s'", text);
    return -ENOENT;
}

static int become(bool has_user, uid_t user, gid_t group)
{
    if (setgroups(1, &group) < 0 || setresgid(group, group, group) < 0)
        return -errno;
    if (has_user && setresuid(user, user, user) < 0)
        return -errno;
    return 0;
}

int accounts_drop_privileges(const struct settings *settings)
{
    bool has_user = *settings->setuid;
    uid_t user = 0;
    gid_t group = 0;
    int r = 0;

    if (!has_user && !*settings->setgid)
        return 0;
    if (has_user)
        r = accounts_find_user(settings->setuid, &user, &group);
    if (r == 0 && *settings->setgid)
        r = accounts_find_group(settings->setgid, &group);
    if (r)
        return r;
    r = become(has_user, user, group);
    if (r)
        log_error("can't become user '%s', group '%s': %s", settings->setuid, settings->setgid,
                  strerror(-r));
    return r;
}
