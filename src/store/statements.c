#include "store/statements.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "store/sqlite.h"
#include "util/log.h"

/*
 * Which rows match, in which order, is what PowerDNS's gsqlite3 4.7 asks for (the defaults in
 * modules/gsqlite3backend/gsqlite3backend.cc), since an answer is to be the same down to the order
 * of its records. The differences: disabled rows are never selected, and columns that the remote
 * backend has no use for (options, catalog) are left alone, so that older databases work.
 *
 * `records.name` is compared byte by byte, `domains.name`, `domainmetadata.kind` and
 * `tsigkeys.name` without regard to case: that is how the schema declares them.
 */

#define RECORD_COLUMNS "SELECT domain_id, name, type, content, ttl, prio, auth FROM records "

#define DOMAIN_COLUMNS                                                                             \
    "SELECT domains.id, domains.name, domains.type, domains.master,"                               \
    " domains.notified_serial, domains.last_check, records.content "

#define DOMAINS_LEFT_JOIN_SOA                                                                      \
    DOMAIN_COLUMNS "FROM domains LEFT JOIN records ON records.domain_id = domains.id"              \
                   " AND records.type = 'SOA' AND records.name = domains.name "

static const char *const statements_sql[STATEMENT_COUNT] = {
    [STATEMENT_RECORDS_BY_NAME] = RECORD_COLUMNS "WHERE disabled = 0 AND name = ?1",
    [STATEMENT_RECORDS_BY_NAME_TYPE] =
        RECORD_COLUMNS "WHERE disabled = 0 AND type = ?2 AND name = ?1",
    [STATEMENT_RECORDS_BY_NAME_ZONE] =
        RECORD_COLUMNS "WHERE disabled = 0 AND name = ?1 AND domain_id = ?2",
    [STATEMENT_RECORDS_BY_NAME_ZONE_TYPE] =
        RECORD_COLUMNS "WHERE disabled = 0 AND type = ?3 AND name = ?1 AND domain_id = ?2",
    [STATEMENT_RECORDS_BY_ZONE] =
        RECORD_COLUMNS "WHERE disabled = 0 AND domain_id = ?1 ORDER BY name, type",
    /* PowerDNS reads types in any case. */
    [STATEMENT_RECORDS_ALIASES] =
        RECORD_COLUMNS "WHERE disabled = 0 AND domain_id = ?1 AND type = 'ALIAS' COLLATE NOCASE",
    [STATEMENT_RECORDS_MATCHING] =
        RECORD_COLUMNS "WHERE disabled = 0 AND"
                       " (name LIKE ?1 ESCAPE '\\' OR content LIKE ?1 ESCAPE '\\') LIMIT ?2",

    [STATEMENT_ORDERNAME_BEFORE] =
        "SELECT ordername, name FROM records WHERE disabled = 0 AND ordername <= ?2"
        " AND domain_id = ?1 AND ordername IS NOT NULL ORDER BY 1 DESC LIMIT 1",
    [STATEMENT_ORDERNAME_AFTER] =
        "SELECT min(ordername) FROM records WHERE disabled = 0 AND ordername > ?2"
        " AND domain_id = ?1 AND ordername IS NOT NULL",
    [STATEMENT_ORDERNAME_FIRST] =
        "SELECT ordername FROM records WHERE disabled = 0 AND domain_id = ?1"
        " AND ordername IS NOT NULL ORDER BY 1 ASC LIMIT 1",
    [STATEMENT_ORDERNAME_LAST] =
        "SELECT ordername, name FROM records WHERE disabled = 0 AND ordername != ''"
        " AND domain_id = ?1 AND ordername IS NOT NULL ORDER BY 1 DESC LIMIT 1",

    /* The SOA as a lookup of the name that was asked for finds it: the row in `domains` may be
     * written in another case. */
    [STATEMENT_DOMAIN_BY_NAME] =
        DOMAIN_COLUMNS "FROM domains LEFT JOIN records ON records.domain_id = domains.id"
                       " AND records.type = 'SOA' AND records.name = ?1 AND records.disabled = 0"
                       " WHERE domains.name = ?1",
    [STATEMENT_DOMAINS] = DOMAINS_LEFT_JOIN_SOA,
    [STATEMENT_DOMAINS_WITH_SOA] = DOMAINS_LEFT_JOIN_SOA "WHERE records.disabled = 0",
    [STATEMENT_DOMAINS_PRIMARY] =
        DOMAIN_COLUMNS "FROM records JOIN domains ON records.domain_id = domains.id"
                       " AND records.name = domains.name WHERE records.type = 'SOA'"
                       " AND records.disabled = 0 AND domains.type = 'MASTER'",
    [STATEMENT_DOMAINS_SECONDARY] =
        DOMAINS_LEFT_JOIN_SOA "WHERE domains.type IN ('SLAVE', 'CONSUMER')",

    /* Kinds apart that differ in case only: PowerDNS's map of them does so, too. */
    [STATEMENT_METADATA] = "SELECT kind, content FROM domains JOIN domainmetadata"
                           " ON domainmetadata.domain_id = domains.id WHERE domains.name = ?1"
                           " ORDER BY kind COLLATE BINARY, domainmetadata.id",
    [STATEMENT_METADATA_OF_KIND] =
        "SELECT kind, content FROM domains JOIN domainmetadata"
        " ON domainmetadata.domain_id = domains.id WHERE domains.name = ?1"
        " AND domainmetadata.kind = ?2 ORDER BY domainmetadata.id",
    [STATEMENT_METADATA_FIRST] = "SELECT content FROM domainmetadata WHERE domain_id = ?1"
                                 " AND kind = ?2 COLLATE BINARY ORDER BY id LIMIT 1",

    [STATEMENT_KEYS] =
        "SELECT cryptokeys.id, flags, active, published, content FROM domains JOIN cryptokeys"
        " ON cryptokeys.domain_id = domains.id WHERE domains.name = ?1 ORDER BY cryptokeys.id",

    [STATEMENT_TSIG_KEYS] = "SELECT name, algorithm, secret FROM tsigkeys",
    [STATEMENT_TSIG_KEY_BY_NAME] = "SELECT name, algorithm, secret FROM tsigkeys WHERE name = ?1",
};

/* For people. */
static const char *const statements_subject[STATEMENT_COUNT] = {
    [STATEMENT_RECORDS_BY_NAME... STATEMENT_RECORDS_MATCHING] = "records",
    [STATEMENT_ORDERNAME_BEFORE... STATEMENT_ORDERNAME_LAST] = "ordernames",
    [STATEMENT_DOMAIN_BY_NAME... STATEMENT_DOMAINS_SECONDARY] = "zones",
    [STATEMENT_METADATA... STATEMENT_METADATA_FIRST] = "metadata",
    [STATEMENT_KEYS] = "DNSSEC keys",
    [STATEMENT_TSIG_KEYS... STATEMENT_TSIG_KEY_BY_NAME] = "TSIG keys",
};

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

static int fail(struct statements *statements, int code, const char *what, const char *condition)
{
    if (waiting_is_cancelled(&statements->waiting))
        return statements_fail(statements, -EINTR, "reading %s%.240s: cut short", what, condition);
    return statements_fail(statements, sqlite_errno(code), "reading %s%.240s: %s (SQLite code %d)",
                           what, condition, sqlite3_errmsg(statements->handle), code);
}

/* What was to be read, with the values: "records WHERE disabled = 0 AND name = 'x.example'". */
static int fail_at(struct statements *statements, int code, sqlite3_stmt *statement)
{
    const char *condition = NULL;
    int id = 0;

    while (statements->prepared[id] != statement)
        ++id;
    char *sql = sqlite3_expanded_sql(statement);
    if (sql)
        condition = strstr(sql, " WHERE ");
    int r = fail(statements, code, statements_subject[id], condition ? condition : "");
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
    return fail(statements, code, "the schema", lacks_shm(statements->handle, code) ? hint : "");
}

int statements_check(struct statements *statements)
{
    for (int i = 0; i < STATEMENT_COUNT; ++i) {
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
        return fail(statements, SQLITE_INTERRUPT, statements_subject[id], "");
    if (!*statement) {
        int code = sqlite3_prepare_v3(statements->handle, statements_sql[id], -1,
                                      SQLITE_PREPARE_PERSISTENT, statement, NULL);
        if (code != SQLITE_OK)
            return fail(statements, code, statements_subject[id], "");
    } else if (sqlite3_stmt_busy(*statement)) {
        return statements_fail(statements, -EINVAL, "reading %s: started while it is under way",
                               statements_subject[id]);
    }
    statements->pending = SQLITE_OK;
    *ret = *statement;
    return 0;
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

void statements_bind_text(struct statements *statements, sqlite3_stmt *statement, int parameter,
                          const char *value)
{
    keep_pending(statements, sqlite3_bind_text64(statement, parameter, value, strlen(value),
                                                 SQLITE_TRANSIENT, SQLITE_UTF8));
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
