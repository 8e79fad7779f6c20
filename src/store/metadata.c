#include "store/metadata.h"

#include <string.h>

#include "store/connection.h"

enum column {
    COLUMN_KIND,
    COLUMN_CONTENT,
};

void metadata_cursor_deinit(struct metadata_cursor *cursor)
{
    statements_stop(cursor->statement);
    cursor->statement = NULL;
}

int metadata_list(struct database *db, const char *zone, const char *kind,
                  struct metadata_cursor *ret)
{
    struct statements *statements = &db->statements;
    enum statement id = kind ? STATEMENT_METADATA_OF_KIND : STATEMENT_METADATA;

    int r = statements_start(statements, id, &ret->statement);
    if (r < 0)
        return r;
    ret->db = db;
    statements_bind_name(statements, ret->statement, 1, zone);
    if (kind)
        statements_bind_text(statements, ret->statement, 2, kind);
    return 0;
}

int metadata_next(struct metadata_cursor *cursor, struct metadata_row *ret)
{
    if (!cursor->statement)
        return METADATA_E_END;

    struct statements *statements = &cursor->db->statements;
    int r = statements_next(statements, cursor->statement);
    if (r != 0) {
        cursor->statement = NULL;
        return r < 0 ? r : METADATA_E_END;
    }
    *ret = (struct metadata_row){
        .kind = statements_text(statements, cursor->statement, COLUMN_KIND),
        .content = statements_text(statements, cursor->statement, COLUMN_CONTENT),
    };
    return 0;
}

/* Whether the first value of a kind is `value`, or anything but "" if `value` is NULL. */
static int first_value_is(struct database *db, int64_t zone_id, const char *kind, const char *value,
                          bool *ret)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_METADATA_FIRST, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, zone_id);
    statements_bind_text(statements, statement, 2, kind);
    r = statements_next(statements, statement);
    if (r < 0)
        return r;
    const char *stored = r == 0 ? statements_text(statements, statement, 0) : "";
    bool is_so = value ? strcmp(stored, value) == 0 : *stored != '\0';
    r = statements_end_row(statements, statement);
    statements_stop(statement);
    if (r < 0)
        return r;
    *ret = is_so;
    return 0;
}

int metadata_is_presigned(struct database *db, int64_t zone_id, bool *ret)
{
    return first_value_is(db, zone_id, "PRESIGNED", "1", ret);
}

int metadata_has_nsec3(struct database *db, int64_t zone_id, bool *ret)
{
    return first_value_is(db, zone_id, "NSEC3PARAM", NULL, ret);
}
