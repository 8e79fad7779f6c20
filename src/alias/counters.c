#include "alias/counters.h"

const char *counters_lookup_name(enum counters_lookup lookup)
{
    static const char *const names[COUNTERS_LOOKUPS] = {
        [COUNTERS_FRESH] = "fresh",     [COUNTERS_STALE] = "stale",   [COUNTERS_EMPTY] = "empty",
        [COUNTERS_NOTHING] = "nothing", [COUNTERS_DENIED] = "denied", [COUNTERS_FAILED] = "failed",
    };

    return names[lookup];
}

const char *counters_cause_name(enum counters_cause cause)
{
    static const char *const names[COUNTERS_CAUSES] = {
        [COUNTERS_FOR_LOOKUP] = "lookup", [COUNTERS_AHEAD] = "ahead",
        [COUNTERS_NEW] = "new",           [COUNTERS_IDLE] = "idle",
        [COUNTERS_RETRY] = "retry",       [COUNTERS_ORDERED] = "command",
    };

    return names[cause];
}

enum counters_outcome counters_outcome_of(enum outcome_kind kind)
{
    static const enum counters_outcome outcomes[] = {
        [OUTCOME_ADDRESSES] = COUNTERS_ADDRESSES,
        [OUTCOME_EMPTY] = COUNTERS_NO_ADDRESS,
        [OUTCOME_FAILURE] = COUNTERS_FAILURE,
    };

    return outcomes[kind];
}

const char *counters_outcome_name(enum counters_outcome outcome)
{
    static const char *const names[COUNTERS_OUTCOMES] = {
        [COUNTERS_ADDRESSES] = "addresses",
        [COUNTERS_NO_ADDRESS] = "empty",
        [COUNTERS_FAILURE] = "failure",
        [COUNTERS_DROPPED] = "denied",
    };

    return names[outcome];
}

const char *counters_limit_name(enum limits_reason reason)
{
    static const char *const names[LIMITS_REASONS] = {
        [LIMITS_NOT_REACHED] = "",        [LIMITS_ZONE_TARGETS] = "zone_targets",
        [LIMITS_ZONE_RATE] = "zone_rate", [LIMITS_RATE] = "rate",
        [LIMITS_MEMORY] = "memory",
    };

    return names[reason];
}
