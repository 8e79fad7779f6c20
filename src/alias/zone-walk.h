#pragma once

#include "alias/expansion.h"
#include "alias/local.h"
#include "store/records.h"

/*
 * All rows of a zone, with its ALIAS rows collected by owner name
 *
 * For who lists a zone as it is answered. What a target leads to in our own zones is found on the
 * way.
 */

struct zone_walk {
    struct database *db;
    int64_t zone_id;
    struct local *local;  /* borrowed; of the same snapshot */
    records_next_fn next; /* records_next(), or what leaves out more */

    /* A row that is no ALIAS row; NULL: they are of no interest. 0, or negative to end the walk. */
    int (*on_row)(void *userdata, const struct records_row *row);
    /* After the last row of each owner name. Where it has ALIAS rows the expansion has been
     * followed; `owner` is as stored, "" before the first. The same. */
    int (*on_owner)(void *userdata, const char *owner, struct expansion *expansion);
    void *userdata;
};

/* In a snapshot. 0; negative. */
int zone_walk(const struct zone_walk *walk);
