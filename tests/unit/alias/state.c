#include "alias/state.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static const struct alias_config config = {
    .resolve_timeout_ms = 500,
    .resolve_retries = 1,
    .answer_deadline_ms = 1000,
    .stale_ttl = 30,
    .max_stale = 3 * 86400,
    .ttl_min = 5,
    .ttl_max = 3600,
    .negative_ttl_max = 300,
    .retry_min = 1,
    .retry_max = 300,
};

static const int64_t t0 = 1000000;

static struct outcome addresses(uint32_t ttl, uint8_t last_octet)
{
    struct outcome outcome = {.kind = OUTCOME_ADDRESSES, .ttl = ttl};
    struct address address = {{192, 0, 2, last_octet}};

    cr_assert_eq(address_set_add(&outcome.addresses, &address), 0);
    return outcome;
}

static struct outcome empty(uint32_t ttl)
{
    return (struct outcome){.kind = OUTCOME_EMPTY, .ttl = ttl, .reason = "NXDOMAIN"};
}

static struct outcome failure(void)
{
    return (struct outcome){.kind = OUTCOME_FAILURE, .reason = "SERVFAIL"};
}

/* A resolution that takes no time. */
static void resolve(struct state *state, int64_t now, struct outcome outcome)
{
    state_start(state, now);
    state_end(state, &config, now, &outcome);
}

/* Each kind of knowledge that there can be, with a TTL of 60 s from t0; what holds for one holds
 * for the other. */
static struct outcome known(enum state_knowledge knowledge)
{
    return knowledge == STATE_EMPTY ? empty(60) : addresses(60, 1);
}

#define FOR_BOTH_KNOWLEDGES(knowledge)                                                             \
    for (enum state_knowledge knowledge = STATE_ADDRESSES; knowledge <= STATE_EMPTY; ++knowledge)

/* What advice is given in each situation, the table of 'What an ALIAS answers'. */

struct situation {
    const char *name;
    bool is_known;      /* resolved at t0, for 60 s */
    int64_t fail_at;    /* a resolution failed at t0 + this; 0: none */
    int64_t start_at;   /* a resolution is in flight since t0 + this; 0: none */
    int64_t overdue_at; /* which was found overdue at t0 + this; 0: was not */
    bool upstream_fails;
    int64_t now; /* t0 + this */
    enum state_freshness freshness;
    bool start;
    int64_t wait; /* from now on */
};

static const struct situation situations[] = {
    {.name = "cold", .now = 1, .freshness = STATE_IS_UNKNOWN, .start = true, .wait = 1000},
    {.name = "cold, in flight", .start_at = 1, .now = 301, .wait = 700},
    {.name = "cold, in flight for the whole time", .start_at = 1, .now = 1001, .wait = 0},
    {.name = "cold, upstream failing", .upstream_fails = true, .now = 1, .start = true, .wait = 0},
    {.name = "cold, upstream failing, in flight", .upstream_fails = true, .start_at = 1, .now = 2},
    {.name = "cold, overdue", .start_at = 1, .overdue_at = 1001, .now = 1002},
    {.name = "cold, failed just now", .fail_at = 1, .now = 2},
    {.name = "cold, failed, time to retry", .fail_at = 1, .now = 2000, .start = true, .wait = 0},
    {.name = "fresh", .is_known = true, .now = 59999, .freshness = STATE_IS_FRESH},
    {.name = "fresh, in flight",
     .is_known = true,
     .start_at = 50000,
     .now = 50001,
     .freshness = STATE_IS_FRESH},
    {.name = "fresh, failing and due",
     .is_known = true,
     .fail_at = 10000,
     .now = 50000,
     .freshness = STATE_IS_FRESH},
    {.name = "expired this millisecond",
     .is_known = true,
     .now = 60000,
     .freshness = STATE_IS_STALE,
     .start = true,
     .wait = 500},
    {.name = "expired, in flight",
     .is_known = true,
     .start_at = 60100,
     .now = 60400,
     .freshness = STATE_IS_STALE,
     .wait = 200},
    {.name = "expired, in flight for too long, not yet counted",
     .is_known = true,
     .start_at = 60100,
     .now = 60600,
     .freshness = STATE_IS_STALE},
    {.name = "expired, overdue",
     .is_known = true,
     .start_at = 60100,
     .overdue_at = 60600,
     .now = 60601,
     .freshness = STATE_IS_STALE},
    {.name = "expired, overdue, past the time to retry, but still in flight",
     .is_known = true,
     .start_at = 60100,
     .overdue_at = 60600,
     .now = 70000,
     .freshness = STATE_IS_STALE},
    {.name = "expired, failed just now",
     .is_known = true,
     .fail_at = 60100,
     .now = 60101,
     .freshness = STATE_IS_STALE},
    {.name = "expired, failed, time to retry",
     .is_known = true,
     .fail_at = 60100,
     .now = 62000,
     .freshness = STATE_IS_STALE,
     .start = true,
     .wait = 0},
    {.name = "expired, upstream failing",
     .is_known = true,
     .upstream_fails = true,
     .now = 60000,
     .freshness = STATE_IS_STALE,
     .start = true,
     .wait = 0},
    {.name = "almost too old",
     .is_known = true,
     .now = 60000 + 3 * 86400 * 1000 - 1,
     .freshness = STATE_IS_STALE,
     .start = true,
     .wait = 500},
    {.name = "too old",
     .is_known = true,
     .now = 60000 + 3 * 86400 * 1000,
     .freshness = STATE_IS_UNKNOWN,
     .start = true,
     .wait = 1000},
    {.name = "too old and failing",
     .is_known = true,
     .fail_at = 3 * 86400 * 1000,
     .now = 60000 + 3 * 86400 * 1000,
     .freshness = STATE_IS_UNKNOWN,
     .start = true,
     .wait = 0},
};

static void set_up(struct state *state, const struct situation *situation,
                   enum state_knowledge knowledge)
{
    if (situation->is_known)
        resolve(state, t0, known(knowledge));
    if (situation->fail_at)
        resolve(state, t0 + situation->fail_at, failure());
    if (situation->start_at)
        state_start(state, t0 + situation->start_at);
    if (situation->overdue_at)
        cr_assert(state_overdue(state, &config, t0 + situation->overdue_at), "%s", situation->name);
}

Test(state, advises_as_the_table_says)
{
    for (size_t i = 0; i < sizeof(situations) / sizeof(situations[0]); ++i) {
        const struct situation *situation = &situations[i];

        FOR_BOTH_KNOWLEDGES(knowledge)
        {
            struct state state = {0};
            int64_t now = t0 + situation->now;

            set_up(&state, situation, knowledge);
            struct state_advice advice =
                state_advise(&state, &config, now, situation->upstream_fails);
            cr_expect_eq(advice.freshness, situation->freshness, "%s: freshness %d",
                         situation->name, advice.freshness);
            cr_expect_eq(advice.start, situation->start, "%s: start", situation->name);
            cr_expect_eq(advice.wait_until, now + situation->wait, "%s: wait %ld", situation->name,
                         (long)(advice.wait_until - now));
            state_deinit(&state);
        }
    }
}

Test(state, never_waits_longer_than_the_answer_deadline)
{
    struct alias_config eager = config;
    struct state cold = {0}, expired = {0};

    eager.resolve_timeout_ms = 3000;
    eager.resolve_retries = 5;
    resolve(&expired, t0, addresses(60, 1));
    cr_assert_eq(state_advise(&cold, &eager, t0, false).wait_until, t0 + 1000);
    cr_assert_eq(state_advise(&expired, &eager, t0 + 60000, false).wait_until, t0 + 61000);
    state_deinit(&expired);
}

Test(state, waits_the_retries_out_if_they_end_before_the_deadline)
{
    struct alias_config hasty = config;
    struct state state = {0};

    hasty.resolve_timeout_ms = 100;
    hasty.resolve_retries = 2;
    cr_assert_eq(state_advise(&state, &hasty, t0, false).wait_until, t0 + 300);
}

/* How TTLs are bounded. */

Test(state, bounds_the_ttl)
{
    static const struct {
        enum outcome_kind kind;
        uint32_t ttl, expected;
    } cases[] = {
        {OUTCOME_ADDRESSES, 0, 5},       {OUTCOME_ADDRESSES, 5, 5},
        {OUTCOME_ADDRESSES, 300, 300},   {OUTCOME_ADDRESSES, 3600, 3600},
        {OUTCOME_ADDRESSES, 3601, 3600}, {OUTCOME_ADDRESSES, UINT32_MAX, 3600},
        {OUTCOME_EMPTY, 0, 5},           {OUTCOME_EMPTY, 299, 299},
        {OUTCOME_EMPTY, 301, 300},       {OUTCOME_EMPTY, UINT32_MAX, 300},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        struct state state = {0};

        resolve(&state, t0,
                cases[i].kind == OUTCOME_EMPTY ? empty(cases[i].ttl) : addresses(cases[i].ttl, 1));
        cr_expect_eq(state.ttl, cases[i].expected, "case %zu: %u", i, state.ttl);
        cr_expect_eq(state.fresh_until, t0 + cases[i].expected * 1000, "case %zu", i);
        state_deinit(&state);
    }
}

/* What outcomes do. */

Test(state, takes_the_addresses_and_leaves_none_behind)
{
    struct state state = {0};
    struct outcome outcome = addresses(60, 7);

    state_start(&state, t0);
    state_end(&state, &config, t0 + 20, &outcome);
    cr_assert_eq(outcome.addresses.count, 0);
    cr_assert_null(outcome.addresses.items);
    cr_assert_eq(state.knowledge, STATE_ADDRESSES);
    cr_assert_eq(state.addresses.count, 1);
    cr_assert_eq(state.addresses.items[0].octets[3], 7);
    cr_assert_eq(state.resolved_at, t0 + 20);
    cr_assert(!state.in_flight);
    cr_assert_str_empty(state.reason);
    state_deinit(&state);
}

Test(state, keeps_addresses_through_a_failure)
{
    struct state state = {0};

    resolve(&state, t0, addresses(60, 1));
    resolve(&state, t0 + 61000, failure());
    cr_assert_eq(state.knowledge, STATE_ADDRESSES);
    cr_assert_eq(state.addresses.count, 1);
    cr_assert_eq(state.resolved_at, t0);
    cr_assert_eq(state.failures, 1);
    cr_assert_str_eq(state.reason, "SERVFAIL");
    cr_assert_eq(state.failed_at, t0 + 61000);
    state_deinit(&state);
}

Test(state, keeps_emptiness_through_a_failure)
{
    struct state state = {0};

    resolve(&state, t0, empty(60));
    resolve(&state, t0 + 61000, failure());
    cr_assert_eq(state.knowledge, STATE_EMPTY);
    cr_assert_eq(state.failures, 1);
}

Test(state, lets_an_empty_answer_replace_addresses)
{
    struct state state = {0};

    resolve(&state, t0, addresses(60, 1));
    resolve(&state, t0 + 61000, empty(60));
    cr_assert_eq(state.knowledge, STATE_EMPTY);
    cr_assert_eq(state.addresses.count, 0);
    cr_assert_null(state.addresses.items);
    cr_assert_str_eq(state.reason, "NXDOMAIN");
}

Test(state, knows_nothing_after_a_failure_alone)
{
    struct state state = {0};

    resolve(&state, t0, failure());
    cr_assert_eq(state.knowledge, STATE_NOTHING);
    cr_assert_eq(state_freshness(&state, t0), STATE_IS_UNKNOWN);
}

Test(state, frees_addresses_that_come_with_a_failure)
{
    struct state state = {0};
    struct outcome outcome = addresses(60, 1);

    outcome.kind = OUTCOME_FAILURE;
    state_start(&state, t0);
    state_end(&state, &config, t0, &outcome);
    cr_assert_null(outcome.addresses.items);
    cr_assert_eq(state.knowledge, STATE_NOTHING);
}

Test(state, recovers_by_any_answer)
{
    FOR_BOTH_KNOWLEDGES(knowledge)
    {
        struct state state = {0};

        resolve(&state, t0, failure());
        resolve(&state, t0 + 2000, failure());
        resolve(&state, t0 + 5000, known(knowledge));
        cr_assert_eq(state.failures, 0);
        cr_assert_eq(state.retry_at, 0);
        cr_assert_eq(state_freshness(&state, t0 + 5000), STATE_IS_FRESH);
        state_deinit(&state);
    }
}

/* Overdue resolutions. */

Test(state, is_not_overdue_before_those_who_wait_give_up)
{
    struct state cold = {0}, known_one = {0};

    resolve(&known_one, t0 - 100000, addresses(60, 1));
    state_start(&cold, t0);
    state_start(&known_one, t0);
    cr_assert(!state_overdue(&cold, &config, t0 + 999));
    cr_assert(!state_overdue(&known_one, &config, t0 + 499));
    cr_assert_eq(cold.failures + known_one.failures, 0);
    cr_assert(state_overdue(&cold, &config, t0 + 1000));
    cr_assert(state_overdue(&known_one, &config, t0 + 500));
    cr_assert_str_eq(cold.reason, "no answer within 1000 ms");
    cr_assert_str_eq(known_one.reason, "no answer within 500 ms");
    state_deinit(&known_one);
}

Test(state, counts_an_overdue_resolution_once)
{
    struct state state = {0};
    struct outcome outcome = failure();

    state_start(&state, t0);
    cr_assert(state_overdue(&state, &config, t0 + 1000));
    cr_assert(!state_overdue(&state, &config, t0 + 1100));
    cr_assert_eq(state.failures, 1);
    state_end(&state, &config, t0 + 9000, &outcome);
    cr_assert_eq(state.failures, 1);
    cr_assert_str_eq(state.reason, "SERVFAIL");
}

Test(state, leaves_an_overdue_target_alone_from_its_end_on)
{
    struct state state = {0};
    struct outcome outcome = failure();

    state_start(&state, t0);
    state_overdue(&state, &config, t0 + 1000);
    state_end(&state, &config, t0 + 9000, &outcome);
    cr_assert_geq(state.retry_at, t0 + 9000 + 1000);
    cr_assert(!state_advise(&state, &config, t0 + 9500, false).start);
}

Test(state, takes_a_late_answer)
{
    struct state state = {0};
    struct outcome outcome = addresses(60, 1);

    state_start(&state, t0);
    state_overdue(&state, &config, t0 + 1000);
    state_end(&state, &config, t0 + 3000, &outcome);
    cr_assert_eq(state.failures, 0);
    cr_assert_eq(state_freshness(&state, t0 + 3000), STATE_IS_FRESH);
    cr_assert_eq(state.fresh_until, t0 + 63000);
    state_deinit(&state);
}

Test(state, counts_the_next_overdue_resolution_too)
{
    struct state state = {0};

    for (unsigned i = 1; i <= 3; ++i) {
        struct outcome outcome = failure();

        state_start(&state, t0 + i * 100000);
        cr_assert(state_overdue(&state, &config, t0 + i * 100000 + 1000));
        cr_assert_eq(state.failures, i);
        state_end(&state, &config, t0 + i * 100000 + 9000, &outcome);
    }
}

Test(state, is_not_overdue_when_nothing_is_in_flight)
{
    struct state state = {0};

    cr_assert(!state_overdue(&state, &config, t0));
    resolve(&state, t0, addresses(60, 1));
    cr_assert(!state_overdue(&state, &config, t0 + 100000));
    state_deinit(&state);
}

/* Back-off. */

static int64_t back_off(unsigned failures, uint32_t seed)
{
    struct state state = {.jitter_seed = seed};
    int64_t now = t0;

    for (unsigned i = 0; i < failures; ++i) {
        now = t0 + i * 1000000;
        resolve(&state, now, failure());
    }
    return state.retry_at - now;
}

Test(state, doubles_the_back_off_up_to_the_maximum)
{
    for (unsigned failures = 1; failures <= 70; ++failures) {
        int64_t expected = failures < 10 ? INT64_C(1000) << (failures - 1) : 300000;

        if (expected > 300000)
            expected = 300000;
        for (uint32_t seed = 0; seed < 200; ++seed) {
            int64_t delay = back_off(failures, seed * 7919);

            cr_assert(delay >= expected * 9 / 10 && delay <= expected * 11 / 10,
                      "%u failures: %ld ms", failures, (long)delay);
            cr_assert(delay >= 1000 && delay <= 300000, "%u failures: %ld ms", failures,
                      (long)delay);
        }
    }
}

Test(state, spreads_retries_by_the_seed)
{
    int64_t lowest = INT64_MAX, highest = 0;

    for (uint32_t seed = 0; seed < 1000; ++seed) {
        int64_t delay = back_off(5, seed);

        lowest = delay < lowest ? delay : lowest;
        highest = delay > highest ? delay : highest;
        cr_assert_eq(delay, back_off(5, seed));
    }
    cr_assert_lt(lowest, 14800);
    cr_assert_gt(highest, 17200);
}

Test(state, survives_settings_that_leave_no_room)
{
    struct alias_config odd = config;
    struct state state = {0};
    struct outcome outcome = failure();

    odd.retry_min = odd.retry_max = 0;
    state_start(&state, t0);
    state_end(&state, &odd, t0, &outcome);
    cr_assert_eq(state.retry_at, t0);
}

/* Age. */

Test(state, drops_once_what_is_too_old)
{
    struct state state = {0};
    int64_t end = t0 + 60000 + INT64_C(3) * 86400 * 1000;

    resolve(&state, t0, addresses(60, 1));
    cr_assert(!state_drop_if_old(&state, &config, end - 1));
    cr_assert(state_drop_if_old(&state, &config, end));
    cr_assert_eq(state.knowledge, STATE_NOTHING);
    cr_assert_null(state.addresses.items);
    cr_assert(!state_drop_if_old(&state, &config, end));
}

Test(state, goes_on_failing_when_it_drops)
{
    struct state state = {0};
    int64_t end = t0 + 60000 + INT64_C(3) * 86400 * 1000;

    resolve(&state, t0, addresses(60, 1));
    resolve(&state, end - 100, failure());
    state_drop_if_old(&state, &config, end);
    cr_assert_eq(state.failures, 1);
    cr_assert(!state_advise(&state, &config, end, false).start);
}

Test(state, serves_no_stale_answers_if_max_stale_is_0)
{
    struct alias_config strict = config;
    struct state state = {0};

    strict.max_stale = 0;
    resolve(&state, t0, addresses(60, 1));
    cr_assert_eq(state_advise(&state, &strict, t0 + 60000, false).freshness, STATE_IS_UNKNOWN);
}

/* Put off. */

Test(state, is_waited_for_when_put_off_as_if_it_were_under_way)
{
    struct state state = {0};

    state_put_off(&state, t0);
    cr_assert(state_is_coming(&state) && state_is_awaited(&state));
    struct state_advice advice = state_advise(&state, &config, t0 + 300, false);
    cr_assert(!advice.start);
    cr_assert_eq(advice.wait_until, t0 + 1000);
    cr_assert_eq(state_refresh_at(&state, &config, t0 + 300), STATE_FAR);
    cr_assert(!state_overdue(&state, &config, t0 + 5000));
    state_start(&state, t0 + 5000);
    cr_assert(!state.is_put_off);
    cr_assert_eq(state_advise(&state, &config, t0 + 5100, false).wait_until, t0 + 6000);
}

Test(state, is_not_waited_for_when_put_off_and_known)
{
    FOR_BOTH_KNOWLEDGES(knowledge)
    {
        struct state state = {0};

        resolve(&state, t0, known(knowledge));
        state_put_off(&state, t0 + 60000);
        cr_assert(state_is_coming(&state) && !state_is_awaited(&state));
        state_deinit(&state);
    }
}

Test(state, is_not_put_off_any_more_when_forgotten)
{
    struct state state = {0};

    state_put_off(&state, t0);
    state_forget(&state);
    cr_assert(!state_is_coming(&state));
    cr_assert(state_advise(&state, &config, t0 + 1, false).start);
}
