#include "store/commit-mark.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <unistd.h>

#include "fixture.h"
#include "store/connection.h"

TestSuite(commit_mark, .init = fixture_set_up, .fini = fixture_tear_down);

static struct commit_mark read_mark(struct database *db)
{
    struct commit_mark mark;

    cr_assert(commit_mark_read(db, &mark));
    return mark;
}

static bool is_still(const struct commit_mark *before)
{
    struct commit_mark now = read_mark(fixture.db);

    return commit_mark_equal(before, &now);
}

Test(commit_mark, stays_the_same_while_nothing_is_committed)
{
    sqlite3 *other = fixture_connect();
    struct commit_mark before = read_mark(fixture.db);

    fixture_execute_on(other, "SELECT * FROM records");
    fixture_execute_on(other, "BEGIN IMMEDIATE; DELETE FROM records");
    cr_expect(is_still(&before));
    fixture_execute_on(other, "ROLLBACK; BEGIN; COMMIT");
    cr_expect(is_still(&before));
    fixture_execute_on(other, "PRAGMA wal_checkpoint(PASSIVE)");
    cr_expect(is_still(&before));
    sqlite3_close(other);
}

Test(commit_mark, is_another_one_after_each_commit)
{
    static const char *const commits[] = {
        "UPDATE records SET ttl = 7",
        "DELETE FROM records WHERE type = 'NS'",
        "INSERT INTO domains(name, type) VALUES('new.example', 'NATIVE')",
        "CREATE INDEX x ON records(content)",
        "VACUUM",
        "PRAGMA user_version = 5",
    };
    sqlite3 *other = fixture_connect();

    for (size_t i = 0; i < sizeof(commits) / sizeof(commits[0]); ++i) {
        struct commit_mark before = read_mark(fixture.db);
        fixture_execute_on(other, commits[i]);
        cr_expect(!is_still(&before), "%s", commits[i]);
    }
    sqlite3_close(other);
}

/* The WAL begins anew, and what follows is as long as what was there before. */
Test(commit_mark, is_none_of_those_before_when_the_wal_begins_anew)
{
    enum { ROUNDS = 50 };
    struct commit_mark seen[ROUNDS];

    for (size_t i = 0; i < ROUNDS; ++i) {
        fixture_execute("UPDATE records SET ttl = 7; PRAGMA wal_checkpoint(TRUNCATE);"
                        " UPDATE records SET ttl = 8");
        seen[i] = read_mark(fixture.db);
        for (size_t j = 0; j < i; ++j)
            cr_assert(!commit_mark_equal(&seen[i], &seen[j]));
    }
}

Test(commit_mark, sees_the_connection_s_own_commits)
{
    struct commit_mark before = read_mark(fixture.db);

    cr_assert_eq(database_begin(fixture.db), 0);
    cr_assert_eq(statements_execute(&fixture.db->statements, "test", "DELETE FROM records"), 0);
    cr_assert_eq(database_commit(fixture.db), 0);
    cr_expect(!is_still(&before));
}

/* What would be read is of its begin. */
Test(commit_mark, is_not_told_in_a_transaction)
{
    struct commit_mark mark;

    cr_assert_eq(database_begin_reading(fixture.db), 0);
    cr_expect(!commit_mark_read(fixture.db, &mark));
    database_end_reading(fixture.db);
    cr_expect(commit_mark_read(fixture.db, &mark));
    cr_assert_eq(database_begin(fixture.db), 0);
    cr_expect(!commit_mark_read(fixture.db, &mark));
    database_rollback(fixture.db);
    cr_expect(commit_mark_read(fixture.db, &mark));
}

Test(commit_mark, is_told_to_who_only_reads)
{
    struct database *reader;

    cr_assert_eq(fixture_open(true, &reader), 0);
    struct commit_mark mark = read_mark(reader);
    cr_expect(is_still(&mark));
    fixture_execute("DELETE FROM records");
    struct commit_mark now = read_mark(reader);
    cr_expect(!commit_mark_equal(&mark, &now));
    database_free(reader);
}

Test(commit_mark, is_not_told_without_a_wal)
{
    struct database *reader;
    struct commit_mark mark;
    char beside[128];

    fixture_leave_wal();
    cr_assert_eq(fixture_open(true, &reader), 0);
    cr_expect(!commit_mark_read(reader, &mark));
    snprintf(beside, sizeof(beside), "%s-shm", fixture.path);
    cr_expect_neq(access(beside, F_OK), 0);
    database_free(reader);
}
