#include "alias/targets-limits.h"

#include <stdio.h>

#include "alias/targets-refresh.h"
#include "alias/targets-status.h"
#include "util/clock.h"

/* What one tick does at most. */
#define TICK_STARTS 500
#define TURN_ZONES  2000

void targets_limits_init(struct targets *targets)
{
    struct table_target *refused = &targets->refused;

    limits_init(&targets->limits);
    refused->name = "";
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        refused->entries[i] = (struct table_entry){.target = refused, .family = i};
        refused->entries[i].state.failures = 1;
    }
}

static void note(struct targets *targets, struct limits_zone *zone, enum limits_reason reason,
                 const char *target, int64_t now, struct announcement *announcement)
{
    counter_add(&targets->counters.limited[reason], 1);
    if (announcement->count < ANNOUNCEMENT_LINES && limits_may_say(zone, reason, now))
        announcement_limit(announcement, zone->id, reason, &targets->config.limits, target);
}

static size_t size_beyond(const struct state *state)
{
    return table_size_beyond(&state->addresses) + table_size_beyond(&state->denied.addresses);
}

static size_t size_of(const struct table_target *target)
{
    size_t size = table_size_of(target->name);

    for (size_t i = 0; i < DNS_FAMILIES; ++i)
        size += size_beyond(&target->entries[i].state);
    return size;
}

void targets_limits_weigh(struct targets *targets, struct table_target *target)
{
    limits_charge_resize(&targets->limits, &target->charge, size_of(target));
}

static void charge(struct targets *targets, struct table_target *target, struct limits_zone *zone,
                   int64_t now)
{
    limits_charge_to(&targets->limits, &target->charge, zone, now);
    targets_limits_weigh(targets, target);
}

int targets_limits_ensure(struct targets *targets, const char *name, struct table_target **ret)
{
    int r = table_ensure(&targets->table, name, ret);

    if (r == 0 && !(*ret)->charge.zone)
        charge(targets, *ret, &targets->limits.none, clock_steady_ms());
    return r;
}

/* What was due on the other zone's account is on this one's from the next tick on. */
static void move(struct targets *targets, struct table_target *target, struct limits_zone *zone,
                 int64_t now)
{
    charge(targets, target, zone, now);
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        struct table_entry *entry = &target->entries[i];

        if (!entry->turn.queue || entry->state.is_put_off)
            continue;
        schedule_remove(entry);
        targets_entry_schedule(targets, entry, now);
    }
}

/* Whether another zone keeps the target going, at its own cost, and can afford it. */
static bool is_kept_by_another(struct targets *targets, const struct table_target *target,
                               int64_t zone_id, int64_t now)
{
    struct limits_zone *zone = target->charge.zone;

    return zone->id != zone_id && !limits_charge_has_lapsed(&target->charge, now) &&
           limits_look(&targets->limits, &targets->config.limits, zone, LIMITS_FOR_REFRESH, now) !=
               LIMITS_ZONE_RATE;
}

/* A new one needs memory, too. */
static enum limits_reason room_for(const struct targets *targets, const struct limits_zone *zone,
                                   const struct table_target *target, const char *name)
{
    const struct limits_config *config = &targets->config.limits;
    enum limits_reason reason = limits_room(&targets->limits, config, zone);

    if (reason == LIMITS_NOT_REACHED && !target)
        reason = limits_memory_room(&targets->limits, config, zone, table_size_of(name));
    return reason;
}

/* What the zone has no memory for stays on the other's account, and is resolved all the same. */
static int take_in(struct targets *targets, const char *name, struct limits_zone *zone, int64_t now,
                   struct table_target **target)
{
    int r = 0;

    if (*target &&
        !limits_may_take_over(&targets->limits, &targets->config.limits, zone, &(*target)->charge))
        return 0;
    if (!*target)
        r = table_ensure(&targets->table, name, target);
    if (r == 0)
        move(targets, *target, zone, now);
    return r;
}

/* The target isn't the zone's yet. */
static int admit(struct targets *targets, const char *name, int64_t zone_id, int64_t now,
                 struct announcement *announcement, struct table_target **target)
{
    struct limits_zone *zone;

    if (*target && is_kept_by_another(targets, *target, zone_id, now))
        return 0;
    int r = limits_find_zone(&targets->limits, zone_id, &zone);
    if (r < 0)
        return r;
    enum limits_reason reason = room_for(targets, zone, *target, name);
    if (reason == LIMITS_NOT_REACHED)
        return take_in(targets, name, zone, now, target);
    if (*target && !limits_charge_has_lapsed(&(*target)->charge, now))
        return 0;
    note(targets, zone, reason, name, now, announcement);
    if (!*target)
        *target = &targets->refused;
    return TARGETS_LIMITS_E_REFUSED;
}

int targets_limits_admit(struct targets *targets, const char *name, int64_t zone_id, int64_t now,
                         struct announcement *announcement, struct table_target **ret)
{
    struct table_target *target = table_find(&targets->table, name);
    int r = 0;

    if (target && target->charge.zone->id == zone_id && target->charge.counts)
        limits_charge_name(&target->charge, now);
    else if (zone_id != 0)
        r = admit(targets, name, zone_id, now, announcement, &target);
    else if (!target)
        r = targets_limits_ensure(targets, name, &target);
    if (r >= 0)
        *ret = target;
    return r;
}

bool targets_limits_may_restore(struct targets *targets, const char *name, int64_t now,
                                struct announcement *announcement)
{
    struct limits_zone *none = &targets->limits.none;
    enum limits_reason reason =
        limits_memory_room(&targets->limits, &targets->config.limits, none, table_size_of(name));

    if (reason != LIMITS_NOT_REACHED)
        note(targets, none, reason, name, now, announcement);
    return reason == LIMITS_NOT_REACHED;
}

/* On whose account somebody asks in that zone. */
static struct limits_zone *payer(struct targets *targets, const struct table_entry *entry,
                                 int64_t zone_id)
{
    struct limits_zone *zone = entry->target->charge.zone;

    if (zone_id != 0 && zone_id != zone->id &&
        limits_find_zone(&targets->limits, zone_id, &zone) < 0)
        return entry->target->charge.zone;
    return zone;
}

/* Nobody is served before those who wait for the same. */
static enum limits_reason look_for_lookup(struct targets *targets, struct limits_zone *zone,
                                          int64_t now)
{
    if (targets->limits.is_short)
        return LIMITS_RATE;
    if (zone->queues[SCHEDULE_LOOKUP].count > 0)
        return LIMITS_ZONE_RATE;
    return limits_look(&targets->limits, &targets->config.limits, zone, LIMITS_FOR_LOOKUP, now);
}

static void start_for(struct targets *targets, struct table_entry *entry, struct limits_zone *zone,
                      int64_t now, struct announcement *announcement)
{
    targets_limits_begin(targets, entry, zone, LIMITS_FOR_LOOKUP, now);
    targets_entry_start(targets, entry, COUNTERS_FOR_LOOKUP, now, announcement);
}

void targets_limits_start(struct targets *targets, struct table_entry *entry, int64_t zone_id,
                          int64_t now, struct announcement *announcement)
{
    struct limits_zone *zone = payer(targets, entry, zone_id);
    enum limits_reason reason = look_for_lookup(targets, zone, now);

    if (reason == LIMITS_NOT_REACHED) {
        start_for(targets, entry, zone, now, announcement);
        return;
    }
    targets->limits.is_short = reason == LIMITS_RATE;
    state_put_off(&entry->state, now);
    schedule_put_due(&targets->schedule, entry, zone, SCHEDULE_LOOKUP);
    note(targets, zone, reason, entry->target->name, now, announcement);
}

/* Another zone's queue may be long, by its own doing. It waits for fewer each time that it goes
 * over to another, so it can't be kept from its turn. */
void targets_limits_hurry(struct targets *targets, struct table_entry *entry, int64_t zone_id,
                          int64_t now, struct announcement *announcement)
{
    struct limits_zone *zone = payer(targets, entry, zone_id);

    if (zone_id == 0 || entry->turn.queue == &zone->queues[SCHEDULE_LOOKUP])
        return;
    if (look_for_lookup(targets, zone, now) == LIMITS_NOT_REACHED)
        start_for(targets, entry, zone, now, announcement);
    else if (zone->queues[SCHEDULE_LOOKUP].count < turns_ahead(&entry->turn))
        schedule_put_due(&targets->schedule, entry, zone, SCHEDULE_LOOKUP);
}

bool targets_limits_allow(struct targets *targets, struct table_entry *entry, int64_t now,
                          struct announcement *announcement)
{
    struct limits_zone *zone = entry->target->charge.zone;
    enum limits_reason reason =
        limits_look(&targets->limits, &targets->config.limits, zone, LIMITS_FOR_REFRESH, now);

    if (reason != LIMITS_NOT_REACHED)
        note(targets, zone, reason, entry->target->name, now, announcement);
    return reason == LIMITS_NOT_REACHED;
}

static enum limits_use use_of(enum schedule_reason reason)
{
    return reason == SCHEDULE_LOOKUP ? LIMITS_FOR_LOOKUP : LIMITS_FOR_REFRESH;
}

static void serve(struct targets *targets, struct table_entry *entry, struct limits_zone *zone,
                  enum schedule_reason reason, int64_t now, struct announcement *announcement)
{
    static const enum counters_cause causes[SCHEDULE_REASONS] = {
        [SCHEDULE_LOOKUP] = COUNTERS_FOR_LOOKUP,
        [SCHEDULE_AHEAD] = COUNTERS_AHEAD,
        [SCHEDULE_NEW] = COUNTERS_NEW,
        [SCHEDULE_IDLE] = COUNTERS_IDLE,
    };

    targets_limits_begin(targets, entry, zone, use_of(reason), now);
    if (reason == SCHEDULE_LOOKUP)
        targets_entry_start(targets, entry, causes[reason], now, announcement);
    else
        targets_entry_start_own(targets, entry, causes[reason], now, announcement);
}

int targets_limits_serve(struct targets *targets, enum schedule_reason reason, int max_starts,
                         int64_t now, struct announcement *announcement)
{
    struct turns *due = &targets->schedule.due[reason];
    struct limits_zone *zone;
    struct table_entry *entry;
    size_t passed = 0; /* zones, since the last that could start something */
    int starts = 0;

    while (starts < max_starts && passed < due->count && passed < TURN_ZONES &&
           (entry = schedule_first_due(&targets->schedule, reason, &zone))) {
        enum limits_reason reached =
            limits_look(&targets->limits, &targets->config.limits, zone, use_of(reason), now);

        if (reached != LIMITS_NOT_REACHED)
            note(targets, zone, reached, entry->target->name, now, announcement);
        if (reached == LIMITS_RATE)
            break; /* it stays the zone's turn */
        turns_pass(due);
        ++passed;
        if (reached != LIMITS_NOT_REACHED || !targets_refresh_has_place(targets, zone, reason))
            continue;
        serve(targets, entry, zone, reason, now, announcement);
        passed = 0;
        ++starts;
    }
    return starts;
}

void targets_limits_start_waiting(struct targets *targets, int64_t now,
                                  struct announcement *announcement)
{
    targets->limits.is_short = false;
    targets_limits_serve(targets, SCHEDULE_LOOKUP, TICK_STARTS, now, announcement);
    targets->limits.is_short =
        targets->schedule.due[SCHEDULE_LOOKUP].count > 0 &&
        limits_look(&targets->limits, &targets->config.limits, &targets->limits.none,
                    LIMITS_FOR_LOOKUP, now) == LIMITS_RATE;
}

void targets_limits_begin(struct targets *targets, struct table_entry *entry,
                          struct limits_zone *zone, enum limits_use use, int64_t now)
{
    if (entry->payer)
        return;
    limits_begin(&targets->limits, &targets->config.limits, zone, use, now);
    entry->payer = zone;
    entry->use = use;
}

void targets_limits_begin_again(struct targets *targets, struct table_entry *entry, int64_t now)
{
    limits_begin_again(&targets->limits, &targets->config.limits, entry->target->charge.zone, now);
}

void targets_limits_end(struct targets *targets, struct table_entry *entry)
{
    limits_end(&targets->limits, entry->payer, entry->use);
    entry->payer = NULL;
}

void targets_limits_fit(struct targets *targets, struct table_entry *entry, struct outcome *outcome,
                        int64_t now, struct announcement *announcement)
{
    struct limits_zone *zone = entry->target->charge.zone;
    size_t before = size_beyond(&entry->state);
    size_t after = table_size_beyond(&outcome->addresses);

    if (outcome->kind != OUTCOME_ADDRESSES || after <= before)
        return;
    enum limits_reason reason =
        limits_memory_room(&targets->limits, &targets->config.limits, zone, after - before);
    if (reason == LIMITS_NOT_REACHED)
        return;
    note(targets, zone, reason, entry->target->name, now, announcement);
    address_set_deinit(&outcome->addresses);
    outcome->kind = OUTCOME_FAILURE;
    snprintf(outcome->reason, sizeof(outcome->reason), "no memory for its addresses (%s)",
             limits_setting(reason));
}

void targets_limits_review(struct targets *targets, struct table_target *target, int64_t now)
{
    if (limits_charge_has_lapsed(&target->charge, now))
        limits_charge_discount(&target->charge);
}

void targets_limits_look(struct targets *targets, struct targets_limits_figures *ret)
{
    pthread_mutex_lock(&targets->lock);
    ret->memory = targets->limits.memory;
    ret->memory_max = targets->config.limits.memory_max;
    pthread_mutex_unlock(&targets->lock);
}
