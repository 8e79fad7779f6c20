#include "alias/counters.h"

#include <inttypes.h>

#include "util/log.h"

static uint64_t sum(const uint64_t *values, size_t count)
{
    uint64_t result = 0;

    for (size_t i = 0; i < count; ++i)
        result += values[i];
    return result;
}

void counters_log(const struct counters *counters)
{
    log_info("ALIAS lookups: %" PRIu64 " fresh, %" PRIu64 " stale, %" PRIu64 " empty, %" PRIu64
             " nothing known; %" PRIu64 " waits",
             counters->lookups[COUNTERS_FRESH], counters->lookups[COUNTERS_STALE],
             counters->lookups[COUNTERS_EMPTY], counters->lookups[COUNTERS_NOTHING],
             counters->waited);
    log_info("ALIAS resolutions: %" PRIu64 " (%" PRIu64 " for lookups, %" PRIu64 " ahead, %" PRIu64
             " new, %" PRIu64 " idle, %" PRIu64 " retries), %" PRIu64 " failed",
             sum(counters->started, COUNTERS_STARTS), counters->started[COUNTERS_FOR_LOOKUP],
             counters->started[COUNTERS_AHEAD], counters->started[COUNTERS_NEW],
             counters->started[COUNTERS_IDLE], counters->started[COUNTERS_RETRY],
             counters->ended[COUNTERS_FAILED]);
}
