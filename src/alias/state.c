#include "alias/state.h"

#include <stdio.h>
#include <string.h>

#include "util/integer.h"

#define MS_PER_S 1000

/* Retries are spread by up to a tenth, so that targets which began to fail together, when the
 * upstream went away, don't all come back in one moment. */
#define JITTER_DIVISOR 10

void state_deinit(struct state *state)
{
    address_set_deinit(&state->addresses);
}

static void forget(struct state *state)
{
    address_set_deinit(&state->addresses);
    state->knowledge = STATE_NOTHING;
    state->ttl = 0;
    state->resolved_at = 0;
    state->fresh_until = 0;
}

bool state_drop_if_old(struct state *state, const struct alias_config *config, int64_t now)
{
    if (state->knowledge == STATE_NOTHING ||
        now < state->fresh_until + (int64_t)config->max_stale * MS_PER_S)
        return false;
    forget(state);
    return true;
}

enum state_freshness state_freshness(const struct state *state, int64_t now)
{
    if (state->knowledge == STATE_NOTHING)
        return STATE_IS_UNKNOWN;
    return now < state->fresh_until ? STATE_IS_FRESH : STATE_IS_STALE;
}

/* How long those who ask wait for a resolution, counted from its start. */
static int64_t patience(const struct state *state, const struct alias_config *config)
{
    int64_t wait = config->resolve_timeout_ms;

    if (state->knowledge == STATE_NOTHING)
        wait *= 1 + (int64_t)config->resolve_retries;
    return integer_min(wait, config->answer_deadline_ms);
}

struct state_advice state_advise(struct state *state, const struct alias_config *config,
                                 int64_t now, bool upstream_is_failing)
{
    struct state_advice advice = {.wait_until = now};

    state_drop_if_old(state, config, now);
    advice.freshness = state_freshness(state, now);
    if (advice.freshness == STATE_IS_FRESH)
        return advice;

    bool is_failing = state->failures > 0;

    advice.start = !state->in_flight && (!is_failing || now >= state->retry_at);
    if (!is_failing && !upstream_is_failing)
        advice.wait_until = (state->in_flight ? state->started_at : now) + patience(state, config);
    return advice;
}

void state_start(struct state *state, int64_t now)
{
    state->in_flight = true;
    state->is_overdue = false;
    state->started_at = now;
}

int64_t state_overdue_at(const struct state *state, const struct alias_config *config)
{
    return state->started_at + patience(state, config);
}

/* From -1/JITTER_DIVISOR to +1/JITTER_DIVISOR of `delay`, by seed and attempt alone. */
static int64_t jitter(int64_t delay, uint32_t seed, unsigned attempt)
{
    uint32_t mixed = (seed ^ attempt) * UINT32_C(2654435761); /* Knuth's multiplicative hash */
    int64_t span = delay / JITTER_DIVISOR;

    return (int64_t)((mixed >> 8) % (uint32_t)(2 * span + 1)) - span;
}

/* RFC 9520 3.2: not below one second, not above five minutes, which are the settings' bounds; so
 * the jitter stays inside them. */
static int64_t back_off(const struct state *state, const struct alias_config *config)
{
    int64_t lowest = (int64_t)config->retry_min * MS_PER_S;
    int64_t highest = (int64_t)config->retry_max * MS_PER_S;
    int64_t delay = lowest;

    for (unsigned i = 1; i < state->failures && delay < highest; ++i)
        delay *= 2;
    delay = integer_min(delay, highest);
    return integer_max(
        lowest, integer_min(highest, delay + jitter(delay, state->jitter_seed, state->failures)));
}

static void fail(struct state *state, const struct alias_config *config, int64_t now)
{
    state->failed_at = now;
    /* If libunbound still works on it, asking again would only join: this is a lower bound then,
     * and set anew when it gives up. */
    state->retry_at = now + back_off(state, config);
}

bool state_overdue(struct state *state, const struct alias_config *config, int64_t now)
{
    if (!state->in_flight || state->is_overdue || now < state_overdue_at(state, config))
        return false;
    state->is_overdue = true;
    ++state->failures;
    snprintf(state->reason, sizeof(state->reason), "no answer within %d ms",
             (int)patience(state, config));
    fail(state, config, now);
    return true;
}

static uint32_t bounded_ttl(const struct outcome *outcome, const struct alias_config *config)
{
    uint32_t ceiling = outcome->kind == OUTCOME_EMPTY ? config->negative_ttl_max : config->ttl_max;

    return integer_min(integer_max(outcome->ttl, config->ttl_min), ceiling);
}

static void learn(struct state *state, const struct alias_config *config, int64_t now,
                  struct outcome *outcome)
{
    forget(state);
    if (outcome->kind == OUTCOME_ADDRESSES) {
        state->knowledge = STATE_ADDRESSES;
        state->addresses = outcome->addresses;
        outcome->addresses = (struct address_set){0};
    } else {
        state->knowledge = STATE_EMPTY;
    }
    state->ttl = bounded_ttl(outcome, config);
    state->resolved_at = now;
    state->fresh_until = now + (int64_t)state->ttl * MS_PER_S;
    state->failures = 0;
    state->retry_at = 0;
}

void state_end(struct state *state, const struct alias_config *config, int64_t now,
               struct outcome *outcome)
{
    if (outcome->kind == OUTCOME_FAILURE) {
        if (!state->is_overdue)
            ++state->failures;
        fail(state, config, now);
    } else {
        learn(state, config, now, outcome);
    }
    snprintf(state->reason, sizeof(state->reason), "%s",
             outcome->kind == OUTCOME_ADDRESSES ? "" : outcome->reason);
    state->in_flight = false;
    state->is_overdue = false;
    address_set_deinit(&outcome->addresses);
}
