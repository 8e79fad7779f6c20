#include "store/transaction.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "store/changes.h"
#include "store/records.h"

#define OTHER_ZONE 2 /* example.net */

static const char all_records[] =
    "SELECT name, type, content, prio FROM records WHERE domain_id = 1 ORDER BY name, type, id";
static const char rows[] =
    "INSERT INTO domains(id, name, type) VALUES (2, 'example.net', 'NATIVE');"
    "INSERT INTO records(domain_id, name, type, content, ttl, prio, disabled) VALUES"
    " (1, 'mx.example.com', 'MX', 'a.example.com', 60, 10, 0),"
    " (1, 'www.example.com', 'A', '192.0.2.1', 60, NULL, 0),"
    " (1, 'www.example.com', 'TXT', '\"t\"', 60, NULL, 0),"
    " (1, 'www.example.com', 'A', '192.0.2.99', 60, NULL, 1),"
    " (1, 'ent.example.com', NULL, NULL, NULL, NULL, 0),"
    " (2, 'www.example.net', 'A', '198.51.100.1', 60, NULL, 0),"
    " (2, 'www.example.com', 'A', '198.51.100.2', 60, NULL, 0)";

static void set_up(void)
{
    fixture_set_up();
    fixture_execute(rows);
}

TestSuite(transaction, .init = set_up, .fini = fixture_tear_down);

static void begin(bool is_replacement)
{
    cr_assert_eq(transaction_begin(fixture.db, FIXTURE_ZONE, is_replacement), 0);
}

static int add(const char *name, const char *type, const char *content)
{
    const struct transaction_record record = {
        .name = name, .type = type, .content = content, .ttl = 300, .auth = true};

    return transaction_add(fixture.db, &record);
}

static int drop(const char *name, const char *type)
{
    return transaction_remove(fixture.db, name, type, false);
}

static void apply_and_commit(void)
{
    cr_assert_eq(transaction_apply(fixture.db), 0);
    cr_assert_eq(transaction_commit(fixture.db), 0);
    cr_expect_not(transaction_is_open(fixture.db));
}

/* "zone name type content ttl;" */
static const char *render(struct records_cursor *cursor)
{
    static char text[4096];
    struct records_row row;
    size_t used = 0;
    int r;

    text[0] = '\0';
    while ((r = records_next(cursor, &row)) == 0)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%d %s %s %s %u;",
                                 (int)row.domain_id, row.name, row.type, row.content, row.ttl);
    return r < 0 ? "failed" : text;
}

static const char *lookup(const char *name, const char *type, int64_t zone)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};

    cr_assert_eq(records_lookup(fixture.db, name, type, zone, &cursor), 0);
    return render(&cursor);
}

static const char *list(int64_t zone)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};

    cr_assert_eq(records_list(fixture.db, zone, &cursor), 0);
    return render(&cursor);
}

/* Once the connection under test holds no lock another one can write at once. */
static bool can_be_written(void)
{
    sqlite3 *other = fixture_connect();

    sqlite3_busy_timeout(other, 0);
    int code = sqlite3_exec(other, "BEGIN IMMEDIATE; ROLLBACK", NULL, NULL, NULL);
    sqlite3_close(other);
    return code == SQLITE_OK;
}

Test(transaction, changes_are_there_after_the_commit)
{
    begin(false);
    cr_expect(transaction_is_open(fixture.db));
    cr_expect_eq(transaction_zone(fixture.db), FIXTURE_ZONE);
    cr_assert_eq(drop("mx.example.com", "MX"), 0);
    cr_assert_eq(add("new.example.com", "A", "192.0.2.7"), 0);
    apply_and_commit();
    cr_expect_str_eq(
        fixture_query(
            "SELECT name, type, content, ttl, prio, disabled, ordername, auth FROM records"
            " WHERE name IN ('mx.example.com', 'new.example.com')"),
        "new.example.com|A|192.0.2.7|300|0|0||1;");
}

Test(transaction, feeds_auth_and_ordername)
{
    const struct transaction_record record = {.name = "a.example.com",
                                              .type = "A",
                                              .content = "192.0.2.7",
                                              .ttl = 4294967295,
                                              .auth = false,
                                              .ordername = "abc"};

    begin(false);
    cr_assert_eq(transaction_add(fixture.db, &record), 0);
    apply_and_commit();
    cr_expect_str_eq(fixture_query("SELECT ttl, ordername, auth FROM records"
                                   " WHERE name = 'a.example.com'"),
                     "4294967295|abc|0;");
}

Test(transaction, replacement_takes_all_rows_the_disabled_ones_too)
{
    begin(true);
    cr_assert_eq(add("example.com", "SOA", "ns1.example.com h.example.com 8 1 1 1 1"), 0);
    cr_assert_eq(add("example.com", "MX", "20 b.example.com"), 0);
    apply_and_commit();
    cr_expect_str_eq(fixture_query(all_records), "example.com|MX|b.example.com|20;"
                                                 "example.com|SOA|ns1.example.com h.example.com 8 1"
                                                 " 1 1 1|0;");
    cr_expect_str_eq(fixture_query("SELECT count(*) FROM records WHERE domain_id = 2"), "2;");
}

Test(transaction, replacement_by_nothing_empties_the_zone)
{
    begin(true);
    apply_and_commit();
    cr_expect_str_eq(fixture_query(all_records), "");
}

Test(transaction, removal_leaves_disabled_rows)
{
    begin(false);
    cr_assert_eq(drop("www.example.com", "ANY"), 0);
    apply_and_commit();
    cr_expect_str_eq(fixture_query("SELECT domain_id, type, content FROM records"
                                   " WHERE name = 'www.example.com' ORDER BY id"),
                     "1|A|192.0.2.99;2|A|198.51.100.2;");
}

Test(transaction, removal_is_of_one_type_or_of_any)
{
    begin(false);
    cr_assert_eq(drop("www.example.com", "TXT"), 0);
    cr_expect_str_eq(lookup("www.example.com", "ANY", FIXTURE_ZONE),
                     "1 www.example.com A 192.0.2.1 60;");
    cr_assert_eq(drop("ent.example.com", "A"), 0);
    cr_expect_str_eq(lookup("ent.example.com", "ANY", FIXTURE_ZONE), "1 ent.example.com   3600;");
    cr_assert_eq(drop("ent.example.com", "ANY"), 0);
    cr_expect_str_eq(lookup("ent.example.com", "ANY", FIXTURE_ZONE), "");
    apply_and_commit();
    cr_expect_str_eq(fixture_query("SELECT name, content FROM records WHERE domain_id = 1"
                                   " AND name IN ('www.example.com', 'ent.example.com')"),
                     "www.example.com|192.0.2.1;www.example.com|192.0.2.99;");
}

Test(transaction, removal_takes_what_was_added_before_and_not_after)
{
    begin(false);
    cr_assert_eq(add("www.example.com", "A", "192.0.2.2"), 0);
    cr_assert_eq(add("www.example.com", "AAAA", "2001:db8::2"), 0);
    cr_assert_eq(drop("www.example.com", "A"), 0);
    cr_assert_eq(add("www.example.com", "A", "192.0.2.3"), 0);
    apply_and_commit();
    cr_expect_str_eq(fixture_query("SELECT type, content FROM records WHERE domain_id = 1"
                                   " AND name = 'www.example.com' ORDER BY id"),
                     "TXT|\"t\";A|192.0.2.99;AAAA|2001:db8::2;A|192.0.2.3;");
}

Test(transaction, rows_are_added_in_the_order_they_come)
{
    begin(true);
    cr_assert_eq(add("z.example.com", "A", "192.0.2.1"), 0);
    cr_assert_eq(add("a.example.com", "A", "192.0.2.2"), 0);
    cr_assert_eq(add("z.example.com", "A", "192.0.2.0"), 0);
    apply_and_commit();
    cr_expect_str_eq(fixture_query("SELECT content FROM records WHERE domain_id = 1 ORDER BY id"),
                     "192.0.2.1;192.0.2.2;192.0.2.0;");
}

Test(transaction, lookups_show_the_zone_as_it_would_be)
{
    begin(false);
    cr_assert_eq(add("www.example.com", "A", "192.0.2.5"), 0);
    cr_assert_eq(drop("www.example.com", "TXT"), 0);
    cr_assert_eq(add("mx.example.com", "MX", "30 c.example.com"), 0);
    cr_expect_str_eq(lookup("www.example.com", "ANY", FIXTURE_ZONE),
                     "1 www.example.com A 192.0.2.1 60;1 www.example.com A 192.0.2.5 300;");
    cr_expect_str_eq(lookup("www.example.com", "TXT", FIXTURE_ZONE), "");
    cr_expect_str_eq(lookup("mx.example.com", "MX", FIXTURE_ZONE),
                     "1 mx.example.com MX 10 a.example.com 60;"
                     "1 mx.example.com MX 30 c.example.com 300;");
    cr_expect_str_eq(lookup("www.example.com", "A", -1),
                     "1 www.example.com A 192.0.2.1 60;2 www.example.com A 198.51.100.2 60;"
                     "1 www.example.com A 192.0.2.5 300;");
    transaction_abort(fixture.db);
    cr_expect_str_eq(lookup("www.example.com", "ANY", FIXTURE_ZONE),
                     "1 www.example.com A 192.0.2.1 60;1 www.example.com TXT \"t\" 60;");
}

Test(transaction, lookups_in_other_zones_show_what_is_there)
{
    begin(true);
    cr_assert_eq(add("www.example.com", "A", "192.0.2.5"), 0);
    cr_assert_eq(drop("www.example.com", "A"), 0);
    cr_expect_str_eq(lookup("www.example.com", "ANY", OTHER_ZONE),
                     "2 www.example.com A 198.51.100.2 60;");
    cr_expect_str_eq(list(OTHER_ZONE), "2 www.example.com A 198.51.100.2 60;"
                                       "2 www.example.net A 198.51.100.1 60;");
}

Test(transaction, list_shows_the_zone_as_it_would_be)
{
    begin(false);
    cr_assert_eq(drop("www.example.com", "ANY"), 0);
    cr_assert_eq(drop("example.com", "ANY"), 0);
    cr_assert_eq(add("a.example.com", "A", "192.0.2.5"), 0);
    cr_expect_str_eq(list(FIXTURE_ZONE), "1 a.example.com A 192.0.2.5 300;1 ent.example.com   3600;"
                                         "1 mx.example.com MX 10 a.example.com 60;");
}

Test(transaction, replacement_shows_only_what_was_fed)
{
    begin(true);
    cr_expect_str_eq(list(FIXTURE_ZONE), "");
    cr_expect_str_eq(lookup("www.example.com", "ANY", FIXTURE_ZONE), "");
    cr_assert_eq(add("www.example.com", "A", "192.0.2.5"), 0);
    cr_expect_str_eq(list(FIXTURE_ZONE), "1 www.example.com A 192.0.2.5 300;");
    cr_expect_str_eq(lookup("www.example.com", "A", FIXTURE_ZONE),
                     "1 www.example.com A 192.0.2.5 300;");
}

Test(transaction, nobody_else_sees_it_before_the_commit)
{
    CLEANUP(cleanup_freep) char *before = strdup(fixture_query(all_records));

    begin(true);
    cr_assert_eq(add("www.example.com", "A", "192.0.2.5"), 0);
    cr_expect_str_eq(fixture_query(all_records), before);
    cr_assert_eq(transaction_apply(fixture.db), 0);
    cr_expect_str_eq(fixture_query(all_records), before);
    cr_assert_eq(transaction_commit(fixture.db), 0);
    cr_expect_str_eq(fixture_query(all_records), "www.example.com|A|192.0.2.5|0;");
}

/* "busy, frames in the WAL, frames of them that are in the file": busy as long as somebody reads.
 */
Test(transaction, neither_locks_nor_writes_before_it_is_applied)
{
    cr_assert_str_eq(fixture_query("PRAGMA wal_checkpoint(TRUNCATE)"), "0|0|0;");
    begin(false);
    for (int i = 0; i < 3000; ++i)
        cr_assert_eq(add("many.example.com", "TXT", "\"some text that takes a little room\""), 0);
    cr_assert_eq(drop("www.example.com", "ANY"), 0);
    lookup("www.example.com", "ANY", FIXTURE_ZONE);
    list(OTHER_ZONE);
    cr_expect(can_be_written());
    cr_expect_str_eq(fixture_query("PRAGMA wal_checkpoint(TRUNCATE)"), "0|0|0;");
    cr_assert_eq(transaction_apply(fixture.db), 0);
    cr_expect_not(can_be_written());
    cr_assert_eq(transaction_commit(fixture.db), 0);
    cr_expect(can_be_written());
    cr_expect_str_neq(fixture_query("PRAGMA wal_checkpoint(PASSIVE)"), "0|0|0;");
}

Test(transaction, abort_leaves_nothing)
{
    CLEANUP(cleanup_freep) char *before = strdup(fixture_query(all_records));

    begin(true);
    cr_assert_eq(add("www.example.com", "A", "192.0.2.5"), 0);
    transaction_abort(fixture.db);
    cr_expect_not(transaction_is_open(fixture.db));
    cr_expect_str_eq(fixture_query(all_records), before);
    begin(false);
    cr_expect_str_eq(lookup("www.example.com", "A", FIXTURE_ZONE),
                     "1 www.example.com A 192.0.2.1 60;");
    transaction_abort(fixture.db);
}

Test(transaction, abort_after_applying_takes_it_back)
{
    CLEANUP(cleanup_freep) char *before = strdup(fixture_query(all_records));

    begin(true);
    cr_assert_eq(transaction_apply(fixture.db), 0);
    transaction_abort(fixture.db);
    cr_expect(can_be_written());
    cr_expect_str_eq(fixture_query(all_records), before);
}

Test(transaction, abort_without_a_transaction_does_nothing)
{
    transaction_abort(fixture.db);
    cr_expect_not(transaction_is_open(fixture.db));
}

Test(transaction, one_follows_the_other)
{
    for (int i = 0; i < 20; ++i) {
        char name[32];
        snprintf(name, sizeof(name), "n%d.example.com", i);
        begin(false);
        cr_assert_eq(add(name, "A", "192.0.2.5"), 0);
        if (i % 2 == 0)
            apply_and_commit();
        else
            transaction_abort(fixture.db);
    }
    cr_expect_str_eq(fixture_query("SELECT count(*) FROM records WHERE name LIKE 'n%.example.com'"),
                     "10;");
}

Test(transaction, second_one_is_refused_and_the_first_goes_on)
{
    begin(false);
    cr_assert_eq(add("new.example.com", "A", "192.0.2.7"), 0);
    cr_expect_eq(transaction_begin(fixture.db, OTHER_ZONE, true), -EINVAL);
    cr_expect_eq(transaction_zone(fixture.db), FIXTURE_ZONE);
    apply_and_commit();
    cr_expect_str_eq(fixture_query("SELECT domain_id FROM records WHERE name = 'new.example.com'"),
                     "1;");
    cr_expect_str_eq(fixture_query("SELECT count(*) FROM records WHERE domain_id = 2"), "2;");
}

Test(transaction, two_connections_have_one_each)
{
    CLEANUP(database_freep) struct database *other = NULL;

    cr_assert_eq(fixture_open(false, &other), 0);
    begin(false);
    cr_assert_eq(add("one.example.com", "A", "192.0.2.1"), 0);
    cr_assert_eq(transaction_begin(other, OTHER_ZONE, false), 0);
    cr_assert_eq(transaction_remove(other, "www.example.net", "A", false), 0);
    apply_and_commit();
    cr_assert_eq(transaction_apply(other), 0);
    cr_assert_eq(transaction_commit(other), 0);
    cr_expect_str_eq(fixture_query("SELECT domain_id, name FROM records WHERE name IN"
                                   " ('one.example.com', 'www.example.net')"),
                     "1|one.example.com;");
}

Test(transaction, zone_that_is_not_there_has_none)
{
    cr_expect_eq(transaction_begin(fixture.db, 99, true), TRANSACTION_E_NO_ZONE);
    cr_expect_not(transaction_is_open(fixture.db));
    begin(false);
}

Test(transaction, zone_that_was_deleted_meanwhile_is_not_written)
{
    fixture_log_start();
    begin(true);
    cr_assert_eq(add("www.example.com", "A", "192.0.2.5"), 0);
    fixture_execute("PRAGMA foreign_keys = ON; DELETE FROM domains WHERE id = 1");
    cr_expect_eq(transaction_apply(fixture.db), -ENOENT);
    cr_expect_not(transaction_is_open(fixture.db));
    cr_expect(can_be_written());
    cr_expect(fixture_logged("was deleted meanwhile"));
    cr_expect_str_eq(fixture_query(all_records), "");
}

/* Each zone has a counter from here on. */
static void note_changes(void)
{
    bool was_changed;

    cr_assert_eq(changes_install(fixture.db, &was_changed), 0);
    fixture_execute("INSERT INTO aliasd_zones(domain_id) SELECT id FROM domains");
}

Test(transaction, zone_that_was_changed_meanwhile_is_written_only_as_a_whole)
{
    note_changes();
    fixture_log_start();
    begin(false);
    cr_assert_eq(add("www.example.com", "A", "192.0.2.5"), 0);
    fixture_execute("UPDATE records SET ttl = 61 WHERE name = 'www.example.com' AND domain_id = 1");
    cr_expect_eq(transaction_apply(fixture.db), -EBUSY);
    cr_expect_not(transaction_is_open(fixture.db));
    cr_expect(can_be_written());
    cr_expect(fixture_logged("zone example.com was changed meanwhile by another writer"));
    cr_expect_str_eq(fixture_query("SELECT count(*) FROM records WHERE content = '192.0.2.5'"),
                     "0;");

    begin(true);
    cr_assert_eq(add("www.example.com", "A", "192.0.2.5"), 0);
    fixture_execute("UPDATE records SET ttl = 62 WHERE name = 'www.example.com' AND domain_id = 1");
    apply_and_commit();
    cr_expect_str_eq(fixture_query(all_records), "www.example.com|A|192.0.2.5|0;");
}

Test(transaction, changes_to_another_zone_do_not_stop_it)
{
    note_changes();
    begin(false);
    cr_assert_eq(add("new.example.com", "A", "192.0.2.5"), 0);
    fixture_execute("UPDATE records SET ttl = 61 WHERE domain_id = 2;"
                    "INSERT INTO domainmetadata(domain_id, kind, content)"
                    " VALUES (1, 'ALLOW-AXFR-FROM', 'AUTO-NS')");
    apply_and_commit();
}

Test(transaction, lock_of_another_writer_ends_it)
{
    sqlite3 *other = fixture_connect();

    begin(true);
    cr_assert_eq(add("www.example.com", "A", "192.0.2.5"), 0);
    fixture_execute_on(other, "BEGIN IMMEDIATE");
    cr_expect_eq(transaction_apply(fixture.db), -EBUSY);
    cr_expect_not(transaction_is_open(fixture.db));
    fixture_execute_on(other, "ROLLBACK");
    sqlite3_close(other);
    cr_expect_str_eq(fixture_query("SELECT count(*) FROM records WHERE domain_id = 1"), "7;");
}

Test(transaction, file_that_was_replaced_meanwhile_is_not_written)
{
    char copy[128];
    char sql[160];

    snprintf(copy, sizeof(copy), "%s.new", fixture.path);
    snprintf(sql, sizeof(sql), "VACUUM INTO '%s'", copy);
    begin(true);
    fixture_execute(sql);
    cr_assert_eq(rename(copy, fixture.path), 0);
    cr_expect_eq(transaction_apply(fixture.db), -ESTALE);
    cr_expect_not(transaction_is_open(fixture.db));
}

Test(transaction, priorities_are_kept_in_their_column)
{
    begin(false);
    cr_assert_eq(add("m.example.com", "MX", "10 mail.example.com"), 0);
    cr_assert_eq(add("m.example.com", "SRV", "1 2 3 host.example.com"), 0);
    cr_assert_eq(add("m.example.com", "TYPE15", "20 other.example.com"), 0);
    cr_assert_eq(add("m.example.com", "NAPTR", "1 2 \"\" \"\" \"\" ."), 0);
    cr_expect_str_eq(lookup("m.example.com", "MX", FIXTURE_ZONE),
                     "1 m.example.com MX 10 mail.example.com 300;");
    apply_and_commit();
    cr_expect_str_eq(fixture_query("SELECT type, prio, content FROM records"
                                   " WHERE name = 'm.example.com' ORDER BY id"),
                     "MX|10|mail.example.com;SRV|1|2 3 host.example.com;TYPE15|20|"
                     "other.example.com;NAPTR|0|1 2 \"\" \"\" \"\" .;");
}

Test(transaction, priority_that_is_none_ends_it)
{
    begin(false);
    cr_assert_eq(add("new.example.com", "A", "192.0.2.7"), 0);
    fixture_log_start();
    cr_expect_eq(add("m.example.com", "MX", "2147483648 mail.example.com"), -EBADMSG);
    cr_expect(fixture_logged("m.example.com"));
    cr_expect_not(transaction_is_open(fixture.db));
    begin(false);
    cr_expect_str_eq(lookup("new.example.com", "ANY", FIXTURE_ZONE), "");
}

static void insert_comments(void)
{
    fixture_execute("INSERT INTO comments(domain_id, name, type, modified_at, comment) VALUES"
                    " (1, 'www.example.com', 'A', 1, 'a'), (1, 'www.example.com', 'TXT', 1, 't'),"
                    " (1, 'mx.example.com', 'MX', 1, 'm'), (2, 'www.example.com', 'A', 1, 'o')");
}

static const char comments[] = "SELECT comment FROM comments ORDER BY id";

Test(transaction, comments_go_only_where_it_is_asked_for)
{
    insert_comments();
    begin(false);
    cr_assert_eq(transaction_remove(fixture.db, "mx.example.com", "MX", false), 0);
    cr_assert_eq(transaction_remove(fixture.db, "www.example.com", "A", true), 0);
    apply_and_commit();
    cr_expect_str_eq(fixture_query(comments), "t;m;o;");
}

Test(transaction, comments_go_if_any_of_two_removals_says_so)
{
    insert_comments();
    begin(false);
    cr_assert_eq(transaction_remove(fixture.db, "www.example.com", "A", true), 0);
    cr_assert_eq(transaction_remove(fixture.db, "www.example.com", "A", false), 0);
    cr_assert_eq(transaction_remove(fixture.db, "mx.example.com", "MX", false), 0);
    cr_assert_eq(transaction_remove(fixture.db, "mx.example.com", "MX", true), 0);
    apply_and_commit();
    cr_expect_str_eq(fixture_query(comments), "t;o;");
}

Test(transaction, replacement_keeps_comments_that_nobody_removes)
{
    insert_comments();
    begin(true);
    cr_assert_eq(transaction_remove(fixture.db, "www.example.com", "A", true), 0);
    apply_and_commit();
    cr_expect_str_eq(fixture_query(comments), "t;m;o;");
}

Test(transaction, root_zone_can_be_changed)
{
    fixture_execute("INSERT INTO domains(id, name, type) VALUES (3, '.', 'NATIVE');"
                    "INSERT INTO records(domain_id, name, type, content, ttl)"
                    " VALUES (3, '.', 'NS', 'a.example', 60)");
    cr_assert_eq(transaction_begin(fixture.db, 3, false), 0);
    cr_assert_eq(drop("", "NS"), 0);
    cr_assert_eq(add("", "NS", "b.example"), 0);
    cr_expect_str_eq(lookup("", "NS", 3), "3 . NS b.example 300;");
    apply_and_commit();
    cr_expect_str_eq(fixture_query("SELECT name, content FROM records WHERE domain_id = 3"),
                     ".|b.example;");
}

Test(transaction, read_only_connection_can_not_apply_one)
{
    CLEANUP(database_freep) struct database *reader = NULL;

    cr_assert_eq(fixture_open(true, &reader), 0);
    int r = transaction_begin(reader, FIXTURE_ZONE, true);
    if (r == 0)
        r = transaction_apply(reader);
    cr_expect_lt(r, 0);
    cr_expect_not(transaction_is_open(reader));
    cr_expect_str_eq(fixture_query("SELECT count(*) FROM records WHERE domain_id = 1"), "7;");
}

Test(transaction, empty_non_terminals_have_null_in_their_columns)
{
    begin(true);
    cr_assert_eq(add("ent.example.com", "", "ignored"), 0);
    cr_expect_str_eq(list(FIXTURE_ZONE), "1 ent.example.com   3600;");
    apply_and_commit();
    cr_expect_str_eq(
        fixture_query("SELECT name, type IS NULL, content IS NULL, ttl IS NULL, prio IS NULL, auth"
                      " FROM records WHERE domain_id = 1"),
        "ent.example.com|1|1|1|1|1;");
}
