#pragma once

#include <stdint.h>

#include "alias/table.h"
#include "store/fallback.h"
#include "util/clock-step.h"

/*
 * Between the table and the fallback database: what is stored when, and steady time to wall time
 *
 * `fallback` may be NULL everywhere: nothing is kept then.
 *
 * When the wall clock is set, what this process has learned gets wall times by the new setting,
 * which is taken for the better one: a machine may begin at 1970 and be told the time later. What
 * was restored keeps its times, which somebody else's clock has made.
 */

struct keeping_clock {
    struct clock_step step;
    int64_t shift; /* seconds that the wall clock was set by since the start, all in all */
};

/* The wall clock, in seconds. `now` is steady. */
int64_t keeping_wall(struct keeping_clock *clock, int64_t now);

/* Something was learned; it is stored. `wall_now`: seconds. */
void keeping_store_answer(struct fallback *fallback, struct table_entry *entry, int64_t wall_now);

/* The clock was set by `shift` since the start: if the entry's wall times are not of that, they are
 * corrected and stored anew. */
void keeping_follow_clock(struct fallback *fallback, struct table_entry *entry, int64_t shift,
                          int64_t wall_now);

/* A resolution failed. Stored only if there is something to serve meanwhile, and the error isn't
 * the one that was stored last: a target that fails again and again costs no writing. */
void keeping_store_failure(struct fallback *fallback, struct table_entry *entry, int64_t wall_now);

/* A resolution gave nothing but addresses that `alias-deny` drops. Stored as a failure is, but
 * where nothing else is known, as an answer: what is denied now may be allowed at the next start.
 */
void keeping_store_denied(struct fallback *fallback, struct table_entry *entry, int64_t wall_now);

/* What is known has become another part of what had been learned. `now`: steady milliseconds. */
void keeping_store_parted(struct fallback *fallback, struct table_entry *entry, int64_t now,
                          int64_t wall_now);

/* What was known has become too old. */
void keeping_remove(struct fallback *fallback, struct table_entry *entry);

/* Fills an entry that knows nothing from what was stored, denied or not: state_part() is to follow.
 * Nothing is taken for fresher than it can
 * be: if the wall clock stands before the moment it was stored, it has just expired. 0 or -ENOMEM.
 */
int keeping_restore(const struct fallback_entry *stored, const struct alias_config *config,
                    int64_t now, int64_t wall_now, struct table_entry *entry);
