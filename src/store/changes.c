#include "store/changes.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sql-text.h"
#include "store/connection.h"
#include "store/sqlite.h"
#include "util/cleanup.h"
#include "util/log.h"

/* One CREATE statement of sql/upkeep.sql. */
struct object {
    char type[16]; /* "table", "index", "trigger", as SQLite's schema has it */
    char name[64];
    char sql[2048]; /* without the semicolon at its end: as SQLite keeps it */
};

/* Runs a statement without text parameters whose first row is all of interest. The statement stays
 * open for its columns; statements_stop() ends it. 0; STATEMENTS_E_END; negative. */
static int start_row(struct database *db, enum statement id, int64_t parameter, sqlite3_stmt **ret)
{
    int r = statements_start(&db->statements, id, ret);
    if (r < 0)
        return r;
    if (sqlite3_bind_parameter_count(*ret) > 0)
        statements_bind_integer(&db->statements, *ret, 1, parameter);
    return statements_next(&db->statements, *ret);
}

static int read_integer(struct database *db, enum statement id, int64_t *ret)
{
    sqlite3_stmt *statement;

    int r = start_row(db, id, 0, &statement);
    if (r != 0)
        return r < 0 ? r : -EIO;
    *ret = sqlite3_column_int64(statement, 0);
    statements_stop(statement);
    return 0;
}

int changes_are_noted(struct database *db, bool *ret)
{
    int64_t is_installed;

    int r = read_integer(db, STATEMENT_UPKEEP_IS_INSTALLED, &is_installed);
    if (r == 0)
        *ret = is_installed;
    return r;
}

static int read_counters(struct database *db, int64_t zone_id, int64_t *ret_changes,
                         int64_t *ret_done)
{
    sqlite3_stmt *statement;
    bool are_noted;

    int r = changes_are_noted(db, &are_noted);
    if (r < 0)
        return r;
    *ret_changes = 0;
    *ret_done = 0;
    if (!are_noted)
        return 0;
    r = start_row(db, STATEMENT_CHANGES_COUNT, zone_id, &statement);
    if (r != 0)
        return r < 0 ? r : 0;
    *ret_changes = sqlite3_column_int64(statement, 0);
    *ret_done = sqlite3_column_int64(statement, 1);
    statements_stop(statement);
    return 0;
}

int changes_count(struct database *db, int64_t zone_id, int64_t *ret)
{
    int64_t done;

    return read_counters(db, zone_id, ret, &done);
}

/* Without the tables every zone is: there is nothing to write it to. */
int changes_are_settled(struct database *db, int64_t zone_id, int64_t count, bool *ret)
{
    int64_t changes;
    int64_t done;

    int r = read_counters(db, zone_id, &changes, &done);
    if (r == 0)
        *ret = done == count;
    return r;
}

void changes_counters_deinit(struct changes_counters *counters)
{
    free(counters->items);
    *counters = (struct changes_counters){0};
}

static int add_counter(struct changes_counters *counters, const struct changes_counter *counter)
{
    /* The room is for a power of two; it is used up when the count is one. */
    if ((counters->count & (counters->count - 1)) == 0) {
        size_t room = counters->count > 0 ? 2 * counters->count : 1;
        struct changes_counter *grown = reallocarray(counters->items, room, sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        counters->items = grown;
    }
    counters->items[counters->count++] = *counter;
    return 0;
}

int changes_list_counters(struct database *db, struct changes_counters *ret)
{
    CLEANUP(changes_counters_deinit) struct changes_counters counters = {0};
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_CHANGES_COUNTERS, &statement);
    if (r < 0)
        return r;
    while ((r = statements_next(statements, statement)) == 0) {
        struct changes_counter counter = {
            .zone_id = sqlite3_column_int64(statement, 0),
            .changes = sqlite3_column_int64(statement, 1),
        };

        r = add_counter(&counters, &counter);
        if (r < 0) {
            statements_stop(statement);
            return statements_no_memory(statements, "reading which zones changed");
        }
    }
    if (r < 0)
        return r;
    changes_counters_deinit(ret);
    *ret = counters;
    counters = (struct changes_counters){0};
    return 0;
}

static int set_counter(struct database *db, enum statement id, int64_t zone_id, int64_t count)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, id, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, zone_id);
    statements_bind_integer(statements, statement, 2, count);
    return statements_run(statements, statement);
}

int changes_settle(struct database *db, int64_t zone_id, int64_t count)
{
    return set_counter(db, STATEMENT_CHANGES_SETTLE, zone_id, count);
}

int changes_restore(struct database *db, int64_t zone_id, int64_t count)
{
    return set_counter(db, STATEMENT_CHANGES_RESTORE, zone_id, count);
}

int changes_note(struct database *db, int64_t zone_id)
{
    return statements_perform_on(&db->statements, STATEMENT_CHANGES_NOTE, zone_id);
}

static int next_id(struct database *db, enum statement id, int64_t above, int64_t *ret)
{
    sqlite3_stmt *statement;

    int r = start_row(db, id, above, &statement);
    if (r != 0)
        return r < 0 ? r : CHANGES_E_END;
    *ret = sqlite3_column_int64(statement, 0);
    statements_stop(statement);
    return 0;
}

int changes_next(struct database *db, int64_t above, int64_t *ret)
{
    return next_id(db, STATEMENT_CHANGES_DIRTY, above, ret);
}

int changes_next_zone(struct database *db, int64_t above, int64_t *ret)
{
    return next_id(db, STATEMENT_ZONE_NEXT, above, ret);
}

int changes_catch_up(struct database *db)
{
    static const enum statement steps[] = {
        STATEMENT_CHANGES_ADD_MISSING,
        STATEMENT_CHANGES_DROP_ZONES,
        STATEMENT_CHANGES_DROP_ENTS,
        STATEMENT_CHANGES_DROP_PUBLISHED,
    };

    int r = database_begin(db);
    if (r < 0)
        return r;
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]) && r == 0; ++i)
        r = statements_perform(&db->statements, steps[i]);
    if (r == 0)
        return database_commit(db);
    database_rollback(db);
    return r;
}

int changes_version(struct database *db, struct changes_version *ret)
{
    struct changes_version version;

    int r = read_integer(db, STATEMENT_UPKEEP_DATA_VERSION, &version.data);
    if (r == 0)
        r = read_integer(db, STATEMENT_UPKEEP_SCHEMA_VERSION, &version.schema);
    if (r == 0)
        *ret = version;
    return r;
}

/* The end of a statement, at its semicolon; those inside a trigger don't count. */
static const char *end_of_statement(const char *sql)
{
    char buffer[sizeof(((struct object *)0)->sql)];
    size_t length = 0;

    for (; sql[length] && length < sizeof(buffer) - 1; ++length) {
        buffer[length] = sql[length];
        buffer[length + 1] = '\0';
        if (sql[length] == ';' && sqlite3_complete(buffer))
            return sql + length;
    }
    return NULL;
}

static const char *skip_comments(const char *sql)
{
    for (;;) {
        sql += strspn(sql, " \n");
        if (strncmp(sql, "--", 2) != 0)
            return sql;
        sql += strcspn(sql, "\n");
    }
}

/* The object that `*sql` begins with, after comments; moves behind it. False at the end. */
static bool next_object(const char **sql, struct object *ret)
{
    const char *begin = skip_comments(*sql);
    const char *end = end_of_statement(begin);

    if (!end || sscanf(begin, "CREATE %15s %63[a-z_]", ret->type, ret->name) != 2)
        return false;
    for (char *c = ret->type; *c; ++c)
        *c = (char)tolower((unsigned char)*c);
    memcpy(ret->sql, begin, (size_t)(end - begin));
    ret->sql[end - begin] = '\0';
    *sql = end + 1;
    return true;
}

/* What is called so in the database: its type ("" if there is nothing), and whether its text is the
 * one that it should be. */
static int look_at(struct database *db, const struct object *object, char ret_type[16],
                   bool *ret_is_right)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_UPKEEP_OBJECT, &statement);
    if (r < 0)
        return r;
    statements_bind_text(statements, statement, 1, object->name);
    r = statements_next(statements, statement);
    ret_type[0] = '\0';
    *ret_is_right = false;
    if (r != 0)
        return r < 0 ? r : 0;
    snprintf(ret_type, 16, "%s", statements_text(statements, statement, 0));
    *ret_is_right = strcmp(statements_text(statements, statement, 1), object->sql) == 0;
    r = statements_end_row(statements, statement);
    statements_stop(statement);
    return r;
}

static int make_right(struct database *db, const struct object *object, const char *old_type)
{
    char drop[128];

    if (*old_type) {
        snprintf(drop, sizeof(drop), "DROP %s %s", old_type, object->name);
        int r = sqlite_execute(db->statements.handle, drop);
        if (r < 0)
            return r;
    }
    log_debug("%s: %s the %s %s", db->path, *old_type ? "repairing" : "making", object->type,
              object->name);
    return sqlite_execute(db->statements.handle, object->sql);
}

/* Goes through all objects; with `repairs` makes right what isn't. Dropping a table takes its index
 * along, which comes after it. */
static int compare_all(struct database *db, bool repairs, bool *ret_is_right)
{
    const char *sql = sql_upkeep;
    struct object object;
    char type[16];
    bool is_right;
    bool all_right = true;

    while (next_object(&sql, &object)) {
        int r = look_at(db, &object, type, &is_right);
        if (r == 0 && !is_right && repairs)
            r = make_right(db, &object, type);
        if (r < 0)
            return r;
        all_right = all_right && is_right;
    }
    *ret_is_right = all_right;
    return 0;
}

int changes_install(struct database *db, bool *ret_was_changed)
{
    bool is_right;

    int r = compare_all(db, false, &is_right);
    if (r < 0)
        return r;
    *ret_was_changed = !is_right;
    if (is_right)
        return 0;
    r = database_begin(db);
    if (r < 0)
        return r;
    r = compare_all(db, true, &is_right);
    if (r < 0) {
        database_rollback(db);
        return r;
    }
    r = database_commit(db);
    if (r == 0)
        log_notice("%s: the tables and triggers aliasd_* were missing or altered: made anew",
                   db->path);
    return r;
}
