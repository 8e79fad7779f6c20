#include <arpa/nameser.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/message.h"
#include "packet.h"

static struct packet packet;
static struct message_answer answer;

/* Reads from a block of exactly the packet's size, so that a sanitizer sees every octet too far. */
static int read_size(size_t size, enum dns_family family)
{
    uint8_t *copy = malloc(size ? size : 1);
    int r;

    memcpy(copy, packet.data, size);
    message_answer_deinit(&answer);
    r = message_read_answer(copy, size, family, &answer);
    free(copy);
    return r;
}

static void assert_read(void)
{
    cr_assert_eq(read_size(packet.size, DNS_FAMILY_A), 0);
}

static void assert_refused(void)
{
    cr_assert_eq(read_size(packet.size, DNS_FAMILY_A), -EBADMSG);
    cr_assert_null(answer.addresses.items);
}

static void assert_address(size_t i, const char *expected)
{
    char text[ADDRESS_TEXT_SIZE];

    cr_assert_lt(i, answer.addresses.count);
    address_to_text(&answer.addresses.items[i], DNS_FAMILY_A, text);
    cr_assert_str_eq(text, expected);
}

static void finish(void)
{
    message_answer_deinit(&answer);
}

TestSuite(message, .fini = finish);

Test(message, addresses_of_the_name_and_the_smallest_ttl)
{
    packet_init(&packet, 0, "www.example", ns_t_a);
    packet_a(&packet, "www.example", 300, "192.0.2.2");
    packet_a(&packet, "www.example", 200, "192.0.2.1");
    assert_read();
    cr_assert_eq(answer.rcode, 0);
    cr_assert_eq(answer.addresses.count, 2);
    assert_address(0, "192.0.2.1");
    assert_address(1, "192.0.2.2");
    cr_assert_eq(answer.ttl, 200);
    cr_assert_eq(answer.cname_hops, 0);
    cr_assert_not(answer.has_soa);
}

Test(message, aaaa)
{
    char text[ADDRESS_TEXT_SIZE];

    packet_init(&packet, 0, "www.example", ns_t_aaaa);
    packet_aaaa(&packet, "www.example", 60, "2001:db8::1");
    cr_assert_eq(read_size(packet.size, DNS_FAMILY_AAAA), 0);
    cr_assert_eq(answer.addresses.count, 1);
    address_to_text(&answer.addresses.items[0], DNS_FAMILY_AAAA, text);
    cr_assert_str_eq(text, "2001:db8::1");
}

Test(message, case_of_names_does_not_matter)
{
    packet_init(&packet, 0, "wWw.example", ns_t_a);
    packet_cname(&packet, "WWW.Example", 60, "Target.Example");
    packet_a(&packet, "tARGET.eXAMPLE", 60, "192.0.2.1");
    assert_read();
    assert_address(0, "192.0.2.1");
}

Test(message, chain_in_order)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_cname(&packet, "a.example", 300, "b.example");
    packet_cname(&packet, "b.example", 20, "c.example");
    packet_a(&packet, "c.example", 100, "192.0.2.1");
    assert_read();
    assert_address(0, "192.0.2.1");
    cr_assert_eq(answer.cname_hops, 2);
    cr_assert_eq(answer.ttl, 20);
}

Test(message, chain_in_any_order)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_a(&packet, "d.example", 100, "192.0.2.1");
    packet_cname(&packet, "c.example", 50, "d.example");
    packet_cname(&packet, "b.example", 60, "c.example");
    packet_cname(&packet, "a.example", 70, "b.example");
    assert_read();
    assert_address(0, "192.0.2.1");
    cr_assert_eq(answer.cname_hops, 3);
    cr_assert_eq(answer.ttl, 50);
}

Test(message, records_beside_the_chain_are_not_taken)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_a(&packet, "other.example", 1, "203.0.113.1");
    packet_cname(&packet, "a.example", 300, "b.example");
    packet_cname(&packet, "other.example", 1, "c.example");
    packet_a(&packet, "b.example", 300, "192.0.2.1");
    packet_aaaa(&packet, "b.example", 1, "2001:db8::1");
    assert_read();
    cr_assert_eq(answer.addresses.count, 1);
    assert_address(0, "192.0.2.1");
    cr_assert_eq(answer.ttl, 300);
}

Test(message, other_classes_are_not_taken)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_record(&packet, PACKET_ANSWER, "a.example", ns_t_a, ns_c_chaos, 1, "\xc0\0\2\1", 4);
    assert_read();
    cr_assert_eq(answer.addresses.count, 0);
}

Test(message, addresses_outside_the_answer_section_are_not_taken)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_record(&packet, PACKET_AUTHORITY, "a.example", ns_t_a, ns_c_in, 1, "\xc0\0\2\1", 4);
    packet_record(&packet, PACKET_ADDITIONAL, "a.example", ns_t_a, ns_c_in, 1, "\xc0\0\2\1", 4);
    assert_read();
    cr_assert_eq(answer.addresses.count, 0);
}

Test(message, nodata_takes_the_smaller_of_soa_ttl_and_minimum)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_soa(&packet, "example", 3600, 300);
    assert_read();
    cr_assert(answer.has_soa);
    cr_assert_eq(answer.negative_ttl, 300);
    cr_assert_eq(answer.ttl, 0);

    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_soa(&packet, "example", 30, 300);
    assert_read();
    cr_assert_eq(answer.negative_ttl, 30);
}

Test(message, nxdomain_keeps_its_rcode)
{
    packet_init(&packet, ns_r_nxdomain, "a.example", ns_t_a);
    packet_soa(&packet, "example", 3600, 300);
    assert_read();
    cr_assert_eq(answer.rcode, 3);
    cr_assert(answer.has_soa);
}

Test(message, a_chain_that_ends_in_nothing_lasts_as_long_as_its_cnames)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_cname(&packet, "a.example", 20, "b.example");
    packet_soa(&packet, "example", 3600, 300);
    assert_read();
    cr_assert_eq(answer.addresses.count, 0);
    cr_assert_eq(answer.cname_hops, 1);
    cr_assert(answer.has_soa);
    cr_assert_eq(answer.negative_ttl, 20);
}

Test(message, absence_without_soa_is_not_asserted)
{
    packet_init(&packet, ns_r_nxdomain, "a.example", ns_t_a);
    packet_record(&packet, PACKET_AUTHORITY, "example", ns_t_ns, ns_c_in, 60, "\2ns\0", 4);
    assert_read();
    cr_assert_not(answer.has_soa);
    cr_assert_eq(answer.negative_ttl, 0);
}

Test(message, an_soa_in_the_answer_section_asserts_nothing)
{
    struct packet whole;

    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_soa(&packet, "example", 60, 60);
    whole = packet;
    /* From the authority's count to the answer's. */
    ns_put16(1, whole.data + 6);
    ns_put16(0, whole.data + 8);
    packet = whole;
    assert_read();
    cr_assert_not(answer.has_soa);
}

Test(message, ttl_with_the_highest_bit_counts_as_zero)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_a(&packet, "a.example", 0x80000000u, "192.0.2.1");
    assert_read();
    cr_assert_eq(answer.ttl, 0);
}

Test(message, cname_to_itself_is_refused)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_cname(&packet, "a.example", 60, "a.example");
    assert_refused();
}

Test(message, a_loop_is_refused)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_cname(&packet, "a.example", 60, "b.example");
    packet_cname(&packet, "b.example", 60, "c.example");
    packet_cname(&packet, "c.example", 60, "b.example");
    assert_refused();
}

static void make_chain(int hops)
{
    char owner[32], target[32];

    packet_init(&packet, 0, "h0.example", ns_t_a);
    for (int i = 0; i < hops; ++i) {
        snprintf(owner, sizeof(owner), "h%d.example", i);
        snprintf(target, sizeof(target), "h%d.example", i + 1);
        packet_cname(&packet, owner, 60, target);
    }
    packet_a(&packet, hops == 0 ? "h0.example" : target, 60, "192.0.2.1");
}

Test(message, chains_of_32_are_followed_and_no_longer_ones)
{
    make_chain(32);
    assert_read();
    cr_assert_eq(answer.cname_hops, 32);
    cr_assert_eq(answer.addresses.count, 1);
    make_chain(33);
    assert_refused();
}

Test(message, every_truncation_is_refused)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_cname(&packet, "a.example", 60, "b.example");
    packet_a(&packet, "b.example", 60, "192.0.2.1");
    packet_soa(&packet, "example", 60, 60);
    assert_read();
    for (size_t size = 0; size < packet.size; ++size)
        cr_assert_eq(read_size(size, DNS_FAMILY_A), -EBADMSG, "taken: %zu octets", size);
}

Test(message, any_flipped_octet_is_survived)
{
    struct packet whole;

    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_cname(&packet, "a.example", 60, "b.example");
    packet_a(&packet, "b.example", 60, "192.0.2.1");
    packet_soa(&packet, "example", 60, 60);
    whole = packet;
    for (size_t i = 0; i < whole.size; ++i) {
        for (int value = 0; value < 256; ++value) {
            int r;

            packet = whole;
            packet.data[i] = (uint8_t)value;
            r = read_size(packet.size, DNS_FAMILY_A);
            cr_assert(r == 0 || r == -EBADMSG);
        }
    }
}

Test(message, compression_pointers_are_followed)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_octets(&packet, "\xc0\x0c\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1", 16);
    ns_put16(1, packet.data + 6);
    assert_read();
    assert_address(0, "192.0.2.1");
}

Test(message, a_compression_loop_is_refused)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    /* The record's owner points to itself. */
    uint8_t record[] = {0xc0, (uint8_t)packet.size, 0, 1, 0, 1, 0, 0, 0, 60, 0, 4, 192, 0, 2, 1};
    packet_octets(&packet, record, sizeof(record));
    ns_put16(1, packet.data + 6);
    assert_refused();
}

Test(message, a_compression_loop_in_a_cname_is_refused)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    uint8_t target = (uint8_t)(packet.size + 12);
    uint8_t record[] = {0xc0, 12, 0, 5, 0, 1, 0, 0, 0, 60, 0, 2, 0xc0, target};
    packet_octets(&packet, record, sizeof(record));
    ns_put16(1, packet.data + 6);
    assert_refused();
}

Test(message, an_address_of_the_wrong_size_is_refused)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_record(&packet, PACKET_ANSWER, "a.example", ns_t_a, ns_c_in, 60, "\xc0\0\2", 3);
    assert_refused();
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_record(&packet, PACKET_ANSWER, "a.example", ns_t_a, ns_c_in, 60, "\xc0\0\2\1\1", 5);
    assert_refused();
}

Test(message, a_short_soa_is_refused)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_record(&packet, PACKET_AUTHORITY, "example", ns_t_soa, ns_c_in, 60, "\0\0\0\0\0\1", 6);
    assert_refused();
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet_record(&packet, PACKET_AUTHORITY, "example", ns_t_soa, ns_c_in, 60, "", 0);
    assert_refused();
}

Test(message, no_question_is_refused)
{
    static const uint8_t header[12] = {0, 1, 0x81, 0x80};

    packet.size = 0;
    packet_octets(&packet, header, sizeof(header));
    assert_refused();
}

Test(message, another_question_is_refused)
{
    packet_init(&packet, 0, "a.example", ns_t_aaaa);
    assert_refused();
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet.data[packet.size - 1] = ns_c_chaos;
    assert_refused();
}

Test(message, a_query_or_a_truncated_response_is_refused)
{
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet.data[2] &= 0x7f;
    assert_refused();
    packet_init(&packet, 0, "a.example", ns_t_a);
    packet.data[2] |= 0x02;
    assert_refused();
}

Test(message, the_root_can_be_asked_for)
{
    packet_init(&packet, 0, ".", ns_t_a);
    packet_a(&packet, ".", 60, "192.0.2.1");
    assert_read();
    assert_address(0, "192.0.2.1");
}

Test(message, a_large_hostile_packet_does_not_take_long)
{
    /* A chain at the limit, then thousands of other records to step over at each hop. */
    make_chain(31);
    for (int i = 0; i < 3500; ++i) {
        packet_octets(&packet, "\0\0\1\0\1\0\0\0\x3c\0\4\xc0\0\2\1", 15);
        ns_put16(ns_get16(packet.data + 6) + 1, packet.data + 6);
    }
    assert_read();
    cr_assert_eq(answer.addresses.count, 1);
}
