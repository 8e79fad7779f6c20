#include "alias/targets-refresh.h"

#include "alias/targets-limits.h"
#include "util/clock.h"

/* So many come off the schedule in one tick, at most. */
#define TICK_TURNS 2000

/* And so many of those that nobody asks for are started: 200 a second. After a start 10,000 targets
 * are through in 100 s. */
#define TICK_IDLE_STARTS 20

/* Resolutions of our own under way at a time. libunbound takes 4096; a dead target occupies a place
 * for 8 to 13 s. */
#define MAX_UNDER_WAY      1500
#define MAX_IDLE_UNDER_WAY 500

bool targets_refresh_has_place(const struct targets *targets, const struct limits_zone *zone,
                               enum schedule_reason reason)
{
    size_t most = reason == SCHEDULE_AHEAD ? MAX_UNDER_WAY : MAX_IDLE_UNDER_WAY;

    if (reason == SCHEDULE_LOOKUP)
        return true;
    if (zone == &targets->limits.none)
        return targets->unasked_count < most;
    return zone->refreshing < most / 2 && zone->refreshing + targets->unasked_count < MAX_UNDER_WAY;
}

enum schedule_reason targets_refresh_reason(enum state_urgency urgency)
{
    static const enum schedule_reason reasons[STATE_URGENCIES] = {
        [STATE_IS_ASKED_FOR] = SCHEDULE_AHEAD,
        [STATE_IS_NEW] = SCHEDULE_NEW,
        [STATE_IS_IDLE] = SCHEDULE_IDLE,
    };

    return reasons[urgency];
}

static void collect_due(struct targets *targets, int64_t now)
{
    struct table_entry *entry;

    for (int i = 0; i < TICK_TURNS && (entry = schedule_next(&targets->schedule, now)); ++i) {
        int64_t at = state_refresh_at(&entry->state, &targets->config, now);

        if (at > now)
            schedule_put(&targets->schedule, entry, at);
        else
            schedule_put_due(
                &targets->schedule, entry, entry->target->charge.zone,
                targets_refresh_reason(state_urgency(&entry->state, &targets->config, now)));
    }
}

int targets_refresh_ahead(struct targets *targets, int max_starts, int64_t now,
                          struct announcement *announcement)
{
    collect_due(targets, now);
    return targets_limits_serve(targets, SCHEDULE_AHEAD, max_starts, now, announcement);
}

/* While nothing is answering at all, these would only fail. */
void targets_refresh_rest(struct targets *targets, int64_t now, struct announcement *announcement)
{
    int left = TICK_IDLE_STARTS;

    if (upstream_is_failing(&targets->upstream, now))
        return;
    left -= targets_limits_serve(targets, SCHEDULE_NEW, left, now, announcement);
    targets_limits_serve(targets, SCHEDULE_IDLE, left, now, announcement);
}
