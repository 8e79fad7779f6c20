#include "store/tsig.h"

#include <stdbool.h>

#include "dns/name.h"
#include "store/connection.h"

enum column {
    COLUMN_NAME,
    COLUMN_ALGORITHM,
    COLUMN_SECRET,
};

void tsig_cursor_deinit(struct tsig_cursor *cursor)
{
    statements_stop(cursor->statement);
    cursor->statement = NULL;
}

int tsig_list(struct database *db, const char *name, struct tsig_cursor *ret)
{
    enum statement id = name ? STATEMENT_TSIG_KEY_BY_NAME : STATEMENT_TSIG_KEYS;

    int r = statements_start(&db->statements, id, &ret->statement);
    if (r < 0)
        return r;
    ret->db = db;
    if (name)
        statements_bind_name(&db->statements, ret->statement, 1, name);
    return 0;
}

static bool is_readable(struct statements *statements, const struct tsig_row *row)
{
    char canonical[NAME_TEXT_SIZE];

    if (name_canonicalize(row->name, canonical) != 0) {
        statements_log_skipped(statements, row->name, "tsigkeys.name", row->name);
        return false;
    }
    if (name_canonicalize(row->algorithm, canonical) != 0) {
        statements_log_skipped(statements, row->name, "tsigkeys.algorithm", row->algorithm);
        return false;
    }
    return true;
}

int tsig_next(struct tsig_cursor *cursor, struct tsig_row *ret)
{
    struct tsig_row row;

    if (!cursor->statement)
        return TSIG_E_END;

    struct statements *statements = &cursor->db->statements;
    do {
        int r = statements_next(statements, cursor->statement);
        if (r != 0) {
            cursor->statement = NULL;
            return r < 0 ? r : TSIG_E_END;
        }
        row = (struct tsig_row){
            .name = statements_text(statements, cursor->statement, COLUMN_NAME),
            .algorithm = statements_text(statements, cursor->statement, COLUMN_ALGORITHM),
            .secret = statements_text(statements, cursor->statement, COLUMN_SECRET),
        };
    } while (!is_readable(statements, &row));
    *ret = row;
    return 0;
}

int tsig_set(struct database *db, const struct tsig_row *key)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_TSIG_KEY_SET, &statement);
    if (r < 0)
        return r;
    statements_bind_name(statements, statement, 1, key->name);
    statements_bind_text(statements, statement, 2, key->algorithm);
    statements_bind_text(statements, statement, 3, key->secret);
    return statements_run(statements, statement);
}

int tsig_remove(struct database *db, const char *name)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_TSIG_KEY_REMOVE, &statement);
    if (r < 0)
        return r;
    statements_bind_name(statements, statement, 1, name);
    r = statements_run(statements, statement);
    if (r < 0)
        return r;
    return statements_written(statements) > 0 ? 0 : TSIG_E_NOT_FOUND;
}
