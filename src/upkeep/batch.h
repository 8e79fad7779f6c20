#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/database.h"
#include "upkeep/order.h"

/*
 * Zones that are put in order together: read in one snapshot, written in few transactions
 *
 * A commit is a wait for the disk, which most of them cost more than all else. What is shared is
 * bounded, since others wait for the write lock, and since what was read is kept until it is
 * written. Each zone has an outcome of its own: one that was changed meanwhile, or that can't be
 * written (somebody's own trigger may refuse it), doesn't keep the others of the batch from theirs.
 */

#define BATCH_ZONES_MAX 256

/* Of reading a batch: 100,000 rows or so. */
#define BATCH_READ_MS 50

/* Of holding the write lock, but for a single zone that takes longer, and for the disk. */
#define BATCH_LOCK_MS 25

struct batch_zone {
    struct order order;
    int outcome; /* 0; CHANGES_E_CHANGED: it is still to be done; negative */
    bool is_to_be_written;
};

/* Zero-initialised. */
struct batch {
    struct batch_zone zones[BATCH_ZONES_MAX];
    size_t count;
    size_t written; /* how many were put in order, or settled, in the database */
};

void batch_deinit(struct batch *batch);

/* What gives the first zone above an id: changes_next() or changes_next_zone(). */
typedef int batch_next(struct database *db, int64_t above, int64_t *ret);

/* Reads the zones above `above` into an empty batch until it is full: one at least, if there is
 * one. 0; CHANGES_E_END: none comes after those that the batch has, if any; negative: it is empty.
 * A zone's own failure is its outcome. */
int batch_read(struct batch *batch, struct database *db, batch_next *next, int64_t above);

/* Writes what was read. What fails is the outcome of the zones that aren't written therefore. 0 or
 * negative: going on to others is no use. */
int batch_write(struct batch *batch, struct database *db);

/* Whether a failure says that there is no use in going on to the next zone: a lock that others
 * hold, or the end. */
bool batch_is_hopeless(int r);
