#pragma once

#include <sys/types.h>

#include "server/settings.h"

/* Users and groups, by name or number, as the value of `setting`. 0; -EINVAL if there is none
 * (logged). */

/* `ret_group`, the user's own group, may be NULL. A number needs no entry in the user database; its
 * group then is the same number. */
int accounts_find_user(const char *setting, const char *text, uid_t *ret, gid_t *ret_group);
int accounts_find_group(const char *setting, const char *text, gid_t *ret);

/* Becomes `setuid` and `setgid` of the settings, for good, if they are given and the process isn't
 * that already. 0; -EINVAL; -EPERM (logged). */
int accounts_drop_privileges(const struct settings *settings);
