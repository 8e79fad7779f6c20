#include "store/metadata.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "fixture.h"

static void set_up(void)
{
    fixture_set_up();
    fixture_execute("INSERT INTO domainmetadata(domain_id, kind, content) VALUES"
                    "(1, 'ALSO-NOTIFY', '192.0.2.2'), (1, 'PRESIGNED', '1'),"
                    "(1, 'ALSO-NOTIFY', '192.0.2.1'), (1, 'also-notify', '192.0.2.3'),"
                    "(1, 'X-NULL', NULL), (2, 'PRESIGNED', '1')");
}

TestSuite(metadata, .init = set_up, .fini = fixture_tear_down);

/* "kind=content;..." */
static const char *list(const char *zone, const char *kind)
{
    CLEANUP(metadata_cursor_deinit) struct metadata_cursor cursor = {0};
    static char text[512];
    struct metadata_row row;
    size_t used = 0;
    int r;

    text[0] = '\0';
    cr_assert_eq(metadata_list(fixture.db, zone, kind, &cursor), 0);
    while ((r = metadata_next(&cursor, &row)) == 0)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s=%s;", row.kind, row.content);
    return r < 0 ? "failed" : text;
}

Test(metadata, all_values_come_kind_by_kind)
{
    cr_expect_str_eq(list("example.com", NULL),
                     "ALSO-NOTIFY=192.0.2.2;ALSO-NOTIFY=192.0.2.1;PRESIGNED=1;X-NULL=;"
                     "also-notify=192.0.2.3;");
}

Test(metadata, one_kind_is_found_in_any_case)
{
    cr_expect_str_eq(list("example.com", "Also-Notify"),
                     "ALSO-NOTIFY=192.0.2.2;ALSO-NOTIFY=192.0.2.1;also-notify=192.0.2.3;");
    cr_expect_str_eq(list("example.com", "AXFR-SOURCE"), "");
}

Test(metadata, unknown_zone_has_none)
{
    cr_expect_str_eq(list("www.example.com", NULL), "");
    cr_expect_str_eq(list("www.example.com", "PRESIGNED"), "");
}

static int presigned(int64_t zone)
{
    bool is_presigned = false;

    int r = metadata_is_presigned(fixture.db, zone, &is_presigned);
    return r < 0 ? r : is_presigned;
}

Test(metadata, presigned_is_the_first_value_and_one)
{
    cr_expect_eq(presigned(1), 1);
    cr_expect_eq(presigned(3), 0);
    fixture_execute("UPDATE domainmetadata SET content = '0' WHERE kind = 'PRESIGNED'");
    cr_expect_eq(presigned(1), 0);
    fixture_execute("INSERT INTO domainmetadata(domain_id, kind, content)"
                    " VALUES (1, 'PRESIGNED', '1'), (3, 'presigned', '1')");
    cr_expect_eq(presigned(1), 0);
    cr_expect_eq(presigned(3), 0);
}

Test(metadata, nsec3_is_used_where_there_are_parameters)
{
    bool has_nsec3 = true;

    cr_assert_eq(metadata_has_nsec3(fixture.db, 1, &has_nsec3), 0);
    cr_expect_not(has_nsec3);
    fixture_execute("INSERT INTO domainmetadata(domain_id, kind, content)"
                    " VALUES (1, 'NSEC3PARAM', '1 0 0 -')");
    cr_assert_eq(metadata_has_nsec3(fixture.db, 1, &has_nsec3), 0);
    cr_expect(has_nsec3);
}

/* What is said of ALIAS rows: presigned, whether TXT is said, TXT. */
static const char *alias(int64_t zone)
{
    static char text[4];
    struct metadata_alias alias;

    cr_assert_eq(metadata_read_alias(fixture.db, zone, &alias), 0);
    snprintf(text, sizeof(text), "%d%d%d", alias.is_presigned, alias.says_txt, alias.is_txt);
    return text;
}

Test(metadata, first_value_says_what_is_done_with_alias_rows)
{
    fixture_execute("INSERT INTO domainmetadata(domain_id, kind, content) VALUES"
                    "(1, 'X-ALIAS-TXT', '0'), (1, 'X-ALIAS-TXT', '1'), (1, 'PRESIGNED', '0'),"
                    "(2, 'X-ALIAS-TXT', '1'), (2, 'X-ALIAS-TXT', '0'),"
                    "(3, 'x-alias-txt', '1'), (4, 'X-ALIAS-TXT', NULL)");
    cr_expect_str_eq(alias(1), "110");
    cr_expect_str_eq(alias(2), "111");
    cr_expect_str_eq(alias(3), "000");
    cr_expect_str_eq(alias(4), "010");
    cr_expect_str_eq(alias(5), "000");
}

/* Presigned, whether automatic serials are said, and on, SOA-EDIT. */
static const char *publishing(int64_t zone)
{
    static char text[64];
    struct metadata_publishing publishing;

    cr_assert_eq(metadata_read_publishing(fixture.db, zone, &publishing), 0);
    snprintf(text, sizeof(text), "%d%d%d %s", publishing.is_presigned, publishing.says_auto_serial,
             publishing.is_auto_serial, publishing.soa_edit);
    return text;
}

Test(metadata, first_value_says_how_a_zone_is_published)
{
    fixture_execute("INSERT INTO domainmetadata(domain_id, kind, content) VALUES"
                    "(1, 'X-AUTO-SERIAL', '0'), (1, 'SOA-EDIT', 'EPOCH'), (1, 'PRESIGNED', '0'),"
                    "(1, 'X-AUTO-SERIAL', '1'), (1, 'SOA-EDIT', 'NONE'),"
                    "(2, 'SOA-EDIT', '0123456789012345678901234567890123456789'),"
                    "(2, 'X-AUTO-SERIAL', '1'), (2, 'PRESIGNED', '0'), (2, 'X-AUTO-SERIAL', '0'),"
                    "(3, 'soa-edit', 'EPOCH'), (3, 'x-auto-serial', '1'), (3, 'presigned', '1'),"
                    "(4, 'X-AUTO-SERIAL', NULL), (4, 'SOA-EDIT', NULL)");
    cr_expect_str_eq(publishing(1), "110 EPOCH");
    cr_expect_str_eq(publishing(2), "111 0123456789012345678901234567890");
    cr_expect_str_eq(publishing(3), "000 ");
    cr_expect_str_eq(publishing(4), "010 ");
    cr_expect_str_eq(publishing(5), "000 ");
}

Test(metadata, values_of_one_kind_come_in_order)
{
    CLEANUP(metadata_cursor_deinit) struct metadata_cursor cursor = {0};
    struct metadata_row row;

    cr_assert_eq(metadata_list_values(fixture.db, 1, "ALSO-NOTIFY", &cursor), 0);
    cr_assert_eq(metadata_next(&cursor, &row), 0);
    cr_expect_str_eq(row.content, "192.0.2.2");
    cr_assert_eq(metadata_next(&cursor, &row), 0);
    cr_expect_str_eq(row.content, "192.0.2.1");
    cr_expect_eq(metadata_next(&cursor, &row), METADATA_E_END);
}
