#include "dns/ranges.h"

#include <criterion/criterion.h>
#include <malloc.h>
#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"

static enum dns_family family_of(const char *text)
{
    return strchr(text, ':') ? DNS_FAMILY_AAAA : DNS_FAMILY_A;
}

static struct address address(const char *text)
{
    struct address address;

    cr_assert_eq(address_from_text(text, family_of(text), &address), 0, "%s", text);
    return address;
}

static bool contain(const struct ranges *ranges, const char *text)
{
    struct address wanted = address(text);

    return ranges_contain(ranges, family_of(text), &wanted);
}

/* The last address before a range, its first, its last, and the next one; NULL: there is none. */
struct edges {
    const char *before, *first, *last, *after;
};

static void assert_edges(const char *word, const struct edges *edges, size_t count)
{
    CLEANUP(ranges_deinit) struct ranges ranges = {0};

    cr_assert_eq(ranges_add(&ranges, word), 0);
    cr_expect_eq(ranges.count, count, "%s", word);
    for (size_t i = 0; i < count; ++i) {
        cr_expect(contain(&ranges, edges[i].first), "%s: %s", word, edges[i].first);
        cr_expect(contain(&ranges, edges[i].last), "%s: %s", word, edges[i].last);
        cr_expect(!edges[i].before || !contain(&ranges, edges[i].before), "%s: %s", word,
                  edges[i].before);
        cr_expect(!edges[i].after || !contain(&ranges, edges[i].after), "%s: %s", word,
                  edges[i].after);
    }
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct edges default_edges[] = {
    {NULL, "0.0.0.0", "0.255.255.255", "1.0.0.0"},
    {"126.255.255.255", "127.0.0.0", "127.255.255.255", "128.0.0.0"},
    {"169.253.255.255", "169.254.0.0", "169.254.255.255", "169.255.0.0"},
    {"223.255.255.255", "224.0.0.0", "239.255.255.255", "240.0.0.0"},
    {"255.255.255.254", "255.255.255.255", "255.255.255.255", NULL},
    {NULL, "::", "::", "::2"},
    {NULL, "::1", "::1", "::2"},
    {"::fffe:ffff:ffff", "::ffff:0.0.0.0", "::ffff:255.255.255.255", "::1:0:0:0"},
    {"fe7f:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fe80::", "febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
     "fec0::"},
    {"feff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "ff00::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
     NULL},
};

static const struct edges private_edges[] = {
    {"9.255.255.255", "10.0.0.0", "10.255.255.255", "11.0.0.0"},
    {"172.15.255.255", "172.16.0.0", "172.31.255.255", "172.32.0.0"},
    {"192.167.255.255", "192.168.0.0", "192.168.255.255", "192.169.0.0"},
    {"100.63.255.255", "100.64.0.0", "100.127.255.255", "100.128.0.0"},
    {"192.0.1.255", "192.0.2.0", "192.0.2.255", "192.0.3.0"},
    {"198.51.99.255", "198.51.100.0", "198.51.100.255", "198.51.101.0"},
    {"203.0.112.255", "203.0.113.0", "203.0.113.255", "203.0.114.0"},
    {"fbff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "fc00::", "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff",
     "fe00::"},
    {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff",
     "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::"},
    {"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff",
     "3fff:1000::"},
};

Test(ranges, default_holds_what_no_name_should_lead_to)
{
    assert_edges("default", default_edges, COUNT(default_edges));
    assert_edges("DEFAULT", default_edges, COUNT(default_edges));
}

Test(ranges, private_holds_what_is_not_routed)
{
    assert_edges("private", private_edges, COUNT(private_edges));
}

Test(ranges, none_is_a_word_for_no_address)
{
    assert_edges("none", NULL, 0);
}

static const struct {
    const char *word;
    struct edges edges;
} written[] = {
    {"0.0.0.0/0", {NULL, "0.0.0.0", "255.255.255.255", "::"}},
    {"::/0", {"0.0.0.0", "::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", NULL}},
    {"198.18.0.0/15", {"198.17.255.255", "198.18.0.0", "198.19.255.255", "198.20.0.0"}},
    {"128.0.0.0/1", {"127.255.255.255", "128.0.0.0", "255.255.255.255", NULL}},
    {"192.0.2.8/31", {"192.0.2.7", "192.0.2.8", "192.0.2.9", "192.0.2.10"}},
    {"192.0.2.8/32", {"192.0.2.7", "192.0.2.8", "192.0.2.8", "192.0.2.9"}},
    {"192.0.2.8", {"192.0.2.7", "192.0.2.8", "192.0.2.8", "192.0.2.9"}},
    {"2001:DB8:8000::/33",
     {"2001:db8:7fff:ffff::", "2001:db8:8000::", "2001:db8:ffff::", "2001:db9::"}},
    {"2001:db8::8/127", {"2001:db8::7", "2001:db8::8", "2001:db8::9", "2001:db8::a"}},
    {"2001:db8::8", {"2001:db8::7", "2001:db8::8", "2001:db8::8", "2001:db8::9"}},
    /* The octets of an IPv4 range lead no IPv6 address. */
    {"32.1.0.0/16", {"2001::", "32.1.0.0", "32.1.255.255", "2001:ffff::"}},
};

Test(ranges, may_be_written)
{
    for (size_t i = 0; i < COUNT(written); ++i) {
        cr_expect(ranges_is_word(written[i].word), "%s", written[i].word);
        assert_edges(written[i].word, &written[i].edges, 1);
    }
}

Test(ranges, what_is_none_is_refused)
{
    static const char *const words[] = {
        "",
        "/",
        "/8",
        "10",
        "10.0.0.0/",
        "10.0.0.0/33",
        "10.0.0.0/-1",
        "10.0.0.0/+8",
        "10.0.0.0/ 8",
        "10.0.0.0/8 ",
        "10.0.0.0/8/8",
        "10.0.0.0/4294967304",
        "10.0.0.0/0x8",
        "10.0.0.1/8",
        "10.0.0.256",
        "10.0.0/24",
        "::/129",
        "::1/127",
        "fe80::1%lo",
        "2001:db8::1/",
        "privat",
        "private/8",
        "localhost",
        "0.0.0.0/255.0.0.0",
        "0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000:0000",
    };

    for (size_t i = 0; i < COUNT(words); ++i) {
        CLEANUP(ranges_deinit) struct ranges ranges = {0};

        cr_expect(!ranges_is_word(words[i]), "%s", words[i]);
        cr_expect_eq(ranges_add(&ranges, words[i]), RANGES_E_INVALID, "%s", words[i]);
        cr_expect_eq(ranges.count, 0);
    }
}

/* What the words of a list do to these. */
static const struct {
    const char *words[4];
    bool denies_loopback, denies_10, denies_192_0_2, denies_198_18;
} lists[] = {
    {{NULL}, true, false, false, false},
    {{"default"}, true, false, false, false},
    {{"private"}, true, true, true, false},
    {{"default", "private"}, true, true, true, false},
    {{"198.18.0.0/15"}, true, false, false, true},
    {{"none"}, false, false, false, false},
    {{"None", "198.18.0.0/15"}, false, false, false, true},
    {{"private", "none"}, false, true, true, false},
    {{"none", "default"}, true, false, false, false},
};

Test(ranges, list_has_the_default_unless_it_says_none)
{
    CLEANUP(ranges_deinit) struct ranges denied = {0};

    for (size_t i = 0; i < COUNT(lists); ++i) {
        cr_assert_eq(ranges_read_denied(lists[i].words, &denied), 0);
        cr_expect_eq(contain(&denied, "127.0.0.1"), lists[i].denies_loopback, "list %zu", i);
        cr_expect_eq(contain(&denied, "::1"), lists[i].denies_loopback, "list %zu", i);
        cr_expect_eq(contain(&denied, "10.0.0.1"), lists[i].denies_10, "list %zu", i);
        cr_expect_eq(contain(&denied, "192.0.2.1"), lists[i].denies_192_0_2, "list %zu", i);
        cr_expect_eq(contain(&denied, "198.18.0.1"), lists[i].denies_198_18, "list %zu", i);
    }
}

Test(ranges, list_with_a_bad_word_changes_nothing)
{
    static const char *const good[] = {"none", "10.0.0.0/8", NULL};
    static const char *const bad[] = {"private", "10.0.0.0/99", NULL};
    CLEANUP(ranges_deinit) struct ranges denied = {0};

    cr_assert_eq(ranges_read_denied(good, &denied), 0);
    cr_expect_eq(ranges_read_denied(bad, &denied), RANGES_E_INVALID);
    cr_expect_eq(denied.count, 1);
    cr_expect(contain(&denied, "10.0.0.1"));
}

static struct address_set set_of(const char *const *texts)
{
    struct address_set set = {0};

    for (; *texts; ++texts) {
        struct address item = address(*texts);

        cr_assert_eq(address_set_add(&set, &item), 0);
    }
    return set;
}

static void assert_taken(const char *word, const char *const *before, const char *const *kept,
                         const char *const *taken)
{
    CLEANUP(ranges_deinit) struct ranges ranges = {0};
    CLEANUP(address_set_deinit) struct address_set set = set_of(before);
    CLEANUP(address_set_deinit) struct address_set expected_kept = set_of(kept);
    CLEANUP(address_set_deinit) struct address_set expected_taken = set_of(taken);
    CLEANUP(address_set_deinit) struct address_set actual = {0};

    cr_assert_eq(ranges_add(&ranges, word), 0);
    cr_assert_eq(ranges_take(&ranges, DNS_FAMILY_A, &set, &actual), 0);
    cr_expect(address_set_equal(&set, &expected_kept));
    cr_expect(address_set_equal(&actual, &expected_taken));
    cr_expect_eq(set.items == NULL, set.count == 0, "an empty set has no memory");
}

Test(ranges, taking_parts_a_set)
{
    static const char *const nothing[] = {NULL};
    static const char *const all[] = {"10.0.0.1", "127.0.0.1", "192.0.2.1", "192.168.0.1", NULL};
    static const char *const public[] = {"127.0.0.1", "192.0.2.1", NULL};
    static const char *const rfc1918[] = {"10.0.0.1", "192.168.0.1", NULL};
    static const char *const ten[] = {"10.0.0.1", NULL};
    static const char *const not_ten[] = {"127.0.0.1", "192.0.2.1", "192.168.0.1", NULL};

    assert_taken("10.0.0.0/8", all, not_ten, ten);
    assert_taken("10.0.0.0/8", not_ten, not_ten, nothing);
    assert_taken("private", rfc1918, nothing, rfc1918);
    assert_taken("0.0.0.0/0", public, nothing, public);
    assert_taken("::/0", all, all, nothing);
    assert_taken("none", all, all, nothing);
    assert_taken("default", nothing, nothing, nothing);
}

Test(ranges, no_ranges_take_nothing)
{
    static const char *const texts[] = {"127.0.0.1", NULL};
    CLEANUP(address_set_deinit) struct address_set set = set_of(texts);
    CLEANUP(address_set_deinit) struct address_set taken = {0};

    cr_assert_eq(ranges_take(NULL, DNS_FAMILY_A, &set, &taken), 0);
    cr_expect_eq(set.count, 1);
    cr_expect_eq(taken.count, 0);
}

Test(ranges, what_was_taken_leaves_no_room)
{
    CLEANUP(ranges_deinit) struct ranges ranges = {0};
    CLEANUP(address_set_deinit) struct address_set set = {0};
    CLEANUP(address_set_deinit) struct address_set taken = {0};

    for (int i = 0; i < 256; ++i) {
        struct address item = {{192, 0, 2, (uint8_t)i}};

        cr_assert_eq(address_set_add(&set, &item), 0);
    }
    cr_assert_eq(ranges_add(&ranges, "192.0.2.128/25"), 0);
    cr_assert_eq(ranges_add(&ranges, "192.0.2.64/26"), 0);
    cr_assert_eq(ranges_take(&ranges, DNS_FAMILY_A, &set, &taken), 0);
    cr_assert_eq(set.count, 64);
    cr_expect_lt(malloc_usable_size(set.items), 128 * sizeof(*set.items));
}
