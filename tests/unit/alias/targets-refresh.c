#include "alias/targets-refresh.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "alias/targets-entry.h"
#include "fake-clock.h"

/* What is resolved without anybody asking, under a clock of our own. */

#define STARTS 8192
#define SIZE   32

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
    .grace = 5,
    .refresh_idle = 3600,
    .publish_min = 60,
};

static struct targets *targets;
static char starts[STARTS][SIZE]; /* of family A */
static size_t started;

static int note_start(void *userdata, const char *target, enum dns_family family)
{
    if (family == DNS_FAMILY_A)
        snprintf(starts[started++], SIZE, "%s", target);
    return 0;
}

static void set_up(void)
{
    fake_clock_now = 100000000;
    started = 0;
    cr_assert_eq(targets_new(&config, note_start, NULL, &targets), 0);
}

static void tear_down(void)
{
    targets_free(targets);
}

TestSuite(targets_refresh, .init = set_up, .fini = tear_down, .timeout = 60);

static const char *name(const char *prefix, int number)
{
    static char text[SIZE];

    snprintf(text, sizeof(text), "%s%d.example", prefix, number);
    return text;
}

static struct targets_question ask(const char *target)
{
    struct targets_question question = {.target = target, .row_ttl = 86400};

    cr_assert_eq(targets_ask(targets, &question, 1, 0), 0);
    targets_question_deinit(&question);
    return question;
}

static void answer_family(const char *target, enum dns_family family, uint32_t ttl)
{
    struct outcome outcome = {.kind = OUTCOME_EMPTY, .ttl = ttl, .reason = "NODATA"};

    targets_resolved(targets, target, family, &outcome);
}

static void answer(const char *target, uint32_t ttl)
{
    answer_family(target, DNS_FAMILY_A, ttl);
    answer_family(target, DNS_FAMILY_AAAA, ttl);
}

static void fail(const char *target)
{
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        struct outcome outcome = {.kind = OUTCOME_FAILURE, .reason = "SERVFAIL"};

        targets_resolved(targets, target, i, &outcome);
    }
}

/* As it is in the daemon: ten ticks a second. */
static void run(int64_t ms)
{
    for (int64_t end = fake_clock_now + ms; fake_clock_now < end;) {
        fake_clock_now += TARGETS_TICK_MS;
        targets_tick(targets);
    }
}

static size_t started_of(const char *target)
{
    size_t count = 0;

    for (size_t i = 0; i < started; ++i)
        count += strcmp(starts[i], target) == 0;
    return count;
}

static void load(const char *target, int64_t expired_s)
{
    struct fallback_entry entry = {
        .target = target,
        .family = DNS_FAMILY_A,
        .is_empty = true,
        .ttl = 60,
        .resolved_at = 1700000000 + fake_clock_now / 1000 - 60 - expired_s,
        .fresh_until = 1700000000 + fake_clock_now / 1000 - expired_s,
        .last_error = "",
    };

    cr_assert_eq(targets_load(targets, &entry), 0);
}

static uint64_t started_for(enum counters_cause cause)
{
    return counter_read(&targets->counters.started[cause]);
}

static uint64_t waits(void)
{
    uint64_t sum = 0;

    for (size_t i = 0; i <= HISTOGRAM_BOUNDS; ++i)
        sum += counter_read(&targets->counters.waits.classes[i]);
    return sum;
}

/* Ahead. */

Test(targets_refresh, resolves_anew_what_was_asked_for_as_soon_as_anything_can_be_learned)
{
    ask("host.example");
    answer("host.example", 60);
    run(60900);
    cr_assert_eq(started, 1);
    for (int i = 0; i < 22 && started == 1; ++i)
        run(100);
    cr_assert_eq(started, 2);
    cr_assert_eq(ask("host.example").freshness, STATE_IS_FRESH);
    answer("host.example", 60);
    cr_assert_eq(started_for(COUNTERS_AHEAD), 1);
    cr_assert_eq(waits(), 0);
}

Test(targets_refresh, counts_the_ttl_down_in_the_grace)
{
    ask("host.example");
    answer("host.example", 60);
    fake_clock_now += 60000;
    cr_assert_eq(ask("host.example").ttl, 60);
    fake_clock_now += 2001;
    cr_assert_eq(ask("host.example").ttl, 57);
}

Test(targets_refresh, serves_stale_when_the_grace_has_ended)
{
    ask("host.example");
    answer("host.example", 60);
    fake_clock_now += 64999;
    cr_assert_eq(ask("host.example").freshness, STATE_IS_FRESH);
    fake_clock_now += 1;
    cr_assert_eq(ask("host.example").freshness, STATE_IS_STALE);
}

Test(targets_refresh, serves_stale_when_the_refresh_fails)
{
    ask("host.example");
    answer("host.example", 60);
    run(63200);
    struct outcome outcome = {.kind = OUTCOME_FAILURE, .reason = "SERVFAIL"};
    targets_resolved(targets, "host.example", DNS_FAMILY_A, &outcome);
    cr_assert_eq(ask("host.example").freshness, STATE_IS_STALE);
}

/* From now on `alias-deny` drops everything. */
static void deny_all(void)
{
    static struct range all = {.family = DNS_FAMILY_A};
    static const struct ranges ranges = {.items = &all, .count = 1};
    struct alias_config denying = config;

    denying.deny = &ranges;
    targets_configure(targets, &denying);
}

static void answer_address(const char *target, uint32_t ttl)
{
    struct address address = {{192, 0, 2, 1}};
    struct outcome outcome = {.kind = OUTCOME_ADDRESSES, .ttl = ttl};

    cr_assert_eq(address_set_add(&outcome.addresses, &address), 0);
    targets_resolved(targets, target, DNS_FAMILY_A, &outcome);
}

Test(targets_refresh, what_is_denied_is_resolved_anew_in_time_for_those_who_may_have_it)
{
    deny_all();
    ask("host.example");
    answer_address("host.example", 60);
    cr_assert_eq(ask("host.example").freshness, STATE_IS_UNKNOWN);
    run(60900);
    cr_expect_eq(started, 1);
    for (int i = 0; i < 22 && started < 2; ++i)
        run(TARGETS_TICK_MS);
    cr_assert_eq(started, 2, "after 61 to 63 s");
    uint32_t ttl = ask("host.example").denied_ttl;
    cr_expect(56 <= ttl && ttl <= 59, "%u: counts down, as any", ttl);
    answer_address("host.example", 60);
    cr_expect_eq(ask("host.example").denied_ttl, 60);
    cr_expect_eq(waits(), 0);
}

Test(targets_refresh, what_is_denied_and_not_asked_for_is_idle)
{
    deny_all();
    cr_assert_eq(targets_notice(targets, "host.example", 0), 0);
    run(200);
    answer_address("host.example", 60);
    answer_family("host.example", DNS_FAMILY_AAAA, 60);
    run(3200 * INT64_C(1000));
    cr_expect_eq(started_of("host.example"), 1, "no failure that is tried again");
    run(800 * INT64_C(1000));
    cr_expect_eq(started_of("host.example"), 2);
}

Test(targets_refresh, what_is_denied_is_asked_again_in_a_new_context)
{
    deny_all();
    ask("host.example");
    answer_address("host.example", 600);
    targets_retry_all(targets);
    run(200);
    cr_expect_eq(started, 2);
}

Test(targets_refresh, asking_once_brings_an_idle_target_forward)
{
    cr_assert_eq(targets_notice(targets, "host.example", 0), 0);
    run(200);
    answer("host.example", 60);
    run(30000);
    ask("host.example");
    run(33200);
    cr_assert_eq(started, 2);
}

Test(targets_refresh, stops_when_nobody_has_asked_for_a_while)
{
    ask("host.example");
    for (int i = 0; i < 40; ++i) {
        answer("host.example", 60);
        run(65000);
    }
    cr_assert(started >= 10 && started <= 11, "%zu", started); /* ten minutes */
}

/* New ones, and idle ones. */

Test(targets_refresh, resolves_what_is_noticed_at_once_in_both_families)
{
    cr_assert_eq(targets_notice(targets, "host.example", 0), 0);
    run(200);
    cr_assert_eq(started, 1);
    cr_assert_eq(started_for(COUNTERS_NEW), 2);
    cr_assert_eq(targets_notice(targets, "host.example", 0), 0);
    run(200);
    cr_assert_eq(started_for(COUNTERS_NEW), 2);
}

Test(targets_refresh, resolves_what_a_row_names_now_and_then)
{
    for (int half_hours = 0; half_hours < 10; ++half_hours) {
        cr_assert_eq(targets_notice(targets, "host.example", 0), 0);
        for (int i = 0; i < 18; ++i) {
            run(100000);
            answer("host.example", 60);
        }
    }
    cr_assert(started >= 5 && started <= 6, "%zu", started);
    cr_assert_eq(started_for(COUNTERS_IDLE), 2 * started - 2);
}

Test(targets_refresh, gives_up_what_no_row_names_any_more)
{
    cr_assert_eq(targets_notice(targets, "host.example", 0), 0);
    for (int i = 0; i < 360; ++i) {
        run(100000);
        answer("host.example", 60);
    }
    cr_assert(started >= 2 && started <= 4, "%zu", started); /* two hours of ten */
}

/* Published ones. */

static size_t published_starts(uint32_t ttl, int seconds)
{
    cr_assert_eq(targets_publish(targets, "host.example", 0), 0);
    for (int i = 0; i < seconds; ++i) {
        run(1000);
        answer("host.example", ttl);
    }
    return started;
}

Test(targets_refresh, resolves_what_is_published_when_its_ttl_has_passed)
{
    size_t count = published_starts(120, 1250);

    cr_assert(count == 10 || count == 11, "%zu: every 121 to 123 s", count);
    cr_assert_eq(started_for(COUNTERS_NEW), 2);
    cr_assert_eq(started_for(COUNTERS_AHEAD), 2 * started - 2);
}

Test(targets_refresh, resolves_what_is_published_no_more_often_than_it_shall)
{
    size_t count = published_starts(10, 650);

    cr_assert(count == 10 || count == 11, "%zu: every 60 s", count);
}

Test(targets_refresh, resolves_what_is_published_whatever_refresh_idle_says)
{
    struct alias_config never_idle = config;

    never_idle.refresh_idle = 0;
    targets_configure(targets, &never_idle);
    size_t count = published_starts(60, 650);
    cr_assert(count == 10 || count == 11, "%zu", count);
}

Test(targets_refresh, tries_again_what_is_published_and_fails)
{
    cr_assert_eq(targets_publish(targets, "host.example", 0), 0);
    for (int i = 0; i < 3600; ++i) {
        run(1000);
        fail("host.example");
    }
    cr_assert(started >= 15, "%zu: every 5 minutes in the end", started);
}

static char changed[SIZE];
static size_t changes;

static void note_changed(void *userdata, const char *target)
{
    snprintf(changed, sizeof(changed), "%s", target);
    ++changes;
}

static size_t take_changed(void)
{
    changes = 0;
    targets_take_changed(targets, note_changed, NULL);
    return changes;
}

Test(targets_refresh, tells_which_published_targets_have_other_addresses)
{
    cr_assert_eq(targets_publish(targets, "host.example", 0), 0);
    cr_assert_eq(targets_notice(targets, "other.example", 0), 0);
    run(200);
    cr_assert_eq(take_changed(), 0, "nothing is known yet");
    answer_address("host.example", 60);
    answer_family("host.example", DNS_FAMILY_AAAA, 60);
    answer("other.example", 60);
    cr_assert_eq(take_changed(), 1, "both families, once; the other one isn't published");
    cr_assert_str_eq(changed, "host.example");
    run(65000);
    answer_address("host.example", 60);
    answer_family("host.example", DNS_FAMILY_AAAA, 60);
    cr_assert_eq(take_changed(), 0, "the same again");
    run(65000);
    fail("host.example");
    run(10000);
    cr_assert_eq(take_changed(), 0, "stale");
    run(300000);
    answer("host.example", 60);
    cr_assert_eq(take_changed(), 1, "none any more");
}

Test(targets_refresh, tells_that_what_was_published_is_gone)
{
    struct alias_config short_lived = config;

    short_lived.max_stale = 600;
    targets_configure(targets, &short_lived);
    cr_assert_eq(targets_publish(targets, "host.example", 0), 0);
    run(200);
    answer("host.example", 60);
    cr_assert_eq(take_changed(), 1);
    run(65000);
    fail("host.example");
    run(550 * INT64_C(1000));
    cr_assert_eq(take_changed(), 0, "stale");
    run(100 * INT64_C(1000));
    cr_assert_eq(take_changed(), 1, "dropped after max-stale");
}

Test(targets_refresh, refreshes_what_was_kept_the_expired_first)
{
    load("fresh.example", -50);
    for (int i = 0; i < 100; ++i)
        load(name("old", i), 1000);
    run(1000);
    cr_assert_eq(started, 100);
    run(11000);
    cr_assert_eq(started, 101);
    cr_assert_str_eq(starts[100], "fresh.example");
}

/* Bounds. */

Test(targets_refresh, starts_a_bounded_number_each_tick)
{
    for (int i = 0; i < 100; ++i)
        load(name("old", i), 1000);
    fake_clock_now += 1000;
    for (size_t i = 1; i <= 5; ++i) {
        targets_tick(targets);
        cr_assert_eq(started, 20 * i);
    }
}

Test(targets_refresh, new_ones_go_before_idle_ones)
{
    for (int i = 0; i < 200; ++i)
        load(name("old", i), 1000);
    run(200);
    cr_assert_eq(targets_notice(targets, "new.example", 0), 0);
    run(300);
    cr_assert_eq(started_of("new.example"), 1);
    cr_assert_lt(started, 200);
}

Test(targets_refresh, what_is_asked_for_does_not_wait_for_the_backlog)
{
    ask("host.example");
    answer("host.example", 60);
    run(58000);
    for (int i = 0; i < 2000; ++i)
        load(name("old", i), 1000);
    run(5200);
    cr_assert_eq(started_of("host.example"), 2);
    cr_assert_lt(started, 2000);
}

Test(targets_refresh, bounds_what_is_under_way_but_refuses_no_lookup)
{
    for (int i = 0; i < 2000; ++i)
        load(name("old", i), 1000);
    run(10000);
    cr_assert_eq(started, 500);
    ask("host.example");
    cr_assert_eq(started, 501);
    for (int i = 0; i < 100; ++i)
        answer_family(starts[i], DNS_FAMILY_A, 3600);
    run(2000);
    cr_assert_eq(started, 601);
}

Test(targets_refresh, leaves_the_rest_alone_while_nothing_answers)
{
    for (int i = 0; i < 3; ++i)
        ask(name("silent", i));
    run(1100);
    cr_assert_eq(targets_notice(targets, "new.example", 0), 0);
    run(1000);
    cr_assert_eq(started, 3);
    run(10000);
    cr_assert_eq(started, 4);
}

Test(targets_refresh, dead_targets_that_nobody_asks_for_do_not_count_as_a_silent_upstream)
{
    for (int i = 0; i < 5; ++i)
        cr_assert_eq(targets_notice(targets, name("dead", i), 0), 0);
    run(1500);
    cr_assert_eq(counter_read(&targets->counters.overdue), 10);
    cr_assert_not(upstream_is_failing(&targets->upstream, fake_clock_now));
}

Test(targets_refresh, takes_up_its_work_after_the_machine_has_slept)
{
    cr_assert_eq(targets_notice(targets, "host.example", 0), 0);
    run(200);
    answer("host.example", 60);
    cr_assert_eq(targets_notice(targets, "host.example", 0), 0);
    fake_clock_now += 7000 * 1000;
    run(300);
    cr_assert_eq(started, 2);
}

Test(targets_refresh, starts_nothing_at_the_end)
{
    cr_assert_eq(targets_notice(targets, "host.example", 0), 0);
    targets_shutdown(targets);
    run(1000);
    cr_assert_eq(started, 0);
}
