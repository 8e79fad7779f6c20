#include <criterion/criterion.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fixture.h"

/* Debian's and others' packages of PowerDNS put it there. */
#define POWERDNS_SCHEMA "/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"

/* Everything that SQLite knows of a schema, but for the text that it was written in. */
static const char description_query[] =
    "SELECT m.type, m.name, m.tbl_name, c.cid, c.name, c.type, c.\"notnull\", c.dflt_value, c.pk"
    " FROM sqlite_schema AS m JOIN pragma_table_info(m.name) AS c WHERE m.type = 'table'"
    " UNION ALL SELECT m.type, m.name, m.tbl_name, x.seqno, x.name, x.coll, x.desc, l.\"unique\", 0"
    " FROM sqlite_schema AS m JOIN pragma_index_xinfo(m.name) AS x"
    " JOIN pragma_index_list(m.tbl_name) AS l ON l.name = m.name WHERE m.type = 'index'"
    " UNION ALL SELECT 'key', m.name, f.\"table\", f.seq, f.\"from\", f.\"to\", f.on_update,"
    " f.on_delete, 0 FROM sqlite_schema AS m JOIN pragma_foreign_key_list(m.name) AS f"
    " WHERE m.type = 'table' ORDER BY 1, 2, 3, 4, 5";

static sqlite3 *make_database(const char *sql)
{
    sqlite3 *db;
    char *message = NULL;

    cr_assert_eq(sqlite3_open(":memory:", &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, sql, NULL, NULL, &message), SQLITE_OK, "%s", message);
    return db;
}

static int describe_row(void *text, int columns, char **values, char **names)
{
    char *out = text;
    size_t used = strlen(out);

    for (int i = 0; i < columns; ++i)
        used += (size_t)snprintf(out + used, 65536 - used, "%s|", values[i] ? values[i] : "NULL");
    snprintf(out + used, 65536 - used, "\n");
    return 0;
}

/* Collations of columns show only where the column is compared. */
static int describe_collation(sqlite3 *db, const char *table, const char *column, char *out)
{
    const char *collation = NULL;

    sqlite3_table_column_metadata(db, NULL, table, column, NULL, &collation, NULL, NULL, NULL);
    return snprintf(out, 256, "%s.%s %s\n", table, column, collation);
}

static char *describe(sqlite3 *db)
{
    static const char *const columns[][2] = {
        {"domains", "name"},        {"records", "name"},  {"supermasters", "nameserver"},
        {"domainmetadata", "kind"}, {"tsigkeys", "name"}, {"tsigkeys", "algorithm"},
        {"comments", "name"},       {"records", "type"},  {"records", "content"},
    };
    char *text = calloc(1, 65536);

    cr_assert_not_null(text);
    cr_assert_eq(sqlite3_exec(db, description_query, describe_row, text, NULL), SQLITE_OK, "%s",
                 sqlite3_errmsg(db));
    size_t used = strlen(text);
    for (size_t i = 0; i < sizeof(columns) / sizeof(columns[0]); ++i)
        used += (size_t)describe_collation(db, columns[i][0], columns[i][1], text + used);
    return text;
}

Test(schema, equals_that_of_gsqlite3)
{
    char *theirs = fixture_read(POWERDNS_SCHEMA);
    if (!theirs)
        cr_skip("PowerDNS's schema isn't installed");

    char *ours = fixture_read(ZONE_SCHEMA);
    cr_assert_not_null(ours);
    sqlite3 *our_db = make_database(ours);
    sqlite3 *their_db = make_database(theirs);
    char *our_description = describe(our_db);
    char *their_description = describe(their_db);

    cr_expect_gt(strlen(their_description), 2000);
    cr_expect_str_eq(our_description, their_description);
    sqlite3_close(our_db);
    sqlite3_close(their_db);
    free(ours);
    free(theirs);
    free(our_description);
    free(their_description);
}

Test(schema, makes_a_wal_file)
{
    CLEANUP(cleanup_freep) char *schema = fixture_read(ZONE_SCHEMA);
    char path[] = "/tmp/pdns-aliasd-schema-XXXXXX";
    char mode[16] = "";
    sqlite3 *db;
    sqlite3_stmt *statement = NULL;

    close(mkstemp(path));
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(db, schema, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);

    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    cr_assert_eq(sqlite3_prepare_v2(db, "PRAGMA journal_mode", -1, &statement, NULL), SQLITE_OK);
    cr_assert_eq(sqlite3_step(statement), SQLITE_ROW);
    snprintf(mode, sizeof(mode), "%s", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    sqlite3_close(db);
    unlink(path);
    cr_expect_str_eq(mode, "wal");
}
