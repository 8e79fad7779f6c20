#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * What has happened since the daemon's start, counted under the lock of the targets; read with
 * targets_counters()
 */

/* What a question about one target and family was answered with. */
enum counters_lookup {
    COUNTERS_FRESH,   /* addresses that count as fresh */
    COUNTERS_STALE,   /* addresses that don't */
    COUNTERS_EMPTY,   /* it is known to have none, fresh or stale */
    COUNTERS_NOTHING, /* nothing is known */
    COUNTERS_LOOKUPS,
};

/* Why a resolution was started. */
enum counters_start {
    COUNTERS_FOR_LOOKUP, /* somebody asked, and what was known wasn't fresh */
    COUNTERS_AHEAD,      /* asked for lately, and refreshed before anybody has to wait */
    COUNTERS_NEW,        /* named by a row that was noticed */
    COUNTERS_IDLE,       /* not asked for lately, but refreshed now and then */
    COUNTERS_RETRY,      /* failing, or asked again in the resolver's new context */
    COUNTERS_STARTS,
};

/* How one ended. */
enum counters_end {
    COUNTERS_ANSWERED,
    COUNTERS_ANSWERED_EMPTY,
    COUNTERS_FAILED,
    COUNTERS_ENDS,
};

struct counters {
    uint64_t lookups[COUNTERS_LOOKUPS];
    uint64_t waited; /* calls of targets_ask() that waited for a resolution, however long; one may
                        ask several questions */
    uint64_t started[COUNTERS_STARTS];
    uint64_t ended[COUNTERS_ENDS];
    uint64_t overdue; /* resolutions that took longer than anybody waits */
};

/* Two lines for the log, for the daemon's end. */
void counters_log(const struct counters *counters);
