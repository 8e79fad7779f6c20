#include "store/zone-rows.h"

#include <string.h>

#include "store/connection.h"
#include "store/number.h"

/* In the order of STATEMENT_ZONE_ROWS and STATEMENT_ZONE_ROWS_MARKED. */
enum column {
    COLUMN_ID,
    COLUMN_NAME,
    COLUMN_TYPE,
    COLUMN_TTL,
    COLUMN_ORDERNAME,
    COLUMN_AUTH,
    COLUMN_ADDED,
    COLUMN_HASH,
};

void zone_rows_cursor_deinit(struct zone_rows_cursor *cursor)
{
    statements_stop(cursor->statement);
    cursor->statement = NULL;
}

int zone_rows_list(struct database *db, int64_t zone_id, bool has_marks,
                   struct zone_rows_cursor *ret)
{
    enum statement id = has_marks ? STATEMENT_ZONE_ROWS_MARKED : STATEMENT_ZONE_ROWS;

    int r = statements_start(&db->statements, id, &ret->statement);
    if (r < 0)
        return r;
    ret->db = db;
    statements_bind_integer(&db->statements, ret->statement, 1, zone_id);
    return 0;
}

static bool is_null(const struct zone_rows_cursor *cursor, enum column column)
{
    return sqlite3_column_type(cursor->statement, column) == SQLITE_NULL;
}

static const char *text(struct zone_rows_cursor *cursor, enum column column)
{
    return statements_text(&cursor->db->statements, cursor->statement, column);
}

static const char *text_or_null(struct zone_rows_cursor *cursor, enum column column)
{
    return is_null(cursor, column) ? NULL : text(cursor, column);
}

static int read_auth(struct zone_rows_cursor *cursor)
{
    const char *auth = text(cursor, COLUMN_AUTH);

    if (strcmp(auth, "0") == 0 || strcmp(auth, "1") == 0)
        return *auth == '1';
    return -1;
}

static enum zone_rows_mark read_mark(struct zone_rows_cursor *cursor)
{
    if (is_null(cursor, COLUMN_ADDED))
        return ZONE_ROWS_UNMARKED;
    return sqlite3_column_int(cursor->statement, COLUMN_ADDED) ? ZONE_ROWS_ADDED
                                                               : ZONE_ROWS_FOREIGN;
}

int zone_rows_next(struct zone_rows_cursor *cursor, struct zone_rows_row *ret)
{
    uint32_t ttl;

    if (!cursor->statement)
        return ZONE_ROWS_E_END;
    int r = statements_next(&cursor->db->statements, cursor->statement);
    if (r != 0) {
        cursor->statement = NULL;
        return r < 0 ? r : ZONE_ROWS_E_END;
    }
    struct zone_rows_row row = {
        .id = sqlite3_column_int64(cursor->statement, COLUMN_ID),
        .name = text(cursor, COLUMN_NAME),
        .type = text_or_null(cursor, COLUMN_TYPE),
        .ordername = text_or_null(cursor, COLUMN_ORDERNAME),
        .auth = read_auth(cursor),
        .mark = read_mark(cursor),
        .hash = text_or_null(cursor, COLUMN_HASH),
        .is_readable = number_parse(text(cursor, COLUMN_TTL), &ttl) == 0,
    };
    r = statements_end_row(&cursor->db->statements, cursor->statement);
    if (r < 0) {
        cursor->statement = NULL;
        return r;
    }
    *ret = row;
    return 0;
}

static void bind_text_or_null(struct statements *statements, sqlite3_stmt *statement, int parameter,
                              const char *value)
{
    if (value)
        statements_bind_text(statements, statement, parameter, value);
    else
        statements_bind_null(statements, statement, parameter);
}

int zone_rows_update(struct database *db, int64_t id, const char *ordername, bool auth)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_ZONE_ROW_UPDATE, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, id);
    bind_text_or_null(statements, statement, 2, ordername);
    statements_bind_integer(statements, statement, 3, auth);
    return statements_run(statements, statement);
}

int zone_rows_add_ent(struct database *db, int64_t zone_id, const char *name, const char *ordername,
                      bool auth, int64_t *ret_id)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_ZONE_ROW_ADD, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, zone_id);
    statements_bind_name(statements, statement, 2, name);
    bind_text_or_null(statements, statement, 3, ordername);
    statements_bind_integer(statements, statement, 4, auth);
    r = statements_run(statements, statement);
    if (r == 0)
        *ret_id = sqlite3_last_insert_rowid(statements->handle);
    return r;
}

int zone_rows_remove(struct database *db, int64_t id)
{
    return statements_perform_on(&db->statements, STATEMENT_ZONE_ROW_REMOVE, id);
}

int zone_rows_mark(struct database *db, int64_t id, int64_t zone_id, enum zone_rows_mark mark,
                   const char *hash)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_ENT_MARK, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, id);
    statements_bind_integer(statements, statement, 2, zone_id);
    statements_bind_integer(statements, statement, 3, mark == ZONE_ROWS_ADDED);
    bind_text_or_null(statements, statement, 4, hash);
    return statements_run(statements, statement);
}

int zone_rows_unmark(struct database *db, int64_t id)
{
    return statements_perform_on(&db->statements, STATEMENT_ENT_UNMARK, id);
}
