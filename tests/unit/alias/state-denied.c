#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alias/state.h"
#include "util/cleanup.h"

static struct ranges deny;
static struct alias_config config = {
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
    .deny = &deny,
};
static struct state state;

static const int64_t t0 = 1000000;

static void set_deny(const char *word)
{
    ranges_deinit(&deny);
    cr_assert_eq(ranges_add(&deny, word), 0);
}

static void set_up(void)
{
    state = (struct state){0};
    set_deny("10.0.0.0/8");
}

static void tear_down(void)
{
    state_deinit(&state);
    ranges_deinit(&deny);
}

TestSuite(state_denied, .init = set_up, .fini = tear_down);

static struct address_set set_of(const char *addresses)
{
    struct address_set set = {0};
    char copy[256], *position = copy, *word;

    snprintf(copy, sizeof(copy), "%s", addresses);
    while (*copy && (word = strsep(&position, " "))) {
        struct address address;

        cr_assert_eq(address_from_text(word, DNS_FAMILY_A, &address), 0);
        cr_assert_eq(address_set_add(&set, &address), 0);
    }
    return set;
}

/* A resolution that takes no time: addresses, "" = none, NULL = failure. */
static void resolve(int64_t now, const char *addresses, uint32_t ttl)
{
    struct outcome outcome = {.kind = OUTCOME_FAILURE, .ttl = ttl, .reason = "SERVFAIL"};

    if (addresses) {
        outcome.kind = *addresses ? OUTCOME_ADDRESSES : OUTCOME_EMPTY;
        outcome.addresses = set_of(addresses);
        strcpy(outcome.reason, *addresses ? "" : "NODATA");
    }
    state_start(&state, now);
    state_end(&state, &config, now, &outcome);
    cr_assert_null(outcome.addresses.items);
}

static void expect_sets(int line, const char *addresses, const char *denied)
{
    char actual[256];

    address_set_to_text(&state.addresses, DNS_FAMILY_A, actual, sizeof(actual));
    cr_expect_str_eq(actual, addresses, "line %d: '%s', not '%s'", line, actual, addresses);
    address_set_to_text(&state.denied.addresses, DNS_FAMILY_A, actual, sizeof(actual));
    cr_expect_str_eq(actual, denied, "line %d, denied: '%s', not '%s'", line, actual, denied);
    cr_expect_eq(state.knowledge == STATE_ADDRESSES, *addresses != '\0', "line %d", line);
}

#define EXPECT_SETS(addresses, denied) expect_sets(__LINE__, addresses, denied)

Test(state_denied, some_of_an_answer_are_kept_out_of_it)
{
    resolve(t0, "10.0.0.1 192.0.2.1 10.0.0.2", 60);
    EXPECT_SETS("192.0.2.1", "10.0.0.1 10.0.0.2");
    cr_expect_eq(state.failures, 0);
    cr_expect(!state.denied.is_alone);
    cr_expect_eq(state.denied.ttl, 60);
    cr_expect_eq(state.denied.fresh_until, state.fresh_until);
    resolve(t0 + 60000, "192.0.2.1", 60);
    EXPECT_SETS("192.0.2.1", "");
}

Test(state_denied, nothing_else_is_a_failure_with_its_own_reason)
{
    resolve(t0, "10.0.0.1 10.0.0.2", 60);
    EXPECT_SETS("", "10.0.0.1 10.0.0.2");
    cr_expect_eq(state.failures, 1);
    cr_expect_str_eq(state.reason, "only addresses that alias-deny drops: 10.0.0.1 10.0.0.2");
    cr_expect_eq(state_freshness(&state, t0), STATE_IS_UNKNOWN);
    cr_expect(state_knows(&state));
}

Test(state_denied, reason_is_cut_where_there_are_many)
{
    char addresses[256] = "";

    for (int i = 1; i <= 15; ++i)
        sprintf(addresses + strlen(addresses), "%s10.100.200.%d", i > 1 ? " " : "", 100 + i);
    resolve(t0, addresses, 60);
    cr_expect_str_eq(state.reason + strlen(state.reason) - 4, " ...");
    cr_expect_eq(state.denied.addresses.count, 15);
}

Test(state_denied, last_good_answer_stays_and_goes_stale)
{
    resolve(t0, "192.0.2.1 10.0.0.9", 60);
    resolve(t0 + 60000, "10.0.0.1", 20);
    EXPECT_SETS("192.0.2.1", "10.0.0.1");
    cr_expect(state.denied.is_alone);
    cr_expect_eq(state_freshness(&state, t0 + 60000), STATE_IS_STALE);
    cr_expect_eq(state.denied.ttl, 20);
    cr_expect_eq(state.denied.fresh_until, t0 + 80000);
}

Test(state_denied, that_there_were_no_addresses_is_forgotten)
{
    resolve(t0, "", 60);
    resolve(t0 + 60000, "10.0.0.1", 20);
    cr_expect_eq(state.knowledge, STATE_NOTHING);
    EXPECT_SETS("", "10.0.0.1");
}

Test(state_denied, ttl_is_bounded_as_any)
{
    resolve(t0, "10.0.0.1", 1);
    cr_expect_eq(state.denied.ttl, 5);
    resolve(t0, "10.0.0.1", 86400);
    cr_expect_eq(state.denied.ttl, 3600);
}

Test(state_denied, other_failures_change_nothing)
{
    resolve(t0, "10.0.0.1", 60);
    resolve(t0 + 60000, NULL, 0);
    EXPECT_SETS("", "10.0.0.1");
    cr_expect(!state.is_denied);
    cr_expect_str_eq(state.reason, "SERVFAIL");
}

Test(state_denied, other_failures_are_counted_anew)
{
    resolve(t0, "10.0.0.1", 60);
    resolve(t0 + 60000, NULL, 0);
    cr_expect_eq(state.failures, 1);
    resolve(t0 + 62000, NULL, 0);
    cr_expect_eq(state.failures, 2);
    resolve(t0 + 70000, "10.0.0.1", 60);
    state_start(&state, t0 + 130000);
    cr_expect(state_overdue(&state, &config, t0 + 131000));
    cr_expect_eq(state.failures, 1);
}

Test(state_denied, good_and_empty_answers_replace_all)
{
    resolve(t0, "192.0.2.1", 60);
    resolve(t0 + 60000, "10.0.0.1", 60);
    resolve(t0 + 120000, "192.0.2.2", 60);
    EXPECT_SETS("192.0.2.2", "");
    cr_expect_eq(state.failures, 0);
    cr_expect_str_eq(state.reason, "");
    resolve(t0 + 180000, "10.0.0.1", 60);
    resolve(t0 + 240000, "", 60);
    cr_expect_eq(state.knowledge, STATE_EMPTY);
    EXPECT_SETS("", "");
}

/* libunbound would answer the same until the TTL has passed; then the upstream, which does answer,
 * is worth waiting for. */
Test(state_denied, is_asked_again_when_its_ttl_has_passed)
{
    struct state_advice advice;

    resolve(t0, "10.0.0.1", 60);
    advice = state_advise(&state, &config, t0 + 59999, false);
    cr_expect(!advice.start);
    cr_expect_leq(advice.wait_until, t0 + 59999, "nothing to wait for");
    advice = state_advise(&state, &config, t0 + 60000, false);
    cr_expect(advice.start);
    cr_expect_eq(advice.wait_until, t0 + 60500, "once: what is denied is known");
    state_start(&state, t0 + 60000);
    advice = state_advise(&state, &config, t0 + 60100, false);
    cr_expect(!advice.start);
    cr_expect_eq(advice.wait_until, t0 + 60500);
    cr_expect_leq(state_advise(&state, &config, t0 + 60100, true).wait_until, t0 + 60100);
    cr_expect(state_overdue(&state, &config, t0 + 60500));
    cr_expect_leq(state_advise(&state, &config, t0 + 60500, false).wait_until, t0 + 60500);
    EXPECT_SETS("", "10.0.0.1");
}

Test(state_denied, is_left_alone_for_a_second_if_its_ttl_is_0)
{
    config.ttl_min = 0;
    resolve(t0, "10.0.0.1", 0);
    config.ttl_min = 5;
    cr_expect(!state_advise(&state, &config, t0 + 999, false).start);
    cr_expect(state_advise(&state, &config, t0 + 1000, false).start);
}

Test(state_denied, goes_after_max_stale_of_its_own)
{
    int64_t max_stale = (int64_t)config.max_stale * 1000;

    resolve(t0, "192.0.2.1", 60);
    resolve(t0 + 60000, "10.0.0.1", 60);
    cr_expect(!state_drop_if_old(&state, &config, t0 + 60000 + max_stale - 1));
    cr_expect(state_drop_if_old(&state, &config, t0 + 60000 + max_stale));
    EXPECT_SETS("", "10.0.0.1");
    cr_expect(state_knows(&state));
    cr_expect(state_drop_if_old(&state, &config, t0 + 120000 + max_stale));
    EXPECT_SETS("", "");
    cr_expect(!state_knows(&state));
    cr_expect(!state_drop_if_old(&state, &config, t0 + 120000 + max_stale));
}

/* When `alias-deny` changes. */

static int part(const char *word)
{
    set_deny(word);
    return state_part(&state, &config, t0 + 70000);
}

Test(state_denied, parting_goes_both_ways)
{
    resolve(t0, "10.0.0.1 192.0.2.1", 60);
    cr_expect_eq(part("10.0.0.0/8"), 0);
    EXPECT_SETS("192.0.2.1", "10.0.0.1");
    cr_expect_eq(part("192.0.2.0/24"), STATE_E_CHANGED);
    EXPECT_SETS("10.0.0.1", "192.0.2.1");
    cr_expect_eq(part("none"), STATE_E_CHANGED);
    EXPECT_SETS("10.0.0.1 192.0.2.1", "");
    cr_expect_eq(state.fresh_until, t0 + 60000);
    cr_expect_eq(state.failures, 0);
}

Test(state_denied, what_is_denied_altogether_begins_to_fail_and_can_come_back)
{
    resolve(t0, "10.0.0.1 192.0.2.1", 60);
    cr_expect_eq(part("0.0.0.0/0"), STATE_E_CHANGED);
    EXPECT_SETS("", "10.0.0.1 192.0.2.1");
    cr_expect(state.is_denied);
    cr_expect_eq(state.failures, 1);
    cr_expect(strstr(state.reason, "alias-deny"), "%s", state.reason);
    cr_expect_eq(state.denied.fresh_until, t0 + 60000);
    cr_expect_eq(part("0.0.0.0/0"), 0);
    cr_expect_eq(part("10.0.0.0/8"), STATE_E_CHANGED);
    EXPECT_SETS("192.0.2.1", "10.0.0.1");
    cr_expect(!state.is_denied);
    cr_expect_eq(state.failures, 0);
    cr_expect_str_eq(state.reason, "");
    cr_expect_eq(state.ttl, 60);
    cr_expect_eq(state.fresh_until, t0 + 60000);
}

Test(state_denied, later_addresses_that_are_allowed_now_replace_the_older)
{
    resolve(t0, "192.0.2.1", 60);
    resolve(t0 + 60000, "10.0.0.1 10.1.0.1", 30);
    cr_expect_eq(part("10.1.0.0/16"), STATE_E_CHANGED);
    EXPECT_SETS("10.0.0.1", "10.1.0.1");
    cr_expect(!state.denied.is_alone);
    cr_expect_eq(state.resolved_at, t0 + 60000);
    cr_expect_eq(state.fresh_until, t0 + 90000);
}

Test(state_denied, older_addresses_that_are_denied_now_go)
{
    resolve(t0, "192.0.2.1 198.51.100.1", 60);
    resolve(t0 + 60000, "10.0.0.1", 30);
    set_deny("private");
    cr_expect_eq(state_part(&state, &config, t0 + 70000), STATE_E_CHANGED);
    EXPECT_SETS("", "10.0.0.1");
    cr_expect(state.is_denied);
}

Test(state_denied, parting_leaves_other_failures_and_emptiness_alone)
{
    resolve(t0, "192.0.2.1", 60);
    resolve(t0 + 60000, NULL, 0);
    cr_expect_eq(part("192.0.2.0/24"), STATE_E_CHANGED);
    EXPECT_SETS("", "192.0.2.1");
    cr_expect_str_eq(state.reason, "SERVFAIL");
    cr_expect_eq(part("none"), STATE_E_CHANGED);
    EXPECT_SETS("192.0.2.1", "");
    cr_expect_eq(state.failures, 1);
    resolve(t0 + 70000, "", 60);
    cr_expect_eq(part("0.0.0.0/0"), 0);
    cr_expect_eq(state.knowledge, STATE_EMPTY);
    cr_expect_eq(state.failures, 0);
}

Test(state_denied, what_is_from_before_the_start_is_resolved_anew_though_it_is_denied)
{
    struct alias_config idle = config;

    idle.refresh_idle = 3600;
    resolve(t0, "192.0.2.1", 3600);
    state.restored_at = t0;
    state_name(&state, t0);
    set_deny("0.0.0.0/0");
    cr_assert_eq(state_part(&state, &idle, t0), STATE_E_CHANGED);
    cr_expect_leq(state_refresh_at(&state, &idle, t0), t0 + 11000);
    cr_expect(!state_advise(&state, &idle, t0 + 999, false).start);
    cr_expect(state_advise(&state, &idle, t0 + 1000, false).start);
}

/* Random lives: whatever comes and however `deny` changes, nothing denied is answered, nothing
 * allowed is kept back, and an outcome whose addresses are all denied takes no other away. */

static void expect_parted(unsigned seed)
{
    for (size_t i = 0; i < state.addresses.count; ++i)
        cr_assert(!ranges_contain(&deny, DNS_FAMILY_A, &state.addresses.items[i]), "seed %u", seed);
    for (size_t i = 0; i < state.denied.addresses.count; ++i)
        cr_assert(ranges_contain(&deny, DNS_FAMILY_A, &state.denied.addresses.items[i]), "seed %u",
                  seed);
    cr_assert_eq(state.knowledge == STATE_ADDRESSES, state.addresses.count > 0, "seed %u", seed);
    cr_assert(!state.is_denied || (state.failures > 0 && state.denied.addresses.count > 0));
}

static void step(unsigned *seed, int64_t now)
{
    static const char *const denies[] = {"none", "10.0.0.0/8", "192.0.2.0/24", "0.0.0.0/0",
                                         "10.1.0.0/16"};
    static const char *const outcomes[] = {NULL,        "",
                                           "10.0.0.1",  "10.1.0.1",
                                           "192.0.2.1", "10.0.0.1 192.0.2.1",
                                           "192.0.2.2", "10.0.0.1 10.1.0.1"};
    size_t before = state.addresses.count;

    if (rand_r(seed) % 4 == 0) {
        set_deny(denies[rand_r(seed) % 5]);
        cr_assert_geq(state_part(&state, &config, now), 0);
        return;
    }
    resolve(now, outcomes[rand_r(seed) % 8], 60);
    if (state.failures > 0)
        cr_assert_eq(state.addresses.count, before);
}

Test(state_denied, random_lives)
{
    for (unsigned life = 0; life < 300; ++life) {
        unsigned seed = life;

        set_up();
        for (int64_t i = 0; i < 200; ++i) {
            step(&seed, t0 + i * 1000);
            expect_parted(life);
        }
        tear_down();
    }
}
