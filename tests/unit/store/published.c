#include "store/published.h"

#include <criterion/criterion.h>
#include <string.h>

#include "fixture.h"
#include "store/changes.h"
#include "util/cleanup.h"

static void set_up(void)
{
    bool was_changed;

    fixture_set_up();
    cr_assert_eq(changes_install(fixture.db, &was_changed), 0);
}

TestSuite(published, .init = set_up, .fini = fixture_tear_down);

static void write_one(uint32_t serial, struct published_answer *answers, size_t count)
{
    struct published published = {.serial = serial, .answers = answers, .count = count};

    for (int i = 0; i < DIGEST_SIZE; ++i)
        published.rows[i] = (uint8_t)(i * 7 + 1);
    cr_assert_eq(database_begin(fixture.db), 0);
    cr_assert_eq(published_write(fixture.db, FIXTURE_ZONE, &published), 0);
    cr_assert_eq(database_commit(fixture.db), 0);
}

static void expect_unknown(const char *sql, bool is_logged)
{
    CLEANUP(published_deinit) struct published published = {.is_known = true};

    fixture_execute(sql);
    fixture_log_start();
    int r = published_read(fixture.db, FIXTURE_ZONE, &published);
    int lines = fixture_count_logged("zone 1 can't be read");
    cr_assert_eq(r, 0);
    cr_expect_not(published.is_known, "%s", sql);
    cr_expect_eq(published.count, 0);
    cr_expect_eq(lines, is_logged, "%s: %d lines", sql, lines);
}

Test(published, what_is_written_is_read)
{
    CLEANUP(published_deinit) struct published published = {0};
    struct published_answer answers[] = {{1, UINT64_MAX}, {2, 0}, {UINT64_MAX, 0x0102030405060708}};

    write_one(UINT32_MAX, answers, 3);
    cr_assert_eq(published_read(fixture.db, FIXTURE_ZONE, &published), 0);
    cr_expect(published.is_known);
    cr_expect_eq(published.serial, UINT32_MAX);
    cr_expect_eq(published.rows[0], 1);
    cr_expect_eq(published.rows[31], 31 * 7 + 1);
    cr_assert_eq(published.count, 3);
    cr_expect_eq(memcmp(published.answers, answers, sizeof(answers)), 0);
    cr_expect_str_eq(fixture_query("SELECT hex(answers) FROM aliasd_published"),
                     "0000000000000001FFFFFFFFFFFFFFFF"
                     "00000000000000020000000000000000"
                     "FFFFFFFFFFFFFFFF0102030405060708;");
}

Test(published, replaces_what_was_there)
{
    CLEANUP(published_deinit) struct published published = {0};
    struct published_answer answer = {1, 2};

    write_one(7, &answer, 1);
    cr_assert_eq(published_read(fixture.db, FIXTURE_ZONE, &published), 0);
    cr_expect_eq(published.count, 1);
    write_one(8, NULL, 0);
    cr_assert_eq(published_read(fixture.db, FIXTURE_ZONE, &published), 0);
    cr_expect(published.is_known);
    cr_expect_eq(published.serial, 8);
    cr_expect_eq(published.count, 0);
    cr_expect_str_eq(fixture_query("SELECT count(*) FROM aliasd_published"), "1;");
}

Test(published, nothing_is_known_of_other_zones)
{
    expect_unknown("SELECT 1", false);
    write_one(7, NULL, 0);
    expect_unknown("UPDATE aliasd_published SET domain_id = 2", false);
}

Test(published, what_cannot_be_read_counts_as_not_known_and_is_logged)
{
    static const char *const damages[] = {
        "UPDATE aliasd_published SET serial = -1",
        "UPDATE aliasd_published SET serial = 4294967296",
        "UPDATE aliasd_published SET rows = x''",
        "UPDATE aliasd_published SET rows = zeroblob(31)",
        "UPDATE aliasd_published SET rows = zeroblob(33)",
        "UPDATE aliasd_published SET answers = zeroblob(15)",
        "UPDATE aliasd_published SET answers = zeroblob(17)",
        /* Not sorted, and twice the same key */
        ("UPDATE aliasd_published SET answers ="
         " x'0000000000000002FFFFFFFFFFFFFFFF00000000000000010000000000000000'"),
        ("UPDATE aliasd_published SET answers ="
         " x'0000000000000002FFFFFFFFFFFFFFFF00000000000000020000000000000000'"),
    };

    for (size_t i = 0; i < sizeof(damages) / sizeof(damages[0]); ++i) {
        write_one(7, NULL, 0);
        expect_unknown(damages[i], true);
    }
}

Test(published, goes_with_its_zone)
{
    write_one(7, NULL, 0);
    fixture_execute("UPDATE domains SET name = 'example.org', type = 'MASTER' WHERE id = 1");
    cr_expect_str_eq(fixture_query("SELECT serial FROM aliasd_published"), "7;");
    fixture_execute("UPDATE domains SET id = 9 WHERE id = 1");
    cr_expect_str_eq(fixture_query("SELECT serial FROM aliasd_published"), "");
    fixture_execute("UPDATE domains SET id = 1 WHERE id = 9");
    write_one(7, NULL, 0);
    fixture_execute("DELETE FROM domains WHERE id = 1");
    cr_expect_str_eq(fixture_query("SELECT serial FROM aliasd_published"), "");
}
