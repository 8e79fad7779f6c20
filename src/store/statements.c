#include "store/statements.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store/sqlite.h"
#include "store/statements-sql.h"
#include "util/log.h"

int statements_fail(struct statements *statements, int failure, const char *format, ...)
{
    static struct log_limit limit = LOG_LIMIT(10, 10000);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(statements->error, sizeof(statements->error), format, arguments);
    va_end(arguments);
    log_write_limited(&limit, LOG_LEVEL_ERROR, "%s: %s",
                      sqlite3_db_filename(statements->handle, "main"), statements->error);
    return failure;
}

int statements_no_memory(struct statements *statements, const char *what)
{
    return statements_fail(statements, -ENOMEM, "%s: out of memory", what);
}

static int fail(struct statements *statements, int code, const char *task, const char *condition)
{
    if (waiting_is_cancelled(&statements->waiting))
        return statements_fail(statements, -EINTR, "%s%.240s: cut short", task, condition);
    return statements_fail(statements, sqlite_errno(code), "%s%.240s: %s (SQLite code %d)", task,
                           condition, sqlite3_errmsg(statements->handle), code);
}

/* What was to be done, with the values: "reading records WHERE disabled = 0 AND name =
 * 'x.example'". */
static int fail_at(struct statements *statements, int code, sqlite3_stmt *statement)
{
    const char *condition = NULL;
    int id = 0;

    while (statements->prepared[id] != statement)
        ++id;
    char *sql = sqlite3_expanded_sql(statement);
    if (sql)
        condition = strstr(sql, " WHERE ");
    int r = fail(statements, code, statements_task[id], condition ? condition : "");
    sqlite3_free(sql);
    return r;
}

void statements_deinit(struct statements *statements)
{
    for (int i = 0; i < STATEMENT_COUNT; ++i) {
        sqlite3_finalize(statements->prepared[i]);
        statements->prepared[i] = NULL;
    }
}

/* SQLite can't make what it keeps beside a database in WAL mode. */
static bool lacks_shm(sqlite3 *handle, int code)
{
    return sqlite3_db_readonly(handle, "main") == 1 &&
           ((code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_READONLY);
}

static int fail_at_schema(struct statements *statements, int code)
{
    static const char hint[] = " (a database in WAL mode can be read only where its -shm file"
                               " exists or can be made: make the folder writable, or set another"
                               " journal_mode in the file)";

    if ((code & 0xff) == SQLITE_ERROR)
        return statements_fail(statements, -ENOTSUP,
                               "not a zone database of PowerDNS's gsqlite3 (4.7): %s",
                               sqlite3_errmsg(statements->handle));
    return fail(statements, code, "reading the schema",
                lacks_shm(statements->handle, code) ? hint : "");
}

int statements_check(struct statements *statements)
{
    for (int i = 0; i < STATEMENT_UNCHECKED; ++i) {
        sqlite3_stmt *statement = NULL;
        int code = sqlite3_prepare_v2(statements->handle, statements_sql[i], -1, &statement, NULL);
        sqlite3_finalize(statement);
        if (code != SQLITE_OK)
            return fail_at_schema(statements, code);
    }
    return 0;
}

int statements_start(struct statements *statements, enum statement id, sqlite3_stmt **ret)
{
    sqlite3_stmt **statement = &statements->prepared[id];

    statements->error[0] = '\0';
    if (waiting_is_cancelled(&statements->waiting))
        return fail(statements, SQLITE_INTERRUPT, statements_task[id], "");
    if (!*statement) {
        int code = sqlite3_prepare_v3(statements->handle, statements_sql[id], -1,
                                      SQLITE_PREPARE_PERSISTENT, statement, NULL);
        if (code != SQLITE_OK)
            return fail(statements, code, statements_task[id], "");
    } else if (sqlite3_stmt_busy(*statement)) {
        return statements_fail(statements, -EINVAL, "%s: started while it is under way",
                               statements_task[id]);
    }
    statements->pending = SQLITE_OK;
    *ret = *statement;
    return 0;
}

int statements_execute(struct statements *statements, const char *task, const char *sql)
{
    statements->error[0] = '\0';
    if (waiting_is_cancelled(&statements->waiting))
        return fail(statements, SQLITE_INTERRUPT, task, "");
    int code = sqlite3_exec(statements->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? 0 : fail(statements, code, task, "");
}

static void keep_pending(struct statements *statements, int code)
{
    if (code != SQLITE_OK && !statements->pending)
        statements->pending = code;
}

void statements_bind_integer(struct statements *statements, sqlite3_stmt *statement, int parameter,
                             int64_t value)
{
    keep_pending(statements, sqlite3_bind_int64(statement, parameter, value));
}

void statements_bind_null(struct statements *statements, sqlite3_stmt *statement, int parameter)
{
    keep_pending(statements, sqlite3_bind_null(statement, parameter));
}

void statements_bind_text(struct statements *statements, sqlite3_stmt *statement, int parameter,
                          const char *value)
{
    keep_pending(statements, sqlite3_bind_text64(statement, parameter, value, strlen(value),
                                                 SQLITE_TRANSIENT, SQLITE_UTF8));
}

/* Without data it is an empty blob, not NULL. */
void statements_bind_blob(struct statements *statements, sqlite3_stmt *statement, int parameter,
                          const void *data, size_t size)
{
    keep_pending(statements, sqlite3_bind_blob64(statement, parameter, size > 0 ? data : "", size,
                                                 SQLITE_TRANSIENT));
}

void statements_bind_name(struct statements *statements, sqlite3_stmt *statement, int parameter,
                          const char *name)
{
    statements_bind_text(statements, statement, parameter, *name ? name : ".");
}

/* SQLite leaves a parameter that it could not copy at NULL, which no row matches: that must not
 * look like a name that isn't there. */
int statements_next(struct statements *statements, sqlite3_stmt *statement)
{
    int r = STATEMENTS_E_END;

    int code = statements->pending ? statements->pending : sqlite3_step(statement);
    if (code == SQLITE_ROW)
        return 0;
    if (code != SQLITE_DONE)
        r = fail_at(statements, code, statement);
    statements->pending = SQLITE_OK;
    sqlite3_reset(statement);
    return r;
}

int statements_run(struct statements *statements, sqlite3_stmt *statement)
{
    int r = statements_next(statements, statement);

    if (r == 0)
        statements_stop(statement);
    return r < 0 ? r : 0;
}

int statements_perform(struct statements *statements, enum statement id)
{
    sqlite3_stmt *statement;

    int r = statements_start(statements, id, &statement);
    return r < 0 ? r : statements_run(statements, statement);
}

int statements_perform_on(struct statements *statements, enum statement id, int64_t value)
{
    sqlite3_stmt *statement;

    int r = statements_start(statements, id, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, value);
    return statements_run(statements, statement);
}

int statements_prepare_roll_back(struct statements *statements)
{
    sqlite3_stmt *statement;

    return statements_start(statements, STATEMENT_ROLLBACK, &statement);
}

void statements_roll_back(struct statements *statements)
{
    sqlite3_stmt *statement = statements->prepared[STATEMENT_ROLLBACK];

    if (sqlite3_get_autocommit(statements->handle))
        return;
    sqlite3_step(statement);
    sqlite3_reset(statement);
}

int statements_written(const struct statements *statements)
{
    return sqlite3_changes(statements->handle);
}

int statements_end_row(struct statements *statements, sqlite3_stmt *statement)
{
    if (!statements->pending)
        return 0;

    int r = fail_at(statements, statements->pending, statement);
    statements->pending = SQLITE_OK;
    sqlite3_reset(statement);
    return r;
}

void statements_stop(sqlite3_stmt *statement)
{
    sqlite3_reset(statement);
}

const char *statements_text(struct statements *statements, sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);

    if (text)
        return (const char *)text;
    if (sqlite3_column_type(statement, column) != SQLITE_NULL)
        keep_pending(statements, SQLITE_NOMEM);
    return "";
}

/* SQLite has NULL for an empty blob, too. */
const void *statements_blob(struct statements *statements, sqlite3_stmt *statement, int column,
                            size_t *ret_size)
{
    const void *data = sqlite3_column_blob(statement, column);

    *ret_size = data ? (size_t)sqlite3_column_bytes(statement, column) : 0;
    if (!data && sqlite3_errcode(statements->handle) == SQLITE_NOMEM)
        keep_pending(statements, SQLITE_NOMEM);
    return data;
}

void statements_log_skipped(struct statements *statements, const char *name, const char *what,
                            const char *value)
{
    static struct log_limit limit = LOG_LIMIT(5, 60000);

    log_write_limited(&limit, LOG_LEVEL_WARNING, "%s: row of '%.255s' left out: %s is '%.100s'",
                      sqlite3_db_filename(statements->handle, "main"), name, what, value);
}

int statements_unreadable(struct statements *statements, const char *name, const char *what,
                          const char *value)
{
    return statements_fail(statements, -EBADMSG, "row of '%.255s': %s is '%.100s'", name, what,
                           value);
}
