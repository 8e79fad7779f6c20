#include "upkeep/batch.h"

#include <criterion/criterion.h>
#include <errno.h>

#include "../store/fixture.h"
#include "store/changes.h"
#include "store/connection.h"

static struct batch batch;
static int commits;

static int count_commit(void *userdata)
{
    ++commits;
    return 0;
}

/* Zones 1 to 3, each with one name below an empty non-terminal that isn't there yet. */
static void set_up(void)
{
    bool was_changed;

    fixture_set_up();
    fixture_execute("INSERT INTO domains(id, name, type) VALUES (2, 'example.net', 'NATIVE'),"
                    " (3, 'example.org', 'NATIVE');"
                    "INSERT INTO records(domain_id, name, type, content) SELECT id, name, 'SOA',"
                    " 'ns.x h.x 1 1 1 1 1' FROM domains WHERE id > 1;"
                    "INSERT INTO records(domain_id, name, type, content) SELECT id,"
                    " 'www.ent.' || name, 'A', '192.0.2.1' FROM domains");
    cr_assert_eq(changes_install(fixture.db, &was_changed), 0);
    cr_assert_eq(changes_catch_up(fixture.db), 0);
    sqlite3_commit_hook(fixture.db->statements.handle, count_commit, NULL);
}

static void tear_down(void)
{
    batch_deinit(&batch);
    fixture_tear_down();
}

TestSuite(batch, .init = set_up, .fini = tear_down);

static void read_all(void)
{
    batch_deinit(&batch);
    cr_assert_eq(batch_read(&batch, fixture.db, changes_next_zone, 0), CHANGES_E_END);
}

/* The zones whose empty non-terminal is there: "1;2;" */
static const char *in_order(void)
{
    return fixture_query("SELECT domain_id FROM records WHERE type IS NULL ORDER BY 1");
}

static const char *settled(void)
{
    return fixture_query("SELECT domain_id FROM aliasd_zones WHERE changes = done ORDER BY 1");
}

Test(batch, puts_zones_in_order_in_one_commit)
{
    read_all();
    cr_expect_eq(batch.count, 3);
    cr_expect_eq(commits, 0);
    cr_expect_eq(batch_write(&batch, fixture.db), 0);
    cr_expect_eq(commits, 1);
    cr_expect_eq(batch.written, 3);
    cr_expect_str_eq(in_order(), "1;2;3;");
    cr_expect_str_eq(settled(), "1;2;3;");
}

Test(batch, writes_nothing_where_all_is_in_order)
{
    read_all();
    cr_assert_eq(batch_write(&batch, fixture.db), 0);
    commits = 0;
    read_all();
    cr_expect_eq(batch.count, 3);
    cr_expect_eq(batch_write(&batch, fixture.db), 0);
    cr_expect_eq(batch.written, 0);
    cr_expect_eq(commits, 0);
}

Test(batch, settles_a_zone_whose_rows_are_right)
{
    fixture_execute("DELETE FROM records WHERE name LIKE 'www.ent.%'");
    read_all();
    cr_expect_eq(batch_write(&batch, fixture.db), 0);
    cr_expect_eq(batch.written, 3);
    cr_expect_str_eq(in_order(), "");
    cr_expect_str_eq(settled(), "1;2;3;");
}

Test(batch, leaves_a_zone_that_was_changed_meanwhile)
{
    read_all();
    fixture_execute("DELETE FROM records WHERE name = 'www.ent.example.net'");
    cr_expect_eq(batch_write(&batch, fixture.db), 0);
    cr_expect_eq(batch.zones[0].outcome, 0);
    cr_expect_eq(batch.zones[1].outcome, CHANGES_E_CHANGED);
    cr_expect_eq(batch.zones[2].outcome, 0);
    cr_expect_eq(batch.written, 2);
    cr_expect_str_eq(in_order(), "1;3;");
    cr_expect_str_eq(settled(), "1;3;");
}

Test(batch, writes_the_others_where_one_is_refused)
{
    fixture_execute("CREATE TRIGGER somebodys BEFORE INSERT ON records WHEN NEW.name ="
                    " 'ent.example.net' BEGIN SELECT RAISE(ABORT, 'mine'); END");
    read_all();
    cr_expect_eq(batch_write(&batch, fixture.db), 0);
    cr_expect_eq(batch.zones[0].outcome, 0);
    cr_expect_eq(batch.zones[1].outcome, -EEXIST);
    cr_expect_eq(batch.zones[2].outcome, 0);
    cr_expect_eq(batch.written, 2);
    cr_expect_str_eq(in_order(), "1;3;");
}

/* A zone that was taken back with the one that was refused is written against its counter, too. */
Test(batch, looks_at_the_counters_again_after_a_refusal)
{
    fixture_execute("CREATE TRIGGER somebodys BEFORE INSERT ON records WHEN NEW.name ="
                    " 'ent.example.org' BEGIN SELECT RAISE(ABORT, 'mine'); END");
    read_all();
    fixture_execute("UPDATE records SET ttl = 7 WHERE name = 'www.ent.example.com'");
    cr_expect_eq(batch_write(&batch, fixture.db), 0);
    cr_expect_eq(batch.zones[0].outcome, CHANGES_E_CHANGED);
    cr_expect_eq(batch.zones[1].outcome, 0);
    cr_expect_eq(batch.zones[2].outcome, -EEXIST);
    cr_expect_str_eq(in_order(), "2;");
}

Test(batch, gives_up_at_a_lock_that_others_hold)
{
    sqlite3 *db = fixture_connect();

    read_all();
    fixture_execute_on(db, "BEGIN IMMEDIATE");
    cr_expect_eq(batch_write(&batch, fixture.db), -EBUSY);
    for (size_t i = 0; i < batch.count; ++i)
        cr_expect_eq(batch.zones[i].outcome, -EBUSY);
    cr_expect_eq(batch.written, 0);
    sqlite3_close(db);
    cr_expect_str_eq(in_order(), "");
}

Test(batch, is_cut_short_before_it_is_written)
{
    read_all();
    fixture.is_cancelled = true;
    cr_expect_eq(batch_write(&batch, fixture.db), -EINTR);
    cr_expect_eq(batch.zones[2].outcome, -EINTR);
    cr_expect_str_eq(in_order(), "");
}

Test(batch, is_cut_short_while_it_is_read)
{
    fixture.is_cancelled = true;
    cr_expect_eq(batch_read(&batch, fixture.db, changes_next_zone, 0), -EINTR);
    cr_expect_eq(batch.count, 0);
}

static int next_and_cancel(struct database *db, int64_t above, int64_t *ret)
{
    fixture.is_cancelled = above > 0;
    return changes_next_zone(db, above, ret);
}

Test(batch, keeps_nothing_of_what_was_read_before_it_was_cut_short)
{
    cr_expect_eq(batch_read(&batch, fixture.db, next_and_cancel, 0), -EINTR);
    cr_expect_eq(batch.count, 0);
}

Test(batch, ends_behind_a_zone_that_cannot_be_read)
{
    fixture_execute("ALTER TABLE cryptokeys RENAME TO gone");
    cr_expect_eq(batch_read(&batch, fixture.db, changes_next_zone, 1), 0);
    cr_assert_eq(batch.count, 1);
    cr_expect_eq(batch.zones[0].order.zone_id, 2);
    cr_expect_eq(batch.zones[0].outcome, -EINVAL);
    cr_expect_eq(batch_write(&batch, fixture.db), 0);
    cr_expect_eq(batch.zones[0].outcome, -EINVAL);
    cr_expect_str_eq(settled(), "");
}

Test(batch, ends_where_it_is_full)
{
    fixture_execute("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
                    " INSERT INTO domains(name, type) SELECT 'z' || i, 'NATIVE' FROM n");
    cr_expect_eq(batch_read(&batch, fixture.db, changes_next_zone, 0), 0);
    cr_expect_leq(batch.count, BATCH_ZONES_MAX);
    int64_t last = batch.zones[batch.count - 1].order.zone_id;
    cr_expect_eq(last, (int64_t)batch.count);
    batch_deinit(&batch);
    cr_assert_geq(batch_read(&batch, fixture.db, changes_next_zone, last), 0);
    cr_expect_eq(batch.zones[0].order.zone_id, last + 1);
}

Test(batch, takes_only_what_its_source_gives)
{
    fixture_execute("UPDATE records SET ttl = 7 WHERE name = 'www.ent.example.net'");
    cr_assert_eq(batch_read(&batch, fixture.db, changes_next, 0), CHANGES_E_END);
    cr_assert_eq(batch.count, 1);
    cr_expect_eq(batch.zones[0].order.zone_id, 2);
}
