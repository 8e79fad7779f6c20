#pragma once

#include <stdint.h>

#include "alias/targets-entry.h"

/*
 * Starts what has come due without anybody asking. Lookups start theirs by themselves, at once and
 * without regard to the bounds here.
 *
 * For targets*.c only; with the table's lock held.
 */

/* Whether one more resolution of our own may be under way. What is asked for may be when what is
 * idle may not: a backlog, or many dead targets, must not take all places. */
bool targets_refresh_may_start(const struct targets *targets, enum state_urgency urgency);

/* Parts of a tick, in this order. Each starts at most `max_starts`, and says how many it has
 * started. */

/* What somebody would have to wait for. */
int targets_refresh_ahead(struct targets *targets, int max_starts, int64_t now,
                          struct announcement *announcement);

/* What is new, or idle. */
int targets_refresh_rest(struct targets *targets, int max_starts, int64_t now,
                         struct announcement *announcement);
