#pragma once

#include <stdint.h>

#include "store/database.h"
#include "upkeep/faults.h"

/*
 * Looking for faults in the zone database, a zone at a time
 *
 * Each call reads from one moment's state and is done reading when it returns: nobody waits for who
 * prints what was found. Only what was found is kept in memory. Nothing is written.
 */

enum {
    ZONE_CHECK_E_END = 1,       /* there is no further zone or row */
    ZONE_CHECK_E_NOT_FOUND = 2, /* no such zone */
};

struct zone_check {
    struct database *db;
    size_t hops_max;
    int64_t zone_id;      /* of the last zone; before the first: INT64_MIN */
    int64_t row_id;       /* the last row that was looked at for its zone; the same */
    char *zone_name;      /* as stored; NULL: rows of no zone were looked for */
    struct faults faults; /* the outcome, until the next call */
};

/* `db` is borrowed; nothing else is to be done on it until zone_check_deinit(). `hops_max` is that
 * of dns/chain.h. */
void zone_check_init(struct zone_check *check, struct database *db, size_t hops_max);
void zone_check_deinit(struct zone_check *check);

/* Whether there is a zone of that name: in any form, or else just as it is stored. 0;
 * ZONE_CHECK_E_NOT_FOUND; negative (logged), as those that follow. */
int zone_check_find(struct zone_check *check, const char *name);

/* Checks the zone of that name. */
int zone_check_named(struct zone_check *check, const char *name);

/* Checks the zone with the next id. 0; ZONE_CHECK_E_END; negative. */
int zone_check_next(struct zone_check *check);

/* Checks whether the next rows, some thousands, belong to a zone. The same. */
int zone_check_next_lost(struct zone_check *check);
