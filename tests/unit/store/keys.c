#include "store/keys.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "fixture.h"

TestSuite(keys, .init = fixture_set_up, .fini = fixture_tear_down);

Test(keys, zone_has_its_keys)
{
    CLEANUP(keys_cursor_deinit) struct keys_cursor cursor = {0};
    struct keys_row row;

    fixture_execute("INSERT INTO cryptokeys(id, domain_id, flags, active, published, content)"
                    " VALUES (9, 1, 256, 0, 1, 'two'), (4, 1, 257, 1, 0, 'Private-key-format: v1.2"
                    "\n'), (5, 2, 257, 1, 1, 'other')");
    cr_assert_eq(keys_list(fixture.db, "example.com", &cursor), 0);
    cr_assert_eq(keys_next(&cursor, &row), 0);
    cr_expect_eq(row.id, 4);
    cr_expect_eq(row.flags, 257);
    cr_expect(row.active);
    cr_expect_not(row.published);
    cr_expect_str_eq(row.content, "Private-key-format: v1.2\n");
    cr_assert_eq(keys_next(&cursor, &row), 0);
    cr_expect_eq(row.id, 9);
    cr_expect_eq(row.flags, 256);
    cr_expect_not(row.active);
    cr_expect(row.published);
    cr_expect_eq(keys_next(&cursor, &row), KEYS_E_END);
}

Test(keys, null_is_neither_active_nor_published)
{
    CLEANUP(keys_cursor_deinit) struct keys_cursor cursor = {0};
    struct keys_row row;

    fixture_execute("INSERT INTO cryptokeys(domain_id, flags, active, published, content)"
                    " VALUES (1, 256, NULL, NULL, NULL)");
    cr_assert_eq(keys_list(fixture.db, "example.com", &cursor), 0);
    cr_assert_eq(keys_next(&cursor, &row), 0);
    cr_expect_not(row.active);
    cr_expect_not(row.published);
    cr_expect_str_eq(row.content, "");
}

Test(keys, flags_that_are_no_number_are_a_failure)
{
    CLEANUP(keys_cursor_deinit) struct keys_cursor cursor = {0};
    struct keys_row row;

    fixture_execute("INSERT INTO cryptokeys(domain_id, flags, active, content)"
                    " VALUES (1, 'ksk', 1, 'x')");
    cr_assert_eq(keys_list(fixture.db, "example.com", &cursor), 0);
    cr_expect_eq(keys_next(&cursor, &row), -EBADMSG);
}

Test(keys, unknown_zone_has_none)
{
    CLEANUP(keys_cursor_deinit) struct keys_cursor cursor = {0};
    struct keys_row row;

    cr_assert_eq(keys_list(fixture.db, "example.net", &cursor), 0);
    cr_expect_eq(keys_next(&cursor, &row), KEYS_E_END);
}
