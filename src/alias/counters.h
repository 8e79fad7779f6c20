#pragma once

#include "alias/limits.h"
#include "resolve/outcome.h"
#include "util/histogram.h"

/*
 * What the targets were asked for and what became of it, since the start
 */

/* How a question about one (target, family) was answered. */
enum counters_lookup {
    COUNTERS_FRESH,   /* with addresses */
    COUNTERS_STALE,   /* the same, past their TTL */
    COUNTERS_EMPTY,   /* known to have no address, or to have had none */
    COUNTERS_NOTHING, /* nothing is known */
    COUNTERS_DENIED,  /* nothing but what `alias-deny` drops: with that if the zone allows it */
    COUNTERS_FAILED,  /* not at all: the daemon was ending, or out of memory */
    COUNTERS_LOOKUPS,
};

/* Why a resolution was started. */
enum counters_cause {
    COUNTERS_FOR_LOOKUP, /* somebody asked, and what was known wasn't fresh */
    COUNTERS_AHEAD,      /* asked for lately, and refreshed before anybody has to wait */
    COUNTERS_NEW,        /* named by a row that was noticed */
    COUNTERS_IDLE,       /* not asked for lately, but refreshed now and then */
    COUNTERS_RETRY,      /* failing, or asked again in the resolver's new context */
    COUNTERS_ORDERED,    /* by a command */
    COUNTERS_CAUSES,
};

/* How a resolution ended. */
enum counters_outcome {
    COUNTERS_ADDRESSES,
    COUNTERS_NO_ADDRESS,
    COUNTERS_FAILURE,
    COUNTERS_DROPPED, /* addresses, but none that `alias-deny` doesn't drop */
    COUNTERS_OUTCOMES,
};

struct counters {
    struct counter lookups[COUNTERS_LOOKUPS];
    struct histogram waits; /* of calls that waited for a resolution, whatever they asked at once */
    struct counter started[COUNTERS_CAUSES];
    struct counter resolutions[COUNTERS_OUTCOMES]; /* that have ended */
    struct histogram durations;                    /* of the same */
    struct counter overdue; /* that took longer than anybody waits; they may have ended later */
    struct counter limited[LIMITS_REASONS]; /* put off or refused, by what was reached */
};

/* "fresh", ... */
const char *counters_lookup_name(enum counters_lookup lookup);

/* "lookup", "ahead", ... */
const char *counters_cause_name(enum counters_cause cause);

/* "zone_targets", ...; not of LIMITS_NOT_REACHED */
const char *counters_limit_name(enum limits_reason reason);

/* Of one that `alias-deny` doesn't drop. */
enum counters_outcome counters_outcome_of(enum outcome_kind kind);

/* "addresses", "empty", ... */
const char *counters_outcome_name(enum counters_outcome outcome);
