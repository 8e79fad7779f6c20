#include "store/domains.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"

TestSuite(domains, .init = fixture_set_up, .fini = fixture_tear_down);

#define NOW 1000000

/* A zone with an SOA whose serial is 7 and whose refresh is 100. */
static void insert(const char *values)
{
    char sql[1024];

    snprintf(sql, sizeof(sql),
             "INSERT INTO domains(id, name, type, master, notified_serial, last_check, account)"
             " VALUES (%s); INSERT INTO records(domain_id, name, type, content) SELECT id, name,"
             " 'SOA', 'ns.x h.x 7 100 3600 604800 60' FROM domains"
             " WHERE id = last_insert_rowid()",
             values);
    fixture_execute(sql);
}

/* The names of all rows: "a b "; or "failed". */
static const char *names(struct domains_cursor *cursor)
{
    static char text[1024];
    struct domains_row row;
    size_t used = 0;
    int r;

    text[0] = '\0';
    while ((r = domains_next(cursor, &row)) == 0)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s ", row.name);
    return r < 0 ? "failed" : text;
}

static const char *all(bool include_disabled)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};

    cr_assert_eq(domains_list(fixture.db, include_disabled, &cursor), 0);
    return names(&cursor);
}

static const char *updated(void)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};

    cr_assert_eq(domains_list_updated_primaries(fixture.db, &cursor), 0);
    return names(&cursor);
}

static const char *unfresh(void)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};

    cr_assert_eq(domains_list_unfresh_secondaries(fixture.db, NOW, &cursor), 0);
    return names(&cursor);
}

Test(domains, find_tells_all_of_a_zone)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct domains_row row;

    insert("5, 'b.example', 'Slave', '192.0.2.1,192.0.2.2:5300', 4294967295, 12345, 'me'");
    cr_assert_eq(domains_find(fixture.db, "b.example", &cursor, &row), 0);
    cr_expect_eq(row.id, 5);
    cr_expect_str_eq(row.name, "b.example");
    cr_expect_str_eq(row.kind, "Slave");
    cr_expect_str_eq(row.masters, "192.0.2.1 192.0.2.2:5300");
    cr_expect_eq(row.notified_serial, 4294967295);
    cr_expect_eq(row.serial, 7);
    cr_expect_eq(row.last_check, 12345);
}

Test(domains, nulls_are_empty_and_zero)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct domains_row row;

    fixture_execute("DELETE FROM records");
    cr_assert_eq(domains_find(fixture.db, "example.com", &cursor, &row), 0);
    cr_expect_str_eq(row.masters, "");
    cr_expect_eq(row.notified_serial, 0);
    cr_expect_eq(row.serial, 0);
    cr_expect_eq(row.last_check, 0);
}

Test(domains, find_of_an_unknown_zone_is_an_outcome)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct domains_row row;

    cr_expect_eq(domains_find(fixture.db, "www.example.com", &cursor, &row), DOMAINS_E_NOT_FOUND);
}

Test(domains, zone_is_found_whatever_case_it_is_stored_in)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct domains_row row;

    fixture_execute("UPDATE domains SET name = 'Example.COM'");
    cr_assert_eq(domains_find(fixture.db, "example.com", &cursor, &row), 0);
    cr_expect_str_eq(row.name, "Example.COM");
    cr_expect_eq(row.serial, 7, "the SOA is in lower case");
}

Test(domains, root_zone_is_found)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct domains_row row;

    insert("5, '.', 'NATIVE', NULL, NULL, NULL, NULL");
    cr_assert_eq(domains_find(fixture.db, "", &cursor, &row), 0);
    cr_expect_eq(row.id, 5);
    cr_expect_eq(row.serial, 7);
    domains_cursor_deinit(&cursor);
    cr_expect_str_eq(all(false), "example.com . ");
}

Test(domains, disabled_soa_gives_no_serial)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct domains_row row;

    fixture_execute("UPDATE records SET disabled = 1");
    cr_assert_eq(domains_find(fixture.db, "example.com", &cursor, &row), 0);
    cr_expect_eq(row.serial, 0);
}

Test(domains, find_fails_on_a_number_that_is_none)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct domains_row row;

    fixture_execute("UPDATE domains SET notified_serial = 'many'");
    cr_expect_eq(domains_find(fixture.db, "example.com", &cursor, &row), -EBADMSG);
    cr_expect_not_null(strstr(database_error(fixture.db), "many"));
}

Test(domains, list_has_zones_without_soa_only_if_asked)
{
    insert("2, 'b.example', 'NATIVE', NULL, NULL, NULL, NULL");
    fixture_execute("INSERT INTO domains(id, name, type) VALUES (3, 'c.example', 'NATIVE');"
                    "UPDATE records SET disabled = 1 WHERE name = 'b.example'");
    cr_expect_str_eq(all(false), "example.com ");
    cr_expect_str_eq(all(true), "example.com b.example c.example ");
}

Test(domains, list_leaves_out_what_powerdns_cannot_read)
{
    insert("2, 'b..example', 'NATIVE', NULL, NULL, NULL, NULL");
    insert("3, 'c.example', 'NATIVE', NULL, 'x', NULL, NULL");
    insert("4, 'd.example', 'NATIVE', NULL, NULL, 'x', NULL");
    cr_expect_str_eq(all(false), "example.com ");
}

Test(domains, list_gives_no_serial_where_the_soa_cannot_be_read)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct domains_row row;

    fixture_execute("UPDATE records SET content = 'ns.x h.x 7 1 1 1' WHERE type = 'SOA'");
    cr_assert_eq(domains_list(fixture.db, false, &cursor), 0);
    cr_assert_eq(domains_next(&cursor, &row), 0);
    cr_expect_eq(row.serial, 0);
}

Test(domains, masters_that_are_no_addresses_are_left_out)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct domains_row row;

    insert("2, 'b.example', 'SLAVE', '192.0.2.1,\tns.example [2001:db8::1]:53, 192.0.2.1:0,"
           " 2001:db8::2 192.0.2.256, [2001:db8::3], 1.2.3.4:99999 [::1 ::1]', NULL, NULL, NULL");
    cr_assert_eq(domains_find(fixture.db, "b.example", &cursor, &row), 0);
    cr_expect_str_eq(row.masters, "192.0.2.1 [2001:db8::1]:53 2001:db8::2 [2001:db8::3]");
}

Test(domains, primary_is_updated_when_its_serial_is_not_the_one_notified)
{
    insert("2, 'same.example', 'MASTER', NULL, 7, NULL, NULL");
    insert("3, 'newer.example', 'MASTER', NULL, 6, NULL, NULL");
    insert("4, 'never.example', 'MASTER', NULL, NULL, NULL, NULL");
    insert("5, 'native.example', 'NATIVE', NULL, 6, NULL, NULL");
    insert("6, 'disabled.example', 'MASTER', NULL, 6, NULL, NULL");
    insert("7, 'badsoa.example', 'MASTER', NULL, 6, NULL, NULL");
    insert("8, 'badnumber.example', 'MASTER', NULL, 'x', NULL, NULL");
    insert("9, 'producer.example', 'PRODUCER', NULL, 6, NULL, NULL");
    fixture_execute("UPDATE records SET disabled = 1 WHERE domain_id = 6;"
                    "UPDATE records SET content = '7' WHERE domain_id = 7");
    cr_expect_str_eq(updated(), "newer.example never.example ");
}

Test(domains, updated_primary_comes_with_both_serials)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct domains_row row;

    insert("3, 'newer.example', 'MASTER', NULL, 6, NULL, NULL");
    cr_assert_eq(domains_list_updated_primaries(fixture.db, &cursor), 0);
    cr_assert_eq(domains_next(&cursor, &row), 0);
    cr_expect_eq(row.id, 3);
    cr_expect_eq(row.notified_serial, 6);
    cr_expect_eq(row.serial, 7);
    cr_expect_eq(domains_next(&cursor, &row), DOMAINS_E_END);
}

Test(domains, secondary_is_unfresh_when_its_refresh_has_passed)
{
    insert("2, 'passed.example', 'SLAVE', '192.0.2.1', NULL, 999899, NULL");
    insert("3, 'now.example', 'SLAVE', '192.0.2.1', NULL, 999900, NULL");
    insert("4, 'fresh.example', 'SLAVE', '192.0.2.1', NULL, 999901, NULL");
    insert("5, 'never.example', 'CONSUMER', '192.0.2.1', NULL, NULL, NULL");
    insert("6, 'lower.example', 'slave', '192.0.2.1', NULL, NULL, NULL");
    insert("7, 'lost.example', 'SLAVE', 'ns.example', NULL, NULL, NULL");
    insert("8, 'badsoa.example', 'SLAVE', '192.0.2.1', NULL, NULL, NULL");
    insert("9, 'badnumber.example', 'SLAVE', '192.0.2.1', NULL, 'x', NULL");
    fixture_execute("UPDATE records SET content = '7' WHERE domain_id = 8;"
                    "INSERT INTO domains(id, name, type, master, last_check)"
                    " VALUES (10, 'empty.example', 'SLAVE', '192.0.2.1', 999999)");
    cr_expect_str_eq(unfresh(), "passed.example now.example never.example empty.example ");
}
