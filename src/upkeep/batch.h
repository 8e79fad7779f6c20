#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/database.h"
#include "upkeep/order.h"

/*
 * Zones that are put in order together: read in one snapshot, written in few transactions
 *
 * Which is the same as one after the other, but for what a snapshot and a commit cost
 * (store/together.h). Each zone has an outcome of its own: one that was changed meanwhile, or that
 * can't be written, doesn't keep the others of the batch from theirs. What was read is kept until
 * it is written, so a batch is bounded by the time that reading takes, too.
 */

#define BATCH_ZONES_MAX 256

/* Of reading a batch: 100,000 rows or so. */
#define BATCH_READ_MS 50

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
