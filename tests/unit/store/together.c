#include "store/together.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>
#include <time.h>

#include "fixture.h"
#include "store/connection.h"
#include "store/zone-rows.h"
#include "util/clock.h"

static int commits;

static int count_commit(void *userdata)
{
    ++commits;
    return 0;
}

static void set_up(void)
{
    fixture_set_up();
    fixture_execute("CREATE TRIGGER somebodys BEFORE INSERT ON records"
                    " WHEN NEW.name = 'refused' BEGIN SELECT RAISE(ABORT, 'mine'); END");
    sqlite3_commit_hook(fixture.db->statements.handle, count_commit, NULL);
}

TestSuite(together, .init = set_up, .fini = fixture_tear_down);

#define LEFT_OUT 7

/* "slow" takes 10 ms. */
static int write_text(struct database *db, void *item)
{
    const char *text = item;
    int64_t id;

    if (strcmp(text, "left out") == 0)
        return LEFT_OUT;
    if (strcmp(text, "slow") == 0)
        nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    return zone_rows_add_ent(db, FIXTURE_ZONE, text, NULL, true, &id);
}

static int run(const char *const texts[], size_t count, int outcomes[])
{
    return together_run(fixture.db, write_text, (void *const *)texts, count, outcomes);
}

static const char *written(void)
{
    return fixture_query("SELECT name FROM records WHERE type IS NULL ORDER BY id");
}

Test(together, all_is_one_commit)
{
    const char *texts[] = {"a", "left out", "b"};
    int outcomes[3] = {-1, -1, -1};

    cr_expect_eq(run(texts, 3, outcomes), 0);
    cr_expect_eq(commits, 1);
    cr_expect_str_eq(written(), "a;b;");
    cr_expect(outcomes[0] == 0 && outcomes[1] == LEFT_OUT && outcomes[2] == 0);
}

Test(together, nothing_is_no_commit)
{
    cr_expect_eq(run(NULL, 0, NULL), 0);
    cr_expect_eq(commits, 0);
}

Test(together, others_are_written_where_some_are_refused)
{
    const char *texts[] = {"a", "refused", "b", "left out", "refused", "c"};
    int outcomes[6] = {-1, -1, -1, -1, -1, -1};

    cr_expect_eq(run(texts, 6, outcomes), 0);
    cr_expect_str_eq(written(), "a;b;c;");
    cr_expect(outcomes[0] == 0 && outcomes[2] == 0 && outcomes[5] == 0);
    cr_expect_eq(outcomes[1], -EEXIST);
    cr_expect_eq(outcomes[4], -EEXIST);
    cr_expect_eq(outcomes[3], LEFT_OUT);
}

Test(together, the_lock_is_given_back_now_and_then)
{
    const char *texts[] = {"slow", "slow", "slow", "slow", "slow", "slow", "slow", "slow", "slow"};
    int outcomes[9];
    int64_t begin = clock_steady_ms();

    cr_expect_eq(run(texts, 9, outcomes), 0);
    cr_expect_geq(commits, 3);
    cr_expect_geq(clock_steady_ms() - begin, 9 * 10 + 3 * TOGETHER_LOCK_MS, "and left alone");
    cr_expect_str_eq(written(), "slow;slow;slow;slow;slow;slow;slow;slow;slow;");
}

Test(together, a_lock_that_somebody_holds_is_the_end_of_all)
{
    const char *texts[] = {"a", "b"};
    int outcomes[2] = {0, 0};

    sqlite3 *other = fixture_connect();
    fixture_execute_on(other, "BEGIN IMMEDIATE");
    cr_expect_eq(run(texts, 2, outcomes), -EBUSY);
    cr_expect(outcomes[0] == -EBUSY && outcomes[1] == -EBUSY);
    sqlite3_close(other);
    cr_expect_str_eq(written(), "");
}

Test(together, what_was_cancelled_is_rolled_back)
{
    const char *texts[] = {"a", "b"};
    int outcomes[2] = {0, 0};

    fixture.is_cancelled = true;
    cr_expect_eq(run(texts, 2, outcomes), -EINTR);
    cr_expect(outcomes[0] == -EINTR && outcomes[1] == -EINTR);
    cr_expect_str_eq(written(), "");
}
