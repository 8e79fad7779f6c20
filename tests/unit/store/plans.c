#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "sql-text.h"
#include "store/statements-sql.h"
#include "store/statements.h"

/* How SQLite goes about statements that large databases depend on: whatever ANALYZE has seen, and
 * whether it was ever run. */

static sqlite3 *db;

/* `rows`: of each zone but the first, which has 2000 more. */
static void fill(int rows)
{
    char sql[1024];

    snprintf(sql, sizeof(sql),
             "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 300)"
             " INSERT INTO domains(id, name, type) SELECT i, 'z' || i, 'MASTER' FROM n;"
             "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < %d)"
             " INSERT INTO records(domain_id, name, type) SELECT id, i || '.' || name, 'A'"
             " FROM domains, n WHERE id > 1",
             rows);
    fixture_execute_on(db, sql);
}

static void add_empty_zones(void)
{
    fixture_execute_on(db,
                       "INSERT INTO domains(name, type) VALUES ('a', 'NATIVE'), ('b', 'NATIVE'),"
                       " ('c', 'NATIVE')");
}

static void add_large_zone(void)
{
    fixture_execute_on(db, "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n"
                           " WHERE i < 2000) INSERT INTO records(domain_id, name, type)"
                           " SELECT 1, i || '.example.com', 'A' FROM n");
}

static void set_up(void)
{
    fixture_set_up();
    db = fixture_connect();
    fixture_execute_on(db, sql_upkeep);
}

static void tear_down(void)
{
    sqlite3_close(db);
    fixture_tear_down();
}

TestSuite(plans, .init = set_up, .fini = tear_down);

/* "SEARCH records USING INDEX ...;" for each step. */
static const char *plan(enum statement id)
{
    static char text[1024];
    char sql[2048];
    sqlite3_stmt *statement;
    size_t used = 0;

    text[0] = '\0';
    snprintf(sql, sizeof(sql), "EXPLAIN QUERY PLAN %s", statements_sql[id]);
    cr_assert_eq(sqlite3_prepare_v2(db, sql, -1, &statement, NULL), SQLITE_OK);
    while (sqlite3_step(statement) == SQLITE_ROW)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s;",
                                 (const char *)sqlite3_column_text(statement, 3));
    sqlite3_finalize(statement);
    return text;
}

static void expect(enum statement id, const char *expected)
{
    cr_expect_str_eq(plan(id), expected, "%s: %s", statements_sql[id], plan(id));
}

#define BY_NAME "SEARCH records USING INDEX records_lookup_id_idx (domain_id=?);"
#define SOA_OF_ZONES                                                                               \
    "SCAN domains;SEARCH records USING INDEX records_lookup_id_idx"                                \
    " (domain_id=? AND name=? AND type=?);"

static void expect_all(void)
{
    expect(STATEMENT_RECORDS_BY_ZONE, BY_NAME);
    expect(STATEMENT_RECORDS_ALIASES, BY_NAME);
    expect(STATEMENT_ZONE_ROWS, BY_NAME);
    expect(STATEMENT_ZONE_ROWS_MARKED,
           BY_NAME "SEARCH aliasd_ents USING INTEGER PRIMARY KEY (rowid=?) LEFT-JOIN;");
    expect(STATEMENT_RAW_RECORDS_OF_ZONE, BY_NAME);
    expect(STATEMENT_DOMAINS_PRIMARY, SOA_OF_ZONES);
    expect(STATEMENT_DOMAINS_WITH_SOA, SOA_OF_ZONES);
    expect(STATEMENT_CHANGES_DIRTY,
           "SEARCH aliasd_zones USING INDEX aliasd_zones_dirty (domain_id>?);"
           "SEARCH domains USING INTEGER PRIMARY KEY (rowid=?);");
    expect(STATEMENT_ZONE_NEXT, "SEARCH domains USING INTEGER PRIMARY KEY (rowid>?);");
    expect(STATEMENT_RAW_ZONE_NEXT, "SEARCH domains USING INTEGER PRIMARY KEY (rowid>?);");
    expect(STATEMENT_CHANGES_COUNTERS, "SCAN aliasd_zones;");
}

Test(plans, without_analyze)
{
    fill(1);
    expect_all();
}

Test(plans, after_analyze_of_zones_with_one_row)
{
    fill(1);
    fixture_execute_on(db, "INSERT INTO aliasd_zones(domain_id) SELECT id FROM domains"
                           " WHERE id NOT IN (SELECT domain_id FROM aliasd_zones); ANALYZE");
    add_large_zone();
    expect_all();
}

Test(plans, after_analyze_of_zones_with_many_rows)
{
    fill(30);
    add_large_zone();
    fixture_execute_on(db, "ANALYZE");
    expect_all();
}

Test(plans, after_analyze_of_one_large_zone)
{
    add_empty_zones();
    add_large_zone();
    fixture_execute_on(db, "ANALYZE");
    expect_all();
}
