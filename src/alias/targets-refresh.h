#pragma once

#include <stdint.h>

#include "alias/targets-entry.h"

/*
 * Starts what has come due without anybody asking. Lookups start theirs by themselves, at once and
 * without regard to the bounds here.
 *
 * For targets*.c only; with the table's lock held.
 */

/* Whether one more resolution of our own may be under way, on account of that zone. What is asked
 * for may be when what is idle may not: a backlog, or many dead targets, must not take all places.
 * Nor may those of one zone: it never gets more places than it leaves free. */
bool targets_refresh_has_place(const struct targets *targets, const struct limits_zone *zone,
                               enum schedule_reason reason);

/* Where what is due waits. */
enum schedule_reason targets_refresh_reason(enum state_urgency urgency);

/* Parts of a tick, in this order. */

/* What somebody would have to wait for: `max_starts` at most. How many were started. */
int targets_refresh_ahead(struct targets *targets, int max_starts, int64_t now,
                          struct announcement *announcement);

/* What is new, or idle: some, whatever one zone has begun before, so that rows of another come to
 * their turn. */
void targets_refresh_rest(struct targets *targets, int64_t now, struct announcement *announcement);
