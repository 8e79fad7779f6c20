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

int accounts_find_user(const char *setting, const char *text, uid_t *ret, gid_t *ret_group)
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
        log_error("%s: there is no user '%s'", setting, text);
        return -EINVAL;
    }
    *ret = entry->pw_uid;
    if (ret_group)
        *ret_group = entry->pw_gid;
    return 0;
}

int accounts_find_group(const char *setting, const char *text, gid_t *ret)
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
    log_error("%s: there is no group '%s'", setting, text);
    return -EINVAL;
}

static bool is_already(bool has_user, uid_t user, gid_t group)
{
    uid_t user_now, effective_user, saved_user;
    gid_t group_now, effective_group, saved_group;

    getresuid(&user_now, &effective_user, &saved_user);
    getresgid(&group_now, &effective_group, &saved_group);
    return group_now == group && effective_group == group && saved_group == group &&
           (!has_user || (user_now == user && effective_user == user && saved_user == user));
}

static int become(bool has_user, uid_t user, gid_t group)
{
    /* An ordinary user may not even set the groups that it has. */
    if (geteuid() != 0 && is_already(has_user, user, group))
        return 0;
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
        r = accounts_find_user("setuid", settings->setuid, &user, &group);
    if (r == 0 && *settings->setgid)
        r = accounts_find_group("setgid", settings->setgid, &group);
    if (r)
        return r;
    r = become(has_user, user, group);
    if (r)
        log_error("can't become user '%s', group '%s': %s", settings->setuid, settings->setgid,
                  strerror(-r));
    return r;
}
