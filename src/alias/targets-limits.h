#pragma once

#include <stdint.h>

#include "alias/targets-entry.h"

/*
 * What limits.h says, applied to the targets: which may be brought, and resolved when
 *
 * For targets*.c only; with the table's lock held. What is put off or refused is counted and said.
 */

enum {
    /* The zone must not bring it. */
    TARGETS_LIMITS_E_REFUSED = 1,
};

/* What is said of targets that are refused and not known either: they fail. */
void targets_limits_init(struct targets *targets);

/* Finds the target, or makes it, at the cost of no zone. 0 or -ENOMEM. */
int targets_limits_ensure(struct targets *targets, const char *name, struct table_target **ret);

/* Finds the target that a row of the zone leads to, or makes it; it is charged to that zone, unless
 * it is to another that goes on naming it and isn't slowed by its own limits. `zone_id` 0: it isn't
 * known whose row. 0; -ENOMEM; TARGETS_LIMITS_E_REFUSED: `ret` is what is known of it, if anything,
 * and mustn't be resolved for that zone. */
int targets_limits_admit(struct targets *targets, const char *name, int64_t zone_id, int64_t now,
                         struct announcement *announcement, struct table_target **ret);

/* Whether there is memory for a target that is known from before the start. */
bool targets_limits_may_restore(struct targets *targets, const char *name, int64_t now,
                                struct announcement *announcement);

/* Starts the resolution of an entry that somebody asks for in the zone (0: in that which it is
 * charged to), or puts it off. */
void targets_limits_start(struct targets *targets, struct table_entry *entry, int64_t zone_id,
                          int64_t now, struct announcement *announcement);

/* It has been put off, and is asked for in the zone, which may have it sooner. */
void targets_limits_hurry(struct targets *targets, struct table_entry *entry, int64_t zone_id,
                          int64_t now, struct announcement *announcement);

/* Whether an entry may be resolved now without anybody asking. */
bool targets_limits_allow(struct targets *targets, struct table_entry *entry, int64_t now,
                          struct announcement *announcement);

/* Starts what is due for that reason, one of each zone in turn. How many were started. */
int targets_limits_serve(struct targets *targets, enum schedule_reason reason, int max_starts,
                         int64_t now, struct announcement *announcement);

/* Starts what was put off, for those who asked. */
void targets_limits_start_waiting(struct targets *targets, int64_t now,
                                  struct announcement *announcement);

/* A resolution is under way, on account of that zone; another is beside it; they have ended. */
void targets_limits_begin(struct targets *targets, struct table_entry *entry,
                          struct limits_zone *zone, enum limits_use use, int64_t now);
void targets_limits_begin_again(struct targets *targets, struct table_entry *entry, int64_t now);
void targets_limits_end(struct targets *targets, struct table_entry *entry);

/* An outcome with more addresses than there is memory for is made a failure. */
void targets_limits_fit(struct targets *targets, struct table_entry *entry, struct outcome *outcome,
                        int64_t now, struct announcement *announcement);

/* What is known of the target may be more, or less, than before. */
void targets_limits_weigh(struct targets *targets, struct table_target *target);

/* The target may not be named any more by the zone that it is charged to. */
void targets_limits_review(struct targets *targets, struct table_target *target, int64_t now);
