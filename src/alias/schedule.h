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

struct schedule {
    struct table_entries slots[SCHEDULE_SLOTS]; /* by time, for a turn of 819 s */
    int64_t next; /* slot, counted from time 0, that is the first to be emptied */
    struct table_entries due[STATE_URGENCIES]; /* what came first stands first */
};

void schedule_init(struct schedule *schedule, int64_t now);

/* For `at`, or as soon as possible if that has passed; STATE_FAR: removed. */
void schedule_put(struct schedule *schedule, struct table_entry *entry, int64_t at);

/* It has come due. */
void schedule_put_due(struct schedule *schedule, struct table_entry *entry,
                      enum state_urgency urgency);

void schedule_remove(struct table_entry *entry);

/* Takes out the next entry whose slot has passed; NULL if there is none. After a long pause, a
 * machine that slept, say, all slots have passed. */
struct table_entry *schedule_next(struct schedule *schedule, int64_t now);
