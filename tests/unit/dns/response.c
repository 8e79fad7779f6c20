#include "dns/response.h"

#include <arpa/nameser.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "dns/message.h"
#include "packet.h"

/* A query as PowerDNS's proxy sends it: packet_init() makes a response of it. */
static struct packet make_query(const char *name, int type)
{
    struct packet packet;

    packet_init(&packet, 0, name, type);
    packet.data[2] = 0x01; /* RD */
    packet.data[3] = 0;
    return packet;
}

static struct response_query read_query(const char *name, int type)
{
    struct packet packet = make_query(name, type);
    struct response_query query;

    cr_assert_eq(response_read_query(packet.data, packet.size, &query), 0);
    return query;
}

static void assert_unreadable(const struct packet *packet)
{
    struct response_query query;

    cr_assert_eq(response_read_query(packet->data, packet->size, &query), -EBADMSG);
}

Test(response, reads_a_query)
{
    struct response_query query = read_query("Host.Example", ns_t_a);

    cr_assert_str_eq(query.name, "host.example");
    cr_assert_eq(query.type, ns_t_a);
    cr_assert(query.is_internet);
}

Test(response, reads_names_as_the_zone_database_has_them)
{
    cr_assert_str_eq(read_query(".", ns_t_a).name, "");
    cr_assert_str_eq(read_query("a\\.b.c d.example", ns_t_a).name, "a\\.b.c\\032d.example");
    cr_assert_str_eq(read_query("$@;\\\"().example", ns_t_a).name, "$@;\"().example");
}

Test(response, takes_no_response_for_a_query)
{
    struct packet packet = make_query("host.example", ns_t_a);

    packet.data[2] |= 0x80;
    assert_unreadable(&packet);
}

Test(response, takes_nothing_but_queries)
{
    struct packet packet = make_query("host.example", ns_t_a);

    packet.data[2] |= ns_o_notify << 3;
    assert_unreadable(&packet);
}

Test(response, takes_no_cut_packet)
{
    struct packet whole = make_query("host.example", ns_t_a);

    for (size_t size = 0; size < whole.size; ++size) {
        struct packet cut = whole;

        cut.size = size;
        assert_unreadable(&cut);
    }
}

Test(response, takes_one_question_only)
{
    struct packet packet = make_query("host.example", ns_t_a);

    packet.data[5] = 0;
    assert_unreadable(&packet);
    packet.data[5] = 2;
    assert_unreadable(&packet);
}

/* The id is a label, and the name in the question points to it. */
Test(response, takes_no_name_that_points_into_the_header)
{
    static const uint8_t octets[] = {1, 'x', 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0xc0, 0, 0, 1, 0, 1};
    struct packet packet = {0};

    packet_octets(&packet, octets, sizeof(octets));
    assert_unreadable(&packet);
}

Test(response, says_which_class_is_asked_for)
{
    struct packet packet = make_query("host.example", ns_t_a);
    struct response_query query;

    packet.data[packet.size - 1] = ns_c_chaos;
    cr_assert_eq(response_read_query(packet.data, packet.size, &query), 0);
    cr_assert_not(query.is_internet);
}

Test(response, leaves_out_what_stands_behind_the_question)
{
    struct packet packet = make_query("host.example", ns_t_a);
    struct response_query query;
    struct response response;
    size_t size = packet.size;

    packet_a(&packet, "host.example", 1, "192.0.2.99");
    cr_assert_eq(response_read_query(packet.data, packet.size, &query), 0);
    response_begin(&response, &query, 0);
    cr_assert_eq(response.size, size);
}

Test(response, repeats_id_and_question_and_says_the_rcode)
{
    struct packet packet = make_query("hOsT.example", ns_t_aaaa);
    struct response_query query;
    struct response response;

    packet.data[0] = 0xab;
    packet.data[1] = 0xcd;
    cr_assert_eq(response_read_query(packet.data, packet.size, &query), 0);
    response_begin(&response, &query, ns_r_servfail);
    cr_assert_eq(response.size, packet.size);
    cr_assert_arr_eq(response.octets, packet.data, 2);
    cr_assert_arr_eq(response.octets + 12, packet.data + 12, packet.size - 12);
    cr_assert_eq(response.octets[2], 0x81);
    cr_assert_eq(response.octets[3], 0x80 | ns_r_servfail);
}

static struct address numbered(unsigned number)
{
    struct address address = {0};

    address.octets[0] = 192;
    address.octets[2] = number / 256;
    address.octets[3] = number % 256;
    return address;
}

/* How many records of the family fit. */
static size_t fill(struct response *response, enum dns_family family, uint32_t ttl)
{
    struct address address = numbered(0);
    size_t count = 0;

    while (response_add(response, &address, family, ttl))
        address = numbered(++count);
    return count;
}

static void assert_filled(const char *name, enum dns_family family, size_t expected)
{
    struct response_query query = read_query(name, dns_family_type(family));
    struct message_answer answer = {0};
    struct response response;

    response_begin(&response, &query, 0);
    cr_assert_eq(fill(&response, family, 77), expected);
    cr_assert_leq(response.size, RESPONSE_SIZE_MAX);
    cr_assert_eq(message_read_answer(response.octets, response.size, family, &answer), 0);
    cr_assert_eq(answer.addresses.count, expected);
    cr_assert_eq(answer.ttl, 77);
    cr_assert_eq(answer.rcode, 0);
    message_answer_deinit(&answer);
}

/* 12 + (name + 1 + 4) + n * 16, or 28, are 1500 at most. */
Test(response, holds_as_many_whole_addresses_as_there_is_room_for)
{
    assert_filled("a", DNS_FAMILY_A, (1500 - 12 - 7) / 16);
    assert_filled("host.example", DNS_FAMILY_A, (1500 - 12 - 18) / 16);
    assert_filled("host.example", DNS_FAMILY_AAAA, (1500 - 12 - 18) / 28);
}

/* A header and question of 28 octets, and 92 records, make 1500. */
Test(response, may_be_as_large_as_what_is_read)
{
    struct response_query query = read_query("ab.examples", ns_t_a);
    struct response response;

    response_begin(&response, &query, 0);
    fill(&response, DNS_FAMILY_A, 1);
    cr_assert_eq(response.size, 29 + 91 * 16);
    query = read_query("b.examples", ns_t_a);
    response_begin(&response, &query, 0);
    fill(&response, DNS_FAMILY_A, 1);
    cr_assert_eq(response.size, 1500);
}

Test(response, cuts_ttls_off)
{
    struct response_query query = read_query("host.example", ns_t_a);
    struct message_answer answer = {0};
    struct address address = numbered(1);
    struct response response;

    response_begin(&response, &query, 0);
    response_add(&response, &address, DNS_FAMILY_A, UINT32_MAX);
    cr_assert_eq(message_read_answer(response.octets, response.size, DNS_FAMILY_A, &answer), 0);
    cr_assert_eq(answer.ttl, INT32_MAX);
    message_answer_deinit(&answer);
}

Test(response, holds_the_longest_name)
{
    char name[256];
    struct response response;

    memset(name, 'x', sizeof(name));
    name[63] = name[127] = name[191] = '.';
    name[253] = '\0';
    struct response_query query = read_query(name, ns_t_any);
    response_begin(&response, &query, 0);
    cr_assert_eq(response.size, RESPONSE_QUERY_SIZE_MAX);
}
