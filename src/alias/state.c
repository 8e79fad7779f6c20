#include "alias/state.h"

#include <stdio.h>
#include <string.h>

#include "alias/state-denied.h"
#include "util/cleanup.h"
#include "util/integer.h"

/* Retries are spread by up to a tenth, so that targets which began to fail together, when the
 * upstream went away, don't all come back in one moment. */
#define JITTER_DIVISOR 10

/* Caches count in whole seconds: before this nothing new can be learned. */
#define REFRESH_AFTER_MS 1000

/* What was asked for within this time before it expires is refreshed ahead. */
#define LATELY_MS (600 * INT64_C(1000))

/* What is known at the start, and not expired yet, is resolved anew within this time. */
#define RESTORED_SPREAD_MS 10000

/* Rows are gone through every half hour (alias/noticer.c). */
#define ASKED_INTEREST_MS (3600 * INT64_C(1000))
#define NAMED_INTEREST_MS (7200 * INT64_C(1000))

void state_deinit(struct state *state)
{
    address_set_deinit(&state->addresses);
    address_set_deinit(&state->denied.addresses);
}

/* But not when it was resolved: what is dropped soon isn't resolved more often than what isn't. */
void state_forget_known(struct state *state)
{
    address_set_deinit(&state->addresses);
    state->knowledge = STATE_NOTHING;
    state->ttl = 0;
    state->fresh_until = 0;
    state->grace_until = 0;
    state->restored_at = 0;
}

/* Until when what is known counts as fresh. */
static int64_t fresh_end(const struct state *state)
{
    return state->failures > 0 ? state->fresh_until : state->grace_until;
}

/* That what was denied is all that came is no reason to take it for older. */
static int64_t denied_fresh_end(const struct state *state)
{
    const struct state_denied *denied = &state->denied;

    return state->failures > 0 && !state->is_denied ? denied->fresh_until : denied->grace_until;
}

bool state_knows(const struct state *state)
{
    return state->knowledge != STATE_NOTHING || state->denied.addresses.count > 0;
}

bool state_drop_if_old(struct state *state, const struct alias_config *config, int64_t now)
{
    int64_t max_stale = (int64_t)config->max_stale * MS_PER_S;
    bool is_old = state->knowledge != STATE_NOTHING &&
                  now >= integer_max(fresh_end(state), state->fresh_until + max_stale);
    bool is_denied_old =
        state->denied.addresses.count > 0 &&
        now >= integer_max(denied_fresh_end(state), state->denied.fresh_until + max_stale);

    if (is_old)
        state_forget_known(state);
    if (is_denied_old)
        state_denied_drop(state);
    return is_old || is_denied_old;
}

void state_forget(struct state *state)
{
    state_forget_known(state);
    state_denied_forget(state);
    state->is_put_off = false;
    state->is_overdue = false;
    state->failures = 0;
    state->retry_at = 0;
    state->reason[0] = '\0';
}

enum state_freshness state_freshness(const struct state *state, int64_t now)
{
    if (state->knowledge == STATE_NOTHING)
        return STATE_IS_UNKNOWN;
    return now < fresh_end(state) ? STATE_IS_FRESH : STATE_IS_STALE;
}

static uint32_t count_down(uint32_t ttl, int64_t fresh_until, const struct alias_config *config,
                           int64_t now)
{
    int64_t passed = integer_max(0, now - fresh_until + MS_PER_S - 1) / MS_PER_S;

    return integer_min(ttl, integer_max(ttl - passed, config->ttl_min));
}

uint32_t state_ttl(const struct state *state, const struct alias_config *config, int64_t now)
{
    return count_down(state->ttl, state->fresh_until, config, now);
}

bool state_denied_is_fresh(const struct state *state, int64_t now)
{
    return state->denied.addresses.count > 0 && now < denied_fresh_end(state);
}

uint32_t state_denied_ttl(const struct state *state, const struct alias_config *config, int64_t now)
{
    return count_down(state->denied.ttl, state->denied.fresh_until, config, now);
}

int64_t state_grace_end(const struct alias_config *config, uint32_t ttl, int64_t fresh_until)
{
    return ttl < config->grace ? fresh_until : fresh_until + (int64_t)config->grace * MS_PER_S;
}

void state_expire_at(struct state *state, const struct alias_config *config, int64_t fresh_until)
{
    state->fresh_until = fresh_until;
    state->grace_until = state_grace_end(config, state->ttl, fresh_until);
}

void state_name(struct state *state, int64_t now)
{
    state->named_at = now;
}

void state_publish(struct state *state, int64_t now)
{
    state->named_at = now;
    state->published_at = now;
}

bool state_is_published(const struct state *state, int64_t now)
{
    return now - state->published_at <= NAMED_INTEREST_MS;
}

bool state_is_asked_for(const struct state *state, int64_t now)
{
    return now - state->asked_at <= ASKED_INTEREST_MS;
}

static bool is_named(const struct state *state, int64_t now)
{
    return now - state->named_at <= NAMED_INTEREST_MS;
}

bool state_is_wanted(const struct state *state, int64_t now)
{
    return state_is_asked_for(state, now) || is_named(state, now);
}

/* A number that looks like chance, by seed and attempt alone. */
static uint32_t mix(uint32_t seed, uint32_t attempt)
{
    return ((seed ^ attempt) * UINT32_C(2654435761)) >> 8; /* Knuth's multiplicative hash */
}

/* From -1/JITTER_DIVISOR to +1/JITTER_DIVISOR of `delay`. */
static int64_t jitter(int64_t delay, uint32_t seed, uint32_t attempt)
{
    int64_t span = delay / JITTER_DIVISOR;

    return mix(seed, attempt) % (2 * span + 1) - span;
}

/* The resolution that has told something last. */
struct latest {
    uint32_t ttl;
    int64_t resolved_at;
    int64_t fresh_until;
    int64_t grace_until;
    int64_t restored_at;
};

static struct latest latest(const struct state *state)
{
    const struct state_denied *denied = &state->denied;

    if (state->is_denied)
        return (struct latest){denied->ttl, denied->resolved_at, denied->fresh_until,
                               denied->grace_until, denied->restored_at};
    return (struct latest){state->ttl, state->resolved_at, state->fresh_until, state->grace_until,
                           state->restored_at};
}

/* When it is refreshed ahead. Those that were resolved together come back over a tenth of their
 * TTL, and with enough of the grace left to be resolved in. */
static int64_t ahead_at(const struct state *state, const struct alias_config *config)
{
    struct latest last = latest(state);
    int64_t span = integer_min((int64_t)last.ttl * MS_PER_S / JITTER_DIVISOR,
                               (int64_t)config->grace * MS_PER_S * 2 / 5);

    return last.fresh_until + REFRESH_AFTER_MS +
           mix(state->jitter_seed, (uint32_t)last.resolved_at) % (span + 1);
}

static bool is_refreshed_ahead(const struct state *state)
{
    struct latest last = latest(state);
    int64_t lately = integer_max(LATELY_MS, 2 * (int64_t)last.ttl * MS_PER_S);

    return (state->is_denied || state->knowledge != STATE_NOTHING) &&
           last.grace_until > last.fresh_until && state->asked_at >= last.fresh_until - lately;
}

/* Without jitter. */
static int64_t back_off_base(const struct state *state, const struct alias_config *config)
{
    int64_t highest = (int64_t)config->retry_max * MS_PER_S;
    int64_t delay = (int64_t)config->retry_min * MS_PER_S;

    for (unsigned i = 1; i < state->failures && delay < highest; ++i)
        delay *= 2;
    return integer_min(delay, highest);
}

/* What nobody asks for is tried again until the delay has reached its maximum, and then no more
 * often than it would be if it didn't fail. */
static int64_t retry_due(const struct state *state, const struct alias_config *config, int64_t now)
{
    if (state_is_asked_for(state, now) || state_is_published(state, now))
        return state->retry_at;
    if (!is_named(state, now) || config->refresh_idle == 0)
        return STATE_FAR;
    if (back_off_base(state, config) < (int64_t)config->retry_max * MS_PER_S)
        return state->retry_at;
    return integer_max(state->retry_at,
                       state->failed_at + (int64_t)config->refresh_idle * MS_PER_S);
}

static int64_t unasked_due(const struct state *state, const struct alias_config *config,
                           int64_t now)
{
    int64_t idle = (int64_t)config->refresh_idle * MS_PER_S;
    struct latest last = latest(state);

    if (idle == 0 || !is_named(state, now))
        return STATE_FAR;
    if (last.resolved_at == 0)
        return state->named_at;
    idle += jitter(idle, state->jitter_seed, (uint32_t)last.resolved_at);
    return integer_max(last.resolved_at + idle, last.fresh_until + REFRESH_AFTER_MS);
}

/* Whether it is resolved because a row names it, though nobody asks. */
static bool is_resolved_unasked(const struct state *state, const struct alias_config *config,
                                int64_t now)
{
    return state_is_published(state, now) || (config->refresh_idle > 0 && is_named(state, now));
}

/* Whether it is resolved anew because it is from before the start: nobody knows how good it is. */
static bool is_due_for_its_age(const struct state *state, const struct alias_config *config,
                               int64_t now)
{
    return latest(state).restored_at != 0 && is_resolved_unasked(state, config, now);
}

/* What has expired comes first. */
static int64_t restored_due(const struct state *state, const struct alias_config *config)
{
    return integer_min(ahead_at(state, config),
                       latest(state).restored_at + REFRESH_AFTER_MS +
                           mix(state->jitter_seed, 0) % RESTORED_SPREAD_MS);
}

static int64_t published_due(const struct state *state, const struct alias_config *config,
                             int64_t now)
{
    struct latest last = latest(state);

    if (!state_is_published(state, now))
        return STATE_FAR;
    if (last.resolved_at == 0)
        return state->published_at;
    return integer_max(last.resolved_at + (int64_t)config->publish_min * MS_PER_S,
                       ahead_at(state, config));
}

static int64_t expiry_due(const struct state *state, const struct alias_config *config, int64_t now)
{
    if (is_due_for_its_age(state, config, now))
        return restored_due(state, config);
    return integer_min(published_due(state, config, now), is_refreshed_ahead(state)
                                                              ? ahead_at(state, config)
                                                              : unasked_due(state, config, now));
}

/* Whether it was decided, after it had come, that the answer isn't to be waited out. */
static bool is_denied_outdated(const struct state *state)
{
    return state->is_denied && state->retry_at < state->denied.fresh_until;
}

/* An answer, though nobody gets it, and none that is worth trying again for before it expires. */
static int64_t denied_due(const struct state *state, const struct alias_config *config, int64_t now)
{
    if (is_denied_outdated(state) && state_is_asked_for(state, now))
        return state->retry_at;
    return integer_max(state->retry_at, expiry_due(state, config, now));
}

int64_t state_refresh_at(const struct state *state, const struct alias_config *config, int64_t now)
{
    if (state_is_coming(state))
        return STATE_FAR;
    if (state->is_denied)
        return denied_due(state, config, now);
    return state->failures > 0 ? retry_due(state, config, now) : expiry_due(state, config, now);
}

enum state_urgency state_urgency(const struct state *state, const struct alias_config *config,
                                 int64_t now)
{
    if (is_refreshed_ahead(state) || (state_is_published(state, now) && state_knows(state)) ||
        (state->failures > 0 && state_is_asked_for(state, now)))
        return STATE_IS_ASKED_FOR;
    return state_knows(state) ? STATE_IS_IDLE : STATE_IS_NEW;
}

/* How long those who ask wait for a resolution, counted from its start. */
static int64_t patience(const struct state *state, const struct alias_config *config)
{
    int64_t wait = config->resolve_timeout_ms;

    if (!state_knows(state))
        wait *= 1 + (int64_t)config->resolve_retries;
    return integer_min(wait, config->answer_deadline_ms);
}

static bool is_in_denied_grace(const struct state *state, int64_t now)
{
    return state->is_denied && now >= state->denied.fresh_until && now < state->denied.grace_until;
}

struct state_advice state_advise(struct state *state, const struct alias_config *config,
                                 int64_t now, bool upstream_is_failing)
{
    struct state_advice advice = {.wait_until = now};

    state->asked_at = now;
    state_drop_if_old(state, config, now);
    advice.freshness = state_freshness(state, now);
    if (advice.freshness == STATE_IS_FRESH) {
        advice.start = now >= state->fresh_until && now >= state_refresh_at(state, config, now);
        return advice;
    }

    /* Where addresses are denied, the upstream has answered, and is worth waiting for; but not in
     * the grace, which is for those who may have them. */
    bool is_silent = state->failures > 0 && !state->is_denied;
    bool is_in_grace = is_in_denied_grace(state, now);
    int64_t due_at = is_in_grace ? state_refresh_at(state, config, now) : state->retry_at;
    bool is_coming = state_is_coming(state);

    advice.start = !is_coming && (state->failures == 0 || now >= due_at);
    if ((advice.start || is_coming) && !is_silent && !is_in_grace && !upstream_is_failing)
        advice.wait_until = (is_coming ? state->started_at : now) + patience(state, config);
    return advice;
}

void state_start(struct state *state, int64_t now)
{
    state->in_flight = true;
    state->is_put_off = false;
    state->is_overdue = false;
    state->started_at = now;
}

void state_put_off(struct state *state, int64_t now)
{
    state->is_put_off = true;
    state->started_at = now;
}

bool state_is_coming(const struct state *state)
{
    return state->in_flight || state->is_put_off;
}

bool state_is_awaited(const struct state *state)
{
    return state->in_flight || (state->is_put_off && !state_knows(state));
}

int64_t state_overdue_at(const struct state *state, const struct alias_config *config)
{
    return state->started_at + patience(state, config);
}

/* RFC 9520 3.2: not below one second, not above five minutes, which are the settings' bounds; so
 * the jitter stays inside them. */
static int64_t back_off(const struct state *state, const struct alias_config *config)
{
    int64_t lowest = (int64_t)config->retry_min * MS_PER_S;
    int64_t highest = (int64_t)config->retry_max * MS_PER_S;
    int64_t delay = back_off_base(state, config);

    return integer_max(
        lowest, integer_min(highest, delay + jitter(delay, state->jitter_seed, state->failures)));
}

/* An answer that was denied isn't the first of these failures. */
static void count_failure(struct state *state)
{
    state->failures = state->is_denied ? 1 : state->failures + 1;
    state->is_denied = false;
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
    count_failure(state);
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
    state_forget_known(state);
    state_denied_forget(state);
    if (outcome->kind == OUTCOME_ADDRESSES) {
        state->knowledge = STATE_ADDRESSES;
        state->addresses = outcome->addresses;
        outcome->addresses = (struct address_set){0};
    } else {
        state->knowledge = STATE_EMPTY;
    }
    state->ttl = bounded_ttl(outcome, config);
    state->resolved_at = now;
    state_expire_at(state, config, now + (int64_t)state->ttl * MS_PER_S);
    state->failures = 0;
    state->retry_at = 0;
}

void state_end(struct state *state, const struct alias_config *config, int64_t now,
               struct outcome *outcome)
{
    CLEANUP(address_set_deinit) struct address_set denied = {0};
    uint32_t ttl = bounded_ttl(outcome, config);

    state_denied_part(state, config, outcome, &denied);
    if (outcome->kind == OUTCOME_FAILURE && denied.count > 0) {
        state_denied_fail(state, config, now, &denied, ttl);
    } else if (outcome->kind == OUTCOME_FAILURE) {
        if (!state->is_overdue)
            count_failure(state);
        fail(state, config, now);
    } else {
        learn(state, config, now, outcome);
        state_denied_keep(state, &denied);
    }
    snprintf(state->reason, sizeof(state->reason), "%.*s", STATE_REASON_SIZE - 1,
             outcome->kind == OUTCOME_ADDRESSES ? "" : outcome->reason);
    state->in_flight = false;
    state->is_overdue = false;
    address_set_deinit(&outcome->addresses);
}
