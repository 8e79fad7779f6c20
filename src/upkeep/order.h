#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/name.h"
#include "store/database.h"
#include "upkeep/ordering.h"

/*
 * A zone in the database, put in order: what ordering.h computes from its rows is written
 *
 * Only rows that differ are written. A zone that isn't there, or has no SOA, is left alone.
 */

/* What is to be done in one zone, as it was when it was read. Zero-initialised. */
struct order {
    int64_t zone_id;
    int64_t count; /* changes_count() then */
    bool has_marks;
    char zone[NAME_TEXT_SIZE];
    struct ordering ordering;
};

void order_deinit(struct order *order);

/* Reads the zone: inside one transaction of SQLite's, for reading or writing. 0 or negative. */
int order_compute(struct database *db, int64_t zone_id, struct order *ret);

/* Inside a write transaction, the zone unchanged since it was read: writes what order_compute() has
 * found, and that the zone is in order. 0 or negative (logged); the caller then rolls back. */
int order_apply(struct database *db, const struct order *order);

/* Both, inside a write transaction. */
int order_zone(struct database *db, int64_t zone_id);
