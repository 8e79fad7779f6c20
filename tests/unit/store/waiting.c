#include <criterion/criterion.h>
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"
#include "slack.h"
#include "store/records.h"
#include "util/clock.h"

TestSuite(waiting, .init = fixture_set_up, .fini = fixture_tear_down, .timeout = 60);

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

/* A connection that keeps readers out. */
static sqlite3 *lock(void)
{
    fixture_leave_wal();
    sqlite3 *writer = fixture_connect();
    fixture_execute_on(writer, "BEGIN EXCLUSIVE");
    return writer;
}

static int open_patiently(int64_t deadline, struct database **ret)
{
    const struct database_config config = {
        .path = fixture.path,
        .read_only = true,
        .busy_timeout_ms = 60000,
        .deadline = deadline,
        .is_cancelled = &fixture.is_cancelled,
    };

    return database_open(&config, ret);
}

Test(waiting, busy_lock_gives_up_within_the_timeout)
{
    sqlite3 *writer = lock();
    int64_t start = clock_steady_ms();

    cr_expect_eq(count_rows(fixture.db), -EBUSY);
    int64_t waited = clock_steady_ms() - start;
    cr_expect_geq(waited, FIXTURE_BUSY_TIMEOUT);
    cr_expect_leq(waited, FIXTURE_BUSY_TIMEOUT + slack(150));
    cr_expect_not_null(strstr(database_error(fixture.db), "database is locked"), "%s",
                       database_error(fixture.db));

    fixture_execute_on(writer, "COMMIT");
    cr_expect_eq(count_rows(fixture.db), 2);
    sqlite3_close(writer);
}

Test(waiting, each_wait_has_the_whole_timeout)
{
    sqlite3 *writer = lock();

    cr_expect_eq(count_rows(fixture.db), -EBUSY);
    int64_t start = clock_steady_ms();
    cr_expect_eq(count_rows(fixture.db), -EBUSY);
    cr_expect_geq(clock_steady_ms() - start, FIXTURE_BUSY_TIMEOUT);
    sqlite3_close(writer);
}

Test(waiting, all_waits_together_end_at_the_deadline)
{
    sqlite3 *writer = lock();
    int64_t start = clock_steady_ms();

    database_set_deadline(fixture.db, start + FIXTURE_BUSY_TIMEOUT * 3 / 2);
    cr_expect_eq(count_rows(fixture.db), -EBUSY);
    cr_expect_eq(count_rows(fixture.db), -EBUSY);
    cr_expect_eq(count_rows(fixture.db), -EBUSY);
    int64_t waited = clock_steady_ms() - start;
    cr_expect_geq(waited, FIXTURE_BUSY_TIMEOUT * 3 / 2);
    cr_expect_lt(waited, FIXTURE_BUSY_TIMEOUT * 3 / 2 + slack(150));
    sqlite3_close(writer);
}

Test(waiting, deadline_that_has_passed_stops_no_reading_without_waiting)
{
    database_set_deadline(fixture.db, clock_steady_ms() - 1000);
    cr_expect_eq(count_rows(fixture.db), 2);
}

Test(waiting, opening_ends_at_the_deadline)
{
    struct database *db = NULL;
    sqlite3 *writer = lock();
    int64_t start = clock_steady_ms();

    cr_expect_eq(open_patiently(start + 100, &db), -EBUSY);
    int64_t waited = clock_steady_ms() - start;
    cr_expect_geq(waited, 100);
    cr_expect_leq(waited, 100 + slack(150));
    sqlite3_close(writer);
}

struct reading {
    struct database *db;
    int result;
};

static void *read_all(void *userdata)
{
    struct reading *reading = userdata;

    reading->result = count_rows(reading->db);
    return NULL;
}

/* What a reading that doesn't end by itself ends with, when it is interrupted. */
static int interrupt_reading(struct database *db)
{
    struct reading reading = {.db = db};
    pthread_t thread;

    cr_assert_eq(pthread_create(&thread, NULL, read_all, &reading), 0);
    usleep(100000);
    fixture.is_cancelled = true;
    pthread_join(thread, NULL);
    return reading.result;
}

Test(waiting, interrupting_ends_a_long_statement)
{
    fixture_execute("ALTER TABLE records RENAME TO kept;"
                    "CREATE VIEW records AS WITH RECURSIVE n(i) AS"
                    " (SELECT 1 UNION ALL SELECT i + 1 FROM n)"
                    " SELECT kept.* FROM n CROSS JOIN kept WHERE kept.id = -n.i");
    cr_expect_eq(interrupt_reading(fixture.db), -EINTR);
    cr_expect_str_eq(
        database_error(fixture.db),
        "reading records WHERE disabled = 0 AND likely(domain_id = 1) ORDER BY name, type:"
        " cut short");
}

Test(waiting, interrupting_ends_a_wait_for_a_lock)
{
    CLEANUP(database_freep) struct database *db = NULL;

    fixture_leave_wal();
    cr_assert_eq(open_patiently(0, &db), 0);
    sqlite3 *writer = lock();
    int64_t start = clock_steady_ms();
    cr_expect_eq(interrupt_reading(db), -EINTR);
    cr_expect_leq(clock_steady_ms() - start, slack(1000));
    sqlite3_close(writer);
}

Test(waiting, interrupting_while_nothing_runs_is_not_forgotten)
{
    fixture.is_cancelled = true;
    cr_expect_eq(count_rows(fixture.db), -EINTR);
    cr_expect_eq(count_rows(fixture.db), -EINTR);
}

static void *open_and_wait(void *userdata)
{
    struct reading *reading = userdata;

    reading->result = open_patiently(0, &reading->db);
    return NULL;
}

Test(waiting, cancelling_ends_the_wait_of_an_opening)
{
    struct reading reading = {0};
    pthread_t thread;

    fixture_leave_wal();
    sqlite3 *writer = lock();
    int64_t start = clock_steady_ms();
    cr_assert_eq(pthread_create(&thread, NULL, open_and_wait, &reading), 0);
    usleep(100000);
    fixture.is_cancelled = true;
    pthread_join(thread, NULL);
    cr_expect_lt(reading.result, 0);
    cr_expect_leq(clock_steady_ms() - start, slack(1000));
    sqlite3_close(writer);
}
