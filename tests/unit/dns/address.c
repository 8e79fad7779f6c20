#include <arpa/inet.h>
#include <criterion/criterion.h>
#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "dns/address.h"

static struct address v4(const char *text)
{
    struct address address;

    cr_assert_eq(address_from_text(text, DNS_FAMILY_A, &address), 0);
    return address;
}

static void add(struct address_set *set, const char *text)
{
    struct address address = v4(text);

    cr_assert_eq(address_set_add(set, &address), 0);
}

static void assert_item(const struct address_set *set, size_t i, const char *text)
{
    char actual[ADDRESS_TEXT_SIZE];

    cr_assert_lt(i, set->count);
    address_to_text(&set->items[i], DNS_FAMILY_A, actual);
    cr_assert_str_eq(actual, text);
}

Test(address, each_octet_is_written_as_inet_ntop_would)
{
    for (int octet = 0; octet < 256; ++octet) {
        char text[ADDRESS_TEXT_SIZE], expected[ADDRESS_TEXT_SIZE];
        struct address address = {.octets = {octet, 255 - octet, octet / 2, octet}};

        cr_assert(inet_ntop(AF_INET, address.octets, expected, sizeof(expected)));
        address_to_text(&address, DNS_FAMILY_A, text);
        cr_assert_str_eq(text, expected);
    }
}

/* Every pattern of zeros, with groups of one to four digits between them. */
Test(address, each_ipv6_address_is_written_as_inet_ntop_would)
{
    static const unsigned groups[] = {0, 0, 0x1, 0x20, 0x3f0, 0xffff};
    unsigned pattern[8];

    for (unsigned number = 0; number < 6u * 6 * 6 * 6 * 6 * 6 * 6 * 6; number += 1 + number % 3) {
        char text[ADDRESS_TEXT_SIZE], expected[ADDRESS_TEXT_SIZE];
        struct address address = {0};
        unsigned rest = number;
        for (size_t i = 0; i < 8; ++i, rest /= 6) {
            pattern[i] = groups[rest % 6];
            address.octets[2 * i] = (unsigned char)(pattern[i] >> 8);
            address.octets[2 * i + 1] = (unsigned char)pattern[i];
        }
        cr_assert(inet_ntop(AF_INET6, address.octets, expected, sizeof(expected)));
        address_to_text(&address, DNS_FAMILY_AAAA, text);
        if (strcmp(text, expected) != 0)
            cr_assert_str_eq(text, expected);
    }
}

Test(address, set_is_sorted_whatever_the_order_of_adding)
{
    struct address_set set = {0};

    add(&set, "192.0.2.9");
    add(&set, "192.0.2.1");
    add(&set, "10.0.0.1");
    add(&set, "192.0.2.5");
    cr_assert_eq(set.count, 4);
    assert_item(&set, 0, "10.0.0.1");
    assert_item(&set, 1, "192.0.2.1");
    assert_item(&set, 2, "192.0.2.5");
    assert_item(&set, 3, "192.0.2.9");
    address_set_deinit(&set);
}

Test(address, octets_above_127_sort_above_those_below)
{
    struct address_set set = {0};

    add(&set, "200.0.0.1");
    add(&set, "100.0.0.1");
    assert_item(&set, 0, "100.0.0.1");
    address_set_deinit(&set);
}

Test(address, set_holds_an_address_once)
{
    struct address_set set = {0};

    for (int i = 0; i < 3; ++i) {
        add(&set, "192.0.2.2");
        add(&set, "192.0.2.1");
    }
    cr_assert_eq(set.count, 2);
    address_set_deinit(&set);
}

Test(address, set_takes_thousands)
{
    struct address_set set = {0};
    char text[32];

    for (int i = 0; i < 3000; ++i) {
        snprintf(text, sizeof(text), "10.0.%d.%d", i * 7 % 3000 / 250, i * 7 % 3000 % 250);
        add(&set, text);
    }
    cr_assert_eq(set.count, 3000);
    for (size_t i = 1; i < set.count; ++i)
        cr_assert_lt(memcmp(&set.items[i - 1], &set.items[i], sizeof(struct address)), 0);
    address_set_deinit(&set);
}

Test(address, merge_is_a_union)
{
    struct address_set a = {0}, b = {0};

    add(&a, "192.0.2.1");
    add(&a, "192.0.2.3");
    add(&b, "192.0.2.2");
    add(&b, "192.0.2.3");
    cr_assert_eq(address_set_merge(&a, &b), 0);
    cr_assert_eq(a.count, 3);
    cr_assert_eq(b.count, 2);
    assert_item(&a, 1, "192.0.2.2");
    cr_assert_eq(address_set_merge(&a, &a), 0);
    cr_assert_eq(a.count, 3);
    address_set_deinit(&a);
    address_set_deinit(&b);
}

Test(address, copy_is_equal_and_independent)
{
    struct address_set a = {0}, b = {0};

    add(&a, "192.0.2.1");
    add(&a, "192.0.2.3");
    cr_assert_eq(address_set_copy(&a, &b), 0);
    cr_assert(address_set_equal(&a, &b));
    add(&a, "192.0.2.2");
    cr_assert_not(address_set_equal(&a, &b));
    cr_assert_eq(b.count, 2);
    address_set_deinit(&a);
    address_set_deinit(&b);
}

Test(address, empty_sets_are_equal_and_can_be_copied)
{
    struct address_set a = {0}, b = {0};

    cr_assert_eq(address_set_copy(&a, &b), 0);
    cr_assert(address_set_equal(&a, &b));
    add(&b, "192.0.2.1");
    cr_assert_not(address_set_equal(&a, &b));
    address_set_deinit(&b);
    cr_assert_eq(b.count, 0);
    cr_assert_null(b.items);
}

Test(address, sets_of_the_same_size_can_differ)
{
    struct address_set a = {0}, b = {0};

    add(&a, "192.0.2.1");
    add(&b, "192.0.2.2");
    cr_assert_not(address_set_equal(&a, &b));
    address_set_deinit(&a);
    address_set_deinit(&b);
}

Test(address, text_goes_both_ways)
{
    static const struct {
        enum dns_family family;
        const char *text, *canonical;
    } table[] = {
        {DNS_FAMILY_A, "192.0.2.1", "192.0.2.1"},
        {DNS_FAMILY_AAAA, "2001:DB8:0:0::1", "2001:db8::1"},
        {DNS_FAMILY_AAAA, "::", "::"},
        {DNS_FAMILY_AAAA, "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
         "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"},
        {DNS_FAMILY_AAAA, "::ffff:192.0.2.1", "::ffff:192.0.2.1"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(*table); ++i) {
        struct address address;
        char text[ADDRESS_TEXT_SIZE];

        cr_assert_eq(address_from_text(table[i].text, table[i].family, &address), 0);
        address_to_text(&address, table[i].family, text);
        cr_assert_str_eq(text, table[i].canonical);
    }
}

Test(address, ipv4_leaves_the_other_octets_zero)
{
    static const uint8_t expected[16] = {192, 0, 2, 1};
    struct address address;

    memset(&address, 0xff, sizeof(address));
    cr_assert_eq(address_from_text("192.0.2.1", DNS_FAMILY_A, &address), 0);
    cr_assert_arr_eq(address.octets, expected, 16);
}

Test(address, text_of_the_other_family_is_refused)
{
    static const struct {
        enum dns_family family;
        const char *text;
    } table[] = {
        {DNS_FAMILY_A, "2001:db8::1"},
        {DNS_FAMILY_A, "192.0.2"},
        {DNS_FAMILY_A, ""},
        {DNS_FAMILY_A, "192.0.2.256"},
        {DNS_FAMILY_A, "192.0.2.1 "},
        {DNS_FAMILY_AAAA, "192.0.2.1"},
        {DNS_FAMILY_AAAA, "fe80::1%lo"},
        {DNS_FAMILY_AAAA, ":"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(*table); ++i) {
        struct address address = {{7}};

        cr_assert_eq(address_from_text(table[i].text, table[i].family, &address), -EINVAL,
                     "taken: '%s'", table[i].text);
        cr_assert_eq(address.octets[0], 7);
    }
}

Test(address, set_as_text_is_cut_where_there_is_no_room)
{
    struct address_set set = {0};
    char text[64];

    address_set_to_text(&set, DNS_FAMILY_A, text, sizeof(text));
    cr_expect_str_eq(text, "");
    add(&set, "192.0.2.1");
    add(&set, "192.0.2.2");
    address_set_to_text(&set, DNS_FAMILY_A, text, sizeof(text));
    cr_expect_str_eq(text, "192.0.2.1 192.0.2.2");
    address_set_to_text(&set, DNS_FAMILY_A, text, sizeof("192.0.2.1 192.0.2.2"));
    cr_expect_str_eq(text, "192.0.2.1 192.0.2.2");
    address_set_to_text(&set, DNS_FAMILY_A, text, sizeof("192.0.2.1 192.0.2.2") - 1);
    cr_expect_str_eq(text, "192.0.2.1 ...");
    address_set_to_text(&set, DNS_FAMILY_A, text, 5);
    cr_expect_str_eq(text, "...");
    address_set_deinit(&set);
}

Test(address, set_is_told_by_its_hash)
{
    struct address_set one = {0}, other = {0};

    cr_expect_eq(address_set_hash(&one), address_set_hash(&other));
    add(&one, "192.0.2.1");
    cr_expect_neq(address_set_hash(&one), address_set_hash(&other));
    add(&other, "192.0.2.2");
    cr_expect_neq(address_set_hash(&one), address_set_hash(&other));
    add(&one, "192.0.2.2");
    add(&other, "192.0.2.1");
    cr_expect_eq(address_set_hash(&one), address_set_hash(&other));
    address_set_deinit(&one);
    address_set_deinit(&other);
}

Test(address, set_is_truncated_at_its_end)
{
    struct address_set set = {0};

    add(&set, "192.0.2.2");
    add(&set, "192.0.2.1");
    address_set_truncate(&set, 2);
    cr_expect_eq(set.count, 2);
    address_set_truncate(&set, 1);
    cr_expect_eq(set.count, 1);
    assert_item(&set, 0, "192.0.2.1");
    address_set_truncate(&set, 0);
    cr_expect_eq(set.count, 0);
    cr_expect_null(set.items);
}

Test(address, set_that_is_truncated_keeps_no_room)
{
    struct address_set set = {0};

    for (int i = 0; i < 256; ++i) {
        struct address item = {{192, 0, 2, (uint8_t)i}};

        cr_assert_eq(address_set_add(&set, &item), 0);
    }
    address_set_truncate(&set, 2);
    assert_item(&set, 0, "192.0.2.0");
    assert_item(&set, 1, "192.0.2.1");
    cr_expect_lt(malloc_usable_size(set.items), 8 * sizeof(*set.items));
    address_set_deinit(&set);
}
