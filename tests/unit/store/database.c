#include "store/database.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "fixture.h"
#include "store/records.h"

TestSuite(database, .init = fixture_set_up, .fini = fixture_tear_down);

/* How many rows example.com has, or what failed. */
static int count_rows(struct database *db)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    struct records_row row;
    int count = 0;

    int r = records_list(db, FIXTURE_ZONE, &cursor);
    while (r == 0 && (r = records_next(&cursor, &row)) == 0)
        ++count;
    return r < 0 ? r : count;
}

static void make_file(const char *content, size_t size)
{
    database_free(fixture.db);
    fixture.db = NULL;
    fixture_execute("PRAGMA journal_mode=DELETE");
    FILE *file = fopen(fixture.path, "w");
    cr_assert_not_null(file);
    fwrite(content, 1, size, file);
    fclose(file);
}

Test(database, missing_file_is_not_made)
{
    struct database *db = NULL;

    database_free(TAKE(fixture.db));
    unlink(fixture.path);
    cr_expect_eq(fixture_open(false, &db), -ENOENT);
    cr_expect_null(db);
    cr_expect_eq(access(fixture.path, F_OK), -1);
}

Test(database, empty_file_stays_empty)
{
    struct database *db = NULL;
    struct stat status;

    make_file("", 0);
    fixture_log_start();
    cr_expect_eq(fixture_open(false, &db), -ENOTSUP);
    cr_expect(fixture_logged("no such table: records"));
    cr_assert_eq(stat(fixture.path, &status), 0);
    cr_expect_eq(status.st_size, 0);
}

Test(database, folder_is_no_database)
{
    struct database *db = NULL;
    const struct database_config config = {.path = fixture.folder};

    cr_expect_eq(database_open(&config, &db), -EISDIR);
}

Test(database, other_file_is_no_database)
{
    struct database *db = NULL;
    char text[4096];

    memset(text, 'x', sizeof(text));
    make_file(text, sizeof(text));
    fixture_log_start();
    cr_expect_eq(fixture_open(false, &db), -EIO);
    cr_expect(fixture_logged("file is not a database"));
}

Test(database, missing_column_is_named)
{
    struct database *db = NULL;

    fixture_execute("ALTER TABLE cryptokeys DROP COLUMN published");
    fixture_log_start();
    cr_expect_eq(fixture_open(false, &db), -ENOTSUP);
    cr_expect(fixture_logged("no such column: published"));
}

Test(database, schema_before_catalog_zones_is_enough)
{
    CLEANUP(database_freep) struct database *db = NULL;

    fixture_execute("DROP INDEX catalog_idx; ALTER TABLE domains DROP COLUMN catalog;"
                    "ALTER TABLE domains DROP COLUMN options");
    cr_assert_eq(fixture_open(false, &db), 0);
    cr_expect_eq(count_rows(db), 2);
}

static void expect_journal_mode(const char *mode)
{
    sqlite3 *db = fixture_connect();
    sqlite3_stmt *statement = NULL;

    cr_assert_eq(sqlite3_prepare_v2(db, "PRAGMA journal_mode", -1, &statement, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    cr_expect_str_eq((const char *)sqlite3_column_text(statement, 0), mode);
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

Test(database, opening_for_writing_switches_to_wal)
{
    database_free(TAKE(fixture.db));
    fixture_execute("PRAGMA journal_mode=DELETE");
    cr_assert_eq(fixture_open(false, &fixture.db), 0);
    expect_journal_mode("wal");
}

Test(database, opening_read_only_leaves_the_journal_mode)
{
    database_free(TAKE(fixture.db));
    fixture_execute("PRAGMA journal_mode=DELETE");
    cr_assert_eq(fixture_open(true, &fixture.db), 0);
    expect_journal_mode("delete");
    cr_expect_eq(count_rows(fixture.db), 2);
}

Test(database, locked_file_is_served_without_wal)
{
    database_free(TAKE(fixture.db));
    fixture_execute("PRAGMA journal_mode=DELETE");
    sqlite3 *reader = fixture_connect();
    fixture_execute_on(reader, "BEGIN; SELECT * FROM domains");
    fixture_log_start();
    cr_expect_eq(fixture_open(false, &fixture.db), 0);
    cr_expect(fixture_logged("can't switch to WAL"));
    cr_expect_eq(count_rows(fixture.db), 2);
    sqlite3_close(reader);
}

Test(database, wal_file_can_be_read_beside_a_writer)
{
    CLEANUP(database_freep) struct database *reader = NULL;

    sqlite3 *writer = fixture_connect();
    cr_assert_eq(fixture_open(true, &reader), 0);
    fixture_execute_on(writer, "BEGIN IMMEDIATE; DELETE FROM records");
    cr_expect_eq(count_rows(reader), 2);
    fixture_execute_on(writer, "COMMIT");
    cr_expect_eq(count_rows(reader), 0);
    sqlite3_close(writer);
}

Test(database, read_only_wal_file_without_shm_needs_a_writable_folder)
{
    struct database *db = NULL;
    uid_t user = geteuid();

    database_free(TAKE(fixture.db));
    cr_assert_eq(chmod(fixture.path, 0444), 0);
    cr_assert_eq(chmod(fixture.folder, 0555), 0);
    fixture_log_start();
    if (user == 0) /* whom no mode stops */
        cr_assert_eq(seteuid(65534), 0);
    int r = fixture_open(true, &db);
    cr_assert_eq(seteuid(user), 0);
    cr_assert_eq(chmod(fixture.folder, 0755), 0);
    cr_expect_lt(r, 0);
    cr_expect(fixture_logged("-shm"));
}

Test(database, corrupt_page_is_a_failure_and_not_the_end)
{
    database_free(TAKE(fixture.db));
    fixture_execute("PRAGMA journal_mode=DELETE;"
                    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2000)"
                    " INSERT INTO records(domain_id, name, type, content)"
                    " SELECT 1, printf('n%05d.example.com', i), 'TXT', hex(zeroblob(200)) FROM n");
    cr_assert_eq(fixture_open(true, &fixture.db), 0);
    cr_assert_eq(count_rows(fixture.db), 2002);
    database_free(TAKE(fixture.db));

    /* The schema is in the first pages, the rows are after them. */
    struct stat status;
    cr_assert_eq(stat(fixture.path, &status), 0);
    fixture_overwrite(status.st_size / 2, (size_t)status.st_size / 4);
    cr_assert_eq(fixture_open(true, &fixture.db), 0);
    cr_expect_eq(count_rows(fixture.db), -EIO);
    cr_expect_not_null(strstr(database_error(fixture.db), "malformed"), "%s",
                       database_error(fixture.db));
}

Test(database, what_another_connection_commits_is_seen_by_the_next_call)
{
    cr_assert_eq(count_rows(fixture.db), 2);
    fixture_execute("INSERT INTO records(domain_id, name, type, content)"
                    " VALUES (1, 'www.example.com', 'A', '192.0.2.1')");
    cr_expect_eq(count_rows(fixture.db), 3);
}

Test(database, no_call_leaves_a_read_transaction)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    struct records_row row;
    int log_size;
    int checkpointed;

    cr_assert_eq(records_list(fixture.db, FIXTURE_ZONE, &cursor), 0);
    cr_assert_eq(records_next(&cursor, &row), 0);
    records_cursor_deinit(&cursor);

    sqlite3 *writer = fixture_connect();
    fixture_execute_on(writer, "DELETE FROM records");
    int code = sqlite3_wal_checkpoint_v2(writer, "main", SQLITE_CHECKPOINT_TRUNCATE, &log_size,
                                         &checkpointed);
    cr_expect_eq(code, SQLITE_OK);
    sqlite3_close(writer);
}

Test(database, changed_schema_is_taken_up)
{
    cr_assert_eq(count_rows(fixture.db), 2);
    fixture_execute("CREATE TABLE aliasd_other(x); ALTER TABLE records ADD COLUMN remark TEXT");
    cr_expect_eq(count_rows(fixture.db), 2);
}

Test(database, statement_works_again_after_a_failure)
{
    cr_assert_eq(count_rows(fixture.db), 2);
    fixture_execute("ALTER TABLE records RENAME TO away");
    cr_expect_lt(count_rows(fixture.db), 0);
    cr_expect_not_null(strstr(database_error(fixture.db), "no such table"));
    fixture_execute("ALTER TABLE away RENAME TO records");
    cr_expect_eq(count_rows(fixture.db), 2);
}

Test(database, replacing_the_file_by_rename_is_noticed)
{
    char other[128];

    cr_expect_not(database_is_replaced(fixture.db));
    snprintf(other, sizeof(other), "%s/other.db", fixture.folder);
    FILE *file = fopen(other, "w");
    cr_assert_not_null(file);
    fclose(file);
    cr_assert_eq(rename(other, fixture.path), 0);
    cr_expect(database_is_replaced(fixture.db));
    unlink(fixture.path);
    cr_expect_not(database_is_replaced(fixture.db), "a path that leads nowhere");
}

static void *open_and_count(void *ret)
{
    CLEANUP(database_freep) struct database *db = NULL;

    int r = fixture_open(false, &db);
    *(int *)ret = r < 0 ? r : count_rows(db);
    return NULL;
}

Test(database, many_threads_open_it_at_once)
{
    pthread_t threads[8];
    int counts[8];

    database_free(TAKE(fixture.db));
    fixture_execute("PRAGMA journal_mode=DELETE");
    for (size_t i = 0; i < 8; ++i)
        cr_assert_eq(pthread_create(&threads[i], NULL, open_and_count, &counts[i]), 0);
    for (size_t i = 0; i < 8; ++i) {
        pthread_join(threads[i], NULL);
        cr_expect_eq(counts[i], 2, "%d", counts[i]);
    }
}
