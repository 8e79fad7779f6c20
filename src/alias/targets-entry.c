#include "alias/targets-limits.h"

/* The list of those that fail is walked through by the tick itself; what was put off has its place
 * in the schedule already. */
void targets_entry_schedule(struct targets *targets, struct table_entry *entry, int64_t now)
{
    int64_t at = STATE_FAR;

    if (entry->state.is_put_off)
        return;
    if (entry->state.failures == 0)
        at = state_refresh_at(&entry->state, &targets->config, now);
    schedule_put(&targets->schedule, entry, at);
}

static void put_in_list(struct targets *targets, struct table_entry *entry)
{
    const struct state *state = &entry->state;
    enum table_list list = TABLE_LIST_NONE;

    if (entry->is_outdated)
        list = TABLE_LIST_OUTDATED;
    else if (state->in_flight)
        list = state->is_overdue ? TABLE_LIST_OVERDUE : TABLE_LIST_FLYING;
    else if (!state->in_flight && state->failures > 0)
        list = TABLE_LIST_FAILING;
    if (entry->list == list)
        return;
    if (entry->list != TABLE_LIST_NONE)
        TAILQ_REMOVE(&targets->lists[entry->list], entry, link);
    if (list != TABLE_LIST_NONE)
        TAILQ_INSERT_TAIL(&targets->lists[list], entry, link);
    entry->list = list;
}

/* 0: nothing. That it is known to have no address isn't nothing. */
static uint32_t hash_content(const struct state *state)
{
    if (!state_knows(state))
        return 0;
    return (address_set_hash(&state->addresses) * UINT32_C(2654435761) ^
            address_set_hash(&state->denied.addresses)) |
           1;
}

/* For whoever publishes it. */
static void tell_change(struct targets *targets, const struct table_entry *entry, int64_t now)
{
    struct table_target *target = entry->target;

    if (target->has_changed || !state_is_published(&entry->state, now))
        return;
    target->has_changed = true;
    TAILQ_INSERT_TAIL(&targets->changed, target, changed_link);
}

/* What stays the same but for its age is no change. */
static void note_change(struct targets *targets, struct table_entry *entry, int64_t now)
{
    uint32_t content = hash_content(&entry->state);

    if (content == entry->content)
        return;
    entry->content = content;
    tell_change(targets, entry, now);
}

void targets_entry_unchange(struct targets *targets, struct table_target *target)
{
    if (target->has_changed)
        TAILQ_REMOVE(&targets->changed, target, changed_link);
    target->has_changed = false;
}

void targets_entry_look(struct targets *targets, struct table_entry *entry, int64_t now,
                        struct announcement *announcement)
{
    size_t *counts = targets->statuses[entry->family];
    enum status before = entry->status;

    targets_limits_weigh(targets, entry->target);
    note_change(targets, entry, now);
    entry->status = status_of(&entry->state, now);
    if (entry->status == before)
        return;
    if (before != STATUS_UNKNOWN)
        --counts[before];
    if (entry->status != STATUS_UNKNOWN)
        ++counts[entry->status];
    if (entry->status == STATUS_STALE && (before == STATUS_FRESH || before == STATUS_EMPTY))
        announcement_stale(announcement, entry, now);
}

/* To be called when the state has changed. */
static void place(struct targets *targets, struct table_entry *entry, int64_t now)
{
    put_in_list(targets, entry);
    targets_entry_schedule(targets, entry, now);
}

/* It is not under way any more. */
static void count_end(struct targets *targets, struct table_entry *entry,
                      enum counters_outcome outcome, int64_t now)
{
    counter_add(&targets->counters.resolutions[outcome], 1);
    histogram_add(&targets->counters.durations, now - entry->state.started_at);
    targets_limits_end(targets, entry);
    if (entry->is_unasked)
        --targets->unasked_count;
    entry->is_unasked = false;
}

static void keep(struct targets *targets, struct table_entry *entry, const struct outcome *outcome,
                 int64_t now)
{
    int64_t wall_now = keeping_wall(&targets->clock, now);
    const struct state *state = &entry->state;

    if (state->is_denied)
        keeping_store_denied(targets->fallback, entry, wall_now);
    else if (outcome->kind == OUTCOME_FAILURE)
        keeping_store_failure(targets->fallback, entry, wall_now);
    else
        keeping_store_answer(targets->fallback, entry, wall_now);
    if (state->is_denied ? state->knowledge == STATE_NOTHING : outcome->kind != OUTCOME_FAILURE)
        entry->clock_shift = targets->clock.shift;
}

void targets_entry_keep_parted(struct targets *targets, struct table_entry *entry, int64_t now)
{
    keeping_store_parted(targets->fallback, entry, now, keeping_wall(&targets->clock, now));
    entry->clock_shift = targets->clock.shift;
}

static void take(struct targets *targets, struct table_entry *entry, int64_t now,
                 struct outcome *outcome, struct announcement *announcement)
{
    struct state *state = &entry->state;
    struct announcement_before before = {
        .knowledge = state->knowledge,
        .status = entry->status,
        .failures = state->failures,
        .addresses = address_set_hash(&state->addresses),
        .denied = address_set_hash(&state->denied.addresses),
    };
    bool was_denied = state->is_denied;

    state_end(state, &targets->config, now, outcome);
    bool is_answer = outcome->kind != OUTCOME_FAILURE || state->is_denied;
    count_end(targets, entry,
              state->is_denied ? COUNTERS_DROPPED : counters_outcome_of(outcome->kind), now);
    entry->is_outdated = false;
    ++entry->ends;
    place(targets, entry, now);
    if (state->failures > 0 && (before.failures == 0 || (was_denied && !state->is_denied)))
        announcement_failing(announcement, entry, now);
    else if (is_answer)
        announcement_learned(announcement, entry, &before);
    keep(targets, entry, outcome, now);
    if (is_answer)
        upstream_heard(&targets->upstream);
    targets_entry_look(targets, entry, now, announcement);
    pthread_cond_broadcast(&targets->ended);
}

void targets_entry_end(struct targets *targets, struct table_entry *entry, int64_t now,
                       struct outcome *outcome, struct announcement *announcement)
{
    if (entry->requests == 0)
        return;
    --entry->requests;
    if (!entry->state.in_flight || (outcome->kind == OUTCOME_FAILURE && entry->requests > 0))
        return;
    targets_limits_fit(targets, entry, outcome, now, announcement);
    take(targets, entry, now, outcome, announcement);
}

void targets_entry_start(struct targets *targets, struct table_entry *entry,
                         enum counters_cause cause, int64_t now, struct announcement *announcement)
{
    struct outcome outcome = {.kind = OUTCOME_FAILURE, .reason = "could not be started"};
    bool was_in_flight = entry->state.in_flight;

    counter_add(&targets->counters.started[cause], 1);
    if (was_in_flight)
        targets_limits_begin_again(targets, entry, now);
    else
        targets_limits_begin(targets, entry, entry->target->charge.zone, LIMITS_FOR_LOOKUP, now);
    state_start(&entry->state, now);
    entry->is_outdated = false;
    place(targets, entry, now);
    /* What is known may have expired just now: no news yet, the answer may come any moment. */
    if (entry->state.knowledge == STATE_NOTHING)
        targets_entry_look(targets, entry, now, announcement);
    if (targets->start(targets->userdata, entry->target->name, entry->family) == 0)
        ++entry->requests;
    else if (!was_in_flight)
        take(targets, entry, now, &outcome, announcement);
}

void targets_entry_start_own(struct targets *targets, struct table_entry *entry,
                             enum counters_cause cause, int64_t now,
                             struct announcement *announcement)
{
    if (!entry->is_unasked)
        ++targets->unasked_count;
    entry->is_unasked = true;
    targets_limits_begin(targets, entry, entry->target->charge.zone, LIMITS_FOR_REFRESH, now);
    targets_entry_start(targets, entry, cause, now, announcement);
}

void targets_entry_count_if_overdue(struct targets *targets, struct table_entry *entry, int64_t now,
                                    struct announcement *announcement)
{
    if (!state_overdue(&entry->state, &targets->config, now))
        return;
    place(targets, entry, now);
    targets_entry_look(targets, entry, now, announcement);
    counter_add(&targets->counters.overdue, 1);
    if (state_is_asked_for(&entry->state, now))
        upstream_silent(&targets->upstream, table_hash(entry->target->name), now);
    if (entry->state.failures > 1)
        return;
    announcement_failing(announcement, entry, now);
    keeping_store_failure(targets->fallback, entry, keeping_wall(&targets->clock, now));
}

int targets_entry_part(struct targets *targets, struct table_entry *entry, int64_t now,
                       struct announcement *announcement)
{
    bool was_failing = entry->state.failures > 0;

    int r = state_part(&entry->state, &targets->config, now);
    if (r == STATE_E_CHANGED) {
        place(targets, entry, now);
        targets_entry_look(targets, entry, now, announcement);
        if (entry->state.is_denied && !was_failing)
            announcement_failing(announcement, entry, now);
        else
            announcement_parted(announcement, entry);
    }
    return r;
}

void targets_entry_outdate(struct targets *targets, struct table_entry *entry, int64_t now)
{
    if (entry->state.failures > 0)
        entry->state.retry_at = now;
    entry->is_outdated = entry->state.in_flight;
    place(targets, entry, now);
}

void targets_entry_refresh(struct targets *targets, struct table_entry *entry)
{
    entry->is_outdated = true;
    put_in_list(targets, entry);
}

void targets_entry_forget(struct targets *targets, struct table_entry *entry, int64_t now,
                          struct announcement *announcement)
{
    bool is_awaited = entry->state.is_put_off && entry->askers > 0;

    if (state_knows(&entry->state))
        announcement_forgotten(announcement, entry);
    state_forget(&entry->state);
    entry->state.is_put_off = is_awaited;
    /* Also where nothing is known here: the file may have been read late, or not at all. */
    keeping_remove(targets->fallback, entry);
    /* Who publishes it has to say so anew, to have it resolved again. */
    tell_change(targets, entry, now);
    entry->state.asked_at = STATE_NEVER;
    entry->state.named_at = STATE_NEVER;
    entry->state.published_at = STATE_NEVER;
    place(targets, entry, now);
    targets_entry_look(targets, entry, now, announcement);
}

void targets_entry_drop_if_old(struct targets *targets, struct table_entry *entry, int64_t now,
                               struct announcement *announcement)
{
    if (!state_drop_if_old(&entry->state, &targets->config, now))
        return;
    if (state_knows(&entry->state))
        targets_entry_keep_parted(targets, entry, now);
    else
        keeping_remove(targets->fallback, entry);
    announcement_dropped(announcement, entry, &targets->config);
    targets_entry_look(targets, entry, now, announcement);
    place(targets, entry, now);
}
