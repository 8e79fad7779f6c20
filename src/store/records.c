#include "store/records.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "store/connection.h"
#include "store/number.h"
#include "store/priority.h"
#include "store/transaction.h"

/* In the order of RECORD_COLUMNS in statements.c. */
enum column {
    COLUMN_DOMAIN_ID,
    COLUMN_NAME,
    COLUMN_TYPE,
    COLUMN_CONTENT,
    COLUMN_TTL,
    COLUMN_PRIO,
    COLUMN_AUTH,
    COLUMN_ID,
    COLUMN_DISABLED, /* of raw rows only */
};

static int start(struct database *db, enum statement id, struct records_cursor *cursor)
{
    int r = statements_start(&db->statements, id, &cursor->statement);

    cursor->db = db;
    cursor->checks_names = false;
    cursor->is_raw = false;
    return r;
}

void records_cursor_deinit(struct records_cursor *cursor)
{
    statements_stop(cursor->statement);
    cursor->statement = NULL;
    free(cursor->scratch);
    cursor->scratch = NULL;
    cursor->scratch_size = 0;
}

/* Inside a transaction: the rows as they would be. */
static int lookup_spooled(struct database *db, const char *name, const char *type, int64_t zone_id,
                          struct records_cursor *cursor)
{
    struct statements *statements = &db->statements;

    int r = transaction_index(db);
    if (r == 0)
        r = start(db, STATEMENT_SPOOL_RECORDS_BY_NAME, cursor);
    if (r < 0)
        return r;
    statements_bind_name(statements, cursor->statement, 1, name);
    statements_bind_text(statements, cursor->statement, 2, type);
    statements_bind_integer(statements, cursor->statement, 3, zone_id);
    statements_bind_integer(statements, cursor->statement, 4, db->transaction.zone_id);
    statements_bind_integer(statements, cursor->statement, 5, db->transaction.is_replacement);
    return 0;
}

int records_lookup(struct database *db, const char *name, const char *type, int64_t zone_id,
                   struct records_cursor *ret)
{
    struct statements *statements = &db->statements;
    bool any = strcmp(type, "ANY") == 0;
    int r;

    if (transaction_is_open(db))
        return lookup_spooled(db, name, type, zone_id, ret);
    if (zone_id < 0)
        r = start(db, any ? STATEMENT_RECORDS_BY_NAME : STATEMENT_RECORDS_BY_NAME_TYPE, ret);
    else
        r = start(db, any ? STATEMENT_RECORDS_BY_NAME_ZONE : STATEMENT_RECORDS_BY_NAME_ZONE_TYPE,
                  ret);
    if (r < 0)
        return r;

    int parameter = 1;
    statements_bind_name(statements, ret->statement, parameter++, name);
    if (zone_id >= 0)
        statements_bind_integer(statements, ret->statement, parameter++, zone_id);
    if (!any)
        statements_bind_text(statements, ret->statement, parameter, type);
    return 0;
}

static int list_spooled(struct database *db, struct records_cursor *cursor)
{
    struct statements *statements = &db->statements;

    int r = start(db, STATEMENT_SPOOL_RECORDS_BY_ZONE, cursor);
    if (r < 0)
        return r;
    cursor->checks_names = true;
    statements_bind_integer(statements, cursor->statement, 4, db->transaction.zone_id);
    statements_bind_integer(statements, cursor->statement, 5, db->transaction.is_replacement);
    return 0;
}

int records_list(struct database *db, int64_t zone_id, struct records_cursor *ret)
{
    if (transaction_is_open(db) && transaction_zone(db) == zone_id)
        return list_spooled(db, ret);

    int r = start(db, STATEMENT_RECORDS_BY_ZONE, ret);
    if (r < 0)
        return r;
    ret->checks_names = true;
    statements_bind_integer(&db->statements, ret->statement, 1, zone_id);
    return 0;
}

int records_list_aliases(struct database *db, int64_t zone_id, struct records_cursor *ret)
{
    int r = start(db, STATEMENT_RECORDS_ALIASES, ret);
    if (r < 0)
        return r;
    ret->checks_names = true;
    statements_bind_integer(&db->statements, ret->statement, 1, zone_id);
    return 0;
}

int records_list_raw(struct database *db, int64_t zone_id, struct records_cursor *ret)
{
    int r = start(db, STATEMENT_RAW_RECORDS_OF_ZONE, ret);
    if (r < 0)
        return r;
    ret->is_raw = true;
    statements_bind_integer(&db->statements, ret->statement, 1, zone_id);
    return 0;
}

/* The last of the `count` ids above `above`. */
static int find_last(struct database *db, int64_t above, int64_t count, int64_t *ret)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_RAW_RECORDS_NEXT, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, above);
    statements_bind_integer(statements, statement, 2, count);
    r = statements_next(statements, statement);
    if (r != 0)
        return r < 0 ? r : RECORDS_E_END;
    bool is_end = sqlite3_column_type(statement, 0) == SQLITE_NULL;
    if (!is_end)
        *ret = sqlite3_column_int64(statement, 0);
    statements_stop(statement);
    return is_end ? RECORDS_E_END : 0;
}

int records_list_lost(struct database *db, int64_t above, int64_t count, int64_t *ret_last,
                      struct records_cursor *ret)
{
    int64_t last;

    int r = find_last(db, above, count, &last);
    if (r == 0)
        r = start(db, STATEMENT_RAW_RECORDS_OF_NO_ZONE, ret);
    if (r != 0)
        return r;
    ret->is_raw = true;
    statements_bind_integer(&db->statements, ret->statement, 1, above);
    statements_bind_integer(&db->statements, ret->statement, 2, last);
    *ret_last = last;
    return 0;
}

/* PowerDNS's wildcards as LIKE's; what LIKE would take for one is escaped with a backslash. */
static char *like_pattern(const char *pattern)
{
    char *like = malloc(2 * strlen(pattern) + 1);
    if (!like)
        return NULL;

    char *out = like;
    for (const char *in = pattern; *in; ++in) {
        if (*in == '*' || *in == '?') {
            *out++ = *in == '*' ? '%' : '_';
            continue;
        }
        if (*in == '\\' || *in == '_' || *in == '%')
            *out++ = '\\';
        *out++ = *in;
    }
    *out = '\0';
    return like;
}

int records_search(struct database *db, const char *pattern, int64_t limit,
                   struct records_cursor *ret)
{
    CLEANUP(cleanup_freep) char *like = like_pattern(pattern);
    if (!like)
        return statements_no_memory(&db->statements, "searching records");

    int r = start(db, STATEMENT_RECORDS_MATCHING, ret);
    if (r < 0)
        return r;
    ret->checks_names = true;
    statements_bind_text(&db->statements, ret->statement, 1, like);
    statements_bind_integer(&db->statements, ret->statement, 2, limit);
    return 0;
}

/* "PRIO CONTENT" in the cursor's scratch buffer. Where prio is NULL that starts with a blank, which
 * PowerDNS refuses, as it does with gsqlite3. */
static int join_priority(struct records_cursor *cursor, struct records_row *row)
{
    struct statements *statements = &cursor->db->statements;
    const char *priority = statements_text(statements, cursor->statement, COLUMN_PRIO);
    size_t priority_size = strlen(priority);
    size_t size = priority_size + 1 + row->content_size;

    if (size + 1 > cursor->scratch_size) {
        char *scratch = realloc(cursor->scratch, 2 * size + 1);
        if (!scratch)
            return statements_no_memory(statements, "reading records.content");
        cursor->scratch = scratch;
        cursor->scratch_size = 2 * size + 1;
    }
    memcpy(cursor->scratch, priority, priority_size);
    cursor->scratch[priority_size] = ' ';
    memcpy(cursor->scratch + priority_size + 1, row->content, row->content_size + 1);
    row->content = cursor->scratch;
    row->content_size = size;
    return 0;
}

/* False if the column is no number from 0 to 2^32-1. */
static bool read_ttl(struct records_cursor *cursor, struct records_row *row)
{
    struct statements *statements = &cursor->db->statements;
    sqlite3_stmt *statement = cursor->statement;

    if (sqlite3_column_type(statement, COLUMN_TTL) == SQLITE_INTEGER) {
        int64_t value = sqlite3_column_int64(statement, COLUMN_TTL);
        row->ttl = (uint32_t)value;
        return value >= 0 && value <= UINT32_MAX;
    }
    const char *text = statements_text(statements, statement, COLUMN_TTL);
    row->ttl = cursor->db->default_ttl;
    return !*text || number_parse(text, &row->ttl) == 0;
}

/* What starts with the digit 1, as gsqlite3 has it. */
static bool read_auth(struct records_cursor *cursor)
{
    if (sqlite3_column_type(cursor->statement, COLUMN_AUTH) == SQLITE_INTEGER &&
        sqlite3_column_int64(cursor->statement, COLUMN_AUTH) == 1)
        return true;
    return *statements_text(&cursor->db->statements, cursor->statement, COLUMN_AUTH) == '1';
}

static void read_row(struct records_cursor *cursor, struct records_row *row)
{
    struct statements *statements = &cursor->db->statements;
    sqlite3_stmt *statement = cursor->statement;

    row->id = sqlite3_column_int64(statement, COLUMN_ID);
    row->domain_id = sqlite3_column_int64(statement, COLUMN_DOMAIN_ID);
    row->name = statements_text(statements, statement, COLUMN_NAME);
    row->type = statements_text(statements, statement, COLUMN_TYPE);
    row->content = statements_text(statements, statement, COLUMN_CONTENT);
    row->content_size = (size_t)sqlite3_column_bytes(statement, COLUMN_CONTENT);
    row->auth = read_auth(cursor);
}

/* A raw row's flaws that show in the types of its columns: to be asked for before any text is. */
static unsigned see_types(sqlite3_stmt *statement)
{
    int name = sqlite3_column_type(statement, COLUMN_NAME);
    int disabled = sqlite3_column_type(statement, COLUMN_DISABLED);

    return (name == SQLITE_NULL ? RECORDS_NAME_NULL : 0) |
           (name == SQLITE_BLOB ? RECORDS_NAME_BINARY : 0) |
           (disabled != SQLITE_INTEGER || sqlite3_column_int(statement, COLUMN_DISABLED) != 0
                ? RECORDS_DISABLED_ODD
                : 0) |
           (sqlite3_column_type(statement, COLUMN_DOMAIN_ID) != SQLITE_INTEGER ? RECORDS_ZONE_ODD
                                                                               : 0);
}

/* The others. */
static void see_values(struct records_cursor *cursor, struct records_row *row)
{
    sqlite3_stmt *statement = cursor->statement;

    if (!read_ttl(cursor, row))
        cursor->flaws |= RECORDS_TTL_UNREADABLE;
    if (strlen(row->name) != (size_t)sqlite3_column_bytes(statement, COLUMN_NAME))
        cursor->flaws |= RECORDS_NAME_BINARY;
    cursor->ttl_text = statements_text(&cursor->db->statements, statement, COLUMN_TTL);
}

/* Whether the row can be given to PowerDNS. A lookup finds no name that isn't one, so only what
 * reads whole zones has to check. */
static bool is_readable(struct records_cursor *cursor, struct records_row *row)
{
    struct statements *statements = &cursor->db->statements;
    char canonical[NAME_TEXT_SIZE];

    if (cursor->is_raw) {
        see_values(cursor, row);
        return true;
    }
    if (!read_ttl(cursor, row)) {
        statements_log_skipped(statements, row->name, "records.ttl",
                               statements_text(statements, cursor->statement, COLUMN_TTL));
        return false;
    }
    if (cursor->checks_names && name_canonicalize(row->name, canonical) != 0) {
        statements_log_skipped(statements, row->name, "records.name", row->name);
        return false;
    }
    return true;
}

int records_next(struct records_cursor *cursor, struct records_row *ret)
{
    struct records_row row;

    if (!cursor->statement)
        return RECORDS_E_END;
    do {
        int r = statements_next(&cursor->db->statements, cursor->statement);
        if (r != 0) {
            cursor->statement = NULL;
            return r < 0 ? r : RECORDS_E_END;
        }
        if (cursor->is_raw)
            cursor->flaws = see_types(cursor->statement);
        read_row(cursor, &row);
    } while (!is_readable(cursor, &row));

    if (priority_applies(row.type)) {
        int r = join_priority(cursor, &row);
        if (r < 0)
            return r;
    }
    int r = statements_end_row(&cursor->db->statements, cursor->statement);
    if (r < 0) {
        cursor->statement = NULL;
        return r;
    }
    *ret = row;
    return 0;
}
