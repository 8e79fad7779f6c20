/* What an operator sees of the targets, and can have done to them. */

#include "alias/targets-orders.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "alias/counters.h"
#include "fake-resolver.h"
#include "util/cleanup.h"
#include "util/clock.h"

static struct fake_resolver fake;

static void start(void)
{
    fake_resolver_init(&fake, &fake_resolver_config);
}

static void stop(void)
{
    fake_resolver_deinit(&fake);
}

TestSuite(orders, .init = start, .fini = stop);

static size_t ask(const char *target, enum dns_family family, int64_t deadline)
{
    struct targets_question question = {.target = target, .family = family, .row_ttl = 300};

    cr_assert_eq(targets_ask(fake.targets, &question, 1, deadline), 0);
    size_t count = question.addresses.count;
    targets_question_deinit(&question);
    return count;
}

/* What targets_status_of() says of one family. */
struct seen {
    enum dns_family family;
    size_t calls;
    struct targets_status status;
    size_t addresses;
    char reason[128];
};

static void see(void *userdata, const struct targets_status *status)
{
    struct seen *seen = userdata;

    ++seen->calls;
    if (status->family != seen->family)
        return;
    seen->status = *status;
    seen->addresses = status->addresses->count;
    snprintf(seen->reason, sizeof(seen->reason), "%s", status->reason);
}

static struct seen look_at(const char *target, enum dns_family family)
{
    struct seen seen = {.family = family};

    cr_assert_eq(targets_status_of(fake.targets, target, see, &seen), 0);
    cr_assert_eq(seen.calls, DNS_FAMILIES);
    return seen;
}

static size_t counted(enum dns_family family, enum status status)
{
    size_t counts[DNS_FAMILIES][STATUSES];

    targets_status_count(fake.targets, counts);
    return counts[family][status];
}

Test(orders, what_nobody_asked_for_is_unknown)
{
    struct seen seen = {0};

    cr_assert_eq(targets_status_of(fake.targets, "host.example", see, &seen), TARGETS_E_UNKNOWN);
    cr_assert_eq(targets_forget(fake.targets, "host.example"), TARGETS_E_UNKNOWN);
    cr_assert_eq(seen.calls, 0);
}

Test(orders, status_follows_a_target)
{
    ask("host.example", DNS_FAMILY_A, 0);
    cr_assert_eq(look_at("host.example", DNS_FAMILY_A).status.status, STATUS_RESOLVING);
    cr_assert_eq(look_at("host.example", DNS_FAMILY_AAAA).status.status, STATUS_UNKNOWN);
    cr_assert_eq(counted(DNS_FAMILY_A, STATUS_RESOLVING), 1);
    cr_assert_eq(counted(DNS_FAMILY_AAAA, STATUS_UNKNOWN), 1);

    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_A, "192.0.2.1 192.0.2.2", 300);
    struct seen seen = look_at("host.example", DNS_FAMILY_A);
    cr_assert_eq(seen.status.status, STATUS_FRESH);
    cr_assert_eq(seen.addresses, 2);
    cr_assert_eq(seen.status.ttl, 300);
    cr_assert_leq(seen.status.next, 304);
    cr_assert_gt(seen.status.next, 0);
    cr_assert_geq(seen.status.age, 0);
    cr_assert_eq(counted(DNS_FAMILY_A, STATUS_FRESH), 1);
    cr_assert_eq(counted(DNS_FAMILY_A, STATUS_RESOLVING), 0);
}

Test(orders, status_says_why_it_fails)
{
    ask("host.example", DNS_FAMILY_AAAA, 0);
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_AAAA, NULL, 0);
    struct seen seen = look_at("host.example", DNS_FAMILY_AAAA);
    cr_assert_eq(seen.status.status, STATUS_FAILING);
    cr_assert_eq(seen.status.failures, 1);
    cr_assert_eq(seen.status.age, TARGETS_STATUS_NONE);
    cr_assert_leq(seen.status.next, 2);
    cr_assert_str_eq(seen.reason, "SERVFAIL");
    cr_assert_eq(counted(DNS_FAMILY_AAAA, STATUS_FAILING), 1);
}

Test(orders, time_alone_makes_a_target_stale_in_the_counts)
{
    ask("host.example", DNS_FAMILY_A, 0);
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_A, "192.0.2.1", 1);
    for (int i = 0; i < 500 && counted(DNS_FAMILY_A, STATUS_STALE) == 0; ++i) {
        usleep(10000);
        targets_tick(fake.targets);
    }
    cr_assert_eq(counted(DNS_FAMILY_A, STATUS_STALE), 1);
    cr_assert_eq(counted(DNS_FAMILY_A, STATUS_FRESH), 0);
}

Test(orders, refreshing_asks_for_what_is_fresh_and_waits)
{
    static const char *const names[] = {"quick-host.example"};

    cr_assert_eq(ask(names[0], DNS_FAMILY_A, fake_resolver_patience()), 1);
    cr_assert_eq(fake_resolver_started_of(&fake, names[0], DNS_FAMILY_A), 1);
    cr_assert_eq(targets_refresh(fake.targets, names, 1, fake_resolver_patience()), 0);
    cr_assert_eq(fake_resolver_started_of(&fake, names[0], DNS_FAMILY_A), 2);
    cr_assert_eq(fake_resolver_started_of(&fake, names[0], DNS_FAMILY_AAAA), 1);
    cr_assert_eq(look_at(names[0], DNS_FAMILY_AAAA).status.status, STATUS_EMPTY);
}

Test(orders, refreshing_serves_what_is_known_meanwhile_and_when_it_fails)
{
    static const char *const names[] = {"host.example"};
    int64_t began = clock_steady_ms();

    ask(names[0], DNS_FAMILY_A, 0);
    fake_resolver_answer(&fake, names[0], DNS_FAMILY_A, "192.0.2.1", 300);
    cr_assert_eq(targets_refresh(fake.targets, names, 1, clock_steady_ms() + 50), 0);
    cr_assert_geq(clock_steady_ms() - began, 50);
    cr_assert_eq(ask(names[0], DNS_FAMILY_A, fake_resolver_patience()), 1);
    fake_resolver_answer(&fake, names[0], DNS_FAMILY_A, NULL, 0);
    cr_assert_eq(look_at(names[0], DNS_FAMILY_A).status.status, STATUS_FAILING);
    cr_assert_eq(ask(names[0], DNS_FAMILY_A, fake_resolver_patience()), 1);
}

Test(orders, refreshing_makes_targets_that_nobody_has_asked_for)
{
    static const char *const names[] = {"quick-a.example", "quick-b.example"};

    cr_assert_eq(targets_refresh(fake.targets, names, 2, fake_resolver_patience()), 0);
    cr_assert_eq(counted(DNS_FAMILY_A, STATUS_FRESH), 2);
}

Test(orders, refreshing_all_is_spread_over_ticks)
{
    char name[64];

    for (int i = 0; i < 300; ++i) {
        snprintf(name, sizeof(name), "host-%d.example", i);
        ask(name, DNS_FAMILY_A, 0);
        fake_resolver_answer(&fake, name, DNS_FAMILY_A, "192.0.2.1", 300);
    }
    cr_assert_eq(fake_resolver_started(&fake), 300);
    cr_assert_eq(targets_refresh_all(fake.targets), 300);
    cr_assert_eq(fake_resolver_started(&fake), 300);
    targets_tick(fake.targets);
    cr_assert_lt(fake_resolver_started(&fake), 600);
    for (int i = 0; i < 10; ++i)
        targets_tick(fake.targets);
    cr_assert_eq(fake_resolver_started(&fake), 600);
    cr_assert_eq(ask("host-7.example", DNS_FAMILY_A, fake_resolver_patience()), 1);
}

Test(orders, forgetting_leaves_nothing_to_serve)
{
    ask("host.example", DNS_FAMILY_A, 0);
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_A, "192.0.2.1", 300);
    cr_assert_eq(targets_forget(fake.targets, "host.example"), 0);
    cr_assert_eq(look_at("host.example", DNS_FAMILY_A).status.status, STATUS_UNKNOWN);
    cr_assert_eq(counted(DNS_FAMILY_A, STATUS_FRESH), 0);
    cr_assert_eq(ask("host.example", DNS_FAMILY_A, 0), 0);
    cr_assert_eq(fake_resolver_started(&fake), 2);
}

Test(orders, what_comes_after_forgetting_is_taken)
{
    ask("host.example", DNS_FAMILY_A, 0);
    cr_assert_eq(targets_forget(fake.targets, "host.example"), 0);
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_A, "192.0.2.1", 300);
    cr_assert_eq(ask("host.example", DNS_FAMILY_A, 0), 1);
}

static void answer(const char *addresses)
{
    static const char *const names[] = {"host.example"};

    cr_assert_eq(targets_refresh(fake.targets, names, 1, 0), 0);
    fake_resolver_answer(&fake, names[0], DNS_FAMILY_A, addresses, 60);
}

/* How often `text` is in the file. */
static size_t count_in(const char *path, const char *text)
{
    char log[4096] = "";
    size_t count = 0;

    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    cr_assert_gt(fread(log, 1, sizeof(log) - 1, file), 0);
    fclose(file);
    for (const char *found = log; (found = strstr(found, text)); ++found)
        ++count;
    return count;
}

Test(orders, the_first_failure_after_a_denied_answer_is_said)
{
    char path[] = "/tmp/test-orders-XXXXXX";
    CLEANUP(ranges_deinit) struct ranges deny = {0};
    struct alias_config config = fake_resolver_config;

    cr_assert_eq(ranges_add(&deny, "192.0.2.0/24"), 0);
    config.deny = &deny;
    targets_configure(fake.targets, &config);
    close(mkstemp(path));
    cr_assert_not_null(freopen(path, "w", stderr));
    answer("192.0.2.1");
    answer("192.0.2.1");
    answer(NULL);
    answer(NULL);
    cr_expect_eq(count_in(path, "failing (only addresses"), 1);
    cr_expect_eq(count_in(path, "failing (SERVFAIL)"), 1);
    unlink(path);
}

static void count_call(void *userdata, const struct targets_status *status)
{
    ++*(size_t *)userdata;
}

static void breathe(void *userdata)
{
    struct seen seen = {0};

    /* The lock is free. */
    cr_assert_eq(targets_status_of(fake.targets, "host-0.example", see, &seen), 0);
}

static void *sweep(void *userdata)
{
    for (int i = 0; i < 200; ++i)
        targets_tick(fake.targets);
    return NULL;
}

/* More than one turn's, while the table is being swept. */
Test(orders, a_list_has_each_target_once)
{
    size_t calls = 0;
    pthread_t thread;
    char name[64];

    for (int i = 0; i < 1000; ++i) {
        snprintf(name, sizeof(name), "host-%d.example", i);
        ask(name, DNS_FAMILY_A, 0);
    }
    cr_assert_eq(pthread_create(&thread, NULL, sweep, NULL), 0);
    for (int i = 0; i < 50; ++i) {
        calls = 0;
        targets_status_all(fake.targets, count_call, breathe, &calls);
        cr_assert_eq(calls, 2000);
    }
    pthread_join(thread, NULL);
}

Test(orders, lookups_waits_and_resolutions_are_counted)
{
    const struct counters *counters = targets_counters(fake.targets);

    ask("quick-host.example", DNS_FAMILY_A, fake_resolver_patience());
    ask("quick-host.example", DNS_FAMILY_A, fake_resolver_patience());
    ask("quick-host.example", DNS_FAMILY_AAAA, fake_resolver_patience());
    ask("silent.example", DNS_FAMILY_A, fake_resolver_patience());
    ask("early.example", DNS_FAMILY_A, 0); /* will be asked again */
    cr_assert_eq(counter_read(&counters->lookups[COUNTERS_FRESH]), 2);
    cr_assert_eq(counter_read(&counters->lookups[COUNTERS_EMPTY]), 1);
    cr_assert_eq(counter_read(&counters->lookups[COUNTERS_NOTHING]), 1);
    cr_assert_eq(counter_read(&counters->resolutions[OUTCOME_ADDRESSES]), 1);
    cr_assert_eq(counter_read(&counters->resolutions[OUTCOME_EMPTY]), 1);

    uint64_t waits = 0;
    for (size_t i = 0; i <= HISTOGRAM_BOUNDS; ++i)
        waits += counter_read(&counters->waits.classes[i]);
    cr_assert_eq(waits, 3);
}
