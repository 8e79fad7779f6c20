#include "alias/upstream.h"

void upstream_heard(struct upstream *upstream)
{
    *upstream = (struct upstream){0};
}

void upstream_forget(struct upstream *upstream)
{
    *upstream = (struct upstream){0};
}

void upstream_silent(struct upstream *upstream, uint32_t target, int64_t now)
{
    unsigned place = 0;

    while (place < UPSTREAM_SILENT_TARGETS - 1 && upstream->silent[place].target != target)
        ++place;
    for (; place > 0; --place)
        upstream->silent[place] = upstream->silent[place - 1];
    upstream->silent[0].target = target;
    upstream->silent[0].at = now;
}

bool upstream_is_failing(const struct upstream *upstream, int64_t now)
{
    int64_t newest = upstream->silent[0].at;
    int64_t oldest = upstream->silent[UPSTREAM_SILENT_TARGETS - 1].at;

    return upstream->silent[UPSTREAM_SILENT_TARGETS - 1].target != 0 &&
           newest - oldest <= UPSTREAM_WINDOW_MS && now - newest < UPSTREAM_WINDOW_MS;
}
