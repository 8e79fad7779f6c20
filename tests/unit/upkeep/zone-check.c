#include "upkeep/zone-check.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "../store/fixture.h"

TestSuite(zone_check, .init = fixture_set_up, .fini = fixture_tear_down);

/* Adds "(domain_id, name, type, content), ..." to the records. */
static void insert(const char *values)
{
    char sql[2048];

    snprintf(sql, sizeof(sql),
             "PRAGMA foreign_keys=OFF;"
             "INSERT INTO records(domain_id, name, type, content) VALUES %s",
             values);
    fixture_execute(sql);
}

/* All faults of the last call as "WHY;". */
static const char *render(const struct zone_check *check)
{
    static char text[4096];
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = 0; i < check->faults.count; ++i)
        used +=
            (size_t)snprintf(text + used, sizeof(text) - used, "%s;", check->faults.items[i].why);
    return text;
}

static void expect(const char *zone, const char *expected)
{
    CLEANUP(zone_check_deinit) struct zone_check check;

    zone_check_init(&check, fixture.db, 16);
    cr_assert_eq(zone_check_named(&check, zone), 0);
    cr_expect_str_eq(render(&check), expected, "%s", render(&check));
}

#define NO_SOA "no SOA at the apex: not served;"

/* The row without which a zone isn't one that answers. */
#define SOA(id, zone) "(" id ", '" zone "', 'SOA', 'ns." zone " h." zone " 1 2 3 4 5')"

Test(zone_check, zone_in_order_has_no_fault)
{
    expect("example.com", "");
}

Test(zone_check, zone_is_found_however_it_is_written)
{
    fixture_execute("INSERT INTO domains(name, type) VALUES ('x..y', 'NATIVE'), ('z.', 'NATIVE')");
    expect("EXAMPLE.com.", "");
    expect("x..y", "the zone's name is no name: PowerDNS leaves the zone out;");
    expect("z.", "the zone is never found: its name has to be written 'z';" NO_SOA);
}

Test(zone_check, zone_that_is_not_there_is_said)
{
    CLEANUP(zone_check_deinit) struct zone_check check;

    zone_check_init(&check, fixture.db, 16);
    cr_expect_eq(zone_check_find(&check, "example.com"), 0);
    cr_expect_eq(zone_check_find(&check, "www.example.com"), ZONE_CHECK_E_NOT_FOUND);
    cr_expect_eq(zone_check_named(&check, "www.example.com"), ZONE_CHECK_E_NOT_FOUND);
    cr_expect_eq(zone_check_named(&check, ""), ZONE_CHECK_E_NOT_FOUND);
}

Test(zone_check, zones_come_in_the_order_of_their_ids)
{
    CLEANUP(zone_check_deinit) struct zone_check check;

    fixture_execute("INSERT INTO domains(id, name, type) VALUES (-5, 'a', 'NATIVE'),"
                    " (9, 'b', 'SLAVE')");
    zone_check_init(&check, fixture.db, 16);
    cr_assert_eq(zone_check_next(&check), 0);
    cr_expect_str_eq(check.zone_name, "a");
    cr_assert_eq(zone_check_next(&check), 0);
    cr_expect_str_eq(check.zone_name, "example.com");
    cr_assert_eq(zone_check_next(&check), 0);
    cr_expect_str_eq(check.zone_name, "b");
    cr_expect(check.faults.items[0].is_warning);
    cr_expect_eq(zone_check_next(&check), ZONE_CHECK_E_END);
}

Test(zone_check, rows_of_no_zone_are_found_after_many_others)
{
    CLEANUP(zone_check_deinit) struct zone_check check;
    char found[4096] = "";
    int r;

    fixture_execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 25000)"
        " INSERT INTO records(domain_id, name, type, content)"
        " SELECT 1, 'h' || i || '.example.com', 'A', '192.0.2.1' FROM n");
    insert("(2, 'x', 'A', '192.0.2.1'), (NULL, 'x', 'A', '192.0.2.1'), ('q', 'x', 'A', '::')");
    fixture_execute("UPDATE records SET id = -7 WHERE domain_id = 2");
    zone_check_init(&check, fixture.db, 16);
    while ((r = zone_check_next_lost(&check)) == 0)
        strncat(found, render(&check), sizeof(found) - strlen(found) - 1);
    cr_expect_eq(r, ZONE_CHECK_E_END);
    cr_expect_str_eq(found, "of no zone: there is none with its domain_id, 2;"
                            "of no zone: its domain_id is NULL or no number;"
                            "of no zone: its domain_id is NULL or no number;");
}

Test(zone_check, rows_are_read_as_they_are)
{
    insert("(1, x'622e6578616d706c652e636f6d', 'A', '192.0.2.1'), (1, NULL, 'A', '192.0.2.1'),"
           "(1, 'c' || char(0) || '.example.com', 'A', '192.0.2.1'),"
           "(1, 'mx.example.com', 'MX', 'mail.example.com')");
    fixture_execute(
        "INSERT INTO records(domain_id, name, type, content, ttl, prio, disabled) VALUES"
        "(1, 'd.example.com', 'A', '192.0.2.1', -1, NULL, 0),"
        "(1, 'd.example.com', 'A', '192.0.2.1', 4294967296, NULL, 0),"
        "(1, 'd.example.com', 'A', '192.0.2.1', 'abc', NULL, 1),"
        "(1, 'd.example.com', 'A', '192.0.2.1', NULL, NULL, NULL),"
        "(1, 'm.example.com', 'MX', 'mail.example.com', 60, 10, 0)");
    expect("example.com", "never found: the row has no name;"
                          "never found: the name is a BLOB or has a NUL in it;"
                          "left out: the ttl is '-1';"
                          "left out: the ttl is '4294967296';"
                          "hidden: disabled is neither 0 nor 1;"
                          "bad content, a number was expected: ' mail.example.com';"
                          "never found: the name is a BLOB or has a NUL in it;");
}

Test(zone_check, chain_goes_through_other_zones_to_the_longest_one)
{
    fixture_execute("INSERT INTO domains(id, name, type) VALUES (2, 'test', 'NATIVE'),"
                    " (3, 'sub.test', 'NATIVE')");
    insert(SOA("2", "test") "," SOA("3", "sub.test"));
    insert("(1, 'a.example.com', 'ALIAS', 'b.sub.test'), (3, 'b.sub.test', 'CNAME', 'c.test'),"
           "(2, 'c.test', 'alias', 'A.example.com.'), (2, 'b.sub.test', 'A', '192.0.2.1')");
    expect("example.com", "a loop: a.example.com -> b.sub.test -> c.test -> a.example.com;");
}

/* It belongs to the zone sub.test, which has no such name. PowerDNS serves no zone without SOA. */
Test(zone_check, chain_ends_where_the_row_is_in_the_wrong_zone)
{
    fixture_execute("INSERT INTO domains(id, name, type) VALUES (2, 'test', 'NATIVE'),"
                    " (3, 'sub.test', 'NATIVE')");
    insert(SOA("2", "test") "," SOA("3", "sub.test"));
    insert("(1, 'a.example.com', 'ALIAS', 'b.sub.test'), (2, 'b.sub.test', 'CNAME',"
           " 'a.example.com')");
    expect("example.com", "");
    fixture_execute("DELETE FROM records WHERE domain_id = 3 AND type = 'SOA'");
    expect("example.com", "a loop: a.example.com -> b.sub.test -> a.example.com;");
}

Test(zone_check, chain_ends_at_a_delegation)
{
    insert("(1, 'a.example.com', 'ALIAS', 'b.sub.example.com'),"
           "(1, 'sub.example.com', 'NS', 'ns.elsewhere'),"
           "(1, 'b.sub.example.com', 'CNAME', 'a.example.com')");
    expect("example.com", "");
    fixture_execute("DELETE FROM records WHERE name = 'sub.example.com'");
    expect("example.com", "a loop: a.example.com -> b.sub.example.com -> a.example.com;"
                          "a loop: b.sub.example.com -> a.example.com -> b.sub.example.com;");
}

Test(zone_check, chain_ends_at_a_disabled_row)
{
    insert("(1, 'a.example.com', 'ALIAS', 'b.example.com'),"
           "(1, 'b.example.com', 'ALIAS', 'a.example.com')");
    fixture_execute("UPDATE records SET disabled = 1 WHERE name = 'b.example.com'");
    expect("example.com", "");
}

Test(zone_check, chain_goes_through_the_closest_wildcard)
{
    insert("(1, 'a.example.com', 'ALIAS', 'x.y.w.example.com'),"
           "(1, '*.w.example.com', 'CNAME', 'a.example.com'),"
           "(1, '*.example.com', 'A', '192.0.2.1')");
    expect("example.com", "a loop: *.w.example.com -> a.example.com -> x.y.w.example.com"
                          " -> a.example.com;"
                          "a loop: a.example.com -> x.y.w.example.com -> a.example.com;");
}

Test(zone_check, name_that_exists_hides_the_wildcard)
{
    insert("(1, 'a.example.com', 'ALIAS', 'x.y.example.com'),"
           "(1, '*.example.com', 'CNAME', 'elsewhere'), (1, 'y.example.com', 'A', '192.0.2.1')");
    expect("example.com", "");
    fixture_execute("UPDATE records SET content = 'a.example.com' WHERE type = 'CNAME'");
    expect("example.com", "");
    fixture_execute("DELETE FROM records WHERE name = 'y.example.com'");
    expect("example.com", "a loop: *.example.com -> a.example.com -> x.y.example.com"
                          " -> a.example.com;"
                          "a loop: a.example.com -> x.y.example.com -> a.example.com;");
}

Test(zone_check, cname_wins_on_the_way_too)
{
    insert("(1, 'a.example.com', 'ALIAS', 'b.example.com'),"
           "(1, 'b.example.com', 'ALIAS', 'a.example.com'),"
           "(1, 'b.example.com', 'CNAME', 'elsewhere')");
    expect("example.com", "never answered: a CNAME stands beside it, row 5;");
}

Test(zone_check, addresses_end_a_chain_for_their_family)
{
    insert(
        "(1, 'a.example.com', 'ALIAS', 'b.example.com'),"
        "(1, 'b.example.com', 'ALIAS', 'b2.example.com'), (1, 'b.example.com', 'A', '192.0.2.1'),"
        "(1, 'b2.example.com', 'CNAME', 'c.example.com'),"
        "(1, 'c.example.com', 'ALIAS', 'a.example.com'), (1, 'c.example.com', 'AAAA', '::1')");
    expect("example.com", "");
}

Test(zone_check, alias_of_a_presigned_zone_ends_a_chain)
{
    fixture_execute("INSERT INTO domains(id, name, type) VALUES (2, 'test', 'NATIVE');"
                    "INSERT INTO domainmetadata(domain_id, kind, content) VALUES"
                    " (2, 'PRESIGNED', '1')");
    insert(SOA("2", "test"));
    insert("(1, 'a.example.com', 'ALIAS', 'b.test'), (2, 'b.test', 'ALIAS', 'a.example.com')");
    expect("example.com", "");
    expect("test", "never answered: the zone is presigned;");
}

Test(zone_check, chain_goes_through_the_root_zone)
{
    fixture_execute("INSERT INTO domains(id, name, type) VALUES (2, '.', 'NATIVE')");
    insert("(2, '.', 'SOA', 'ns h 1 2 3 4 5')");
    insert("(1, 'a.example.com', 'ALIAS', 'b.c'), (2, '*', 'CNAME', 'a.example.com')");
    expect("example.com", "a loop: a.example.com -> b.c -> a.example.com;");
}

/* Out of WAL mode a writer waits for readers, and fails. */
Test(zone_check, nothing_stays_open_after_a_call)
{
    CLEANUP(zone_check_deinit) struct zone_check check;

    insert("(1, 'a.example.com', 'ALIAS', 'a.example.com')");
    fixture_leave_wal();
    zone_check_init(&check, fixture.db, 16);
    cr_assert_eq(zone_check_next(&check), 0);
    insert("(1, 'b.example.com', 'A', '192.0.2.1')");
    cr_expect_str_eq(render(&check), "a loop: a.example.com -> a.example.com;");
    cr_assert_eq(zone_check_next(&check), ZONE_CHECK_E_END);
    insert("(1, 'c.example.com', 'A', '192.0.2.1')");
    cr_assert_eq(zone_check_next_lost(&check), 0);
    insert("(1, 'd.example.com', 'A', '192.0.2.1')");
    cr_assert_eq(zone_check_named(&check, "absent"), ZONE_CHECK_E_NOT_FOUND);
    insert("(1, 'e.example.com', 'A', '192.0.2.1')");
}
