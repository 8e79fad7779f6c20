#include "resolve/resolver.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "upstream.h"

#define ENDS_MAX 4096

/* A `done` that was called. */
struct end {
    char target[64];
    enum dns_family family;
    enum outcome_kind kind;
    size_t count;
    char first[ADDRESS_TEXT_SIZE];
    uint32_t ttl;
    char reason[128];
};

static struct upstream_server *upstream;
static struct event_base *base;
static struct resolver *resolver;
static struct end ends[ENDS_MAX];
static int end_count;
static bool is_requesting;

static void on_done(void *userdata, const char *target, enum dns_family family,
                    struct outcome *outcome)
{
    struct end *end = &ends[end_count++];

    cr_assert_not(is_requesting);
    cr_assert_leq(end_count, ENDS_MAX);
    cr_assert_eq(userdata, &ends);
    snprintf(end->target, sizeof(end->target), "%s", target);
    end->family = family;
    end->kind = outcome->kind;
    end->count = outcome->addresses.count;
    if (end->count > 0)
        address_to_text(&outcome->addresses.items[0], family, end->first);
    end->ttl = outcome->ttl;
    strcpy(end->reason, outcome->reason);
}

static struct resolver_config config_of(const char *address, const char *const *options)
{
    static const char *forward[2];

    forward[0] = address;
    return (struct resolver_config){.forward = forward, .options = options};
}

static void make_resolver(const struct resolver_config *config)
{
    cr_assert_eq(resolver_new(base, config, on_done, &ends, &resolver), 0);
}

static void start(void)
{
    base = event_base_new();
    upstream = upstream_start();
}

static void start_with_resolver(void)
{
    struct resolver_config config;

    start();
    config = config_of(upstream_address(upstream), NULL);
    make_resolver(&config);
}

static void stop(void)
{
    resolver_free(resolver);
    event_base_free(base);
    upstream_stop(upstream);
}

static void request(const char *target, enum dns_family family)
{
    is_requesting = true;
    cr_assert_eq(resolver_request(resolver, target, family), 0);
    is_requesting = false;
}

static void run_for(int ms)
{
    struct timeval interval = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    event_base_loopexit(base, &interval);
    event_base_dispatch(base);
}

static void give_up(evutil_socket_t fd, short what, void *userdata)
{
    cr_assert_fail("%zu requests have not ended, %d have", resolver_pending(resolver), end_count);
}

static void run_until_ended(int count)
{
    struct event *timer = event_new(base, -1, 0, give_up, NULL);

    event_add(timer, &(struct timeval){.tv_sec = 30});
    while (end_count < count)
        event_base_loop(base, EVLOOP_ONCE);
    event_free(timer);
}

static const struct end *resolve(const char *target, enum dns_family family)
{
    int before = end_count;

    request(target, family);
    run_until_ended(before + 1);
    cr_assert_str_eq(ends[before].target, target);
    cr_assert_eq(ends[before].family, family);
    return &ends[before];
}

static void assert_end(const struct end *end, enum outcome_kind kind, const char *reason)
{
    cr_assert_eq(end->kind, kind, "%s: %d '%s'", end->target, end->kind, end->reason);
    cr_assert_str_eq(end->reason, reason);
}

static void assert_empty(const char *target, enum dns_family family, const char *reason,
                         uint32_t ttl)
{
    const struct end *end = resolve(target, family);

    assert_end(end, OUTCOME_EMPTY, reason);
    cr_assert_leq(end->ttl, ttl);
    cr_assert_geq(end->ttl + 2, ttl);
}

TestSuite(resolver, .init = start_with_resolver, .fini = stop);
TestSuite(resolver_of_its_own, .init = start, .fini = stop);

Test(resolver, addresses_of_both_families)
{
    const struct end *end = resolve("a.example", DNS_FAMILY_A);

    assert_end(end, OUTCOME_ADDRESSES, "");
    cr_assert_eq(end->count, 2);
    cr_assert_str_eq(end->first, "192.0.2.1");
    cr_assert_eq(end->ttl, 300);
    end = resolve("a.example", DNS_FAMILY_AAAA);
    assert_end(end, OUTCOME_ADDRESSES, "");
    cr_assert_str_eq(end->first, "2001:db8::1");
}

Test(resolver, a_chain_gives_its_end_with_the_smallest_ttl)
{
    for (int i = 0; i < 2; ++i) {
        const struct end *end = resolve("c1.example", DNS_FAMILY_A);

        assert_end(end, OUTCOME_ADDRESSES, "");
        cr_assert_eq(end->count, 2);
        cr_assert_leq(end->ttl, 20);
        cr_assert_geq(end->ttl, 18);
    }
}

/* Once fresh, once from libunbound's cache: it keeps the SOA with both. */
Test(resolver, absence_is_empty_fresh_or_cached)
{
    for (int i = 0; i < 2; ++i) {
        assert_empty("nothing.example", DNS_FAMILY_A, "NXDOMAIN", 120);
        assert_empty("v4.example", DNS_FAMILY_AAAA, "NODATA", 120);
        assert_empty("cnodata.example", DNS_FAMILY_AAAA, "NODATA", 30);
        assert_empty("cnx.example", DNS_FAMILY_A, "NXDOMAIN", 30);
    }
    cr_assert_eq(upstream_count(upstream, "nothing.example.", "A"), 1);
}

Test(resolver, absence_without_soa_is_a_failure)
{
    for (int i = 0; i < 2; ++i)
        assert_end(resolve("nosoa.example", DNS_FAMILY_A), OUTCOME_FAILURE, "NODATA without SOA");
    assert_end(resolve("x.nosoa.example", DNS_FAMILY_A), OUTCOME_FAILURE, "NXDOMAIN without SOA");
}

Test(resolver, errors_of_the_upstream_are_failures)
{
    assert_end(resolve("x.servfail.example", DNS_FAMILY_A), OUTCOME_FAILURE, "SERVFAIL");
    /* libunbound tells SERVFAIL for this, too. */
    assert_end(resolve("x.refused.example", DNS_FAMILY_A), OUTCOME_FAILURE, "SERVFAIL");
}

Test(resolver, ttl_zero_is_asked_for_each_time)
{
    for (int i = 0; i < 3; ++i) {
        const struct end *end = resolve("zero.example", DNS_FAMILY_A);

        assert_end(end, OUTCOME_ADDRESSES, "");
        cr_assert_eq(end->ttl, 0);
    }
    cr_assert_eq(upstream_count(upstream, "zero.example.", "A"), 3);
}

Test(resolver, special_use_zones_are_asked_for_upstream)
{
    assert_end(resolve("a.test", DNS_FAMILY_A), OUTCOME_ADDRESSES, "");
    assert_end(resolve("a.invalid", DNS_FAMILY_A), OUTCOME_ADDRESSES, "");
    assert_end(resolve("a.home.arpa", DNS_FAMILY_A), OUTCOME_ADDRESSES, "");
}

Test(resolver, localhost_and_onion_are_not_asked_for_upstream)
{
    cr_assert_str_eq(resolve("localhost", DNS_FAMILY_A)->first, "127.0.0.1");
    resolve("x.onion", DNS_FAMILY_A);
    cr_assert_eq(upstream_count(upstream, "localhost.", "A"), 0);
    cr_assert_eq(upstream_count(upstream, "x.onion.", "A"), 0);
}

Test(resolver, the_root_and_escaped_names_can_be_asked_for)
{
    resolve("", DNS_FAMILY_A);
    assert_end(resolve("\\000\\.x\\\\y\\032z.wild.example", DNS_FAMILY_A), OUTCOME_ADDRESSES, "");
}

Test(resolver, what_is_no_name_is_a_failure)
{
    cr_assert_eq(resolve("a..example", DNS_FAMILY_A)->kind, OUTCOME_FAILURE);
    cr_assert_eq(resolver_pending(resolver), 0);
}

Test(resolver, each_of_many_requests_for_one_name_ends_once_with_one_query)
{
    for (int i = 0; i < 50; ++i)
        request("joined.wild.example", DNS_FAMILY_A);
    cr_assert_eq(resolver_pending(resolver), 50);
    cr_assert_eq(end_count, 0);
    run_until_ended(50);
    run_for(50);
    cr_assert_eq(end_count, 50);
    cr_assert_eq(resolver_pending(resolver), 0);
    cr_assert_eq(upstream_count(upstream, "joined.wild.example.", "A"), 1);
}

Test(resolver, thousands_of_cached_answers_leave_the_loop_its_turn)
{
    int rounds = 0;

    resolve("a.example", DNS_FAMILY_A);
    for (int i = 0; i < 3000; ++i)
        request("a.example", DNS_FAMILY_A);
    while (resolver_pending(resolver) > 0) {
        event_base_loop(base, EVLOOP_ONCE);
        ++rounds;
    }
    cr_assert_eq(end_count, 3001);
    cr_assert_gt(rounds, 10);
}

static void request_again(void *userdata, const char *target, enum dns_family family,
                          struct outcome *outcome)
{
    if (++end_count < 2000)
        cr_assert_eq(resolver_request(resolver, target, family), 0);
}

Test(resolver_of_its_own, a_request_from_done_does_not_recurse)
{
    struct resolver_config config = config_of(upstream_address(upstream), NULL);

    cr_assert_eq(resolver_new(base, &config, request_again, NULL, &resolver), 0);
    request("a.example", DNS_FAMILY_A);
    run_until_ended(2000);
    cr_assert_eq(resolver_pending(resolver), 0);
}

static void *request_many(void *userdata)
{
    char target[64];

    for (int i = 0; i < 250; ++i) {
        snprintf(target, sizeof(target), "n%d-%d.wild.example", *(int *)userdata, i);
        if (resolver_request(resolver, target, DNS_FAMILY_A) != 0)
            abort();
    }
    return NULL;
}

Test(resolver, requests_come_from_any_thread)
{
    pthread_t threads[4];
    int numbers[4];

    for (int i = 0; i < 4; ++i) {
        numbers[i] = i;
        cr_assert_eq(pthread_create(&threads[i], NULL, request_many, &numbers[i]), 0);
    }
    run_until_ended(1000);
    for (int i = 0; i < 4; ++i)
        pthread_join(threads[i], NULL);
    run_for(20);
    cr_assert_eq(end_count, 1000);
    cr_assert_eq(resolver_pending(resolver), 0);
    for (int i = 0; i < 1000; ++i)
        assert_end(&ends[i], OUTCOME_ADDRESSES, "");
}

Test(resolver, dead_names_do_not_delay_a_good_one)
{
    char target[64];

    for (int i = 0; i < 1000; ++i) {
        snprintf(target, sizeof(target), "x%d.silent.example", i);
        request(target, DNS_FAMILY_A);
    }
    run_for(300);
    cr_assert_eq(end_count, 0);
    request("a.example", DNS_FAMILY_A);
    /* With libunbound's own outgoing-range it would take 6.5 s. */
    for (int i = 0; i < 50 && end_count == 0; ++i)
        run_for(100);
    cr_assert_eq(end_count, 1);
    cr_assert_str_eq(ends[0].target, "a.example");
    cr_assert_eq(resolver_pending(resolver), 1000);
}

Test(resolver_of_its_own, a_dead_port_does_not_end_at_once)
{
    struct resolver_config config;
    char address[32];

    snprintf(address, sizeof(address), "127.0.0.1@%d", upstream_free_port());
    config = config_of(address, NULL);
    make_resolver(&config);
    request("a.example", DNS_FAMILY_A);
    run_for(300);
    cr_assert_eq(end_count, 0);
    cr_assert_eq(resolver_pending(resolver), 1);
}

Test(resolver, a_late_answer_still_ends_the_request)
{
    upstream_pause(upstream);
    request("a.example", DNS_FAMILY_A);
    run_for(700);
    cr_assert_eq(end_count, 0);
    upstream_continue(upstream);
    run_until_ended(1);
    assert_end(&ends[0], OUTCOME_ADDRESSES, "");
}

Test(resolver, reconfiguring_lets_what_is_under_way_end)
{
    struct resolver_config config = config_of(upstream_address(upstream), NULL);

    upstream_pause(upstream);
    request("a.example", DNS_FAMILY_A);
    run_for(50);
    cr_assert_eq(resolver_reconfigure(resolver, &config), 0);
    request("v4.example", DNS_FAMILY_A);
    run_for(50);
    cr_assert_eq(end_count, 0);
    upstream_continue(upstream);
    run_until_ended(2);
    run_for(50);
    cr_assert_eq(end_count, 2);
    assert_end(&ends[0], OUTCOME_ADDRESSES, "");
    assert_end(&ends[1], OUTCOME_ADDRESSES, "");
    assert_end(resolve("a.example", DNS_FAMILY_A), OUTCOME_ADDRESSES, "");
}

Test(resolver, reconfiguring_changes_the_forwarder_of_new_requests)
{
    struct resolver_config config;
    char address[32];

    resolve("a.example", DNS_FAMILY_A);
    snprintf(address, sizeof(address), "127.0.0.1@%d", upstream_free_port());
    config = config_of(address, NULL);
    cr_assert_eq(resolver_reconfigure(resolver, &config), 0);
    request("a.example", DNS_FAMILY_A);
    run_for(200);
    cr_assert_eq(end_count, 1);
    config = config_of(upstream_address(upstream), NULL);
    cr_assert_eq(resolver_reconfigure(resolver, &config), 0);
    resolve("a.example", DNS_FAMILY_A);
    cr_assert_eq(resolver_pending(resolver), 1);
}

Test(resolver, reconfiguring_often_ends_all_the_same)
{
    struct resolver_config config = config_of(upstream_address(upstream), NULL);

    for (int i = 0; i < 10; ++i) {
        request("x.silent.example", DNS_FAMILY_A);
        request("a.example", DNS_FAMILY_A);
        if (i % 2 == 0)
            run_for(5);
        cr_assert_eq(resolver_reconfigure(resolver, &config), 0);
    }
    run_until_ended(10);
    cr_assert_eq(resolver_pending(resolver), 10);
}

static void reconfigure_in_done(void *userdata, const char *target, enum dns_family family,
                                struct outcome *outcome)
{
    struct resolver_config config = config_of(upstream_address(upstream), NULL);

    ++end_count;
    cr_assert_eq(resolver_reconfigure(resolver, &config), 0);
}

Test(resolver_of_its_own, reconfiguring_from_done_is_safe)
{
    struct resolver_config config = config_of(upstream_address(upstream), NULL);

    cr_assert_eq(resolver_new(base, &config, reconfigure_in_done, NULL, &resolver), 0);
    for (int i = 0; i < 5; ++i) {
        request("a.example", DNS_FAMILY_A);
        run_until_ended(2 * i + 1);
        request("localhost", DNS_FAMILY_A);
        run_until_ended(2 * i + 2);
    }
    run_for(20);
    cr_assert_eq(end_count, 10);
}

Test(resolver, freeing_cancels_what_is_under_way)
{
    request("x.silent.example", DNS_FAMILY_A);
    request("y.silent.example", DNS_FAMILY_AAAA);
    run_for(50);
    request("a.example", DNS_FAMILY_A);
    resolver_free(resolver);
    resolver = NULL;
    run_for(50);
    cr_assert_eq(end_count, 0);
}

Test(resolver, freeing_cancels_what_retired_contexts_do)
{
    struct resolver_config config = config_of(upstream_address(upstream), NULL);

    request("x.silent.example", DNS_FAMILY_A);
    run_for(20);
    cr_assert_eq(resolver_reconfigure(resolver, &config), 0);
    request("x.silent.example", DNS_FAMILY_A);
    run_for(20);
    resolver_free(resolver);
    resolver = NULL;
    run_for(20);
    cr_assert_eq(end_count, 0);
}

static int renewals;

static void renew(void *userdata, int64_t clock_shift)
{
    struct resolver_config config = config_of(upstream_address(upstream), NULL);

    cr_assert_eq(userdata, &ends);
    cr_assert_eq(clock_shift, 0);
    cr_assert_eq(resolver_reconfigure(resolver, &config), 0);
    ++renewals;
}

Test(resolver, what_is_to_be_forgotten_is_asked_for_upstream_again)
{
    resolver_set_renewal(resolver, renew);
    resolve("v4.example", DNS_FAMILY_A);
    resolve("v4.example", DNS_FAMILY_A);
    cr_assert_eq(upstream_count(upstream, "v4.example.", "A"), 1);
    resolver_forget(resolver);
    resolver_forget(resolver);
    resolve("v4.example", DNS_FAMILY_A);
    resolve("v4.example", DNS_FAMILY_A);
    cr_assert_eq(upstream_count(upstream, "v4.example.", "A"), 2);
    cr_assert_eq(renewals, 1);
}

Test(resolver_of_its_own, unvalidated_answers_below_an_anchor_are_failures)
{
    static const char *const anchors[] = {
        "example. DS 12345 13 2 3490A6806D47F17A34C29E2CE80E8A999FFBE4BE3490A6806D47F17A34C29E2C",
        NULL,
    };
    struct resolver_config config = config_of(upstream_address(upstream), NULL);
    const struct end *end;

    config.trust_anchors = anchors;
    make_resolver(&config);
    end = resolve("a.example", DNS_FAMILY_A);
    cr_assert_eq(end->kind, OUTCOME_FAILURE);
    cr_assert(strstr(end->reason, "bogus: "), "%s", end->reason);
    end = resolve("nothing.example", DNS_FAMILY_A);
    cr_assert_eq(end->kind, OUTCOME_FAILURE);
    assert_end(resolve("a.test", DNS_FAMILY_A), OUTCOME_ADDRESSES, "");
}

Test(resolver_of_its_own, options_reach_libunbound)
{
    static const char *const options[] = {"cache-max-ttl: 7", NULL};
    struct resolver_config config = config_of(upstream_address(upstream), options);

    make_resolver(&config);
    cr_assert_leq(resolve("a.example", DNS_FAMILY_A)->ttl, 7);
}
