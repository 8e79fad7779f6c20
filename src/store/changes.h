#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/database.h"

/*
 * Which zones were changed since they were last put in order: the triggers and tables of
 * sql/upkeep.sql
 *
 * Each zone has a counter that every change of its records, its name, its kind, its keys or of the
 * metadata that matter here raises, whoever makes it. A zone whose counter isn't the one that it
 * was put in order at is to be put in order.
 */

enum {
    CHANGES_E_END = 1,     /* no further zone */
    CHANGES_E_CHANGED = 2, /* the database was changed meanwhile */
};

/* Makes what is missing, and makes anew what isn't as it should be (a table that was rebuilt loses
 * its triggers); takes the write lock only if there is something to do. `ret_was_changed`: there
 * was, so changes may have been missed. 0 or negative. */
int changes_install(struct database *db, bool *ret_was_changed);

/* Whether the tables are there. */
int changes_are_noted(struct database *db, bool *ret);

/* The zone's counter; 0 where there is none, also where nothing is installed. */
int changes_count(struct database *db, int64_t zone_id, int64_t *ret);

/* All zones' counters. */
struct changes_counter {
    int64_t zone_id;
    int64_t changes;
};

struct changes_counters {
    struct changes_counter *items; /* in the order of the ids; owned */
    size_t count;
};

void changes_counters_deinit(struct changes_counters *counters);

/* Where the tables are there. What `ret` held is freed. 0 or negative. */
int changes_list_counters(struct database *db, struct changes_counters *ret);

/* Whether the zone counts as in order, its counter being `count`. */
int changes_are_settled(struct database *db, int64_t zone_id, int64_t count, bool *ret);

/* In a write transaction: the zone was put in order as it was at `count`. */
int changes_settle(struct database *db, int64_t zone_id, int64_t count);

/* In a write transaction: the zone's counter goes back to `count`, since what was written after it
 * is our own and no change to anybody. Whether the zone is in order stays as it was at `count`. */
int changes_restore(struct database *db, int64_t zone_id, int64_t count);

/* The zone is to be put in order, if it never was, not only when the walk through all zones comes
 * to it: changes_next() finds it. 0 or negative. */
int changes_note(struct database *db, int64_t zone_id);

/* The first zone with an id above `above` that has changed since it was put in order. 0;
 * CHANGES_E_END; negative.
 */
int changes_next(struct database *db, int64_t above, int64_t *ret);

/* The first zone of all with an id above `above`. 0; CHANGES_E_END; negative. */
int changes_next_zone(struct database *db, int64_t above, int64_t *ret);

/* Once the tables were made or mended: gives each zone a counter, and drops what belongs to zones
 * and rows that are gone. A zone whose counter is new isn't in order, nor has it changed. 0 or
 * negative. */
int changes_catch_up(struct database *db);

/* What moves when another connection has committed, and what moves when tables or triggers were
 * made, changed or dropped. */
struct changes_version {
    int64_t data;
    int64_t schema;
};

int changes_version(struct database *db, struct changes_version *ret);
