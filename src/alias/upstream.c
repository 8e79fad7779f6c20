#include "alias/upstream.h"

void upstream_heard(struct upstream *upstream)
{
    upstream->silent_count = 0;
}

void upstream_silent(struct upstream *upstream, int64_t now)
{
    for (unsigned i = UPSTREAM_SILENT_TARGETS - 1; i > 0; --i)
        upstream->silent_at[i] = upstream->silent_at[i - 1];
    upstream->silent_at[0] = now;
    if (upstream->silent_count < UPSTREAM_SILENT_TARGETS)
        ++upstream->silent_count;
}

bool upstream_is_failing(const struct upstream *upstream, int64_t now)
{
    int64_t newest = upstream->silent_at[0];
    int64_t oldest = upstream->silent_at[UPSTREAM_SILENT_TARGETS - 1];

    return upstream->silent_count == UPSTREAM_SILENT_TARGETS &&
           newest - oldest <= UPSTREAM_WINDOW_MS && now - newest < UPSTREAM_WINDOW_MS;
}
