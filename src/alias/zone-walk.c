#include "alias/zone-walk.h"

#include <stdio.h>
#include <string.h>

static int end_owner(const struct zone_walk *walk, const char *owner, struct expansion *expansion)
{
    static const bool both[DNS_FAMILIES] = {true, true};

    int r = expansion_follow(expansion, walk->local, both);
    if (r == 0)
        r = walk->on_owner(walk->userdata, owner, expansion);
    expansion_reset(expansion);
    return r;
}

static int see_row(const struct zone_walk *walk, struct expansion *expansion,
                   const struct records_row *row)
{
    bool is_alias;

    int r = expansion_see(expansion, row, &is_alias);
    return r == 0 && !is_alias && walk->on_row ? walk->on_row(walk->userdata, row) : r;
}

/* The rows of one owner name stand together. */
int zone_walk(const struct zone_walk *walk)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    CLEANUP(expansion_deinit) struct expansion expansion = {0};
    char owner[NAME_TEXT_SIZE] = "";
    struct records_row row;
    int r;

    r = records_list(walk->db, walk->zone_id, &cursor);
    if (r)
        return r;
    while ((r = walk->next(&cursor, &row)) == 0) {
        if (strcmp(owner, row.name) != 0) {
            r = end_owner(walk, owner, &expansion);
            if (r)
                return r;
            snprintf(owner, sizeof(owner), "%s", row.name);
        }
        r = see_row(walk, &expansion, &row);
        if (r)
            return r;
    }
    return r < 0 ? r : end_owner(walk, owner, &expansion);
}
