#include "store/soa.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "util/cleanup.h"

TestSuite(soa, .init = fixture_set_up, .fini = fixture_tear_down);

static int find(const char *apex, uint32_t *ret_serial)
{
    CLEANUP(soa_deinit) struct soa soa = {0};

    int r = soa_find(fixture.db, FIXTURE_ZONE, apex, &soa);
    if (r == 0)
        *ret_serial = soa.serial;
    return r;
}

static void expect_serial(uint32_t expected)
{
    uint32_t serial = 0;

    cr_assert_eq(find("example.com", &serial), 0);
    cr_expect_eq(serial, expected);
}

static void expect_none(const char *apex)
{
    uint32_t serial = 4711;

    cr_expect_eq(find(apex, &serial), SOA_E_NOT_FOUND);
    cr_expect_eq(serial, 4711);
}

/* Content as an SQL expression. */
static void set_content(const char *expression)
{
    char sql[256];

    snprintf(sql, sizeof(sql), "UPDATE records SET content = %s WHERE type = 'SOA'", expression);
    fixture_execute(sql);
}

Test(soa, is_found_at_its_apex_only)
{
    expect_serial(7);
    expect_none("www.example.com");
    expect_none("");
}

Test(soa, disabled_one_is_none)
{
    fixture_execute("UPDATE records SET disabled = 1 WHERE type = 'SOA'");
    expect_none("example.com");
}

Test(soa, of_another_zone_is_none)
{
    fixture_execute("UPDATE records SET domain_id = 2 WHERE type = 'SOA'");
    expect_none("example.com");
}

Test(soa, type_may_be_written_in_any_case)
{
    fixture_execute("UPDATE records SET type = 'Soa' WHERE type = 'SOA'");
    expect_serial(7);
}

Test(soa, root_has_one_too)
{
    CLEANUP(soa_deinit) struct soa soa = {0};

    fixture_execute("UPDATE records SET name = '.' WHERE type = 'SOA'");
    cr_assert_eq(soa_find(fixture.db, FIXTURE_ZONE, "", &soa), 0);
    cr_expect_eq(soa.serial, 7);
}

Test(soa, last_of_several_counts_as_with_powerdns)
{
    fixture_execute("INSERT INTO records(id, domain_id, name, type, content, disabled) VALUES"
                    " (90, 1, 'example.com', 'SOA', 'a b 9 1 1 1 1', 0),"
                    " (80, 1, 'example.com', 'SOA', 'a b 8 1 1 1 1', 0),"
                    " (95, 1, 'example.com', 'SOA', 'a b 95 1 1 1 1', 1)");
    expect_serial(9);
    fixture_execute("UPDATE records SET content = 'a b' WHERE id = 80");
    expect_serial(9);
    fixture_execute("UPDATE records SET content = 'a b' WHERE id = 90");
    expect_none("example.com");
}

Test(soa, without_a_serial_is_none)
{
    static const char *const contents[] = {
        "NULL",
        "''",
        "'a b'",
        "'a b 7'",
        "'a b 7 1 1 1'",
        "'a b x 1 1 1 1'",
        "'a b 4294967296 1 1 1 1'",
        "'a b -1 1 1 1 1'",
        "CAST(x'6120622037203120312031203100' AS TEXT)",
    };

    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); ++i) {
        set_content(contents[i]);
        expect_none("example.com");
    }
}

/* All octets but those of the serial stay. */
Test(soa, serial_is_set_and_nothing_else)
{
    static const struct {
        const char *before; /* as SQL */
        uint32_t serial;
        const char *after;
    } cases[] = {
        {"'ns1.example.com h.example.com 7 10800 3600 604800 3600'", 8,
         "ns1.example.com h.example.com 8 10800 3600 604800 3600"},
        {"'a b 9 1 1 1 1'", 10, "a b 10 1 1 1 1"},
        {"'a b 4294967295 1 1 1 1'", 1, "a b 1 1 1 1 1"},
        {"'a b 0 1 1 1 1'", 4294967295, "a b 4294967295 1 1 1 1"},
        {"' a' || char(9) || 'b' || char(9,9) || '007' || char(9) || '1  1 1 1 '", 8,
         " a\tb\t\t8\t1  1 1 1 "},
        {"'7 7 7 7 7 7 7'", 8, "7 7 8 7 7 7 7"},
        {"'a b 7x 1 1 1 1 and more'", 8, "a b 8 1 1 1 1 and more"},
        {"'a b +7' || char(13,10) || '1 1 1 1'", 8, "a b 8\r\n1 1 1 1"},
        {"CAST(x'e9' AS TEXT) || ' %s 7 1 1 1 1'", 8, "\xe9 %s 8 1 1 1 1"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        CLEANUP(soa_deinit) struct soa soa = {0};

        set_content(cases[i].before);
        cr_assert_eq(database_begin(fixture.db), 0);
        cr_assert_eq(soa_find(fixture.db, FIXTURE_ZONE, "example.com", &soa), 0);
        cr_assert_eq(soa_set_serial(fixture.db, &soa, cases[i].serial), 0);
        cr_assert_eq(database_commit(fixture.db), 0);
        cr_expect_str_eq(fixture_query("SELECT content FROM records WHERE type = 'SOA'") +
                             strlen(cases[i].after),
                         ";", "%s", cases[i].before);
        cr_expect_eq(strncmp(fixture_query("SELECT content FROM records WHERE type = 'SOA'"),
                             cases[i].after, strlen(cases[i].after)),
                     0, "%s", cases[i].before);
        expect_serial(cases[i].serial);
    }
    cr_expect_str_eq(fixture_query("SELECT content FROM records WHERE type = 'NS'"),
                     "ns1.example.com;");
}

Test(soa, is_found_anew_in_place_of_another)
{
    CLEANUP(soa_deinit) struct soa soa = {0};

    cr_assert_eq(soa_find(fixture.db, FIXTURE_ZONE, "example.com", &soa), 0);
    set_content("'a b 8 1 1 1 1'");
    cr_assert_eq(soa_find(fixture.db, FIXTURE_ZONE, "example.com", &soa), 0);
    cr_expect_str_eq(soa.content, "a b 8 1 1 1 1");
}
