#include "alias/targets-refresh.h"

#include "util/clock.h"
#include "util/integer.h"

/* So many come off the schedule in one tick, at most. */
#define TICK_TURNS 2000

/* And so many of those that nobody asks for are started: 200 a second. After a start 10,000 targets
 * are through in 100 s. */
#define TICK_IDLE_STARTS 20

/* Resolutions of our own under way at a time. libunbound takes 4096; a dead target occupies a place
 * for 8 to 13 s. */
#define MAX_UNDER_WAY      1500
#define MAX_IDLE_UNDER_WAY 500

bool targets_refresh_may_start(const struct targets *targets, enum state_urgency urgency)
{
    size_t most = urgency == STATE_IS_ASKED_FOR ? MAX_UNDER_WAY : MAX_IDLE_UNDER_WAY;

    return targets->unasked_count < most;
}

static void collect_due(struct targets *targets, int64_t now)
{
    struct table_entry *entry;

    for (int i = 0; i < TICK_TURNS && (entry = schedule_next(&targets->schedule, now)); ++i) {
        int64_t at = state_refresh_at(&entry->state, &targets->config, now);

        if (at > now)
            schedule_put(&targets->schedule, entry, at);
        else
            schedule_put_due(&targets->schedule, entry,
                             state_urgency(&entry->state, &targets->config, now));
    }
}

static enum counters_cause cause(enum state_urgency urgency)
{
    static const enum counters_cause causes[STATE_URGENCIES] = {
        [STATE_IS_ASKED_FOR] = COUNTERS_AHEAD,
        [STATE_IS_NEW] = COUNTERS_NEW,
        [STATE_IS_IDLE] = COUNTERS_IDLE,
    };

    return causes[urgency];
}

/* Of one urgency. How many were started. */
static int start_due(struct targets *targets, enum state_urgency urgency, int max_starts,
                     int64_t now, struct announcement *announcement)
{
    struct table_entry *entry;
    int starts = 0;

    while (starts < max_starts && targets_refresh_may_start(targets, urgency) &&
           (entry = TAILQ_FIRST(&targets->schedule.due[urgency]))) {
        schedule_remove(entry);
        targets_entry_start_own(targets, entry, cause(urgency), now, announcement);
        ++starts;
    }
    return starts;
}

int targets_refresh_ahead(struct targets *targets, int max_starts, int64_t now,
                          struct announcement *announcement)
{
    collect_due(targets, now);
    return start_due(targets, STATE_IS_ASKED_FOR, max_starts, now, announcement);
}

/* While nothing is answering at all, these would only fail. */
int targets_refresh_rest(struct targets *targets, int max_starts, int64_t now,
                         struct announcement *announcement)
{
    int most = integer_min(max_starts, TICK_IDLE_STARTS);

    if (upstream_is_failing(&targets->upstream, now))
        return 0;

    int starts = start_due(targets, STATE_IS_NEW, most, now, announcement);

    return starts + start_due(targets, STATE_IS_IDLE, most - starts, now, announcement);
}
