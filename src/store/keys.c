#include "store/keys.h"

#include <string.h>

#include "store/connection.h"
#include "store/number.h"

enum column {
    COLUMN_ID,
    COLUMN_FLAGS,
    COLUMN_ACTIVE,
    COLUMN_PUBLISHED,
    COLUMN_CONTENT,
};

void keys_cursor_deinit(struct keys_cursor *cursor)
{
    statements_stop(cursor->statement);
    cursor->statement = NULL;
}

int keys_list(struct database *db, const char *zone, struct keys_cursor *ret)
{
    int r = statements_start(&db->statements, STATEMENT_KEYS, &ret->statement);
    if (r < 0)
        return r;
    ret->db = db;
    statements_bind_name(&db->statements, ret->statement, 1, zone);
    return 0;
}

static const char *text(struct keys_cursor *cursor, enum column column)
{
    return statements_text(&cursor->db->statements, cursor->statement, column);
}

int keys_next(struct keys_cursor *cursor, struct keys_row *ret)
{
    if (!cursor->statement)
        return KEYS_E_END;

    struct statements *statements = &cursor->db->statements;
    int r = statements_next(statements, cursor->statement);
    if (r != 0) {
        cursor->statement = NULL;
        return r < 0 ? r : KEYS_E_END;
    }

    struct keys_row row = {
        .id = sqlite3_column_int64(cursor->statement, COLUMN_ID),
        .active = strcmp(text(cursor, COLUMN_ACTIVE), "1") == 0,
        .published = strcmp(text(cursor, COLUMN_PUBLISHED), "1") == 0,
        .content = text(cursor, COLUMN_CONTENT),
    };
    const char *flags = text(cursor, COLUMN_FLAGS);
    if (number_parse(flags, &row.flags) != 0)
        return statements_unreadable(statements, "a DNSSEC key", "cryptokeys.flags", flags);
    *ret = row;
    return 0;
}
