#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "store/domains.h"
#include "store/keys.h"
#include "store/records.h"

/* How failures are told: once in the log, cut short in a flood, and in database_error(). */

TestSuite(failures, .init = fixture_set_up, .fini = fixture_tear_down);

#define FLOOD       100
#define FLOOD_LINES 10

static int look_up(const char *name)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    struct records_row row;

    int r = records_lookup(fixture.db, name, "ANY", FIXTURE_ZONE, &cursor);
    while (r == 0)
        r = records_next(&cursor, &row);
    return r < 0 ? r : 0;
}

static int read_keys(void)
{
    CLEANUP(keys_cursor_deinit) struct keys_cursor cursor = {0};
    struct keys_row row;

    int r = keys_list(fixture.db, "example.com", &cursor);
    return r < 0 ? r : keys_next(&cursor, &row);
}

static int find_domain(void)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct domains_row row;

    return domains_find(fixture.db, "example.com", &cursor, &row);
}

static int start_twice(void)
{
    CLEANUP(records_cursor_deinit) struct records_cursor first = {0};
    CLEANUP(records_cursor_deinit) struct records_cursor second = {0};
    struct records_row row;

    int r = records_list(fixture.db, FIXTURE_ZONE, &first);
    if (r == 0)
        r = records_next(&first, &row);
    return r < 0 ? r : records_list(fixture.db, FIXTURE_ZONE, &second);
}

static int open_and_free(void)
{
    CLEANUP(database_freep) struct database *db = NULL;

    return fixture_open(false, &db);
}

static void expect_one_line(int (*call)(void), int failure, const char *text)
{
    fixture_log_start();
    int r = call();
    int lines = fixture_count_logged("");
    cr_expect_eq(r, failure, "%s: %d", text, r);
    cr_expect_eq(lines, 1, "%s: %d lines", text, lines);
    fixture_log_start();
    call();
    cr_expect(fixture_logged(text), "%s", text);
}

static void expect_cut_short(int (*call)(void))
{
    fixture_log_start();
    for (int i = 0; i < FLOOD; ++i)
        cr_expect_lt(call(), 0);
    int lines = fixture_count_logged("");
    cr_expect_geq(lines, 1);
    cr_expect_leq(lines, FLOOD_LINES);
}

static int look_up_www(void)
{
    return look_up("www.example.com");
}

Test(failures, statement_is_told_once_with_path_and_values)
{
    char text[256];

    cr_assert_eq(look_up_www(), 0);
    fixture_leave_wal();
    sqlite3 *writer = fixture_connect();
    fixture_execute_on(writer, "BEGIN EXCLUSIVE");
    snprintf(text, sizeof(text),
             "%s: reading records WHERE disabled = 0 AND name = 'www.example.com' AND"
             " domain_id = 1: database is locked (SQLite code 5)",
             fixture.path);
    expect_one_line(look_up_www, -EBUSY, text);
    cr_expect_str_eq(database_error(fixture.db), text + strlen(fixture.path) + 2);
    sqlite3_close(writer);
}

Test(failures, row_that_cannot_be_read_is_told_once)
{
    fixture_execute("UPDATE domains SET notified_serial = 'x'");
    expect_one_line(find_domain, -EBADMSG, "row of 'example.com': domains.notified_serial is 'x'");
    cr_expect_str_eq(database_error(fixture.db),
                     "row of 'example.com': domains.notified_serial is 'x'");
}

Test(failures, missing_table_is_told_once)
{
    fixture_execute("DROP TABLE cryptokeys");
    expect_one_line(read_keys, -EINVAL, "no such table: cryptokeys");
}

Test(failures, cursor_under_way_is_told_once)
{
    expect_one_line(start_twice, -EINVAL, "reading records: started while it is under way");
}

Test(failures, interruption_is_told_once)
{
    fixture.is_cancelled = true;
    expect_one_line(look_up_www, -EINTR, "reading records: cut short");
}

Test(failures, missing_file_is_told_once)
{
    unlink(fixture.path);
    expect_one_line(open_and_free, -ENOENT, "No such file or directory");
}

Test(failures, missing_column_is_told_once)
{
    fixture_execute("ALTER TABLE cryptokeys DROP COLUMN published");
    expect_one_line(open_and_free, -ENOTSUP, "no such column: published");
}

Test(failures, flood_of_missing_files_is_cut_short)
{
    unlink(fixture.path);
    expect_cut_short(open_and_free);
}

Test(failures, flood_of_folders_is_cut_short)
{
    unlink(fixture.path);
    cr_assert_eq(mkdir(fixture.path, 0700), 0);
    expect_cut_short(open_and_free);
}

Test(failures, flood_of_missing_columns_is_cut_short)
{
    fixture_execute("ALTER TABLE cryptokeys DROP COLUMN published");
    expect_cut_short(open_and_free);
}

Test(failures, flood_of_rows_that_cannot_be_read_is_cut_short)
{
    fixture_execute("UPDATE domains SET notified_serial = 'x'");
    expect_cut_short(find_domain);
}

Test(failures, flood_of_cursors_under_way_is_cut_short)
{
    expect_cut_short(start_twice);
}

Test(failures, flood_of_missing_wal_is_cut_short)
{
    database_free(TAKE(fixture.db));
    fixture_execute("PRAGMA journal_mode=DELETE");
    sqlite3 *reader = fixture_connect();
    fixture_execute_on(reader, "BEGIN; SELECT * FROM domains");
    fixture_log_start();
    const struct database_config config = {.path = fixture.path, .busy_timeout_ms = 0};
    for (int i = 0; i < FLOOD; ++i) {
        CLEANUP(database_freep) struct database *db = NULL;
        cr_expect_eq(database_open(&config, &db), 0);
    }
    cr_expect_leq(fixture_count_logged("can't switch to WAL"), FLOOD_LINES);
    sqlite3_close(reader);
}

static void fail_once(void)
{
    fixture_execute("ALTER TABLE records RENAME TO away");
    cr_assert_lt(look_up_www(), 0);
    cr_assert_str_neq(database_error(fixture.db), "");
    fixture_execute("ALTER TABLE away RENAME TO records");
}

Test(failures, none_is_told_of_a_fresh_connection)
{
    cr_expect_str_eq(database_error(fixture.db), "");
}

Test(failures, older_one_is_not_told_after_a_reading_that_worked)
{
    fail_once();
    cr_assert_eq(look_up_www(), 0);
    cr_expect_str_eq(database_error(fixture.db), "");
}

Test(failures, older_one_is_not_told_in_a_new_call)
{
    fail_once();
    database_set_deadline(fixture.db, 0);
    cr_expect_str_eq(database_error(fixture.db), "");
}
