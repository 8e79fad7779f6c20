#include "alias/targets-watch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <unistd.h>

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

TestSuite(targets_watch, .init = set_up, .fini = tear_down, .timeout = 60);

static const bool both[DNS_FAMILIES] = {true, true};
static const bool only_a[DNS_FAMILIES] = {[DNS_FAMILY_A] = true};

/* A lookup that doesn't wait. */
static enum state_freshness look_up(const char *target)
{
    struct targets_question question = {.target = target, .row_ttl = 86400};

    cr_assert_eq(targets_ask(fake.targets, &question, 1, 0), 0);
    targets_question_deinit(&question);
    return question.freshness;
}

static struct targets_watch begin(const char *target, const bool wanted[DNS_FAMILIES],
                                  int64_t deadline)
{
    struct targets_watch watch;

    cr_assert_eq(targets_watch_begin(fake.targets, target, wanted, deadline, &watch), 0);
    return watch;
}

static int64_t assert_pending(struct targets_watch *watch)
{
    int64_t until;

    cr_assert_eq(targets_watch_look(fake.targets, watch, &until), TARGETS_WATCH_E_PENDING);
    return until;
}

static void assert_answered(struct targets_watch *watch)
{
    int64_t until;

    cr_assert_eq(targets_watch_look(fake.targets, watch, &until), 0);
}

static int64_t far_away(void)
{
    return clock_steady_ms() + 60000;
}

Test(targets_watch, knows_nothing_of_what_nobody_looked_up)
{
    struct targets_watch watch;

    cr_assert_eq(targets_watch_begin(fake.targets, "host.example", both, far_away(), &watch),
                 TARGETS_WATCH_E_UNKNOWN);
    cr_assert_eq(fake_resolver_started(&fake), 0);
}

Test(targets_watch, shares_the_resolution_of_a_lookup)
{
    look_up("host.example");
    struct targets_watch watch = begin("host.example", only_a, far_away());
    assert_pending(&watch);
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_A, "192.0.2.1 192.0.2.2", 60);
    assert_answered(&watch);
    cr_assert_eq(watch.questions[0].freshness, STATE_IS_FRESH);
    cr_assert_eq(watch.questions[0].addresses.count, 2);
    cr_assert_eq(fake_resolver_started(&fake), 1);
    targets_watch_deinit(&watch);
}

Test(targets_watch, starts_what_is_due)
{
    look_up("host.example");
    struct targets_watch watch = begin("host.example", both, far_away());
    cr_assert_eq(fake_resolver_started_of(&fake, "host.example", DNS_FAMILY_AAAA), 1);
    targets_watch_cancel(fake.targets, &watch);
}

Test(targets_watch, waits_for_both_families)
{
    look_up("host.example");
    struct targets_watch watch = begin("host.example", both, far_away());
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_A, "192.0.2.1", 60);
    assert_pending(&watch);
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_AAAA, "", 60);
    assert_answered(&watch);
    cr_assert_eq(watch.questions[DNS_FAMILY_A].addresses.count, 1);
    cr_assert_eq(watch.questions[DNS_FAMILY_AAAA].addresses.count, 0);
    cr_assert_eq(watch.questions[DNS_FAMILY_AAAA].freshness, STATE_IS_FRESH);
    targets_watch_deinit(&watch);
}

Test(targets_watch, doesnt_wait_for_what_is_fresh)
{
    look_up("host.example");
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_A, "192.0.2.1", 60);
    struct targets_watch watch = begin("host.example", only_a, far_away());
    assert_answered(&watch);
    targets_watch_deinit(&watch);
}

Test(targets_watch, ends_with_a_failure)
{
    look_up("host.example");
    struct targets_watch watch = begin("host.example", only_a, far_away());
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_A, NULL, 0);
    assert_answered(&watch);
    cr_assert_eq(watch.questions[0].freshness, STATE_IS_UNKNOWN);
    targets_watch_deinit(&watch);
}

Test(targets_watch, doesnt_wait_for_what_is_failing)
{
    look_up("host.example");
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_A, NULL, 0);
    struct targets_watch watch = begin("host.example", only_a, far_away());
    assert_answered(&watch);
    cr_assert_eq(watch.questions[0].freshness, STATE_IS_UNKNOWN);
    cr_assert_eq(fake_resolver_started(&fake), 1);
    targets_watch_deinit(&watch);
}

/* As long as a lookup would, from when the resolution began. */
Test(targets_watch, is_as_patient_as_a_lookup)
{
    int64_t before = clock_steady_ms();
    look_up("host.example");
    int64_t after = clock_steady_ms();
    struct targets_watch watch = begin("host.example", only_a, far_away());
    int64_t until = assert_pending(&watch);
    cr_assert_geq(until, before + 400);
    cr_assert_leq(until, after + 400);
    while (clock_steady_ms() < until)
        usleep(1000);
    assert_answered(&watch);
    cr_assert_eq(watch.questions[0].freshness, STATE_IS_UNKNOWN);
    targets_watch_deinit(&watch);
}

Test(targets_watch, ends_at_its_deadline)
{
    look_up("host.example");
    int64_t deadline = clock_steady_ms() + 20;
    struct targets_watch watch = begin("host.example", only_a, deadline);
    while (clock_steady_ms() < deadline)
        usleep(1000);
    assert_answered(&watch);
    cr_assert_eq(watch.questions[0].freshness, STATE_IS_UNKNOWN);
    targets_watch_deinit(&watch);
}

Test(targets_watch, is_told_of_the_end_of_the_daemon)
{
    int64_t until;

    look_up("host.example");
    struct targets_watch watch = begin("host.example", only_a, far_away());
    targets_shutdown(fake.targets);
    cr_assert_eq(targets_watch_look(fake.targets, &watch, &until), -ESHUTDOWN);
}

static uint32_t watched_ttl(const char *target)
{
    struct targets_watch watch = begin(target, only_a, far_away());

    assert_answered(&watch);
    targets_watch_deinit(&watch);
    return watch.questions[0].ttl;
}

Test(targets_watch, answers_with_the_smaller_ttl_of_row_and_target)
{
    look_up("host.example");
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_A, "192.0.2.1", 250);
    cr_assert_eq(watched_ttl("host.example"), 250);
    targets_watch_expect(fake.targets, "host.example", 300);
    cr_assert_eq(watched_ttl("host.example"), 250);
    targets_watch_expect(fake.targets, "host.example", 100);
    cr_assert_eq(watched_ttl("host.example"), 100);
}

Test(targets_watch, answers_with_the_smallest_ttl_of_several_rows)
{
    look_up("host.example");
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_A, "192.0.2.1", 250);
    targets_watch_expect(fake.targets, "host.example", 100);
    targets_watch_expect(fake.targets, "host.example", 200);
    cr_assert_eq(watched_ttl("host.example"), 100);
}

Test(targets_watch, expects_nothing_of_what_nobody_looked_up)
{
    targets_watch_expect(fake.targets, "host.example", 100);
    look_up("host.example");
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_A, "192.0.2.1", 250);
    cr_assert_eq(watched_ttl("host.example"), 250);
}
