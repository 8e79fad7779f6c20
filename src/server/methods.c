#include "server/methods.h"

#include <errno.h>
#include <string.h>

#include "util/log.h"

static struct log_limit limit = LOG_LIMIT(10, 10000);

int method_fold_name(const char *text, char ret[NAME_TEXT_SIZE])
{
    if (name_fold(text, ret) == 0)
        return 0;
    log_write_limited(&limit, LOG_LEVEL_ERROR, "a name of %zu characters is too long",
                      strlen(text));
    return -ENAMETOOLONG;
}

bool method_has_alias_txt(const struct session *session, const struct metadata_alias *metadata)
{
    return metadata->says_txt ? metadata->is_txt : session->shared->alias_txt;
}

int method_find_domain(struct session *session, const char *zone, struct domains_cursor *cursor,
                       struct domains_row *ret)
{
    char name[NAME_TEXT_SIZE];
    struct database *db;

    int r = method_fold_name(zone, name);
    if (r == 0)
        r = session_open(session, &db);
    return r < 0 ? r : domains_find(db, name, cursor, ret);
}
