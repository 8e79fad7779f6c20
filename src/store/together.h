#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "store/database.h"

/*
 * Many small writes in few transactions
 *
 * A commit is a wait for the disk, which most small writes cost more than all else. What is shared
 * is bounded, since others wait for the write lock. Each item has an outcome of its own: one that
 * can't be written (somebody's own trigger may refuse it) doesn't keep the others from theirs.
 */

/* Of holding the write lock, but for a single item that takes longer, and for the disk. After that
 * it is left alone for as long as it was held, up to ten times this. */
#define TOGETHER_LOCK_MS 25

/* In a write transaction. Positive: nothing was written, and nothing is to be. Whatever it returns,
 * it may be called once more for the same item, after what it had written was rolled back. */
typedef int together_write(struct database *db, void *item);

/* Writes the items in their order. `ret_outcomes`: for each what became of it, 0 is committed. 0 or
 * negative: there was no use in going on to others; those that weren't tried have that for an
 * outcome, too. */
int together_run(struct database *db, together_write *write, void *const items[], size_t count,
                 int ret_outcomes[]);

/* Whether a failure says that there is no use in going on to others: a lock that somebody holds, or
 * the end. */
bool together_is_hopeless(int r);
