#pragma once

#include <stdint.h>

#include "alias/table.h"
#include "store/fallback.h"

/*
 * Between the table and the fallback database: what is stored when, and steady time to wall time
 *
 * `fallback` may be NULL everywhere: nothing is kept then.
 */

/* Something was learned; it is stored. `wall_now`: seconds. */
void keeping_store_answer(struct fallback *fallback, struct table_entry *entry, int64_t wall_now);

/* A resolution failed. Stored only if there is something to serve meanwhile, and the error isn't
 * the one that was stored last: a target that fails again and again costs no writing. */
void keeping_store_failure(struct fallback *fallback, struct table_entry *entry, int64_t wall_now);

/* What was known has become too old. */
void keeping_remove(struct fallback *fallback, struct table_entry *entry);

/* Fills an entry that knows nothing from what was stored. Nothing is taken for fresher than it can
 * be: if the wall clock stands before the moment it was stored, it has just expired. 0 or -ENOMEM.
 */
int keeping_restore(const struct fallback_entry *stored, const struct alias_config *config,
                    int64_t now, int64_t wall_now, struct table_entry *entry);
