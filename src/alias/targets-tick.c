#include "alias/targets-limits.h"
#include "alias/targets-refresh.h"
#include "util/clock.h"

/* What one tick does at most, so that it never holds the lock for long: at 10 ticks a second
 * 100,000 failing targets are looked through in 10 s, as many overdue ones counted, and all targets
 * swept in 100 s. */
#define TICK_OVERDUES 1000
#define TICK_STARTS   100
#define TICK_RETRIES  1000
#define TICK_SWEEPS   100

static void count_overdue(struct targets *targets, int64_t now, struct announcement *announcement)
{
    struct table_entry *entry, *next;

    entry = TAILQ_FIRST(&targets->lists[TABLE_LIST_FLYING]);
    for (int i = 0; i < TICK_OVERDUES && entry; ++i, entry = next) {
        next = TAILQ_NEXT(entry, link);
        if (now - entry->state.started_at < targets->config.resolve_timeout_ms)
            return;
        targets_entry_count_if_overdue(targets, entry, now, announcement);
    }
}

typedef bool (*is_due_fn)(const struct targets *targets, const struct table_entry *entry,
                          int64_t now);

/* To be asked again in the resolver's new context. */
static bool is_outdated(const struct targets *targets, const struct table_entry *entry, int64_t now)
{
    return true;
}

static bool is_to_be_retried(const struct targets *targets, const struct table_entry *entry,
                             int64_t now)
{
    const struct state *state = &entry->state;

    return now >= state_refresh_at(state, &targets->config, now) &&
           targets_refresh_has_place(
               targets, entry->target->charge.zone,
               targets_refresh_reason(state_urgency(state, &targets->config, now)));
}

/* Of one list, whose end those come to that aren't. How many were started. */
static int retry(struct targets *targets, enum table_list which, is_due_fn is_due, int max_starts,
                 int64_t now, struct announcement *announcement)
{
    struct table_entries *list = &targets->lists[which];
    struct table_entry *first = TAILQ_FIRST(list);
    int starts = 0;

    for (int i = 0; i < TICK_RETRIES && starts < max_starts; ++i) {
        struct table_entry *entry = TAILQ_FIRST(list);

        if (!entry || (i > 0 && entry == first))
            break;
        if (!first)
            first = entry;
        TAILQ_REMOVE(list, entry, link);
        TAILQ_INSERT_TAIL(list, entry, link);
        if (!is_due(targets, entry, now) ||
            !targets_limits_allow(targets, entry, now, announcement))
            continue;
        if (entry == first)
            first = NULL;
        targets_entry_start_own(targets, entry, COUNTERS_RETRY, now, announcement);
        ++starts;
    }
    return starts;
}

/* Whether nothing would be lost with it. */
static bool is_forgettable(const struct table_entry *entry, int64_t now)
{
    return !state_knows(&entry->state) && entry->requests == 0 && entry->askers == 0 &&
           !state_is_wanted(&entry->state, now);
}

static void sweep_target(struct targets *targets, struct table_target *target, int64_t now,
                         struct announcement *announcement)
{
    bool is_needed = target->has_changed; /* that is to be told first */

    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        targets_entry_drop_if_old(targets, &target->entries[i], now, announcement);
        targets_entry_look(targets, &target->entries[i], now, announcement);
        if (target->entries[i].clock_shift != targets->clock.shift)
            keeping_follow_clock(targets->fallback, &target->entries[i], targets->clock.shift,
                                 keeping_wall(&targets->clock, now));
        is_needed = is_needed || !is_forgettable(&target->entries[i], now);
    }
    targets_limits_review(targets, target, now);
    if (is_needed)
        return;
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        struct table_entry *entry = &target->entries[i];

        if (entry->list != TABLE_LIST_NONE)
            TAILQ_REMOVE(&targets->lists[entry->list], entry, link);
        schedule_remove(entry);
        if (entry->status != STATUS_UNKNOWN)
            --targets->statuses[entry->family][entry->status];
    }
    targets_entry_unchange(targets, target);
    limits_charge_end(&targets->limits, &target->charge);
    table_remove(&targets->table, target);
}

void targets_sweep(struct targets *targets, size_t count, int64_t now,
                   struct announcement *announcement)
{
    for (size_t i = 0; i < count && !TAILQ_EMPTY(&targets->table.all); ++i) {
        struct table_target *target = TAILQ_FIRST(&targets->table.all);

        TAILQ_REMOVE(&targets->table.all, target, link);
        TAILQ_INSERT_TAIL(&targets->table.all, target, link);
        sweep_target(targets, target, now, announcement);
    }
}

void targets_tick(struct targets *targets)
{
    struct announcement announcement = {0};

    pthread_mutex_lock(&targets->lock);
    int64_t now = clock_steady_ms();
    keeping_wall(&targets->clock, now);
    count_overdue(targets, now, &announcement);
    if (!targets->is_shutting_down) {
        int left = TICK_STARTS;

        targets_limits_start_waiting(targets, now, &announcement);
        left -= retry(targets, TABLE_LIST_OUTDATED, is_outdated, left, now, &announcement);
        left -= targets_refresh_ahead(targets, left, now, &announcement);
        retry(targets, TABLE_LIST_FAILING, is_to_be_retried, left, now, &announcement);
        targets_refresh_rest(targets, now, &announcement);
    }
    targets_sweep(targets, TICK_SWEEPS, now, &announcement);
    limits_sweep(&targets->limits, &targets->config.limits, TICK_SWEEPS, now);
    pthread_mutex_unlock(&targets->lock);
    announcement_write(&announcement);
}
