#include "alias/state-denied.h"

#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/integer.h"

void state_denied_forget(struct state *state)
{
    address_set_deinit(&state->denied.addresses);
    state->denied = (struct state_denied){0};
    state->is_denied = false;
}

/* It fails no more. */
static void recover(struct state *state)
{
    state->is_denied = false;
    state->failures = 0;
    state->retry_at = 0;
    *state->reason = '\0';
}

void state_denied_drop(struct state *state)
{
    if (state->is_denied) {
        if (state->knowledge == STATE_NOTHING)
            state->resolved_at = state->denied.resolved_at;
        /* What is older isn't fresh for that. */
        state->grace_until = state->fresh_until;
        recover(state);
    }
    state_denied_forget(state);
}

/* Says for people why a state is_denied. */
static void say(const struct state *state, const struct address_set *denied,
                char ret[STATE_REASON_SIZE])
{
    static const char words[] = "only addresses that alias-deny drops: ";

    memcpy(ret, words, sizeof(words));
    address_set_to_text(denied, state->family, ret + strlen(words),
                        STATE_REASON_SIZE - strlen(words));
}

void state_denied_part(const struct state *state, const struct alias_config *config,
                       struct outcome *outcome, struct address_set *denied)
{
    if (outcome->kind != OUTCOME_ADDRESSES)
        return;
    if (ranges_take(config->deny, state->family, &outcome->addresses, denied) < 0) {
        address_set_deinit(denied);
        outcome->kind = OUTCOME_FAILURE;
        snprintf(outcome->reason, sizeof(outcome->reason), "out of memory");
    } else if (outcome->addresses.count == 0) {
        outcome->kind = OUTCOME_FAILURE;
        say(state, denied, outcome->reason);
    }
}

/* Those of what is known. */
static void copy_times(const struct state *state, struct state_denied *denied)
{
    denied->ttl = state->ttl;
    denied->resolved_at = state->resolved_at;
    denied->fresh_until = state->fresh_until;
    denied->grace_until = state->grace_until;
    denied->restored_at = state->restored_at;
}

void state_denied_keep(struct state *state, struct address_set *denied)
{
    state_denied_forget(state);
    state->denied.addresses = *denied;
    copy_times(state, &state->denied);
    *denied = (struct address_set){0};
}

/* libunbound can't learn of others sooner than when the TTL has passed; but what is from before the
 * start it knows nothing of. */
static void begin_to_fail(struct state *state, const struct alias_config *config, int64_t now)
{
    state->is_denied = true;
    state->failures = 1;
    state->failed_at = now;
    state->retry_at = now + (int64_t)config->retry_min * MS_PER_S;
    if (state->denied.restored_at == 0)
        state->retry_at = integer_max(state->denied.fresh_until, state->retry_at);
}

/* That there were no addresses is not true any more. */
void state_denied_fail(struct state *state, const struct alias_config *config, int64_t now,
                       struct address_set *denied, uint32_t ttl)
{
    int64_t fresh_until = now + (int64_t)ttl * MS_PER_S;

    if (state->knowledge == STATE_EMPTY)
        state_forget_known(state);
    state_denied_forget(state);
    state->denied = (struct state_denied){
        .addresses = *denied,
        .is_alone = true,
        .ttl = ttl,
        .resolved_at = now,
        .fresh_until = fresh_until,
        .grace_until = state_grace_end(config, ttl, fresh_until),
    };
    *denied = (struct address_set){0};
    begin_to_fail(state, config, now);
}

/* The latest addresses, all of them. */
static int collect(const struct state *state, struct address_set *ret)
{
    int r = address_set_copy(&state->denied.addresses, ret);

    if (r == 0 && !state->denied.is_alone)
        r = address_set_merge(ret, &state->addresses);
    return r;
}

/* Puts the times of what had come alone before it is made known. */
static void put_known(struct state *state, struct address_set *good)
{
    struct state_denied *from = &state->denied;

    if (from->is_alone) {
        state_forget_known(state);
        state->ttl = from->ttl;
        state->resolved_at = from->resolved_at;
        state->fresh_until = from->fresh_until;
        state->grace_until = from->grace_until;
        state->restored_at = from->restored_at;
    }
    address_set_deinit(&state->addresses);
    state->knowledge = STATE_ADDRESSES;
    state->addresses = *good;
    *good = (struct address_set){0};
    if (state->is_denied)
        recover(state);
}

/* Of the latest addresses none is left: they are denied from now on, alone. */
static void put_denied(struct state *state, const struct alias_config *config, int64_t now,
                       struct address_set *bad)
{
    struct state_denied *denied = &state->denied;

    if (!denied->is_alone) {
        copy_times(state, denied);
        denied->is_alone = true;
        state_forget_known(state);
    }
    address_set_deinit(&denied->addresses);
    denied->addresses = *bad;
    *bad = (struct address_set){0};
    if (state->failures > 0)
        return;
    begin_to_fail(state, config, now);
    say(state, &denied->addresses, state->reason);
}

int state_part(struct state *state, const struct alias_config *config, int64_t now)
{
    CLEANUP(address_set_deinit) struct address_set good = {0};
    CLEANUP(address_set_deinit) struct address_set bad = {0};
    CLEANUP(address_set_deinit) struct address_set outdated = {0};
    uint32_t before = address_set_hash(&state->addresses);

    int r = collect(state, &good);
    if (r == 0)
        r = ranges_take(config->deny, state->family, &good, &bad);
    if (r == 0 && state->denied.is_alone)
        r = ranges_take(config->deny, state->family, &state->addresses, &outdated);
    if (r < 0 || good.count + bad.count == 0)
        return r;
    if (state->knowledge == STATE_ADDRESSES && state->addresses.count == 0)
        state_forget_known(state);
    if (good.count > 0) {
        put_known(state, &good);
        state_denied_keep(state, &bad);
    } else {
        put_denied(state, config, now, &bad);
    }
    return address_set_hash(&state->addresses) == before ? 0 : STATE_E_CHANGED;
}
