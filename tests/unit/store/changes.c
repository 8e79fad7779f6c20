#include "store/changes.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"
#include "util/cleanup.h"

#define OTHER_ZONE 2 /* example.net */

static const char zones[] =
    "INSERT INTO domains(id, name, type) VALUES (2, 'example.net', 'NATIVE');"
    "INSERT INTO records(id, domain_id, name, type, content, ttl) VALUES"
    " (50, 1, 'www.example.com', 'A', '192.0.2.1', 60),"
    " (51, 2, 'www.example.net', 'A', '192.0.2.2', 60),"
    " (52, 1, 'ent.example.com', NULL, NULL, NULL);"
    "INSERT INTO domainmetadata(id, domain_id, kind, content) VALUES"
    " (60, 1, 'NSEC3PARAM', '1 0 1 ab'), (61, 1, 'ALLOW-AXFR-FROM', 'AUTO-NS');"
    "INSERT INTO cryptokeys(id, domain_id, flags, active, published, content) VALUES"
    " (70, 1, 257, 1, 1, 'key')";

static const char schema[] = "SELECT type, name, sql FROM sqlite_schema WHERE name LIKE 'aliasd_%'"
                             " ORDER BY name";

static void install(bool is_to_do)
{
    bool was_changed = !is_to_do;

    cr_assert_eq(changes_install(fixture.db, &was_changed), 0);
    cr_expect_eq(was_changed, is_to_do);
}

/* Both zones are in order. */
static void set_up(void)
{
    fixture_set_up();
    fixture_execute(zones);
    install(true);
    fixture_execute("INSERT INTO aliasd_zones(domain_id, changes, done) VALUES (1, 100, 100),"
                    " (2, 200, 200)");
}

TestSuite(changes, .init = set_up, .fini = fixture_tear_down);
TestSuite(changes_install, .init = fixture_set_up, .fini = fixture_tear_down);

static int64_t count(int64_t zone)
{
    int64_t value = -1;

    cr_assert_eq(changes_count(fixture.db, zone, &value), 0);
    return value;
}

/* The ids of the zones that are to be put in order: "1 2 " */
static const char *dirty(void)
{
    static char text[64];
    int64_t zone = 0;
    size_t used = 0;
    int r;

    text[0] = '\0';
    while ((r = changes_next(fixture.db, zone, &zone)) == 0)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%d ", (int)zone);
    cr_assert_eq(r, CHANGES_E_END);
    return text;
}

/* Runs `sql`; `expected` are the zones that it makes dirty. Then they are all in order again. */
static void expect_dirty(const char *sql, const char *expected)
{
    fixture_execute(sql);
    cr_expect_str_eq(dirty(), expected, "%s: '%s' are dirty, not '%s'", sql, dirty(), expected);
    fixture_execute("UPDATE aliasd_zones SET done = changes");
}

/* The mark on the row, "added", if there is one. */
static const char *mark(int64_t record)
{
    char sql[80];

    snprintf(sql, sizeof(sql), "SELECT added FROM aliasd_ents WHERE record_id = %d", (int)record);
    return fixture_query(sql);
}

Test(changes_install, makes_everything_once)
{
    bool are_noted = true;

    cr_assert_eq(changes_are_noted(fixture.db, &are_noted), 0);
    cr_expect_not(are_noted);
    install(true);
    cr_assert_eq(changes_are_noted(fixture.db, &are_noted), 0);
    cr_expect(are_noted);
    cr_expect_str_eq(fixture_query("SELECT type, count(*) FROM sqlite_schema"
                                   " WHERE name LIKE 'aliasd_%' GROUP BY type"),
                     "index|2;table|3;trigger|17;");
    install(false);
}

/* A gsqlite3 database from before 4.7: no catalogs. */
Test(changes_install, works_on_an_older_schema)
{
    fixture_execute("DROP INDEX catalog_idx; ALTER TABLE domains DROP COLUMN catalog;"
                    "ALTER TABLE domains DROP COLUMN options");
    install(true);
    fixture_execute("INSERT INTO aliasd_zones(domain_id) VALUES (1)");
    expect_dirty("UPDATE records SET ttl = 9 WHERE type = 'SOA'", "1 ");
    expect_dirty("INSERT INTO domains(id, name, type) VALUES (2, 'example.net', 'NATIVE')", "2 ");
    install(false);
}

Test(changes_install, works_twice_at_a_time)
{
    CLEANUP(database_freep) struct database *other = NULL;
    bool was_changed = true;

    cr_assert_eq(fixture_open(false, &other), 0);
    install(true);
    cr_assert_eq(changes_install(other, &was_changed), 0);
    cr_expect_not(was_changed);
}

Test(changes_install, waits_for_no_lock_if_there_is_nothing_to_do)
{
    install(true);
    sqlite3 *other = fixture_connect();
    fixture_execute_on(other, "BEGIN IMMEDIATE");
    install(false);
    sqlite3_close(other);
}

Test(changes_install, another_writers_lock_is_a_failure)
{
    sqlite3 *other = fixture_connect();
    bool was_changed;

    fixture_execute_on(other, "BEGIN IMMEDIATE");
    cr_expect_lt(changes_install(fixture.db, &was_changed), 0);
    sqlite3_close(other);
    install(true);
}

/* `sql` does damage; it is mended, and nothing else is touched. */
static void expect_repaired(const char *sql)
{
    CLEANUP(cleanup_freep) char *before = strdup(fixture_query(schema));

    fixture_execute(sql);
    cr_assert_str_neq(fixture_query(schema), before, "%s: no damage", sql);
    install(true);
    cr_expect_str_eq(fixture_query(schema), before, "%s", sql);
    install(false);
}

Test(changes, dropped_triggers_are_made_anew)
{
    expect_repaired("DROP TRIGGER aliasd_records_insert");
    expect_repaired("DROP TRIGGER aliasd_keys_delete");
    expect_repaired("DROP TRIGGER aliasd_records_update; DROP TRIGGER aliasd_domains_insert;"
                    "DROP INDEX aliasd_zones_dirty");
    cr_expect_eq(count(FIXTURE_ZONE), 100, "the counters were lost");
}

Test(changes, altered_triggers_are_made_anew)
{
    expect_repaired("DROP TRIGGER aliasd_records_delete; CREATE TRIGGER aliasd_records_delete"
                    " AFTER DELETE ON records BEGIN SELECT 1; END");
    expect_repaired("DROP TRIGGER aliasd_records_delete;"
                    "CREATE TABLE aliasd_records_delete(x)");
    expect_dirty("DELETE FROM records WHERE id = 50", "1 ");
}

Test(changes, altered_tables_are_made_anew_with_their_index)
{
    expect_repaired("ALTER TABLE aliasd_zones ADD COLUMN note");
    cr_expect_eq(count(FIXTURE_ZONE), 0);
    expect_repaired("DROP TABLE aliasd_ents");
}

/* As the first start after an upgrade finds them: before aliasd_published. */
Test(changes, tables_of_a_version_before_are_added_to)
{
    fixture_execute("DROP TABLE aliasd_published; DROP TRIGGER aliasd_domains_delete;"
                    "CREATE TRIGGER aliasd_domains_delete AFTER DELETE ON domains"
                    " BEGIN DELETE FROM aliasd_zones WHERE domain_id = OLD.id;"
                    " DELETE FROM aliasd_ents WHERE domain_id = OLD.id; END");
    bool are_noted = false;
    cr_assert_eq(changes_are_noted(fixture.db, &are_noted), 0);
    cr_expect(are_noted, "readers go on meanwhile");
    install(true);
    install(false);
    cr_expect_eq(count(FIXTURE_ZONE), 100, "the counters were lost");
    fixture_execute("DELETE FROM domains WHERE id = 1");
}

/* A table that is rebuilt, as a migration does, loses its triggers. */
Test(changes, triggers_of_a_rebuilt_table_are_made_anew)
{
    expect_repaired("CREATE TABLE new AS SELECT * FROM cryptokeys; DROP TABLE cryptokeys;"
                    "ALTER TABLE new RENAME TO cryptokeys");
    expect_dirty("DELETE FROM cryptokeys WHERE id = 70", "1 ");
}

Test(changes, zone_without_a_counter_counts_as_0)
{
    cr_expect_eq(count(FIXTURE_ZONE), 100);
    cr_expect_eq(count(99), 0);
}

Test(changes_install, without_tables_everything_counts_as_0)
{
    cr_expect_eq(count(FIXTURE_ZONE), 0);
}

Test(changes, inserting_a_record_counts)
{
    expect_dirty("INSERT INTO records(domain_id, name, type) VALUES (1, 'a.example.com', 'A')",
                 "1 ");
    expect_dirty("INSERT INTO records(domain_id, name) VALUES (2, 'a.example.net')", "2 ");
    expect_dirty("INSERT INTO records(domain_id, name, type) VALUES (NULL, 'a.example', 'A')", "");
    expect_dirty("INSERT INTO records(domain_id, name, type) VALUES (99, 'a.example', 'A')", "");
}

Test(changes, each_row_counts)
{
    fixture_execute("INSERT INTO records(domain_id, name, type) VALUES (1, 'a.example.com', 'A'),"
                    " (1, 'b.example.com', 'A'), (2, 'a.example.net', 'A')");
    cr_expect_eq(count(FIXTURE_ZONE), 102);
    cr_expect_eq(count(OTHER_ZONE), 201);
}

Test(changes, updating_any_column_of_a_record_counts)
{
    static const char *const columns[] = {
        "name = 'x.example.com'",
        "type = 'TXT'",
        "type = NULL",
        "content = 'x'",
        "ttl = 61",
        "ttl = NULL",
        "prio = 1",
        "disabled = 1",
        "disabled = NULL",
        "ordername = ''",
        "ordername = 'a'",
        "auth = 0",
    };

    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); ++i) {
        char sql[96];
        snprintf(sql, sizeof(sql), "UPDATE records SET %s WHERE id = 50", columns[i]);
        expect_dirty(sql, "1 ");
        expect_dirty(sql, "");
    }
}

Test(changes, moving_a_record_counts_for_both_zones)
{
    expect_dirty("UPDATE records SET domain_id = 2 WHERE id = 50", "1 2 ");
    expect_dirty("UPDATE records SET domain_id = NULL WHERE id = 50", "2 ");
    expect_dirty("UPDATE records SET domain_id = 1 WHERE id = 50", "1 ");
    expect_dirty("UPDATE records SET domain_id = 2, content = 'x' WHERE id = 50", "1 2 ");
}

Test(changes, giving_a_record_another_id_counts)
{
    expect_dirty("UPDATE records SET id = 500 WHERE id = 50", "1 ");
    expect_dirty("UPDATE records SET id = 500 WHERE id = 500", "");
}

Test(changes, deleting_a_record_counts)
{
    expect_dirty("DELETE FROM records WHERE id = 50", "1 ");
    expect_dirty("DELETE FROM records WHERE id = 50", "");
    expect_dirty("DELETE FROM records", "1 2 ");
}

Test(changes, replacing_a_record_counts_for_the_zone_that_loses_it)
{
    expect_dirty("REPLACE INTO records(id, domain_id, name, type) VALUES"
                 " (50, 2, 'a.example.net', 'A')",
                 "1 2 ");
    expect_dirty("REPLACE INTO records(id, domain_id, name, type) VALUES"
                 " (50, NULL, 'a.example.net', 'A')",
                 "2 ");
    expect_dirty("INSERT OR REPLACE INTO records(id, domain_id, name, type) VALUES"
                 " (51, 1, 'a.example.com', 'A')",
                 "1 2 ");
}

Test(changes, upsert_of_a_record_counts)
{
    expect_dirty("INSERT INTO records(id, domain_id, name, type) VALUES (50, 1, 'x', 'A')"
                 " ON CONFLICT(id) DO UPDATE SET content = 'y'",
                 "1 ");
}

Test(changes, what_was_rolled_back_does_not_count)
{
    expect_dirty("BEGIN; DELETE FROM records; ROLLBACK", "");
    cr_expect_eq(count(FIXTURE_ZONE), 100);
}

Test(changes, new_zone_is_to_be_put_in_order)
{
    expect_dirty("INSERT INTO domains(id, name, type) VALUES (3, 'example.org', 'NATIVE')", "3 ");
    int64_t first = count(3);
    cr_expect_gt(first, 0);
    fixture_execute("DELETE FROM domains WHERE id = 3");
    cr_expect_eq(count(3), 0);
    expect_dirty("INSERT INTO domains(id, name, type) VALUES (3, 'example.org', 'NATIVE')", "3 ");
    cr_expect_neq(count(3), first, "a zone made anew looks unchanged");
}

Test(changes, renaming_a_zone_counts)
{
    expect_dirty("UPDATE domains SET name = 'example.org' WHERE id = 1", "1 ");
    expect_dirty("UPDATE domains SET name = 'example.org' WHERE id = 1", "");
    expect_dirty("UPDATE domains SET name = 'Example.org' WHERE id = 1", "");
}

Test(changes, changing_the_kind_of_a_zone_counts)
{
    expect_dirty("UPDATE domains SET type = 'MASTER' WHERE id = 1", "1 ");
    expect_dirty("UPDATE domains SET type = 'MASTER' WHERE id = 1", "");
}

Test(changes, giving_a_zone_another_id_counts_there)
{
    expect_dirty("UPDATE domains SET id = 7 WHERE id = 1", "7 ");
    cr_expect_eq(count(1), 0);
    expect_dirty("PRAGMA foreign_keys = ON; UPDATE domains SET id = 8 WHERE id = 2", "8 ");
    cr_expect_str_eq(fixture_query("SELECT id FROM records WHERE domain_id = 8"), "51;");
}

Test(changes, deleting_a_zone_forgets_it)
{
    fixture_execute("INSERT INTO aliasd_ents VALUES (52, 1, 1, NULL), (53, 2, 1, NULL)");
    expect_dirty("DELETE FROM domains WHERE id = 1", "");
    cr_expect_str_eq(fixture_query("SELECT domain_id FROM aliasd_zones"), "2;");
    cr_expect_str_eq(fixture_query("SELECT domain_id FROM aliasd_ents"), "2;");
    expect_dirty("PRAGMA foreign_keys = ON; DELETE FROM domains WHERE id = 2", "");
    cr_expect_str_eq(fixture_query("SELECT domain_id FROM aliasd_zones"), "");
}

Test(changes, replacing_a_zone_counts)
{
    expect_dirty("REPLACE INTO domains(id, name, type) VALUES (1, 'example.com', 'MASTER')", "1 ");
    cr_expect_gt(count(FIXTURE_ZONE), 100);
}

Test(changes, nsec3_and_presigned_metadata_count)
{
    expect_dirty("UPDATE domainmetadata SET content = '1 1 1 ab' WHERE id = 60", "1 ");
    expect_dirty("UPDATE domainmetadata SET domain_id = 2 WHERE id = 60", "1 2 ");
    expect_dirty("UPDATE domainmetadata SET kind = 'X-NSEC3' WHERE id = 60", "2 ");
    expect_dirty("UPDATE domainmetadata SET kind = 'NSEC3PARAM' WHERE id = 60", "2 ");
    expect_dirty("DELETE FROM domainmetadata WHERE id = 60", "2 ");
    expect_dirty("INSERT INTO domainmetadata(domain_id, kind, content) VALUES"
                 " (1, 'NSEC3PARAM', '1 0 1 ab')",
                 "1 ");
    expect_dirty("INSERT INTO domainmetadata(domain_id, kind) VALUES (1, 'nsec3narrow')", "1 ");
    expect_dirty("INSERT INTO domainmetadata(domain_id, kind) VALUES (2, 'PRESIGNED')", "2 ");
}

Test(changes, metadata_about_what_is_published_count)
{
    static const char *const listed[] = {"SOA-EDIT", "X-AUTO-SERIAL", "x-alias-allow",
                                         "X-ALIAS-TXT"};

    for (size_t i = 0; i < sizeof(listed) / sizeof(listed[0]); ++i) {
        char sql[160];
        snprintf(
            sql, sizeof(sql),
            "INSERT INTO domainmetadata(id, domain_id, kind, content) VALUES (65, 1, '%s', 'x')",
            listed[i]);
        expect_dirty(sql, "1 ");
        expect_dirty("UPDATE domainmetadata SET content = 'y' WHERE id = 65", "1 ");
        expect_dirty("DELETE FROM domainmetadata WHERE id = 65", "1 ");
    }
}

Test(changes, keys_count)
{
    expect_dirty("INSERT INTO cryptokeys(domain_id, flags, active) VALUES (2, 257, 1)", "2 ");
    expect_dirty("UPDATE cryptokeys SET active = 0 WHERE id = 70", "1 ");
    expect_dirty("UPDATE cryptokeys SET active = 0 WHERE id = 70", "");
    expect_dirty("UPDATE cryptokeys SET published = 0 WHERE id = 70", "1 ");
    expect_dirty("UPDATE cryptokeys SET content = 'other' WHERE id = 70", "1 ");
    expect_dirty("UPDATE cryptokeys SET flags = 256 WHERE id = 70", "1 ");
    expect_dirty("UPDATE cryptokeys SET domain_id = 2 WHERE id = 70", "1 2 ");
    expect_dirty("DELETE FROM cryptokeys WHERE id = 70", "2 ");
}

Test(changes, what_changes_nothing_of_it_does_not_count)
{
    static const char *const writes[] = {
        "UPDATE records SET ttl = ttl, name = name, auth = auth",
        "UPDATE domains SET notified_serial = 7, last_check = 8, account = 'x', type = type",
        "UPDATE domains SET master = '192.0.2.1' WHERE id = 1",
        "INSERT INTO domainmetadata(domain_id, kind, content) VALUES (1, 'ALSO-NOTIFY', '::1')",
        "UPDATE domainmetadata SET content = '::1' WHERE id = 61",
        "DELETE FROM domainmetadata WHERE id = 61",
        ("INSERT INTO comments(domain_id, name, type, modified_at, comment)"
         " VALUES (1, 'www.example.com', 'A', 1, 'x')"),
        "UPDATE comments SET comment = 'y'",
        "DELETE FROM comments",
        "UPDATE cryptokeys SET published = published, content = content WHERE id = 70",
        "INSERT INTO tsigkeys(name, algorithm, secret) VALUES ('a', 'hmac-sha256', 'x')",
        "INSERT INTO supermasters VALUES ('192.0.2.1', 'ns1.example.com', 'x')",
        "UPDATE records SET content = 'x' WHERE id = 4711",
    };

    for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); ++i)
        expect_dirty(writes[i], "");
    cr_expect_eq(count(FIXTURE_ZONE), 100);
    cr_expect_eq(count(OTHER_ZONE), 200);
}

Test(changes, settled_zone_is_in_order_until_it_changes)
{
    fixture_execute("DELETE FROM records WHERE id IN (50, 51)");
    cr_expect_str_eq(dirty(), "1 2 ");
    cr_assert_eq(database_begin(fixture.db), 0);
    cr_assert_eq(changes_settle(fixture.db, FIXTURE_ZONE, count(FIXTURE_ZONE)), 0);
    cr_assert_eq(database_commit(fixture.db), 0);
    cr_expect_str_eq(dirty(), "2 ");
    fixture_execute("DELETE FROM records WHERE id = 52");
    cr_expect_str_eq(dirty(), "1 2 ");
}

/* What upkeep writes itself doesn't make the zone dirty. */
Test(changes, settling_takes_back_what_was_counted_since)
{
    fixture_execute("DELETE FROM records WHERE id = 50");
    cr_expect_eq(count(FIXTURE_ZONE), 101);
    cr_assert_eq(database_begin(fixture.db), 0);
    cr_assert_eq(changes_settle(fixture.db, FIXTURE_ZONE, 100), 0);
    cr_assert_eq(database_commit(fixture.db), 0);
    cr_expect_eq(count(FIXTURE_ZONE), 100);
    cr_expect_str_eq(dirty(), "");
}

Test(changes, restoring_takes_back_what_was_counted_and_nothing_else)
{
    fixture_execute("UPDATE records SET ttl = 61 WHERE id IN (50, 51)");
    cr_expect_eq(count(FIXTURE_ZONE), 101);
    fixture_execute("UPDATE records SET ttl = 62 WHERE id IN (50, 51)");
    cr_assert_eq(database_begin(fixture.db), 0);
    cr_assert_eq(changes_restore(fixture.db, FIXTURE_ZONE, 101), 0);
    cr_assert_eq(changes_restore(fixture.db, OTHER_ZONE, 200), 0);
    cr_assert_eq(database_commit(fixture.db), 0);
    cr_expect_eq(count(FIXTURE_ZONE), 101);
    cr_expect_eq(count(OTHER_ZONE), 200);
    cr_expect_str_eq(dirty(), "1 ");
    cr_expect_str_eq(fixture_query("SELECT done FROM aliasd_zones"), "100;200;");
}

Test(changes, next_goes_by_ids_and_knows_only_zones)
{
    int64_t zone = -1;

    fixture_execute("INSERT INTO domains(id, name, type) VALUES (30, 'c.example', 'NATIVE'),"
                    " (10, 'b.example', 'NATIVE'), (20, 'a.example', 'NATIVE');"
                    "INSERT INTO aliasd_zones(domain_id) VALUES (15);"
                    "DELETE FROM records WHERE id = 51");
    cr_expect_str_eq(dirty(), "2 10 20 30 ");
    cr_assert_eq(changes_next(fixture.db, 10, &zone), 0);
    cr_expect_eq(zone, 20);
    cr_expect_eq(changes_next(fixture.db, 30, &zone), CHANGES_E_END);
    cr_expect_eq(zone, 20, "touched at the end");
}

static void mark_ents(void)
{
    fixture_execute("DELETE FROM aliasd_ents;"
                    "INSERT INTO records(id, domain_id, name) VALUES (80, 1, 'b.example.com')"
                    " ON CONFLICT(id) DO UPDATE SET type = NULL, name = 'b.example.com',"
                    " domain_id = 1, disabled = 0;"
                    "INSERT INTO aliasd_ents(record_id, domain_id, added)"
                    " VALUES (80, 1, 1), (52, 1, 0)");
    cr_assert_str_eq(mark(80), "1;");
}

Test(changes, mark_goes_with_what_becomes_of_its_row)
{
    static const char *const writes[] = {
        "DELETE FROM records WHERE id = 80",
        "UPDATE records SET type = 'A' WHERE id = 80",
        "UPDATE records SET name = 'c.example.com' WHERE id = 80",
        "UPDATE records SET domain_id = 2 WHERE id = 80",
        "UPDATE records SET disabled = 1 WHERE id = 80",
        "UPDATE records SET id = 81 WHERE id = 80",
        "REPLACE INTO records(id, domain_id, name) VALUES (80, 1, 'b.example.com')",
    };

    for (size_t i = 0; i < sizeof(writes) / sizeof(writes[0]); ++i) {
        mark_ents();
        fixture_execute(writes[i]);
        cr_expect_str_eq(mark(80), "", "%s", writes[i]);
        cr_expect_str_eq(mark(52), "0;", "%s: took the other along", writes[i]);
        fixture_execute("DELETE FROM records WHERE id IN (80, 81)");
    }
}

Test(changes, mark_of_an_id_does_not_pass_to_the_next_row)
{
    mark_ents();
    fixture_execute("DROP TRIGGER aliasd_ents_delete;"
                    "DELETE FROM records WHERE id = 80;"
                    "INSERT INTO records(id, domain_id, name) VALUES (80, 1, 'z.example.com')");
    cr_expect_str_eq(mark(80), "");
    mark_ents();
    fixture_execute("UPDATE records SET id = 82 WHERE id = 52");
    cr_expect_str_eq(mark(52), "");
}

Test(changes, mark_stays_while_its_place_in_the_chain_is_written)
{
    mark_ents();
    fixture_execute("UPDATE records SET ordername = 'x', auth = 0, ttl = 5 WHERE id = 80");
    cr_expect_str_eq(mark(80), "1;");
    fixture_execute("UPDATE records SET name = name, type = NULL WHERE id = 80");
    cr_expect_str_eq(mark(80), "1;");
}

Test(changes, version_moves_with_commits_of_others_and_with_the_schema)
{
    struct changes_version before, after;

    cr_assert_eq(changes_version(fixture.db, &before), 0);
    cr_assert_eq(changes_version(fixture.db, &after), 0);
    cr_expect(after.data == before.data && after.schema == before.schema);
    fixture_execute("DELETE FROM records WHERE id = 50");
    cr_assert_eq(changes_version(fixture.db, &after), 0);
    cr_expect(after.data != before.data && after.schema == before.schema);
    fixture_execute("DROP TRIGGER aliasd_keys_delete");
    cr_assert_eq(changes_version(fixture.db, &after), 0);
    cr_expect_neq(after.schema, before.schema);
}

Test(changes, catching_up_gives_every_zone_a_counter_and_drops_what_is_gone)
{
    fixture_execute("INSERT INTO domains(id, name, type) VALUES (3, 'example.org', 'NATIVE');"
                    "DELETE FROM aliasd_zones WHERE domain_id IN (1, 3);"
                    "INSERT INTO aliasd_zones(domain_id) VALUES (99);"
                    "INSERT INTO aliasd_ents(record_id, domain_id, added)"
                    " VALUES (52, 1, 1), (50, 1, 1), (53, 1, 1), (51, 2, 0);"
                    "INSERT INTO aliasd_published VALUES (2, 7, x'', x''), (99, 7, x'', x'')");
    cr_assert_eq(changes_catch_up(fixture.db), 0);
    cr_expect_str_eq(fixture_query("SELECT domain_id, done = 200, done = -changes AND changes > 0"
                                   " FROM aliasd_zones ORDER BY 1"),
                     "1|0|1;2|1|0;3|0|1;");
    cr_expect_str_eq(fixture_query("SELECT record_id FROM aliasd_ents"), "52;");
    cr_expect_str_eq(fixture_query("SELECT domain_id FROM aliasd_published"), "2;");
    cr_expect_eq(count(OTHER_ZONE), 200);
}

/* Those are the walk's, of which there may be a million. */
Test(changes, zone_whose_counter_is_new_has_not_changed_but_is_not_in_order)
{
    bool is_settled = true;

    fixture_execute("DELETE FROM aliasd_zones WHERE domain_id = 1");
    cr_assert_eq(changes_catch_up(fixture.db), 0);
    cr_expect_str_eq(dirty(), "");
    cr_assert_eq(changes_are_settled(fixture.db, FIXTURE_ZONE, count(FIXTURE_ZONE), &is_settled),
                 0);
    cr_expect_not(is_settled);
    fixture_execute("UPDATE records SET ttl = 61 WHERE id = 50");
    cr_expect_str_eq(dirty(), "1 ");
}

Test(changes, zone_that_was_never_in_order_can_be_noted)
{
    fixture_execute("UPDATE aliasd_zones SET done = -changes WHERE domain_id = 1");
    cr_expect_str_eq(dirty(), "");
    cr_assert_eq(changes_note(fixture.db, FIXTURE_ZONE), 0);
    cr_assert_eq(changes_note(fixture.db, OTHER_ZONE), 0);
    cr_expect_str_eq(dirty(), "1 ");
}

Test(changes, mark_of_another_zones_row_is_dropped)
{
    fixture_execute("INSERT INTO aliasd_ents(record_id, domain_id, added) VALUES (52, 2, 1)");
    cr_assert_eq(changes_catch_up(fixture.db), 0);
    cr_expect_str_eq(fixture_query("SELECT record_id FROM aliasd_ents"), "");
}

Test(changes, zone_counts_as_in_order_at_the_counter_it_was_settled_at)
{
    bool is_settled = false;

    cr_assert_eq(changes_are_settled(fixture.db, FIXTURE_ZONE, 100, &is_settled), 0);
    cr_expect(is_settled);
    fixture_execute("DELETE FROM records WHERE id = 50");
    cr_assert_eq(changes_are_settled(fixture.db, FIXTURE_ZONE, 101, &is_settled), 0);
    cr_expect_not(is_settled);
}

Test(changes_install, zone_counts_as_in_order_where_nothing_is_noted)
{
    bool is_settled = false;

    cr_assert_eq(changes_are_settled(fixture.db, FIXTURE_ZONE, count(FIXTURE_ZONE), &is_settled),
                 0);
    cr_expect(is_settled);
}

Test(changes, next_zone_is_whatever_its_state)
{
    int64_t zone = 0;

    cr_assert_eq(changes_next_zone(fixture.db, 0, &zone), 0);
    cr_expect_eq(zone, 1);
    cr_assert_eq(changes_next_zone(fixture.db, 1, &zone), 0);
    cr_expect_eq(zone, 2);
    cr_expect_eq(changes_next_zone(fixture.db, 2, &zone), CHANGES_E_END);
}

Test(changes, lists_all_counters_in_the_order_of_the_ids)
{
    CLEANUP(changes_counters_deinit) struct changes_counters counters = {0};

    fixture_execute("INSERT INTO aliasd_zones(domain_id, changes) VALUES (-3, 7), (4, 8), (3, 9)");
    for (int i = 0; i < 2; ++i) {
        static const struct changes_counter expected[] = {
            {-3, 7}, {1, 100}, {2, 200}, {3, 9}, {4, 8}};

        cr_assert_eq(changes_list_counters(fixture.db, &counters), 0);
        cr_assert_eq(counters.count, 5);
        for (size_t k = 0; k < 5; ++k) {
            cr_expect_eq(counters.items[k].zone_id, expected[k].zone_id);
            cr_expect_eq(counters.items[k].changes, expected[k].changes);
        }
    }
}

Test(changes, lists_no_counters_where_there_are_none)
{
    CLEANUP(changes_counters_deinit) struct changes_counters counters = {0};

    cr_assert_eq(changes_list_counters(fixture.db, &counters), 0);
    cr_assert_eq(counters.count, 2);
    fixture_execute("DELETE FROM aliasd_zones");
    cr_assert_eq(changes_list_counters(fixture.db, &counters), 0);
    cr_assert_eq(counters.count, 0);
}
