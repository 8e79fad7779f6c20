#include "store/tsig.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "fixture.h"

static void set_up(void)
{
    fixture_set_up();
    fixture_execute("INSERT INTO tsigkeys(name, algorithm, secret) VALUES"
                    "('xfer', 'hmac-sha256', 'Zm9v'), ('Update', 'hmac-md5', 'YmFy'),"
                    "('bad..name', 'hmac-md5', 'YmFy'), ('bad', 'hmac..md5', 'YmFy')");
}

TestSuite(tsig, .init = set_up, .fini = fixture_tear_down);

static const char *list(const char *name)
{
    CLEANUP(tsig_cursor_deinit) struct tsig_cursor cursor = {0};
    static char text[512];
    struct tsig_row row;
    size_t used = 0;
    int r;

    text[0] = '\0';
    cr_assert_eq(tsig_list(fixture.db, name, &cursor), 0);
    while ((r = tsig_next(&cursor, &row)) == 0)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %s %s;", row.name,
                                 row.algorithm, row.secret);
    return r < 0 ? "failed" : text;
}

Test(tsig, all_keys_with_readable_names_are_listed)
{
    cr_expect_str_eq(list(NULL), "xfer hmac-sha256 Zm9v;Update hmac-md5 YmFy;");
}

Test(tsig, key_is_found_by_name_in_any_case)
{
    cr_expect_str_eq(list("xfer"), "xfer hmac-sha256 Zm9v;");
    cr_expect_str_eq(list("update"), "Update hmac-md5 YmFy;");
    cr_expect_str_eq(list("none"), "");
    cr_expect_str_eq(list("bad"), "");
}
