#include "alias/targets.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "alias/targets-entry.h"
#include "alias/upstream.h"
#include "fake-resolver.h"
#include "slack.h"
#include "util/clock.h"

static struct fake_resolver fake;

static void set_up(void)
{
    fake_resolver_init(&fake, &fake_resolver_config);
}

static void tear_down(void)
{
    fake_resolver_deinit(&fake);
}

TestSuite(targets, .init = set_up, .fini = tear_down, .timeout = 60);

/* One question on a thread of its own. */
struct asker {
    pthread_t thread;
    struct targets_question question;
    int64_t patience_ms;
    int result;
    int64_t took_ms;
};

static void *ask_and_measure(void *userdata)
{
    struct asker *asker = userdata;
    int64_t before = clock_steady_ms();

    asker->result = targets_ask(fake.targets, &asker->question, 1, before + asker->patience_ms);
    asker->took_ms = clock_steady_ms() - before;
    return NULL;
}

static struct asker make_asker(const char *target)
{
    return (struct asker){.question = {.target = target, .row_ttl = 86400}, .patience_ms = 10000};
}

static struct asker ask(const char *target, bool may_wait)
{
    struct asker asker = make_asker(target);

    if (!may_wait)
        asker.patience_ms = 0;
    ask_and_measure(&asker);
    cr_assert_eq(asker.result, 0);
    return asker;
}

static void ask_in_background(struct asker *asker)
{
    cr_assert_eq(pthread_create(&asker->thread, NULL, ask_and_measure, asker), 0);
}

/* Where it counts what ends a wait, and not how long it may last. */
static void let_wait_for_long(void)
{
    struct alias_config config = fake_resolver_config;

    config.resolve_timeout_ms = 10000;
    config.answer_deadline_ms = 10000;
    targets_configure(fake.targets, &config);
}

static void finish(struct asker *asker)
{
    pthread_join(asker->thread, NULL);
    targets_question_deinit(&asker->question);
}

/* Makes the target known with a TTL of 1 s. */
static void make_known(const char *target, const char *addresses)
{
    size_t started = fake_resolver_started_of(&fake, target, DNS_FAMILY_A);
    struct asker asker = ask(target, false);

    cr_assert_eq(fake_resolver_started_of(&fake, target, DNS_FAMILY_A), started + 1);
    fake_resolver_answer(&fake, target, DNS_FAMILY_A, addresses, 1);
    targets_question_deinit(&asker.question);
}

static void let_expire(void)
{
    usleep(1050000);
}

static size_t count_list(enum table_list list)
{
    struct table_entry *entry;
    size_t count = 0;

    TAILQ_FOREACH(entry, &fake.targets->lists[list], link)
    ++count;
    return count;
}

#define cr_expect_took(asker, at_least, below)                                                     \
    cr_expect((asker).took_ms >= (at_least) && (asker).took_ms < slack(below), "took %ld ms",      \
              (long)(asker).took_ms)

Test(targets, starts_a_cold_target_and_waits_for_its_answer)
{
    struct asker asker = ask("quick-one.example", true);

    cr_assert_eq(asker.question.freshness, STATE_IS_FRESH);
    cr_assert_eq(asker.question.addresses.count, 1);
    cr_assert_eq(asker.question.ttl, 300);
    cr_expect_took(asker, 0, 150);
    targets_question_deinit(&asker.question);
}

Test(targets, answers_from_memory_the_second_time)
{
    struct asker first = ask("quick-one.example", true);
    struct asker second = ask("quick-one.example", true);

    cr_assert_eq(second.question.freshness, STATE_IS_FRESH);
    cr_assert_eq(fake_resolver_started(&fake), 1);
    targets_question_deinit(&first.question);
    targets_question_deinit(&second.question);
}

Test(targets, bounds_the_ttl_by_the_row_and_by_the_settings)
{
    struct asker first = ask("quick-one.example", true);
    struct asker asker = make_asker("quick-one.example");

    asker.question.row_ttl = 77;
    ask_and_measure(&asker);
    cr_assert_eq(asker.question.ttl, 77);
    targets_question_deinit(&asker.question);

    asker.question.row_ttl = 0;
    ask_and_measure(&asker);
    cr_assert_eq(asker.question.ttl, fake_resolver_config.ttl_min);
    targets_question_deinit(&asker.question);
    targets_question_deinit(&first.question);
}

Test(targets, gives_up_at_the_deadline_when_nothing_is_known)
{
    struct asker asker = ask("silent.example", true);

    cr_expect_took(asker, 395, 600);
    cr_assert_eq(asker.question.freshness, STATE_IS_UNKNOWN);
    cr_assert_eq(asker.question.addresses.count, 0);
}

Test(targets, lets_only_the_first_wait_for_a_silent_target)
{
    ask("silent.example", true);
    struct asker second = ask("silent.example", true);

    cr_expect_took(second, 0, 100);
    cr_assert_eq(fake_resolver_started(&fake), 1);
}

Test(targets, lets_a_later_asker_wait_for_the_rest_only)
{
    struct alias_config config = fake_resolver_config;
    struct asker first = make_asker("silent.example");

    config.resolve_timeout_ms = 1000;
    config.answer_deadline_ms = 2000;
    targets_configure(fake.targets, &config);
    ask_in_background(&first);
    fake_resolver_await(&fake, 1);
    usleep(1000000);
    struct asker second = ask("silent.example", true);
    cr_expect_took(second, 50, 1500);
    finish(&first);
    cr_expect_took(first, 1995, 2500);
}

Test(targets, does_not_wait_if_it_may_not)
{
    struct asker asker = ask("silent.example", false);

    cr_expect_took(asker, 0, 100);
    cr_assert_eq(asker.question.freshness, STATE_IS_UNKNOWN);
    cr_assert_eq(fake_resolver_started(&fake), 1);
}

Test(targets, waits_no_longer_than_to_the_deadline_of_the_call)
{
    struct asker asker = make_asker("silent.example");

    asker.patience_ms = 100;
    ask_and_measure(&asker);
    cr_expect_took(asker, 95, 190);
    cr_assert_eq(asker.question.freshness, STATE_IS_UNKNOWN);
    cr_assert(asker.question.is_resolving);
}

Test(targets, ends_the_wait_when_the_resolution_fails)
{
    struct asker asker = make_asker("failing.example");

    ask_in_background(&asker);
    fake_resolver_await(&fake, 1);
    fake_resolver_answer(&fake, "failing.example", DNS_FAMILY_A, NULL, 0);
    finish(&asker);
    cr_expect_took(asker, 0, 200);
    cr_assert_eq(asker.question.freshness, STATE_IS_UNKNOWN);
    struct asker second = ask("failing.example", true);
    cr_expect_took(second, 0, 100);
    cr_assert_eq(fake_resolver_started(&fake), 1);
}

Test(targets, answers_empty_as_known)
{
    struct asker asker = make_asker("empty.example");

    ask_in_background(&asker);
    fake_resolver_await(&fake, 1);
    fake_resolver_answer(&fake, "empty.example", DNS_FAMILY_A, "", 60);
    finish(&asker);
    cr_assert_eq(asker.question.freshness, STATE_IS_FRESH);
    cr_assert_eq(asker.question.addresses.count, 0);
}

Test(targets, resolves_once_for_fifty_who_ask_together)
{
    static struct asker askers[50];

    let_wait_for_long();
    for (size_t i = 0; i < 50; ++i) {
        askers[i] = make_asker("slow.example");
        ask_in_background(&askers[i]);
    }
    fake_resolver_await(&fake, 1);
    usleep(100000);
    fake_resolver_answer(&fake, "slow.example", DNS_FAMILY_A, "192.0.2.1 192.0.2.2", 60);
    for (size_t i = 0; i < 50; ++i) {
        pthread_join(askers[i].thread, NULL);
        cr_expect_eq(askers[i].question.freshness, STATE_IS_FRESH);
        cr_expect_eq(askers[i].question.addresses.count, 2);
        cr_expect_took(askers[i], 0, 5000);
        targets_question_deinit(&askers[i].question);
    }
    cr_assert_eq(fake_resolver_started(&fake), 1);
}

Test(targets, resolves_both_families_at_the_same_time)
{
    struct targets_question questions[2] = {
        {.target = "silent.example", .family = DNS_FAMILY_A, .row_ttl = 60},
        {.target = "silent.example", .family = DNS_FAMILY_AAAA, .row_ttl = 60},
    };
    int64_t before = clock_steady_ms();

    cr_assert_eq(targets_ask(fake.targets, questions, 2, fake_resolver_patience()), 0);
    cr_assert_lt(clock_steady_ms() - before, slack(600));
    cr_assert_eq(fake_resolver_started(&fake), 2);
}

Test(targets, keeps_a_good_family_beside_a_failing_one)
{
    struct targets_question questions[2] = {
        {.target = "half.example", .family = DNS_FAMILY_A, .row_ttl = 60},
        {.target = "half.example", .family = DNS_FAMILY_AAAA, .row_ttl = 60},
    };

    cr_assert_eq(targets_ask(fake.targets, questions, 2, 0), 0);
    fake_resolver_answer(&fake, "half.example", DNS_FAMILY_A, "192.0.2.1", 60);
    fake_resolver_answer(&fake, "half.example", DNS_FAMILY_AAAA, NULL, 0);
    cr_assert_eq(targets_ask(fake.targets, questions, 2, fake_resolver_patience()), 0);
    cr_assert_eq(questions[0].freshness, STATE_IS_FRESH);
    cr_assert_eq(questions[0].addresses.count, 1);
    cr_assert_eq(questions[1].freshness, STATE_IS_UNKNOWN);
    targets_question_deinit(&questions[0]);
    targets_question_deinit(&questions[1]);
}

Test(targets, waits_for_many_no_longer_than_for_one)
{
    static struct targets_question questions[200];
    static char names[200][32];
    int64_t before = clock_steady_ms();

    for (size_t i = 0; i < 200; ++i) {
        snprintf(names[i], sizeof(names[i]), "silent-%zu.example", i);
        questions[i] = (struct targets_question){.target = names[i], .row_ttl = 60};
    }
    cr_assert_eq(targets_ask(fake.targets, questions, 200, fake_resolver_patience()), 0);
    cr_assert_lt(clock_steady_ms() - before, slack(700));
    cr_assert_eq(fake_resolver_started(&fake), 200);
}

/* Stale answers. */

Test(targets, waits_shortly_for_an_expired_target_and_answers_stale)
{
    make_known("host.example", "192.0.2.1");
    let_expire();
    struct asker asker = ask("host.example", true);

    cr_expect_took(asker, 195, 350);
    cr_assert_eq(asker.question.freshness, STATE_IS_STALE);
    cr_assert_eq(asker.question.ttl, fake_resolver_config.stale_ttl);
    cr_assert_eq(asker.question.addresses.count, 1);
    targets_question_deinit(&asker.question);

    asker = ask("host.example", true);
    cr_expect_took(asker, 0, 100);
    cr_assert_eq(asker.question.freshness, STATE_IS_STALE);
    targets_question_deinit(&asker.question);
}

Test(targets, answers_fresh_if_the_refresh_comes_in_time)
{
    make_known("host.example", "192.0.2.1");
    let_expire();
    struct asker asker = make_asker("host.example");

    ask_in_background(&asker);
    fake_resolver_await(&fake, 2);
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_A, "192.0.2.7", 60);
    pthread_join(asker.thread, NULL);
    cr_assert_eq(asker.question.freshness, STATE_IS_FRESH);
    cr_assert_eq(asker.question.addresses.items[0].octets[3], 7);
    cr_expect_took(asker, 0, 190);
    targets_question_deinit(&asker.question);
}

Test(targets, answers_fresh_what_has_no_time_to_live)
{
    struct alias_config config = fake_resolver_config;

    config.ttl_min = 0;
    config.resolve_timeout_ms = 10000;
    config.answer_deadline_ms = 10000;
    targets_configure(fake.targets, &config);
    for (size_t i = 1; i <= 2; ++i) {
        struct asker asker = make_asker("silent.example");

        ask_in_background(&asker);
        fake_resolver_await(&fake, i);
        fake_resolver_answer(&fake, "silent.example", DNS_FAMILY_A, "192.0.2.1", 0);
        finish(&asker);
        cr_expect_eq(asker.question.freshness, STATE_IS_FRESH);
        cr_expect_eq(asker.question.ttl, 0);
    }
}

Test(targets, takes_a_late_answer)
{
    ask("late.example", true);
    fake_resolver_answer(&fake, "late.example", DNS_FAMILY_A, "192.0.2.1", 60);
    struct asker asker = ask("late.example", true);

    cr_assert_eq(asker.question.freshness, STATE_IS_FRESH);
    cr_expect_took(asker, 0, 100);
    targets_question_deinit(&asker.question);
}

Test(targets, bounds_the_stale_ttl_by_the_row)
{
    make_known("host.example", "192.0.2.1");
    let_expire();
    struct asker asker = make_asker("host.example");

    asker.question.row_ttl = 10;
    asker.patience_ms = 0;
    ask_and_measure(&asker);
    cr_assert_eq(asker.question.ttl, 10);
    targets_question_deinit(&asker.question);
}

/* The upstream as a whole. */

Test(targets, lets_nobody_wait_when_the_upstream_is_silent)
{
    for (int i = 0; i < UPSTREAM_SILENT_TARGETS; ++i) {
        static const char *const names[] = {"one.example", "two.example", "three.example"};
        struct asker asker = ask(names[i], true);

        cr_expect_took(asker, 395, 600);
    }
    struct asker cold = ask("four.example", true);

    cr_expect_took(cold, 0, 100);
    cr_assert_eq(fake_resolver_started_of(&fake, "four.example", DNS_FAMILY_A), 1);
}

Test(targets, waits_again_when_something_was_heard)
{
    ask("one.example", true);
    ask("two.example", true);
    ask("three.example", true);
    fake_resolver_answer(&fake, "two.example", DNS_FAMILY_A, "192.0.2.1", 60);
    struct asker cold = ask("four.example", true);

    cr_expect_took(cold, 395, 600);
}

Test(targets, does_not_take_libunbounds_own_verdict_for_an_answer)
{
    ask("one.example", true);
    ask("two.example", true);
    ask("three.example", true);
    fake_resolver_answer(&fake, "two.example", DNS_FAMILY_A, NULL, 0);
    struct asker cold = ask("four.example", true);

    cr_expect_took(cold, 0, 100);
}

Test(targets, does_not_blame_the_upstream_for_one_target)
{
    struct targets_question questions[2] = {
        {.target = "one.example", .family = DNS_FAMILY_A},
        {.target = "one.example", .family = DNS_FAMILY_AAAA},
    };

    cr_assert_eq(targets_ask(fake.targets, questions, 2, fake_resolver_patience()), 0);
    ask("two.example", true);
    struct asker cold = ask("three.example", true);

    cr_expect_took(cold, 395, 600);
}

/* The tick. */

Test(targets, tick_finds_overdue_resolutions)
{
    for (int i = 0; i < 3; ++i) {
        static const char *const names[] = {"one.example", "two.example", "three.example"};

        ask(names[i], false);
    }
    usleep(420000);
    targets_tick(fake.targets);
    struct asker cold = ask("four.example", true);

    cr_expect_took(cold, 0, 100);
}

Test(targets, tick_counts_a_bounded_number_of_overdue_resolutions)
{
    for (int i = 0; i < 1500; ++i) {
        char name[32];

        snprintf(name, sizeof(name), "silent-%d.example", i);
        ask(name, false);
    }
    usleep(420000);
    targets_tick(fake.targets);
    cr_assert_eq(count_list(TABLE_LIST_OVERDUE), 1000);
    targets_tick(fake.targets);
    cr_assert_eq(count_list(TABLE_LIST_OVERDUE), 1500);
}

Test(targets, tick_retries_a_failing_target_when_its_time_has_come)
{
    ask("failing.example", false);
    fake_resolver_answer(&fake, "failing.example", DNS_FAMILY_A, NULL, 0);
    targets_tick(fake.targets);
    cr_assert_eq(fake_resolver_started(&fake), 1);
    usleep(1150000);
    targets_tick(fake.targets);
    cr_assert_eq(fake_resolver_started(&fake), 2);
    targets_tick(fake.targets);
    cr_assert_eq(fake_resolver_started(&fake), 2);
    fake_resolver_answer(&fake, "failing.example", DNS_FAMILY_A, "192.0.2.1", 60);
    struct asker asker = ask("failing.example", true);
    cr_assert_eq(asker.question.freshness, STATE_IS_FRESH);
    targets_question_deinit(&asker.question);
}

Test(targets, tick_does_not_touch_what_has_merely_expired)
{
    make_known("host.example", "192.0.2.1");
    let_expire();
    targets_tick(fake.targets);
    cr_assert_eq(fake_resolver_started(&fake), 1);
}

Test(targets, tick_starts_a_bounded_number)
{
    for (int i = 0; i < 300; ++i) {
        char name[32];

        snprintf(name, sizeof(name), "failing-%d.example", i);
        ask(name, false);
        fake_resolver_answer(&fake, name, DNS_FAMILY_A, NULL, 0);
    }
    usleep(1150000);
    targets_tick(fake.targets);
    cr_assert_eq(fake_resolver_started(&fake), 400);
    targets_tick(fake.targets);
    targets_tick(fake.targets);
    targets_tick(fake.targets);
    cr_assert_eq(fake_resolver_started(&fake), 600);
}

Test(targets, survives_a_resolver_that_starts_nothing)
{
    make_known("host.example", "192.0.2.1");
    let_expire();
    pthread_mutex_lock(&fake.lock);
    fake.is_refusing = true;
    pthread_mutex_unlock(&fake.lock);
    struct asker asker = ask("host.example", true);

    cr_expect_took(asker, 0, 100);
    cr_assert_eq(asker.question.freshness, STATE_IS_STALE);
    targets_question_deinit(&asker.question);
    for (int i = 0; i < 50; ++i)
        targets_tick(fake.targets);
}

Test(targets, ignores_the_end_of_what_was_never_started)
{
    fake_resolver_answer(&fake, "unknown.example", DNS_FAMILY_A, "192.0.2.1", 60);
    make_known("host.example", "192.0.2.1");
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_A, "192.0.2.9", 60);
    struct asker asker = ask("host.example", true);
    cr_assert_eq(asker.question.addresses.items[0].octets[3], 1);
    targets_question_deinit(&asker.question);
}

Test(targets, follows_new_settings)
{
    struct alias_config config = fake_resolver_config;

    config.resolve_timeout_ms = 50;
    targets_configure(fake.targets, &config);
    struct asker asker = ask("silent.example", true);
    cr_expect_took(asker, 95, 250);
}

/* The end. */

static void *shut_down_soon(void *userdata)
{
    usleep(100000);
    targets_shutdown(fake.targets);
    return NULL;
}

Test(targets, shutdown_never_says_that_there_is_nothing)
{
    struct asker askers[5];
    pthread_t thread;

    let_wait_for_long();
    for (size_t i = 0; i < 5; ++i) {
        askers[i] = make_asker("silent.example");
        ask_in_background(&askers[i]);
    }
    cr_assert_eq(pthread_create(&thread, NULL, shut_down_soon, NULL), 0);
    pthread_join(thread, NULL);
    for (size_t i = 0; i < 5; ++i) {
        finish(&askers[i]);
        cr_expect_took(askers[i], 0, 5000);
        cr_expect_eq(askers[i].result, -ESHUTDOWN);
    }
    struct asker after = make_asker("other.example");
    ask_and_measure(&after);
    cr_expect_took(after, 0, 100);
    cr_assert_eq(after.result, -ESHUTDOWN);
    cr_assert_eq(fake_resolver_started(&fake), 1);
}

Test(targets, shutdown_says_what_is_known)
{
    pthread_t thread;

    make_known("host.example", "192.0.2.1");
    ask("failing.example", false);
    fake_resolver_answer(&fake, "failing.example", DNS_FAMILY_A, NULL, 0);
    let_expire();
    let_wait_for_long();
    struct asker stale = make_asker("host.example");
    ask_in_background(&stale);
    cr_assert_eq(pthread_create(&thread, NULL, shut_down_soon, NULL), 0);
    pthread_join(thread, NULL);
    pthread_join(stale.thread, NULL);
    cr_expect_eq(stale.result, 0);
    cr_expect_eq(stale.question.freshness, STATE_IS_STALE);
    targets_question_deinit(&stale.question);
    /* That it failed was known before. */
    cr_assert_eq(ask("failing.example", true).question.freshness, STATE_IS_UNKNOWN);
}

/* Everything at once, for the sanitizers. */

static void *ask_a_lot(void *userdata)
{
    unsigned seed = (unsigned)(uintptr_t)userdata;

    for (int i = 0; i < 300; ++i) {
        char name[32];
        struct targets_question questions[2];

        snprintf(name, sizeof(name), "quick-%d.example", rand_r(&seed) % 40);
        for (size_t family = 0; family < 2; ++family)
            questions[family] =
                (struct targets_question){.target = name, .family = family, .row_ttl = 60};
        cr_assert_eq(targets_ask(fake.targets, questions, 2, fake_resolver_patience()), 0);
        cr_assert_eq(questions[0].addresses.count, 1);
        cr_assert_eq(questions[1].freshness, STATE_IS_FRESH);
        targets_question_deinit(&questions[0]);
        targets_question_deinit(&questions[1]);
    }
    return NULL;
}

Test(targets, serves_many_threads)
{
    pthread_t threads[16];

    for (uintptr_t i = 0; i < 16; ++i)
        cr_assert_eq(pthread_create(&threads[i], NULL, ask_a_lot, (void *)(i + 1)), 0);
    for (int i = 0; i < 50; ++i) {
        targets_tick(fake.targets);
        targets_configure(fake.targets, &fake_resolver_config);
        usleep(1000);
    }
    for (size_t i = 0; i < 16; ++i)
        pthread_join(threads[i], NULL);
    cr_assert_leq(fake_resolver_started(&fake), 80);
}
