#include "store/records.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture.h"

TestSuite(records, .init = fixture_set_up, .fini = fixture_tear_down);

/* "(domain_id, name, type, content, ttl, prio, disabled, auth) VALUES ..." of zone 1 */
static void insert(const char *values)
{
    char sql[2048];

    snprintf(sql, sizeof(sql),
             "INSERT INTO records(domain_id, name, type, content, ttl, prio, disabled, auth)"
             " VALUES %s",
             values);
    fixture_execute(sql);
}

/* All rows as "name type content ttl auth;"; or "failed". */
static const char *render(struct records_cursor *cursor)
{
    static char text[4096];
    struct records_row row;
    size_t used = 0;
    int r;

    text[0] = '\0';
    while ((r = records_next(cursor, &row)) == 0) {
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %s %s %u %d;", row.name,
                                 row.type, row.content, row.ttl, row.auth);
        cr_expect_eq(row.content_size, strlen(row.content));
    }
    return r < 0 ? "failed" : text;
}

static const char *lookup_typed(const char *name, const char *type, int64_t zone)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};

    cr_assert_eq(records_lookup(fixture.db, name, type, zone, &cursor), 0);
    return render(&cursor);
}

static const char *lookup(const char *name)
{
    return lookup_typed(name, "ANY", FIXTURE_ZONE);
}

static const char *list(int64_t zone)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};

    cr_assert_eq(records_list(fixture.db, zone, &cursor), 0);
    return render(&cursor);
}

static const char *search(const char *pattern, int64_t limit)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};

    cr_assert_eq(records_search(fixture.db, pattern, limit, &cursor), 0);
    return render(&cursor);
}

Test(records, lookup_finds_all_types_at_a_name)
{
    insert("(1, 'www.example.com', 'TXT', '\"x\"', 60, NULL, 0, 1),"
           "(1, 'www.example.com', 'A', '192.0.2.1', 300, NULL, 0, 1),"
           "(1, 'ww.example.com', 'A', '192.0.2.2', 300, NULL, 0, 1)");
    cr_expect_str_eq(lookup("www.example.com"),
                     "www.example.com A 192.0.2.1 300 1;www.example.com TXT \"x\" 60 1;");
    cr_expect_str_eq(lookup("none.example.com"), "");
}

Test(records, lookup_of_one_type_finds_that_only)
{
    insert("(1, 'www.example.com', 'TXT', '\"x\"', 60, NULL, 0, 1),"
           "(1, 'www.example.com', 'A', '192.0.2.1', 300, NULL, 0, 1)");
    cr_expect_str_eq(lookup_typed("www.example.com", "A", 1), "www.example.com A 192.0.2.1 300 1;");
    cr_expect_str_eq(lookup_typed("www.example.com", "TXT", -1), "www.example.com TXT \"x\" 60 1;");
    cr_expect_str_eq(lookup_typed("www.example.com", "AAAA", -1), "");
}

Test(records, lookup_without_a_zone_finds_the_name_in_all)
{
    insert("(1, 'www.example.com', 'A', '192.0.2.1', 300, NULL, 0, 1)");
    fixture_execute("INSERT INTO domains(id, name, type) VALUES (2, 'www.example.com', 'NATIVE')");
    insert("(2, 'www.example.com', 'A', '192.0.2.2', 300, NULL, 0, 1)");
    cr_expect_str_eq(lookup_typed("www.example.com", "ANY", -1),
                     "www.example.com A 192.0.2.1 300 1;www.example.com A 192.0.2.2 300 1;");
    cr_expect_str_eq(lookup_typed("www.example.com", "ANY", 2),
                     "www.example.com A 192.0.2.2 300 1;");
}

Test(records, lookup_tells_the_zone_of_each_row)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    struct records_row row;

    fixture_execute("INSERT INTO domains(id, name, type) VALUES (70000000000, 'b', 'NATIVE')");
    insert("(70000000000, 'b', 'A', '192.0.2.1', 300, NULL, 0, 1)");
    cr_assert_eq(records_lookup(fixture.db, "b", "ANY", -1, &cursor), 0);
    cr_assert_eq(records_next(&cursor, &row), 0);
    cr_expect_eq(row.domain_id, 70000000000);
}

Test(records, disabled_rows_are_hidden_everywhere)
{
    insert("(1, 'www.example.com', 'ALIAS', 'a', 300, NULL, 1, 1),"
           "(1, 'www.example.com', 'ALIAS', 'b', 300, NULL, NULL, 1)");
    cr_expect_str_eq(lookup("www.example.com"), "");
    cr_expect_str_eq(lookup_typed("www.example.com", "ALIAS", -1), "");
    cr_expect_null(strstr(list(1), "www"));
    cr_expect_str_eq(search("www*", 10), "");

    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    cr_assert_eq(records_list_aliases(fixture.db, 1, &cursor), 0);
    cr_expect_str_eq(render(&cursor), "");
}

Test(records, priority_is_put_before_mx_and_srv)
{
    insert("(1, 'm.example.com', 'MX', 'mail.example.com', 60, 10, 0, 1),"
           "(1, 's.example.com', 'SRV', '0 443 h.example.com', 60, 5, 0, 1),"
           "(1, 'a.example.com', 'A', '192.0.2.1', 60, 10, 0, 1)");
    cr_expect_str_eq(lookup("m.example.com"), "m.example.com MX 10 mail.example.com 60 1;");
    cr_expect_str_eq(lookup("s.example.com"), "s.example.com SRV 5 0 443 h.example.com 60 1;");
    cr_expect_str_eq(lookup("a.example.com"), "a.example.com A 192.0.2.1 60 1;");
}

Test(records, priority_is_put_before_whatever_powerdns_reads_as_mx)
{
    insert("(1, 'a.example.com', 'mx', 'a', 60, 1, 0, 1),"
           "(1, 'b.example.com', 'TYPE15', 'b', 60, 2, 0, 1),"
           "(1, 'e.example.com', 'TYPE65551', 'e', 60, 5, 0, 1),"
           "(1, 'f.example.com', 'TYPE99999999999999999999', 'f', 60, 6, 0, 1),"
           "(1, 'c.example.com', '#33', 'c', 60, 3, 0, 1),"
           "(1, 'd.example.com', 'TYPE16', 'd', 60, 4, 0, 1)");
    cr_expect_str_eq(lookup("a.example.com"), "a.example.com mx 1 a 60 1;");
    cr_expect_str_eq(lookup("b.example.com"), "b.example.com TYPE15 2 b 60 1;");
    cr_expect_str_eq(lookup("e.example.com"), "e.example.com TYPE65551 5 e 60 1;");
    cr_expect_str_eq(lookup("f.example.com"), "f.example.com TYPE99999999999999999999 f 60 1;");
    cr_expect_str_eq(lookup("c.example.com"), "c.example.com #33 3 c 60 1;");
    cr_expect_str_eq(lookup("d.example.com"), "d.example.com TYPE16 d 60 1;");
}

Test(records, null_priority_is_as_unreadable_as_with_gsqlite3)
{
    insert("(1, 'm.example.com', 'MX', '10 mail.example.com', 60, NULL, 0, 1)");
    cr_expect_str_eq(lookup("m.example.com"), "m.example.com MX  10 mail.example.com 60 1;");
}

Test(records, null_ttl_is_the_default)
{
    insert("(1, 'www.example.com', 'A', '192.0.2.1', NULL, NULL, 0, 1),"
           "(1, 'www.example.com', 'AAAA', '::1', '', NULL, 0, 1)");
    cr_expect_str_eq(lookup("www.example.com"),
                     "www.example.com A 192.0.2.1 3600 1;www.example.com AAAA ::1 3600 1;");
}

Test(records, row_with_a_ttl_that_is_no_number_is_left_out)
{
    insert("(1, 'www.example.com', 'A', '192.0.2.1', 'abc', NULL, 0, 1),"
           "(1, 'www.example.com', 'A', '192.0.2.2', -1, NULL, 0, 1),"
           "(1, 'www.example.com', 'A', '192.0.2.3', 4294967296, NULL, 0, 1),"
           "(1, 'www.example.com', 'A', '192.0.2.4', 4294967295, NULL, 0, 1),"
           "(1, 'www.example.com', 'A', '192.0.2.5', '12s', NULL, 0, 1),"
           "(1, 'www.example.com', 'A', '192.0.2.6', 60.5, NULL, 0, 1)");
    fixture_log_start();
    cr_expect_str_eq(lookup("www.example.com"), "www.example.com A 192.0.2.4 4294967295 1;"
                                                "www.example.com A 192.0.2.5 12 1;"
                                                "www.example.com A 192.0.2.6 60 1;");
    cr_expect(fixture_logged("records.ttl is 'abc'"));
}

Test(records, auth_is_what_starts_with_one)
{
    insert("(1, 'a.example.com', 'A', '192.0.2.1', 60, NULL, 0, NULL),"
           "(1, 'b.example.com', 'A', '192.0.2.1', 60, NULL, 0, 0),"
           "(1, 'c.example.com', 'A', '192.0.2.1', 60, NULL, 0, 'yes')");
    cr_expect_str_eq(lookup("a.example.com"), "a.example.com A 192.0.2.1 60 0;");
    cr_expect_str_eq(lookup("b.example.com"), "b.example.com A 192.0.2.1 60 0;");
    cr_expect_str_eq(lookup("c.example.com"), "c.example.com A 192.0.2.1 60 0;");
}

Test(records, empty_non_terminal_has_no_type)
{
    insert("(1, 'b.example.com', NULL, NULL, NULL, NULL, 0, 1)");
    cr_expect_str_eq(lookup("b.example.com"), "b.example.com   3600 1;");
    cr_expect_str_eq(lookup_typed("b.example.com", "A", 1), "");
    cr_expect_not_null(strstr(list(1), "b.example.com   3600 1;"));
}

Test(records, wildcard_is_a_name_like_any_other)
{
    insert("(1, '*.example.com', 'A', '192.0.2.1', 60, NULL, 0, 1)");
    cr_expect_str_eq(lookup("*.example.com"), "*.example.com A 192.0.2.1 60 1;");
    cr_expect_str_eq(lookup("www.example.com"), "");
}

Test(records, name_in_capitals_is_not_found)
{
    insert("(1, 'WWW.example.com', 'A', '192.0.2.1', 60, NULL, 0, 1)");
    cr_expect_str_eq(lookup("www.example.com"), "");
    cr_expect_not_null(strstr(list(1), "WWW.example.com A"));
}

Test(records, root_is_written_as_a_dot)
{
    fixture_execute("INSERT INTO domains(id, name, type) VALUES (2, '.', 'NATIVE')");
    insert("(2, '.', 'NS', 'a.example.com', 60, NULL, 0, 1)");
    cr_expect_str_eq(lookup_typed("", "ANY", 2), ". NS a.example.com 60 1;");
    cr_expect_str_eq(list(2), ". NS a.example.com 60 1;");
}

Test(records, content_is_any_bytes)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    struct records_row row;

    insert("(1, 'n.example.com', 'TXT', CAST(x'2261ff006222' AS TEXT), 60, NULL, 0, 1),"
           "(1, 'n.example.com', 'MX', CAST(x'6100e962' AS TEXT), 60, 10, 0, 1)");
    cr_assert_eq(records_lookup(fixture.db, "n.example.com", "ANY", 1, &cursor), 0);
    cr_assert_eq(records_next(&cursor, &row), 0);
    cr_expect_eq(row.content_size, 7);
    cr_expect_arr_eq(row.content,
                     "10 a\0\xe9"
                     "b",
                     8);
    cr_assert_eq(records_next(&cursor, &row), 0);
    cr_expect_eq(row.content_size, 6);
    cr_expect_arr_eq(row.content, "\"a\xff\0b\"", 7);
    cr_expect_eq(records_next(&cursor, &row), RECORDS_E_END);
    cr_expect_eq(records_next(&cursor, &row), RECORDS_E_END, "the end stays the end");
}

Test(records, name_is_bound_as_bytes)
{
    insert("(1, CAST(x'77e977' AS TEXT), 'A', '192.0.2.1', 60, NULL, 0, 1)");
    cr_expect_str_eq(lookup("w\xe9w"), "w\xe9w A 192.0.2.1 60 1;");
    cr_expect_str_eq(lookup("x' OR '1'='1"), "");
}

Test(records, list_is_ordered_by_name_and_type)
{
    insert("(1, 'b.example.com', 'TXT', '\"2\"', 60, NULL, 0, 1),"
           "(1, 'b.example.com', 'A', '192.0.2.2', 60, NULL, 0, 1),"
           "(1, 'b.example.com', 'A', '192.0.2.1', 60, NULL, 0, 1),"
           "(1, 'a.example.com', 'TXT', '\"1\"', 60, NULL, 0, 1),"
           "(1, 'a.example.com', NULL, NULL, 60, NULL, 0, 1)");
    fixture_execute("DELETE FROM records WHERE type IN ('SOA', 'NS')");
    cr_expect_str_eq(list(1), "a.example.com   60 1;a.example.com TXT \"1\" 60 1;"
                              "b.example.com A 192.0.2.2 60 1;b.example.com A 192.0.2.1 60 1;"
                              "b.example.com TXT \"2\" 60 1;");
    cr_expect_str_eq(list(2), "");
}

Test(records, name_that_is_none_is_left_out_of_a_list)
{
    fixture_execute("DELETE FROM records");
    insert("(1, 'bad..example.com', 'A', '192.0.2.1', 60, NULL, 0, 1),"
           "(1, 'good.example.com', 'A', '192.0.2.1', 60, NULL, 0, 1)");
    fixture_log_start();
    cr_expect_str_eq(list(1), "good.example.com A 192.0.2.1 60 1;");
    cr_expect(fixture_logged("records.name is 'bad..example.com'"));
}

Test(records, aliases_are_found_in_any_case)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};

    insert("(1, 'a.example.com', 'ALIAS', 'x.example.net', 60, NULL, 0, 1),"
           "(1, 'b.example.com', 'alias', 'y.example.net', 60, NULL, 0, 1),"
           "(NULL, 'c.example.com', 'ALIAS', 'z.example.net', 60, NULL, 0, 1)");
    cr_assert_eq(records_list_aliases(fixture.db, 1, &cursor), 0);
    cr_expect_str_eq(render(&cursor), "a.example.com ALIAS x.example.net 60 1;"
                                      "b.example.com alias y.example.net 60 1;");
}

Test(records, search_looks_at_name_and_content)
{
    fixture_execute("DELETE FROM records");
    insert("(1, 'one.example.com', 'A', '192.0.2.1', 60, NULL, 0, 1),"
           "(1, 'two.example.com', 'CNAME', 'one.example.com', 60, NULL, 0, 1),"
           "(1, 'six.example.com', 'A', '192.0.2.6', 60, NULL, 0, 1)");
    cr_expect_str_eq(search("ONE*", 10), "one.example.com A 192.0.2.1 60 1;"
                                         "two.example.com CNAME one.example.com 60 1;");
    cr_expect_str_eq(search("?????xample.com", 1), "one.example.com A 192.0.2.1 60 1;");
    cr_expect_str_eq(search("192.0.2.?", 10),
                     "one.example.com A 192.0.2.1 60 1;six.example.com A 192.0.2.6 60 1;");
    cr_expect_str_eq(search("one", 10), "");
    cr_expect_str_eq(search("*", 0), "");
}

Test(records, search_takes_likes_own_wildcards_as_they_are)
{
    fixture_execute("DELETE FROM records");
    insert("(1, 'a_b.example.com', 'A', '192.0.2.1', 60, NULL, 0, 1),"
           "(1, 'axb.example.com', 'A', '192.0.2.1', 60, NULL, 0, 1),"
           "(1, 'c.example.com', 'TXT', '100%', 60, NULL, 0, 1),"
           "(1, 'd.example.com', 'TXT', '100\\', 60, NULL, 0, 1)");
    cr_expect_str_eq(search("a_b*", 10), "a_b.example.com A 192.0.2.1 60 1;");
    cr_expect_str_eq(search("100%", 10), "c.example.com TXT 100% 60 1;");
    cr_expect_str_eq(search("100\\", 10), "d.example.com TXT 100\\ 60 1;");
}

Test(records, second_cursor_of_a_kind_is_refused)
{
    CLEANUP(records_cursor_deinit) struct records_cursor first = {0};
    CLEANUP(records_cursor_deinit) struct records_cursor second = {0};
    CLEANUP(records_cursor_deinit) struct records_cursor other = {0};
    struct records_row row;

    cr_assert_eq(records_list(fixture.db, 1, &first), 0);
    cr_assert_eq(records_next(&first, &row), 0);
    fixture_log_start();
    cr_expect_eq(records_list(fixture.db, 1, &second), -EINVAL);
    cr_expect(fixture_logged("while it is under way"));
    cr_expect_eq(records_next(&second, &row), RECORDS_E_END);
    cr_assert_eq(records_lookup(fixture.db, "example.com", "ANY", 1, &other), 0);
    cr_expect_eq(records_next(&other, &row), 0);
    cr_expect_eq(records_next(&first, &row), 0);
    cr_expect_str_eq(row.type, "SOA");
    records_cursor_deinit(&first);
    cr_expect_eq(records_list(fixture.db, 1, &second), 0);
}

/* The query plan of the statement that the cursor was started with. */
static void expect_index(struct records_cursor *cursor, const char *index)
{
    char sql[512];
    sqlite3 *db = fixture_connect();
    sqlite3_stmt *statement = NULL;

    snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", sqlite3_sql(cursor->statement));
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    const char *plan = (const char *)sqlite3_column_text(statement, 3);
    cr_expect_not_null(strstr(plan, index), "%s", plan);
    cr_expect_eq(sqlite3_step(statement), SQLITE_DONE, "rows aren't sorted, either");
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

Test(records, lookup_and_list_go_by_index)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};

    cr_assert_eq(records_lookup(fixture.db, "example.com", "ANY", 1, &cursor), 0);
    expect_index(&cursor, "records_lookup_id_idx (domain_id=? AND name=?)");
    records_cursor_deinit(&cursor);
    cr_assert_eq(records_lookup(fixture.db, "example.com", "SOA", -1, &cursor), 0);
    expect_index(&cursor, "records_lookup_idx (name=? AND type=?)");
    records_cursor_deinit(&cursor);
    cr_assert_eq(records_list(fixture.db, 1, &cursor), 0);
    expect_index(&cursor, "records_lookup_id_idx (domain_id=?)");
}
