#include "alias/keeping.h"
#include "alias/targets.h"

#include <criterion/criterion.h>
#include <ftw.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake-resolver.h"
#include "slack.h"
#include "store/fallback.h"
#include "util/clock.h"

static struct fake_resolver fake;
static struct fallback *fallback;
static char folder[64];
static char path[96];

/* As main does it when the daemon starts, and when it ends. */
static void start_up(void)
{
    fake_resolver_init(&fake, &fake_resolver_config);
    cr_assert_eq(fallback_open(path, targets_load, fake.targets, &fallback), 0);
    targets_set_fallback(fake.targets, fallback);
}

static void shut_down(void)
{
    targets_set_fallback(fake.targets, NULL);
    fallback_free(fallback);
    fake_resolver_deinit(&fake);
}

static void set_up(void)
{
    strcpy(folder, "/tmp/test-targets-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/fallback.db", folder);
    start_up();
}

static int remove_entry(const char *name, const struct stat *status, int type, struct FTW *ftw)
{
    return remove(name);
}

static void tear_down(void)
{
    shut_down();
    nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(targets_fallback, .init = set_up, .fini = tear_down, .timeout = 60);

static struct targets_question ask(const char *target, bool may_wait)
{
    struct targets_question question = {.target = target, .row_ttl = 86400};

    cr_assert_eq(targets_ask(fake.targets, &question, 1, may_wait ? fake_resolver_patience() : 0),
                 0);
    address_set_deinit(&question.addresses);
    return question;
}

static void resolve(const char *target, const char *addresses, uint32_t ttl)
{
    ask(target, false);
    fake_resolver_answer(&fake, target, DNS_FAMILY_A, addresses, ttl);
}

/* The first column of the first row, while the daemon is down. */
static const char *sql(const char *text)
{
    static char result[256];
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;

    *result = '\0';
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, text, -1, &statement, NULL), SQLITE_OK, "%s",
                 sqlite3_errmsg(db));
    if (sqlite3_step(statement) == SQLITE_ROW)
        snprintf(result, sizeof(result), "%s", sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    return result;
}

Test(targets_fallback, answers_fresh_after_a_restart)
{
    resolve("host.example", "192.0.2.1", 300);
    shut_down();
    start_up();
    struct targets_question question = ask("host.example", true);

    cr_assert_eq(question.freshness, STATE_IS_FRESH);
    cr_assert_eq(question.ttl, 300);
    cr_assert_eq(fake_resolver_started(&fake), 0);
}

Test(targets_fallback, remembers_emptiness_too)
{
    resolve("host.example", "", 300);
    shut_down();
    start_up();
    cr_assert_eq(ask("host.example", true).freshness, STATE_IS_FRESH);
}

Test(targets_fallback, answers_stale_after_a_restart_while_nothing_resolves)
{
    resolve("host.example", "192.0.2.1", 1);
    shut_down();
    usleep(2100000);
    start_up();
    int64_t before = clock_steady_ms();
    struct targets_question question = ask("host.example", true);

    cr_assert_eq(question.freshness, STATE_IS_STALE);
    cr_assert_eq(question.ttl, fake_resolver_config.stale_ttl);
    cr_assert_lt(clock_steady_ms() - before, slack(350));
    cr_assert_eq(fake_resolver_started(&fake), 1);
}

Test(targets_fallback, does_not_store_a_failure_where_nothing_is_known)
{
    resolve("host.example", NULL, 0);
    shut_down();
    cr_assert_str_eq(sql("SELECT count(*) FROM entries"), "0");
    start_up();
}

Test(targets_fallback, stores_the_error_beside_the_answer)
{
    resolve("host.example", "192.0.2.1", 1);
    usleep(1050000);
    resolve("host.example", NULL, 0);
    shut_down();
    cr_assert_str_eq(sql("SELECT addresses || ' ' || last_error || ' ' || (last_error_at > 0) ||"
                         " ' ' || (fresh_until - resolved_at) FROM entries"),
                     "192.0.2.1 SERVFAIL 1 1");
    start_up();
}

Test(targets_fallback, stores_an_error_that_comes_again_once)
{
    static struct address address = {{192, 0, 2, 1}};
    struct table_target target = {.name = "host.example"};
    struct table_entry entry = {.target = &target, .state.knowledge = STATE_ADDRESSES};

    entry.state.addresses = (struct address_set){.items = &address, .count = 1};
    keeping_store_answer(fallback, &entry, 1000);
    strcpy(entry.state.reason, "SERVFAIL");
    keeping_store_failure(fallback, &entry, 2000);
    keeping_store_failure(fallback, &entry, 3000);
    shut_down();
    cr_assert_str_eq(sql("SELECT last_error_at FROM entries"), "2000");
    start_up();
    keeping_store_answer(fallback, &entry, 4000);
    keeping_store_failure(fallback, &entry, 5000);
    shut_down();
    cr_assert_str_eq(sql("SELECT last_error_at FROM entries"), "5000");
    start_up();
}

Test(targets_fallback, clears_the_error_when_it_is_over)
{
    resolve("host.example", "192.0.2.1", 1);
    usleep(1050000);
    resolve("host.example", NULL, 0);
    usleep(1150000);
    resolve("host.example", "192.0.2.1", 60);
    shut_down();
    cr_assert_str_eq(sql("SELECT last_error || ' ' || last_error_at FROM entries"), " 0");
    start_up();
}

Test(targets_fallback, removes_at_the_start_what_is_too_old)
{
    resolve("old.example", "192.0.2.1", 60);
    resolve("older.example", "192.0.2.1", 60);
    resolve("good.example", "192.0.2.1", 60);
    shut_down();
    sql("UPDATE entries SET resolved_at = 1000, fresh_until = 1060 WHERE target LIKE 'old%'");
    start_up();

    cr_assert_eq(ask("old.example", false).freshness, STATE_IS_UNKNOWN);
    shut_down();
    cr_assert_str_eq(sql("SELECT group_concat(target) FROM entries"), "good.example");
    start_up();
}

Test(targets_fallback, removes_what_has_become_too_old)
{
    struct alias_config config = fake_resolver_config;

    config.max_stale = 0;
    resolve("host.example", "192.0.2.1", 1);
    usleep(1050000);
    targets_configure(fake.targets, &config);
    targets_tick(fake.targets);
    shut_down();
    cr_assert_str_eq(sql("SELECT count(*) FROM entries"), "0");
    start_up();
}

Test(targets_fallback, keeps_the_times_of_the_answer_through_a_clock_set_back)
{
    resolve("host.example", "192.0.2.1", 60);
    shut_down();
    sql("UPDATE entries SET resolved_at = resolved_at + 1000000,"
        " fresh_until = fresh_until + 1000000, ttl = 61");
    start_up();
    cr_assert_eq(ask("host.example", false).freshness, STATE_IS_STALE);
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_A, NULL, 0);
    shut_down();
    cr_assert_str_eq(sql("SELECT (resolved_at > strftime('%s') + 900000) || ' ' || last_error"
                         " FROM entries"),
                     "1 SERVFAIL");
    start_up();
}

/* Somebody's sqlite3 shell is at the file when the daemon starts. */
Test(targets_fallback, answers_from_what_was_locked_at_the_start)
{
    sqlite3 *other = NULL;

    resolve("host.example", "192.0.2.1", 300);
    resolve("newer.example", "192.0.2.1", 300);
    shut_down();
    cr_assert_eq(sqlite3_open(path, &other), SQLITE_OK);
    cr_assert_eq(
        sqlite3_exec(other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE", NULL, NULL, NULL),
        SQLITE_OK);
    start_up();
    cr_assert_eq(ask("host.example", false).freshness, STATE_IS_UNKNOWN);
    resolve("newer.example", "192.0.2.9", 300);
    sqlite3_close(other);
    for (int i = 0; i < 80 && ask("host.example", false).freshness == STATE_IS_UNKNOWN; ++i)
        usleep(100000);
    cr_assert_eq(ask("host.example", false).freshness, STATE_IS_FRESH);
    struct targets_question newer = {.target = "newer.example", .row_ttl = 60};
    cr_assert_eq(targets_ask(fake.targets, &newer, 1, 0), 0);
    cr_assert_eq(newer.addresses.items[0].octets[3], 9);
    targets_question_deinit(&newer);
}
