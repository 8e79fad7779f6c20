#include "alias/status.h"

enum status status_of(const struct state *state, int64_t now)
{
    if (state->is_denied)
        return STATUS_DENIED;
    if (state->failures > 0)
        return STATUS_FAILING;
    switch (state_freshness(state, now)) {
    case STATE_IS_FRESH:
        return state->knowledge == STATE_EMPTY ? STATUS_EMPTY : STATUS_FRESH;
    case STATE_IS_STALE:
        return STATUS_STALE;
    case STATE_IS_UNKNOWN:
        break;
    }
    return state->in_flight ? STATUS_RESOLVING : STATUS_UNKNOWN;
}

const char *status_name(enum status status)
{
    static const char *const names[STATUSES] = {
        [STATUS_UNKNOWN] = "unknown", [STATUS_RESOLVING] = "resolving",
        [STATUS_FRESH] = "fresh",     [STATUS_STALE] = "stale",
        [STATUS_EMPTY] = "empty",     [STATUS_FAILING] = "failing",
        [STATUS_DENIED] = "denied",
    };

    return names[status];
}
