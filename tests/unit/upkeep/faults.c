#include "upkeep/faults.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"

/* A row of a test; 0 and NULL where nothing is said. */
struct given {
    const char *name;
    const char *type;
    const char *content;
    unsigned flaws;
};

#define SOA "ns.a.test h.a.test 1 2 3 4 5"
#define APEX_SOA                                                                                   \
    {                                                                                              \
        "a.test", "SOA", SOA, 0                                                                    \
    }

static const struct faults_zone zone_a = {.name = "a.test"};

/* NAME.a.test leads to "back.NAME.a.test", and that back; what is below "cut" leads nowhere. */
static int find(void *userdata, const char *name, struct chain_links *links)
{
    char back[64];

    if (strncmp(name, "fail.", 5) == 0)
        return -EIO;
    if (!strstr(name, ".a.test") || strncmp(name, "cut.", 4) == 0)
        return 0;
    links->families = CHAIN_FAMILIES;
    if (strncmp(name, "back.", 5) == 0)
        return chain_links_add(links, name + 5, 60);
    snprintf(back, sizeof(back), "back.%s", name);
    return chain_links_add(links, back, 60);
}

static int check(const struct faults_zone *zone, const struct given *given, size_t count,
                 struct faults *faults)
{
    static const struct chain_guide guide = {.find = find, .hops_max = 16};
    int r = faults_init(faults, zone, &guide);

    for (size_t i = 0; i < count && r == 0; ++i) {
        struct records_row row = {
            .id = (int64_t)i + 1,
            .name = given[i].name ? given[i].name : "",
            .type = given[i].type,
            .content = given[i].content,
            .content_size = strlen(given[i].content),
        };
        struct records_cursor cursor = {.flaws = given[i].flaws, .ttl_text = "TTL"};
        r = faults_add(faults, &row, &cursor);
    }
    return r == 0 ? faults_finish(faults) : r;
}

/* All faults as "ROW NAME TYPE: WHY;"; warnings with a "?" before them. */
static const char *render(const struct faults *faults)
{
    static char text[4096];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < faults->count; ++i) {
        const struct faults_item *item = &faults->items[i];
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%d %s %s: %s;",
                                 item->is_warning ? "?" : "", (int)item->row_id,
                                 item->name ? item->name : "-", item->name ? item->type : "-",
                                 item->why);
    }
    return text;
}

static void expect_of(const struct faults_zone *zone, const struct given *given, size_t count,
                      const char *expected)
{
    CLEANUP(faults_deinit) struct faults faults = {0};

    cr_assert_eq(check(zone, given, count, &faults), 0);
    cr_expect_str_eq(render(&faults), expected, "%s", render(&faults));
}

#define ROWS(...)                                                                                  \
    (const struct given[]){__VA_ARGS__},                                                           \
        sizeof((const struct given[]){__VA_ARGS__}) / sizeof(struct given)

/* Of the zone a.test, whose SOA is row 1. */
#define EXPECT(expected, ...) expect_of(&zone_a, ROWS(APEX_SOA, __VA_ARGS__), expected)

Test(faults, there_are_none_in_a_zone_in_order)
{
    EXPECT("", {"*.a.test", "ALIAS", "x.test", 0}, {"a.test", "NS", "ns.a.test", 0},
           {"b.a.test", "", "", 0}, {"c.a.test", "CNAME", "x.test", 0},
           {"c.a.test", "RRSIG", "whatever", 0}, {"c.a.test", "NSEC", "whatever", 0},
           {"c.a.test", "KEY", "256 3 8 AwEAAQ==", 0}, {"m.a.test", "MX", "10 mail.a.test", 0},
           {"t.a.test", "TYPE65534", "\\# 0", 0});
}

Test(faults, content_that_powerdns_refuses)
{
    EXPECT("2 b.a.test A: bad content, not an IPv4 address: '1.2.3';",
           {"b.a.test", "A", "1.2.3", 0});
    EXPECT("2 b.a.test MX: bad content, a number was expected: ' mail';",
           {"b.a.test", "MX", " mail", 0});
    EXPECT("2 b.a.test : bad content, there is more than belongs there at the end: 'x';",
           {"b.a.test", "", "x", 0});
}

Test(faults, content_that_some_refuse_is_a_warning)
{
    EXPECT("?2 b.a.test TXT: doubtful content, three digits after a backslash that are above 255:"
           " '\"\\999\"';",
           {"b.a.test", "TXT", "\"\\999\"", 0});
}

Test(faults, alias_that_only_powerdns_can_read)
{
    CLEANUP(faults_deinit) struct faults faults = {0};

    cr_assert_eq(check(&zone_a, ROWS(APEX_SOA, {"b.a.test", "alias", "a..b", 0}), &faults), 0);
    cr_expect(strstr(render(&faults), "2 b.a.test alias: bad content"), "%s", render(&faults));
}

Test(faults, name_that_no_lookup_finds)
{
    EXPECT("2 B.a.test A: never found: the name has to be written 'b.a.test';",
           {"B.a.test", "A", "1.2.3.4", 0});
    EXPECT("2 b.a.test. A: never found: the name has to be written 'b.a.test';",
           {"b.a.test.", "A", "1.2.3.4", 0});
    EXPECT("2 b b.a.test A: never found: the name has to be written 'b\\032b.a.test';",
           {"b b.a.test", "A", "1.2.3.4", 0});
    EXPECT("2 b..a.test A: never found: the name is none;", {"b..a.test", "A", "1.2.3.4", 0});
    EXPECT("2  A: never found: the row has no name;", {NULL, "A", "1.2.3.4", RECORDS_NAME_NULL});
    EXPECT("2  A: never found: the row has no name;", {"", "A", "1.2.3.4", 0});
    EXPECT("2 b.a.test A: never found: the name is a BLOB or has a NUL in it;",
           {"b.a.test", "A", "1.2.3.4", RECORDS_NAME_BINARY});
}

Test(faults, name_outside_of_the_zone)
{
    EXPECT("2 b.test A: never found: the name is outside of the zone;",
           {"b.test", "A", "1.2.3.4", 0});
    EXPECT("2 ba.test A: never found: the name is outside of the zone;",
           {"ba.test", "A", "1.2.3.4", 0});
    EXPECT("2 b\\.a.test A: never found: the name is outside of the zone;",
           {"b\\.a.test", "A", "1.2.3.4", 0});
    EXPECT("2 . A: never found: the name is outside of the zone;", {".", "A", "1.2.3.4", 0});
}

Test(faults, everything_is_inside_of_the_root)
{
    static const struct faults_zone root = {.name = "."};

    expect_of(&root, ROWS({".", "SOA", SOA, 0}, {"a.test", "A", "1.2.3.4", 0}), "");
}

Test(faults, ttl_that_cannot_be_read)
{
    EXPECT("2 b.a.test A: left out: the ttl is 'TTL';",
           {"b.a.test", "A", "1.2.3.4", RECORDS_TTL_UNREADABLE});
}

Test(faults, row_has_all_that_are_found)
{
    EXPECT("2 B.test foo: never found: the name has to be written 'b.test';"
           "?2 B.test foo: PowerDNS doesn't know this type;"
           "2 B.test foo: left out: the ttl is 'TTL';",
           {"B.test", "foo", "x", RECORDS_TTL_UNREADABLE});
}

Test(faults, row_that_is_hidden_by_accident_is_a_warning_and_no_more)
{
    EXPECT("?2 B.test A: hidden: disabled is neither 0 nor 1;",
           {"B.test", "A", "x", RECORDS_DISABLED_ODD});
}

Test(faults, type_that_powerdns_does_not_know_is_a_warning)
{
    EXPECT("?2 b.a.test FOO: PowerDNS doesn't know this type;"
           "?3 b.a.test TYPE0: PowerDNS doesn't know this type;",
           {"b.a.test", "FOO", "x", 0}, {"b.a.test", "TYPE0", "x", 0});
}

Test(faults, type_in_small_letters_is_a_warning)
{
    EXPECT("?2 b.a.test a: the type isn't in capitals: not found by its type;",
           {"b.a.test", "a", "1.2.3.4", 0});
}

Test(faults, zone_without_soa)
{
    expect_of(&zone_a, ROWS({"a.test", "NS", "ns.a.test", 0}),
              "0 - -: no SOA at the apex: not served;");
    expect_of(&zone_a, NULL, 0, "0 - -: no SOA at the apex: not served;");
}

Test(faults, soa_that_is_not_found_is_none)
{
    expect_of(&zone_a, ROWS({"a.test", "SOA", SOA, RECORDS_TTL_UNREADABLE}),
              "1 a.test SOA: left out: the ttl is 'TTL';0 - -: no SOA at the apex: not served;");
    expect_of(&zone_a, ROWS({"a.test", "soa", SOA, 0}),
              "?1 a.test soa: the type isn't in capitals: not found by its type;"
              "1 a.test soa: not found: SOA has to be written in capitals;"
              "0 - -: no SOA at the apex: not served;");
}

Test(faults, secondary_zone_may_be_empty_but_not_without_soa)
{
    static const struct faults_zone secondary = {.name = "a.test", .is_secondary = true};

    expect_of(&secondary, NULL, 0, "?0 - -: not transferred yet: a secondary zone without a row;");
    expect_of(&secondary, ROWS({"a.test", "NS", "ns.a.test", 0}),
              "0 - -: no SOA at the apex: not served;");
}

Test(faults, several_soas)
{
    EXPECT("2 a.test SOA: another SOA stands at the apex: row 1;"
           "3 a.test SOA: another SOA stands at the apex: row 1;",
           APEX_SOA, APEX_SOA);
}

Test(faults, soa_elsewhere)
{
    EXPECT("2 b.a.test SOA: an SOA that isn't at the apex;", {"b.a.test", "SOA", SOA, 0});
}

Test(faults, cname_beside_other_data)
{
    EXPECT("3 b.a.test CNAME: other data stands beside the CNAME: A, row 2;",
           {"b.a.test", "A", "1.2.3.4", 0}, {"b.a.test", "CNAME", "x.test", 0},
           {"b.a.test", "TXT", "\"x\"", 0});
    EXPECT("?3 b.a.test FOO: PowerDNS doesn't know this type;"
           "2 b.a.test TYPE5: other data stands beside the CNAME: FOO, row 3;",
           {"b.a.test", "TYPE5", "x.test", 0}, {"b.a.test", "FOO", "x", 0});
}

Test(faults, several_cnames)
{
    EXPECT("3 b.a.test CNAME: another CNAME stands at this name: row 2;",
           {"b.a.test", "CNAME", "x.test", 0}, {"b.a.test", "CNAME", "y.test", 0});
}

Test(faults, rows_of_neighbouring_names_do_not_stand_beside_each_other)
{
    EXPECT("", {"b.a.test", "CNAME", "x.test", 0}, {"c.a.test", "A", "1.2.3.4", 0},
           {"d.a.test", "CNAME", "x.test", 0});
}

/* What PowerDNS doesn't see can't be beside anything. */
Test(faults, rows_that_are_left_out_stand_beside_nothing)
{
    EXPECT("3 b.a.test A: left out: the ttl is 'TTL';"
           "?4 b.a.test A: hidden: disabled is neither 0 nor 1;",
           {"b.a.test", "CNAME", "x.test", 0}, {"b.a.test", "A", "1.2.3.4", RECORDS_TTL_UNREADABLE},
           {"b.a.test", "A", "1.2.3.4", RECORDS_DISABLED_ODD});
}

Test(faults, rows_that_are_never_found_stand_beside_nothing)
{
    EXPECT("2 B.a.test CNAME: never found: the name has to be written 'b.a.test';",
           {"B.a.test", "CNAME", "x.test", 0}, {"b.a.test", "A", "1.2.3.4", 0});
    expect_of(&zone_a, ROWS({"A.test", "SOA", SOA, 0}),
              "1 A.test SOA: never found: the name has to be written 'a.test';"
              "0 - -: no SOA at the apex: not served;");
}

Test(faults, alias_beside_a_cname)
{
    EXPECT("2 b.a.test ALIAS: never answered: a CNAME stands beside it, row 3;",
           {"b.a.test", "ALIAS", "back.b.a.test", 0}, {"b.a.test", "CNAME", "x.test", 0});
}

Test(faults, alias_in_a_presigned_zone)
{
    static const struct faults_zone presigned = {.name = "a.test", .is_presigned = true};

    expect_of(&presigned, ROWS(APEX_SOA, {"b.a.test", "ALIAS", "back.b.a.test", 0}),
              "2 b.a.test ALIAS: never answered: the zone is presigned;");
}

Test(faults, alias_and_cname_that_lead_back)
{
    EXPECT("2 b.a.test ALIAS: a loop: b.a.test -> back.b.a.test -> b.a.test;",
           {"b.a.test", "ALIAS", "back.b.a.test", 0}, {"c.a.test", "A", "1.2.3.4", 0});
    EXPECT("2 b.a.test ALIAS: a loop: b.a.test -> back.b.a.test -> b.a.test;",
           {"b.a.test", "ALIAS", " Back.B.a.test.", 0});
    EXPECT("2 b.a.test CNAME: a loop: b.a.test -> back.b.a.test -> b.a.test;",
           {"b.a.test", "CNAME", "back.b.a.test", 0});
    EXPECT("3 b.a.test ALIAS: a loop: b.a.test -> back.b.a.test -> b.a.test;",
           {"b.a.test", "ALIAS", "x.test", 0}, {"b.a.test", "ALIAS", "back.b.a.test", 0});
}

Test(faults, rows_that_are_not_answered_lead_nowhere)
{
    EXPECT("", {"cut.a.test", "ALIAS", "back.cut.a.test", 0});
}

Test(faults, alias_beside_addresses_of_both_families_is_never_asked_for)
{
    EXPECT("", {"b.a.test", "A", "1.2.3.4", 0}, {"b.a.test", "AAAA", "::1", 0},
           {"b.a.test", "ALIAS", "back.b.a.test", 0});
    EXPECT("3 b.a.test ALIAS: a loop: b.a.test -> back.b.a.test -> b.a.test;",
           {"b.a.test", "A", "1.2.3.4", 0}, {"b.a.test", "ALIAS", "back.b.a.test", 0});
}

Test(faults, failure_of_who_follows_chains_is_passed_on)
{
    CLEANUP(faults_deinit) struct faults faults = {0};

    cr_expect_eq(check(&zone_a, ROWS({"b.a.test", "ALIAS", "fail.test", 0}), &faults), -EIO);
}

Test(faults, zone_whose_name_is_written_wrongly)
{
    static const struct faults_zone capitals = {.name = "A.test"};
    static const struct faults_zone dot = {.name = "a.test."};
    static const struct faults_zone empty = {.name = ""};
    static const struct faults_zone none = {.name = "a..test"};
    static const struct faults_zone binary = {.name = "a.test", .is_binary = true};

    expect_of(&capitals, ROWS(APEX_SOA),
              "0 - -: the zone is never found: its name has to be written 'a.test';");
    expect_of(&dot, ROWS(APEX_SOA),
              "0 - -: the zone is never found: its name has to be written 'a.test';");
    expect_of(&empty, ROWS(APEX_SOA),
              "0 - -: the zone's name is no name: PowerDNS leaves the zone out;");
    expect_of(&none, ROWS(APEX_SOA, {"b.test", "A", "1", 0}),
              "0 - -: the zone's name is no name: PowerDNS leaves the zone out;"
              "2 b.test A: bad content, not an IPv4 address: '1';");
    expect_of(&binary, ROWS(APEX_SOA),
              "0 - -: the zone's name is a BLOB or has a NUL in it: never found;");
}

Test(faults, rows_of_no_zone)
{
    CLEANUP(faults_deinit) struct faults faults = {0};
    struct records_row row = {.id = 3, .domain_id = 7, .name = "b.test", .type = "A"};

    cr_assert_eq(faults_add_lost(&faults, &row, &(struct records_cursor){.flaws = 0}), 0);
    cr_assert_eq(
        faults_add_lost(&faults, &row, &(struct records_cursor){.flaws = RECORDS_ZONE_ODD}), 0);
    cr_expect_str_eq(render(&faults),
                     "3 b.test A: of no zone: there is none with its domain_id, 7;"
                     "3 b.test A: of no zone: its domain_id is NULL or no number;");
}
