#include "alias/targets.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "alias/upstream.h"
#include "fake-resolver.h"
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

TestSuite(targets_again, .init = set_up, .fini = tear_down, .timeout = 60);

/* The freshness, and the last octet of the first address in `ret_octet`. */
static enum state_freshness ask_octet(const char *target, int64_t deadline, uint8_t *ret_octet)
{
    struct targets_question question = {.target = target, .row_ttl = 86400};

    cr_assert_eq(targets_ask(fake.targets, &question, 1, deadline), 0);
    *ret_octet = question.addresses.count > 0 ? question.addresses.items[0].octets[3] : 0;
    targets_question_deinit(&question);
    return question.freshness;
}

static enum state_freshness ask(const char *target, int64_t deadline)
{
    uint8_t octet;

    return ask_octet(target, deadline, &octet);
}

static void answer(const char *target, const char *addresses, uint32_t ttl)
{
    fake_resolver_answer(&fake, target, DNS_FAMILY_A, addresses, ttl);
}

Test(targets_again, makes_failing_targets_due_at_once)
{
    ask("host.example", 0);
    answer("host.example", NULL, 0);
    targets_tick(fake.targets);
    cr_assert_eq(fake_resolver_started(&fake), 1);
    targets_retry_all(fake.targets);
    targets_tick(fake.targets);
    cr_assert_eq(fake_resolver_started(&fake), 2);
    answer("host.example", "192.0.2.1", 60);
    cr_assert_eq(ask("host.example", 0), STATE_IS_FRESH);
}

Test(targets_again, asks_again_what_is_under_way_once)
{
    ask("host.example", 0);
    targets_retry_all(fake.targets);
    for (int i = 0; i < 3; ++i)
        targets_tick(fake.targets);
    cr_assert_eq(fake_resolver_started(&fake), 2);
    cr_assert_eq(ask("host.example", 0), STATE_IS_UNKNOWN);
    cr_assert_eq(fake_resolver_started(&fake), 2);
}

Test(targets_again, asks_again_what_is_overdue)
{
    cr_assert_eq(ask("host.example", fake_resolver_patience()), STATE_IS_UNKNOWN);
    targets_retry_all(fake.targets);
    targets_tick(fake.targets);
    cr_assert_eq(fake_resolver_started(&fake), 2);
    answer("host.example", "192.0.2.1", 60);
    cr_assert_eq(ask("host.example", 0), STATE_IS_FRESH);
}

Test(targets_again, does_not_wait_for_the_tick_when_somebody_asks)
{
    ask("host.example", 0);
    targets_retry_all(fake.targets);
    ask("host.example", 0);
    cr_assert_eq(fake_resolver_started(&fake), 2);
    targets_tick(fake.targets);
    cr_assert_eq(fake_resolver_started(&fake), 2);
}

Test(targets_again, leaves_alone_what_is_known)
{
    ask("host.example", 0);
    answer("host.example", "192.0.2.1", 60);
    targets_retry_all(fake.targets);
    targets_tick(fake.targets);
    ask("host.example", 0);
    cr_assert_eq(fake_resolver_started(&fake), 1);
}

static void *end_later(void *userdata)
{
    usleep(100000);
    targets_retry_all(fake.targets);
    targets_tick(fake.targets);
    answer("host.example", NULL, 0); /* the old context gives up */
    usleep(50000);
    answer("host.example", "192.0.2.1", 60);
    return NULL;
}

Test(targets_again, answers_those_who_wait_from_the_new_context)
{
    pthread_t thread;

    cr_assert_eq(pthread_create(&thread, NULL, end_later, NULL), 0);
    cr_assert_eq(ask("host.example", fake_resolver_patience()), STATE_IS_FRESH);
    pthread_join(thread, NULL);
}

Test(targets_again, fails_only_when_both_have_failed)
{
    ask("host.example", 0);
    targets_retry_all(fake.targets);
    targets_tick(fake.targets);
    answer("host.example", NULL, 0);
    int64_t before = clock_steady_ms();
    ask("host.example", fake_resolver_patience());
    cr_assert_geq(clock_steady_ms() - before, 300); /* still under way */
    answer("host.example", NULL, 0);
    targets_retry_all(fake.targets);
    targets_tick(fake.targets);
    cr_assert_eq(fake_resolver_started(&fake), 3);
}

Test(targets_again, takes_the_first_answer_and_no_later_one)
{
    uint8_t octet;

    ask("host.example", 0);
    targets_retry_all(fake.targets);
    targets_tick(fake.targets);
    answer("host.example", "192.0.2.1", 1);
    answer("host.example", "192.0.2.2", 60);
    cr_assert_eq(ask_octet("host.example", 0, &octet), STATE_IS_FRESH);
    cr_assert_eq(octet, 1);
    usleep(1050000);
    ask("host.example", 0);
    cr_assert_eq(fake_resolver_started(&fake), 3);
    answer("host.example", "192.0.2.3", 60);
    answer("host.example", "192.0.2.4", 60); /* nobody has asked for this one */
    cr_assert_eq(ask_octet("host.example", 0, &octet), STATE_IS_FRESH);
    cr_assert_eq(octet, 3);
}

Test(targets_again, does_not_take_an_old_failure_for_that_of_the_next_resolution)
{
    ask("host.example", 0);
    targets_retry_all(fake.targets);
    targets_tick(fake.targets);
    answer("host.example", "192.0.2.1", 1);
    usleep(1050000);
    ask("host.example", 0);
    answer("host.example", NULL, 0); /* of the old context */
    answer("host.example", "192.0.2.3", 60);
    cr_assert_eq(ask("host.example", 0), STATE_IS_FRESH);
}

Test(targets_again, asks_the_new_upstream_with_patience)
{
    static const char *const names[] = {"one.example", "two.example", "three.example"};

    for (int i = 0; i < UPSTREAM_SILENT_TARGETS; ++i)
        ask(names[i], fake_resolver_patience());
    targets_retry_all(fake.targets);
    int64_t before = clock_steady_ms();
    ask("four.example", fake_resolver_patience());
    cr_assert_geq(clock_steady_ms() - before, 390);
}

Test(targets_again, starts_a_bounded_number_each_tick)
{
    for (int i = 0; i < 250; ++i) {
        char name[32];

        snprintf(name, sizeof(name), "host-%d.example", i);
        ask(name, 0);
        if (i % 2)
            answer(name, NULL, 0);
    }
    targets_retry_all(fake.targets);
    targets_tick(fake.targets);
    cr_assert_eq(fake_resolver_started(&fake), 350);
    targets_tick(fake.targets);
    targets_tick(fake.targets);
    targets_tick(fake.targets);
    cr_assert_eq(fake_resolver_started(&fake), 500);
}

Test(targets_again, survives_a_resolver_that_starts_nothing)
{
    ask("host.example", 0);
    pthread_mutex_lock(&fake.lock);
    fake.is_refusing = true;
    pthread_mutex_unlock(&fake.lock);
    targets_retry_all(fake.targets);
    for (int i = 0; i < 50; ++i)
        targets_tick(fake.targets);
    answer("host.example", "192.0.2.1", 60);
    cr_assert_eq(ask("host.example", 0), STATE_IS_FRESH);
}
