#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether somebody has set the wall clock
 *
 * Pure: both clocks in, the difference out. A suspended machine is no step, since the steady clock
 * counts then, too (util/clock.h). Steps that come together slowly, by a clock that is slewed for
 * days, are seen when they amount to as much.
 */

/* Seconds. Less than this changes nothing that matters here. */
#define CLOCK_STEP_MIN 5

struct clock_step {
    bool is_running;
    int64_t offset; /* seconds from the steady clock to the wall clock, as last seen */
};

/* By how many seconds the wall clock was set since it was last looked at, forward positive; 0 also
 * the first time, and where it is less than CLOCK_STEP_MIN. */
int64_t clock_step_look(struct clock_step *step, int64_t steady_ms, int64_t wall_s);
