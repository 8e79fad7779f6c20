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
    unsigned failed_resolutions; /* since the last answer */
    bool is_counted;             /* the one in flight is among them */
};

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
    if (life->failed_resolutions > 0 || upstream_fails)
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

static void step_overdue(struct life *life)
{
    if (!state_overdue(&life->state, &life->config, life->now))
        return;
    cr_assert(life->in_flight && !life->is_counted);
    life->is_counted = true;
    ++life->failed_resolutions;
}

static void expect_learned(struct life *life, const struct outcome *outcome)
{
    life->knowledge = outcome->kind == OUTCOME_EMPTY ? STATE_EMPTY : STATE_ADDRESSES;
    life->fresh_until = life->state.fresh_until;
    life->fresh_end = life->fresh_until;
    if (life->state.ttl >= life->config.grace)
        life->fresh_end += (int64_t)life->config.grace * 1000;
    life->failed_resolutions = 0;
    cr_assert_geq(life->state.ttl, life->config.ttl_min);
    cr_assert_leq(life->state.ttl, outcome->kind == OUTCOME_EMPTY ? life->config.negative_ttl_max
                                                                  : life->config.ttl_max);
    cr_assert_eq(life->fresh_until, life->now + (int64_t)life->state.ttl * 1000);
}

static void step_end(struct life *life)
{
    struct outcome outcome = {.kind = pick(life, 3), .ttl = pick(life, 10000), .reason = "reason"};

    if (!life->in_flight)
        return;
    if (outcome.kind == OUTCOME_ADDRESSES) {
        struct address address = {{10, 0, 0, pick(life, 256)}};

        cr_assert_eq(address_set_add(&outcome.addresses, &address), 0);
    }
    state_end(&life->state, &life->config, life->now, &outcome);
    cr_assert_null(outcome.addresses.items);
    life->in_flight = false;
    if (outcome.kind != OUTCOME_FAILURE) {
        expect_learned(life, &outcome);
        return;
    }
    life->failed_resolutions += !life->is_counted;
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

static void check_state(struct life *life)
{
    const struct state *state = &life->state;

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
        .state = {.jitter_seed = seed, .asked_at = STATE_NEVER, .named_at = STATE_NEVER},
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
