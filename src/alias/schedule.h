#pragma once

#include <stdint.h>

#include "alias/table.h"

/*
 * Which entries are to be resolved when, though nobody asks: a wheel, and what has come due
 *
 * Putting, moving and removing cost the same however many there are, and need no memory. An entry
 * stands in one place at most. What is further away than one turn of the wheel comes up early: the
 * caller looks again when its time really is. Locking is the caller's.
 */

#define SCHEDULE_SLOT_MS 100
#define SCHEDULE_SLOTS   8192

/* What something that is due waits for; what comes first here is served first. */
enum schedule_reason {
    SCHEDULE_LOOKUP, /* somebody asked, and it had to be put off */
    SCHEDULE_AHEAD,  /* those of enum state_urgency */
    SCHEDULE_NEW,
    SCHEDULE_IDLE,
    SCHEDULE_REASONS,
};

_Static_assert(SCHEDULE_REASONS == LIMITS_QUEUES, "a zone has a queue for each reason");

struct schedule {
    struct table_entries slots[SCHEDULE_SLOTS]; /* by time, for a turn of 819 s */
    int64_t next; /* slot, counted from time 0, that is the first to be emptied */
    struct turns due[SCHEDULE_REASONS]; /* zones have their turns; of one, what came first */
};

void schedule_init(struct schedule *schedule, int64_t now);

/* For `at`, or as soon as possible if that has passed; STATE_FAR: removed. */
void schedule_put(struct schedule *schedule, struct table_entry *entry, int64_t at);

/* It has come due, on account of that zone. */
void schedule_put_due(struct schedule *schedule, struct table_entry *entry,
                      struct limits_zone *zone, enum schedule_reason reason);

/* The next that is due, and on whose account; it stays, and it stays that zone's turn
 * (turns_pass()). NULL if there is none. */
struct table_entry *schedule_first_due(const struct schedule *schedule, enum schedule_reason reason,
                                       struct limits_zone **ret_zone);

void schedule_remove(struct table_entry *entry);

/* Takes out the next entry whose slot has passed; NULL if there is none. After a long pause, a
 * machine that slept, say, all slots have passed. */
struct table_entry *schedule_next(struct schedule *schedule, int64_t now);
