#include "alias/counters.h"

const char *counters_lookup_name(enum counters_lookup lookup)
{
    static const char *const names[COUNTERS_LOOKUPS] = {
        [COUNTERS_FRESH] = "fresh",     [COUNTERS_STALE] = "stale",   [COUNTERS_EMPTY] = "empty",
        [COUNTERS_NOTHING] = "nothing", [COUNTERS_FAILED] = "failed",
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

const char *counters_outcome_name(enum outcome_kind kind)
{
    static const char *const names[COUNTERS_OUTCOMES] = {
        [OUTCOME_ADDRESSES] = "addresses",
        [OUTCOME_EMPTY] = "empty",
        [OUTCOME_FAILURE] = "failure",
    };

    return names[kind];
}
