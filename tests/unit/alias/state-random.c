#include "alias/state.h"

#include <criterion/criterion.h>
#include <stdlib.h>

/*
 * Random lives of a state under a clock of our own. After each step what must always hold is
 * checked, against a second, simpler record of what happened.
 */

#define LIVES 400
#define STEPS 2000

struct life {
    unsigned seed;
    struct alias_config config;
    struct state state;
    int64_t now;
    enum state_knowledge knowledge; /* by the last answer, however old */
    int64_t fresh_until;
    int64_t fresh_end; /* with the grace, if nothing fails */
    int64_t asked_at;
    int64_t named_at;
    bool in_flight;
    unsigned failed_resolutions; /* since the last answer; 1 if that was denied */
    bool is_counted;             /* the one in flight is among them */
    bool has_denied;             /* something was denied, however old, and nothing answered since */
    bool is_denied;              /* the same, and nothing has failed since */
    int64_t denied_until;        /* has_denied: when its TTL passes */
    int64_t denied_end;          /* with the grace */
};

/* The upper half of what is answered here. */
static struct range upper_half = {
    .network = {{10, 0, 0, 128}}, .family = DNS_FAMILY_A, .prefix = 25};
static const struct ranges denied = {.items = &upper_half, .count = 1};

static int64_t pick(struct life *life, int64_t limit)
{
    return limit > 0 ? (((int64_t)rand_r(&life->seed) << 15) ^ rand_r(&life->seed)) % limit : 0;
}

static void choose_config(struct life *life)
{
    uint32_t ttl_min = pick(life, 60);

    life->config = (struct alias_config){
        .resolve_timeout_ms = 1 + pick(life, 1000),
        .resolve_retries = pick(life, 4),
        .answer_deadline_ms = 1 + pick(life, 1500),
        .stale_ttl = 1 + pick(life, 60),
        .max_stale = pick(life, 2) ? pick(life, 100) : 3 * 86400,
        .ttl_min = ttl_min,
        .ttl_max = ttl_min + pick(life, 4000),
        .negative_ttl_max = ttl_min + pick(life, 400),
        .retry_min = 1 + pick(life, 3),
        .retry_max = 4 + pick(life, 300),
        .grace = pick(life, 2) ? pick(life, 30) : 0,
        .refresh_idle = pick(life, 3) ? 1 + pick(life, 4000) : 0,
        .deny = pick(life, 2) ? &denied : NULL,
    };
}

static void advance(struct life *life)
{
    static const int64_t scales[] = {2, 100, 1000, 20000, 400000, 8000000};

    life->now += pick(life, scales[pick(life, 6)]);
}

/* From when on what is known isn't fresh any more. */
static int64_t fresh_end(const struct life *life)
{
    return life->failed_resolutions > 0 ? life->fresh_until : life->fresh_end;
}

static int64_t dropped_at(const struct life *life)
{
    int64_t stale_end = life->fresh_until + (int64_t)life->config.max_stale * 1000;

    return fresh_end(life) > stale_end ? fresh_end(life) : stale_end;
}

static int64_t denied_fresh_end(const struct life *life)
{
    bool is_failing = life->failed_resolutions > 0 && !life->is_denied;

    return is_failing ? life->denied_until : life->denied_end;
}

static bool is_denied_kept(const struct life *life)
{
    int64_t stale_end = life->denied_until + (int64_t)life->config.max_stale * 1000;

    return life->has_denied && (life->now < denied_fresh_end(life) || life->now < stale_end);
}

/* That it was denied is no failure any more, then. */
static void drop_denied(struct life *life)
{
    if (is_denied_kept(life))
        return;
    if (life->is_denied) {
        life->failed_resolutions = 0;
        life->fresh_end = life->fresh_until;
    }
    life->has_denied = life->is_denied = false;
}

/* What has the upstream's answer, but not for those who ask. */
static void check_denied_advice(const struct life *life, const struct state_advice *advice)
{
    if (life->now < life->denied_end)
        cr_assert_leq(advice->wait_until, life->now, "waits though it knows");
    if (advice->start)
        cr_assert_geq(life->now, life->denied_until, "asks though nothing can be learned");
    if (advice->start && life->now < life->denied_end)
        cr_assert_geq(life->now, life->denied_until + 1000, "asks too early in the grace");
    if (life->now >= life->denied_end && life->now >= life->state.retry_at)
        cr_assert(advice->start || life->in_flight, "would never be resolved");
}

static void check_advice(struct life *life, const struct state_advice *advice, bool upstream_fails)
{
    const struct alias_config *config = &life->config;
    enum state_freshness expected = STATE_IS_UNKNOWN;

    if (life->knowledge != STATE_NOTHING && life->now < dropped_at(life))
        expected = life->now < fresh_end(life) ? STATE_IS_FRESH : STATE_IS_STALE;
    cr_assert_eq(advice->freshness, expected);
    cr_assert_leq(advice->wait_until, life->now + config->answer_deadline_ms);
    cr_assert(!(advice->start && life->in_flight), "two in flight");
    if (expected == STATE_IS_FRESH)
        cr_assert_leq(advice->wait_until, life->now, "waits though fresh");
    if (expected == STATE_IS_FRESH && advice->start)
        cr_assert_geq(life->now, life->fresh_until + 1000, "asks though nothing can be learned");
    if (life->is_denied)
        check_denied_advice(life, advice);
    if ((life->failed_resolutions > 0 && !life->is_denied) || upstream_fails)
        cr_assert_leq(advice->wait_until, life->now, "waits though failing");
    if (life->failed_resolutions == 0 && !life->in_flight && expected != STATE_IS_FRESH)
        cr_assert(advice->start, "would never be resolved");
    if (advice->wait_until > life->now)
        cr_assert(advice->start || life->in_flight, "waits for nothing");
}

static void start(struct life *life)
{
    cr_assert(!life->in_flight, "two in flight");
    state_start(&life->state, life->now);
    life->in_flight = true;
    life->is_counted = false;
}

static void step_ask(struct life *life)
{
    bool upstream_fails = pick(life, 8) == 0;
    struct state_advice advice =
        state_advise(&life->state, &life->config, life->now, upstream_fails);

    life->asked_at = life->now;
    drop_denied(life);
    check_advice(life, &advice, upstream_fails);
    if (advice.start)
        start(life);
}

static void step_name(struct life *life)
{
    state_name(&life->state, life->now);
    life->named_at = life->now;
}

static bool is_known(const struct life *life)
{
    return life->state.knowledge != STATE_NOTHING;
}

static void check_denied_refresh(const struct life *life, int64_t at)
{
    const struct alias_config *config = &life->config;
    int64_t ttl = life->state.denied.ttl, lately = ttl > 300 ? 2000 * ttl : 600000;
    bool was_asked = life->asked_at >= life->denied_until - lately;
    bool is_named = life->now - life->named_at <= 7200000;
    int64_t last = life->denied_until + 1000 + 400 * (int64_t)config->grace;

    cr_assert_geq(at, life->denied_until + 1000, "nothing new can be learned");
    if (was_asked && config->grace > 0 && ttl >= config->grace)
        cr_assert(at <= last || at == life->state.retry_at, "grace used up");
    else if (!is_named || config->refresh_idle == 0)
        cr_assert_eq(at, STATE_FAR, "nobody wants it");
    else
        cr_assert_geq(at, life->state.denied.resolved_at + 900 * (int64_t)config->refresh_idle,
                      "tried again like a failure");
}

/* When a refresh is due, by what is promised of it. */
static void check_refresh(const struct life *life, int64_t at)
{
    const struct alias_config *config = &life->config;
    int64_t ttl = life->state.ttl, lately = ttl > 300 ? 2000 * ttl : 600000;
    bool was_asked = life->asked_at >= life->fresh_until - lately;
    bool has_grace = config->grace > 0 && ttl >= config->grace;
    bool is_named = life->now - life->named_at <= 7200000;

    if (life->in_flight)
        cr_assert_eq(at, STATE_FAR);
    else if (life->is_denied)
        check_denied_refresh(life, at);
    else if (life->failed_resolutions > 0)
        cr_assert_geq(at, life->state.retry_at);
    else if (life->knowledge == STATE_NOTHING)
        cr_assert_eq(at <= life->now, is_named && config->refresh_idle > 0,
                     "named is due at once, and nothing else");
    else if (is_known(life))
        cr_assert_geq(at, life->fresh_until + 1000, "nothing new can be learned");
    if (life->in_flight || life->failed_resolutions > 0 || !is_known(life))
        return;
    if (was_asked && has_grace)
        cr_assert_leq(at, life->fresh_until + 1000 + 400 * config->grace, "grace used up");
    else if (!is_named || config->refresh_idle == 0)
        cr_assert_eq(at, STATE_FAR, "nobody wants it");
    else
        cr_assert(at <= life->fresh_until + 1000 ||
                      at <= life->state.resolved_at + 1100 * (int64_t)config->refresh_idle,
                  "stays old");
}

static void step_tick(struct life *life)
{
    int64_t at = state_refresh_at(&life->state, &life->config, life->now);

    check_refresh(life, at);
    if (at <= life->now)
        start(life);
}

static void count_failure(struct life *life)
{
    life->failed_resolutions = life->is_denied ? 1 : life->failed_resolutions + 1;
    life->is_denied = false;
}

static void step_overdue(struct life *life)
{
    if (!state_overdue(&life->state, &life->config, life->now))
        return;
    cr_assert(life->in_flight && !life->is_counted);
    life->is_counted = true;
    count_failure(life);
}

static void expect_learned(struct life *life, const struct outcome *outcome)
{
    life->knowledge = outcome->kind == OUTCOME_EMPTY ? STATE_EMPTY : STATE_ADDRESSES;
    life->fresh_until = life->state.fresh_until;
    life->fresh_end = life->fresh_until;
    if (life->state.ttl >= life->config.grace)
        life->fresh_end += (int64_t)life->config.grace * 1000;
    life->failed_resolutions = 0;
    life->is_denied = false;
    life->has_denied = life->state.denied.addresses.count > 0;
    life->denied_until = life->fresh_until;
    life->denied_end = life->fresh_end;
    cr_assert(!life->has_denied || (life->config.deny && outcome->kind == OUTCOME_ADDRESSES));
    cr_assert_geq(life->state.ttl, life->config.ttl_min);
    cr_assert_leq(life->state.ttl, outcome->kind == OUTCOME_EMPTY ? life->config.negative_ttl_max
                                                                  : life->config.ttl_max);
    cr_assert_eq(life->fresh_until, life->now + (int64_t)life->state.ttl * 1000);
}

/* A failure that takes nothing away but that there were no addresses, and comes with a TTL. */
static void expect_denied(struct life *life)
{
    const struct state *state = &life->state;

    life->has_denied = true;
    life->is_denied = true;
    life->failed_resolutions = 1;
    life->denied_until = life->now + (int64_t)state->denied.ttl * 1000;
    life->denied_end = life->denied_until;
    if (state->denied.ttl >= life->config.grace)
        life->denied_end += (int64_t)life->config.grace * 1000;
    if (life->knowledge == STATE_EMPTY)
        life->knowledge = STATE_NOTHING;
    cr_assert(state->denied.is_alone && state->denied.fresh_until == life->denied_until);
    cr_assert_geq(state->denied.ttl, life->config.ttl_min);
    cr_assert_leq(state->denied.ttl, life->config.ttl_max);
    cr_assert_geq(state->retry_at, life->denied_until);
    cr_assert_geq(state->retry_at, life->now + (int64_t)life->config.retry_min * 1000);
}

/* One address or two. Whether all are denied. */
static bool add_addresses(struct life *life, struct outcome *outcome)
{
    bool are_denied = life->config.deny != NULL;

    for (int64_t left = 1 + pick(life, 2); left > 0; --left) {
        struct address address = {{10, 0, 0, pick(life, 256)}};

        are_denied = are_denied && address.octets[3] >= 128;
        cr_assert_eq(address_set_add(&outcome->addresses, &address), 0);
    }
    return are_denied;
}

static void step_end(struct life *life)
{
    struct outcome outcome = {.kind = pick(life, 3), .ttl = pick(life, 10000), .reason = "reason"};
    bool are_denied = false;

    if (!life->in_flight)
        return;
    if (outcome.kind == OUTCOME_ADDRESSES)
        are_denied = add_addresses(life, &outcome);
    state_end(&life->state, &life->config, life->now, &outcome);
    cr_assert_null(outcome.addresses.items);
    life->in_flight = false;
    if (are_denied) {
        expect_denied(life);
        return;
    }
    if (outcome.kind != OUTCOME_FAILURE) {
        expect_learned(life, &outcome);
        return;
    }
    if (!life->is_counted)
        count_failure(life);
    cr_assert_geq(life->state.retry_at, life->now + (int64_t)life->config.retry_min * 1000);
    cr_assert_leq(life->state.retry_at, life->now + (int64_t)life->config.retry_max * 1000);
}

/* No cache may keep the addresses for longer than one that got them before they expired. */
static void check_ttl(const struct life *life)
{
    int64_t ttl = state_ttl(&life->state, &life->config, life->now);

    if (!is_known(life) || life->now >= life->fresh_end)
        return;
    cr_assert_leq(ttl, life->state.ttl);
    cr_assert(ttl >= life->config.ttl_min || ttl == life->state.ttl);
    if (ttl > life->config.ttl_min)
        cr_assert_leq(life->now + ttl * 1000, life->fresh_until + (int64_t)life->state.ttl * 1000);
}

static void check_denied(const struct life *life)
{
    const struct state *state = &life->state;
    const struct address_set *kept = &state->denied.addresses;

    for (size_t i = 0; i < state->addresses.count; ++i)
        cr_assert(!life->config.deny || state->addresses.items[i].octets[3] < 128);
    for (size_t i = 0; i < kept->count; ++i)
        cr_assert_geq(kept->items[i].octets[3], 128);
    if (is_denied_kept(life))
        cr_assert_gt(kept->count, 0, "lost before max_stale");
    if (!life->has_denied)
        cr_assert_eq(kept->count, 0);
    cr_assert_eq(state->is_denied, life->is_denied);
    cr_assert(!state->is_denied || kept->count > 0);
    if (is_denied_kept(life))
        cr_assert_eq(state_denied_is_fresh(state, life->now), life->now < denied_fresh_end(life));
    if (state_denied_is_fresh(state, life->now))
        cr_assert_leq(state_denied_ttl(state, &life->config, life->now), state->denied.ttl);
}

static void check_state(struct life *life)
{
    const struct state *state = &life->state;

    check_denied(life);

    cr_assert_eq(state->in_flight, life->in_flight);
    cr_assert_eq(state->failures, life->failed_resolutions);
    cr_assert_eq(state->knowledge == STATE_ADDRESSES, state->addresses.count > 0);
    if (life->knowledge != STATE_NOTHING && life->now < dropped_at(life))
        cr_assert_eq(state->knowledge, life->knowledge, "lost before max_stale");
    if (state_freshness(state, life->now) == STATE_IS_FRESH)
        cr_assert_lt(life->now, fresh_end(life));
    check_ttl(life);
}

static void live(unsigned seed)
{
    struct life life = {
        .seed = seed,
        .now = 1000000,
        .asked_at = STATE_NEVER,
        .named_at = STATE_NEVER,
        .state = {.jitter_seed = seed,
                  .asked_at = STATE_NEVER,
                  .named_at = STATE_NEVER,
                  .published_at = STATE_NEVER},
    };

    choose_config(&life);
    for (int i = 0; i < STEPS; ++i) {
        switch (pick(&life, 6)) {
        case 0:
            advance(&life);
            break;
        case 1:
            step_ask(&life);
            break;
        case 2:
            step_overdue(&life);
            break;
        case 3:
            step_end(&life);
            break;
        case 4:
            step_tick(&life);
            break;
        case 5:
            if (pick(&life, 4) == 0)
                step_name(&life);
            break;
        }
        check_state(&life);
    }
    state_deinit(&life.state);
}

Test(state_random, keeps_its_promises_whatever_happens)
{
    for (unsigned seed = 1; seed <= LIVES; ++seed)
        live(seed);
}
