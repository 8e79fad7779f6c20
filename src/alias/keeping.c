#include "alias/keeping.h"

#include <stdio.h>

#include "util/clock.h"
#include "util/integer.h"
#include "util/log.h"

static struct log_limit limit = LOG_LIMIT(1, 60000);

int64_t keeping_wall(struct keeping_clock *clock, int64_t now)
{
    int64_t wall = clock_wall_s();

    clock->shift += clock_step_look(&clock->step, now, wall);
    return wall;
}

static void say_no_memory(const struct table_entry *entry, const char *undone)
{
    log_write_limited(&limit, LOG_LEVEL_ERROR, "ALIAS target %s. %s: out of memory, not %s",
                      entry->target->name, dns_family_name(entry->family), undone);
}

/* Of what is stored: where nothing else is known, what is denied. */
static uint32_t entry_ttl(const struct state *state)
{
    return state->knowledge == STATE_NOTHING ? state->denied.ttl : state->ttl;
}

/* The wall times of the answer are those of the moment when it came. Of one that was restored they
 * stay what they were: a machine that starts with its clock at 1970 must not make its only copy
 * ancient. */
static void store_addresses(struct fallback *fallback, const struct table_entry *entry,
                            const struct address_set *addresses, const char *error,
                            int64_t error_at)
{
    const struct state *state = &entry->state;
    struct fallback_entry stored = {
        .target = entry->target->name,
        .family = entry->family,
        .is_empty = state->knowledge == STATE_EMPTY,
        .addresses = *addresses,
        .ttl = entry_ttl(state),
        .resolved_at = entry->wall_resolved_at,
        .fresh_until = entry->wall_fresh_until,
        .last_error = error,
        .last_error_at = error_at,
    };

    if (fallback_store(fallback, &stored) < 0)
        say_no_memory(entry, "kept");
}

/* All of the answer's addresses, those that `alias-deny` drops among them: at the next start it may
 * say something else. Of those that have come alone after others only if there are no others. */
static void store(struct fallback *fallback, const struct table_entry *entry, const char *error,
                  int64_t error_at)
{
    const struct state *state = &entry->state;
    CLEANUP(address_set_deinit) struct address_set all = {0};
    int r;

    if (state->denied.addresses.count == 0 ||
        (state->denied.is_alone && state->knowledge != STATE_NOTHING)) {
        store_addresses(fallback, entry, &state->addresses, error, error_at);
        return;
    }
    r = address_set_copy(&state->denied.addresses, &all);
    if (r == 0)
        r = address_set_merge(&all, &state->addresses);
    if (r == 0)
        store_addresses(fallback, entry, &all, error, error_at);
    else
        say_no_memory(entry, "kept");
}

void keeping_store_answer(struct fallback *fallback, struct table_entry *entry, int64_t wall_now)
{
    entry->wall_resolved_at = wall_now;
    entry->wall_fresh_until = wall_now + entry_ttl(&entry->state);
    entry->is_own = true;
    entry->kept_error = 0;
    if (fallback)
        store(fallback, entry, "", 0);
}

void keeping_store_denied(struct fallback *fallback, struct table_entry *entry, int64_t wall_now)
{
    if (entry->state.knowledge != STATE_NOTHING) {
        keeping_store_failure(fallback, entry, wall_now);
        return;
    }
    entry->wall_resolved_at = wall_now;
    entry->wall_fresh_until = wall_now + entry_ttl(&entry->state);
    entry->is_own = true;
    entry->kept_error = table_hash(entry->state.reason);
    if (fallback)
        store(fallback, entry, entry->state.reason, wall_now);
}

void keeping_store_parted(struct fallback *fallback, struct table_entry *entry, int64_t now,
                          int64_t wall_now)
{
    const struct state *state = &entry->state;
    bool is_denied = state->knowledge == STATE_NOTHING;
    int64_t resolved_at = is_denied ? state->denied.resolved_at : state->resolved_at;

    entry->is_own = (is_denied ? state->denied.restored_at : state->restored_at) == 0;
    if (entry->is_own) {
        entry->wall_resolved_at = integer_max(0, wall_now - (now - resolved_at) / MS_PER_S);
        entry->wall_fresh_until = entry->wall_resolved_at + entry_ttl(state);
    }
    entry->kept_error = 0;
    if (fallback)
        store(fallback, entry, is_denied ? state->reason : "", is_denied ? wall_now : 0);
}

void keeping_follow_clock(struct fallback *fallback, struct table_entry *entry, int64_t shift,
                          int64_t wall_now)
{
    const struct state *state = &entry->state;
    int64_t missing = shift - entry->clock_shift;

    entry->clock_shift = shift;
    if (missing == 0 || !entry->is_own || !state_knows(state))
        return;
    entry->wall_resolved_at = integer_max(0, entry->wall_resolved_at + missing);
    entry->wall_fresh_until = integer_max(0, entry->wall_fresh_until + missing);
    if (fallback)
        store(fallback, entry, state->failures > 0 ? state->reason : "",
              state->failures > 0 ? wall_now : 0);
}

void keeping_store_failure(struct fallback *fallback, struct table_entry *entry, int64_t wall_now)
{
    uint32_t error = table_hash(entry->state.reason);

    if (!fallback || entry->state.knowledge == STATE_NOTHING || entry->kept_error == error)
        return;
    entry->kept_error = error;
    store(fallback, entry, entry->state.reason, wall_now);
}

void keeping_remove(struct fallback *fallback, struct table_entry *entry)
{
    entry->kept_error = 0;
    if (fallback && fallback_remove(fallback, entry->target->name, entry->family) < 0)
        say_no_memory(entry, "removed");
}

/* Seconds until it expires; negative: since it has. */
static int64_t remaining(const struct fallback_entry *stored, uint32_t ttl, int64_t wall_now)
{
    if (wall_now < stored->resolved_at)
        return 0;
    return integer_min(stored->fresh_until, stored->resolved_at + ttl) - wall_now;
}

int keeping_restore(const struct fallback_entry *stored, const struct alias_config *config,
                    int64_t now, int64_t wall_now, struct table_entry *entry)
{
    struct state *state = &entry->state;
    uint32_t ceiling = stored->is_empty ? config->negative_ttl_max : config->ttl_max;
    int64_t age = wall_now < stored->resolved_at ? 0 : wall_now - stored->resolved_at;

    if (!stored->is_empty) {
        int r = address_set_copy(&stored->addresses, &state->addresses);

        if (r < 0)
            return r;
    }
    state->knowledge = stored->is_empty ? STATE_EMPTY : STATE_ADDRESSES;
    state->ttl = integer_min(stored->ttl, ceiling);
    state->resolved_at = now - age * MS_PER_S;
    state_expire_at(state, config, now + remaining(stored, state->ttl, wall_now) * MS_PER_S);
    if (state->fresh_until <= now) /* what was stale is stale */
        state->grace_until = state->fresh_until;
    state->restored_at = now;
    entry->is_own = false;
    entry->wall_resolved_at = stored->resolved_at;
    entry->wall_fresh_until = stored->fresh_until;
    if (!*stored->last_error)
        return 0;
    entry->kept_error = table_hash(stored->last_error);
    if (state->failures == 0) { /* else it knows better already */
        snprintf(state->reason, sizeof(state->reason), "%s", stored->last_error);
        state->failed_at = now;
    }
    return 0;
}
