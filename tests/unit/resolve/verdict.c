#include <arpa/nameser.h>
#include <criterion/criterion.h>
#include <string.h>

#include "../dns/packet.h"
#include "resolve/verdict.h"

static struct packet packet;
static struct outcome outcome;

static void judge(int rcode, int security, const char *why)
{
    struct verdict_answer answer = {
        .rcode = rcode,
        .packet = rcode == 0 ? packet.data : NULL,
        .size = packet.size,
        .security = security,
        .why_bogus = why,
    };

    outcome_deinit(&outcome);
    verdict_of(&answer, DNS_FAMILY_A, &outcome);
}

static void assert_outcome(enum outcome_kind kind, const char *reason)
{
    cr_assert_eq(outcome.kind, kind);
    cr_assert_str_eq(outcome.reason, reason);
    cr_assert_eq(outcome.addresses.count > 0, kind == OUTCOME_ADDRESSES);
}

static void finish(void)
{
    outcome_deinit(&outcome);
}

TestSuite(verdict, .fini = finish);

Test(verdict, addresses_with_their_ttl)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_cname(&packet, "a.example", 20, "b.example");
    packet_a(&packet, "b.example", 60, "192.0.2.1");
    judge(0, 0, NULL);
    assert_outcome(OUTCOME_ADDRESSES, "");
    cr_assert_eq(outcome.ttl, 20);
    judge(0, 2, NULL);
    assert_outcome(OUTCOME_ADDRESSES, "");
}

Test(verdict, absence_with_soa_is_empty)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_soa(&packet, "example", 60, 30);
    judge(0, 0, NULL);
    assert_outcome(OUTCOME_EMPTY, "NODATA");
    cr_assert_eq(outcome.ttl, 30);

    packet_init(&packet, ns_r_nxdomain, "a.example", ns_t_a);
    packet_soa(&packet, "example", 60, 30);
    judge(0, 0, NULL);
    assert_outcome(OUTCOME_EMPTY, "NXDOMAIN");
}

Test(verdict, absence_without_soa_is_a_failure)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    judge(0, 0, NULL);
    assert_outcome(OUTCOME_FAILURE, "NODATA without SOA");

    packet_init(&packet, ns_r_nxdomain, "a.example", ns_t_a);
    judge(0, 0, NULL);
    assert_outcome(OUTCOME_FAILURE, "NXDOMAIN without SOA");
}

Test(verdict, other_rcodes_are_failures)
{
    judge(ns_r_servfail, 0, NULL);
    assert_outcome(OUTCOME_FAILURE, "SERVFAIL");
    judge(ns_r_refused, 0, NULL);
    assert_outcome(OUTCOME_FAILURE, "REFUSED");
    judge(4095, 0, NULL);
    assert_outcome(OUTCOME_FAILURE, "RCODE 4095");
    judge(-1, 0, NULL);
    assert_outcome(OUTCOME_FAILURE, "RCODE -1");

    packet_init(&packet, ns_r_refused, "a.example", ns_t_a);
    packet_a(&packet, "a.example", 60, "192.0.2.1");
    judge(0, 0, NULL);
    assert_outcome(OUTCOME_FAILURE, "REFUSED");
}

Test(verdict, addresses_in_an_nxdomain_are_not_taken)
{
    packet_init(&packet, ns_r_nxdomain, "a.example", ns_t_a);
    packet_a(&packet, "a.example", 60, "192.0.2.1");
    judge(0, 0, NULL);
    assert_outcome(OUTCOME_FAILURE, "NXDOMAIN without SOA");
}

Test(verdict, bogus_is_a_failure_whatever_it_holds)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_a(&packet, "a.example", 60, "192.0.2.1");
    judge(0, 1, "validation failure <a.example. A IN>: signature expired from 192.0.2.53");
    assert_outcome(OUTCOME_FAILURE, "bogus: signature expired from 192.0.2.53");
    judge(0, 1, "just so");
    assert_outcome(OUTCOME_FAILURE, "bogus: just so");
    judge(0, 1, NULL);
    assert_outcome(OUTCOME_FAILURE, "bogus: validation failed");
    judge(ns_r_servfail, 1, "");
    assert_outcome(OUTCOME_FAILURE, "bogus: validation failed");
}

Test(verdict, a_long_reason_is_cut)
{
    char why[1000];

    memset(why, 'x', sizeof(why) - 1);
    why[sizeof(why) - 1] = '\0';
    judge(0, 1, why);
    cr_assert_eq(strlen(outcome.reason), sizeof(outcome.reason) - 1);
}

Test(verdict, what_cannot_be_read_is_a_failure)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet.size -= 1;
    judge(0, 0, NULL);
    assert_outcome(OUTCOME_FAILURE, "unreadable response");
    packet.size = 0;
    judge(0, 0, NULL);
    assert_outcome(OUTCOME_FAILURE, "unreadable response");
}

Test(verdict, an_answer_without_a_packet_is_a_failure)
{
    struct verdict_answer answer = {0};

    verdict_of(&answer, DNS_FAMILY_A, &outcome);
    assert_outcome(OUTCOME_FAILURE, "SERVFAIL");
}
