#include "store/metadata.h"

#include <stdio.h>
#include <string.h>

#include "store/connection.h"
#include "store/transaction.h"

enum column {
    COLUMN_KIND,
    COLUMN_CONTENT,
};

void metadata_cursor_deinit(struct metadata_cursor *cursor)
{
    statements_stop(cursor->statement);
    cursor->statement = NULL;
}

/* With an open transaction: the values as they would be. */
static int list_spooled(struct database *db, const char *zone, const char *kind,
                        struct metadata_cursor *ret)
{
    struct statements *statements = &db->statements;

    int r = statements_start(statements, STATEMENT_SPOOL_METADATA, &ret->statement);
    if (r < 0)
        return r;
    ret->db = db;
    statements_bind_name(statements, ret->statement, 1, zone);
    statements_bind_text(statements, ret->statement, 2, kind ? kind : "");
    statements_bind_integer(statements, ret->statement, 3, kind != NULL);
    statements_bind_integer(statements, ret->statement, 4, transaction_zone(db));
    return 0;
}

int metadata_list(struct database *db, const char *zone, const char *kind,
                  struct metadata_cursor *ret)
{
    if (transaction_is_open(db))
        return list_spooled(db, zone, kind, ret);

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
    r = statements_end_row(statements, cursor->statement);
    if (r < 0)
        cursor->statement = NULL;
    return r;
}

int metadata_list_values(struct database *db, int64_t zone_id, const char *kind,
                         struct metadata_cursor *ret)
{
    struct statements *statements = &db->statements;

    int r = statements_start(statements, STATEMENT_METADATA_VALUES, &ret->statement);
    if (r < 0)
        return r;
    ret->db = db;
    statements_bind_integer(statements, ret->statement, 1, zone_id);
    statements_bind_text(statements, ret->statement, 2, kind);
    return 0;
}

/* The first value of a kind, cut off at `size`; "" if there is none. */
static int read_first(struct database *db, int64_t zone_id, const char *kind, char *ret,
                      size_t size)
{
    CLEANUP(metadata_cursor_deinit) struct metadata_cursor cursor = {0};
    struct metadata_row row = {.content = ""};

    int r = metadata_list_values(db, zone_id, kind, &cursor);
    if (r == 0)
        r = metadata_next(&cursor, &row);
    if (r < 0)
        return r;
    snprintf(ret, size, "%s", row.content);
    return 0;
}

static int first_value_is_1(struct database *db, int64_t zone_id, const char *kind, bool *ret)
{
    char value[3];

    int r = read_first(db, zone_id, kind, value, sizeof(value));
    if (r == 0)
        *ret = strcmp(value, "1") == 0;
    return r;
}

int metadata_is_presigned(struct database *db, int64_t zone_id, bool *ret)
{
    return first_value_is_1(db, zone_id, "PRESIGNED", ret);
}

int metadata_read_alias(struct database *db, int64_t zone_id, struct metadata_alias *ret)
{
    CLEANUP(metadata_cursor_deinit) struct metadata_cursor cursor = {.db = db};
    struct metadata_alias alias = {0};
    bool says_presigned = false;
    struct metadata_row row;

    int r = statements_start(&db->statements, STATEMENT_METADATA_ALIAS, &cursor.statement);
    if (r < 0)
        return r;
    statements_bind_integer(&db->statements, cursor.statement, 1, zone_id);
    while ((r = metadata_next(&cursor, &row)) == 0) {
        bool is_txt = strcmp(row.kind, "X-ALIAS-TXT") == 0;
        bool is_first = is_txt ? !alias.says_txt : !says_presigned;

        *(is_txt ? &alias.says_txt : &says_presigned) = true;
        if (is_first)
            *(is_txt ? &alias.is_txt : &alias.is_presigned) = strcmp(row.content, "1") == 0;
    }
    if (r < 0)
        return r;
    *ret = alias;
    return 0;
}

/* The first value of its kind. */
static void take_publishing(struct metadata_publishing *publishing, const struct metadata_row *row)
{
    bool is_1 = strcmp(row->content, "1") == 0;

    if (strcmp(row->kind, "SOA-EDIT") == 0) {
        snprintf(publishing->soa_edit, sizeof(publishing->soa_edit), "%s", row->content);
    } else if (strcmp(row->kind, "PRESIGNED") == 0) {
        publishing->is_presigned = is_1;
    } else {
        publishing->says_auto_serial = true;
        publishing->is_auto_serial = is_1;
    }
}

int metadata_read_publishing(struct database *db, int64_t zone_id, struct metadata_publishing *ret)
{
    CLEANUP(metadata_cursor_deinit) struct metadata_cursor cursor = {.db = db};
    struct metadata_publishing publishing = {0};
    char last_kind[16] = "";
    struct metadata_row row;

    int r = statements_start(&db->statements, STATEMENT_METADATA_PUBLISHING, &cursor.statement);
    if (r < 0)
        return r;
    statements_bind_integer(&db->statements, cursor.statement, 1, zone_id);
    while ((r = metadata_next(&cursor, &row)) == 0) {
        if (strcmp(row.kind, last_kind) != 0)
            take_publishing(&publishing, &row);
        snprintf(last_kind, sizeof(last_kind), "%s", row.kind);
    }
    if (r < 0)
        return r;
    *ret = publishing;
    return 0;
}

int metadata_is_narrow(struct database *db, int64_t zone_id, bool *ret)
{
    return first_value_is_1(db, zone_id, "NSEC3NARROW", ret);
}

int metadata_has_nsec3(struct database *db, int64_t zone_id, bool *ret)
{
    char value[2];

    int r = read_first(db, zone_id, "NSEC3PARAM", value, sizeof(value));
    if (r == 0)
        *ret = *value != '\0';
    return r;
}

int metadata_nsec3param(struct database *db, int64_t zone_id, char ret[METADATA_NSEC3PARAM_SIZE])
{
    return read_first(db, zone_id, "NSEC3PARAM", ret, METADATA_NSEC3PARAM_SIZE);
}

/* Runs a statement whose parameters are texts, the zone's id before them if `zone_id` isn't
 * negative. */
static int run_with_texts(struct database *db, enum statement id, int64_t zone_id,
                          const char *const *texts, int count)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;
    int first = 1;

    int r = statements_start(statements, id, &statement);
    if (r < 0)
        return r;
    if (zone_id >= 0)
        statements_bind_integer(statements, statement, first++, zone_id);
    for (int i = 0; i < count; ++i)
        statements_bind_text(statements, statement, first + i, texts[i]);
    return statements_run(statements, statement);
}

static int set_spooled(struct database *db, const char *kind, const char *const *values,
                       size_t count)
{
    int r = run_with_texts(db, STATEMENT_SPOOL_KIND, -1, &kind, 1);

    if (r == 0)
        r = run_with_texts(db, STATEMENT_SPOOL_METADATA_CLEAR, -1, &kind, 1);
    for (size_t i = 0; r == 0 && i < count; ++i)
        r = run_with_texts(db, STATEMENT_SPOOL_METADATA_ADD, -1, (const char *[]){kind, values[i]},
                           2);
    return r;
}

int metadata_set(struct database *db, int64_t zone_id, const char *kind, const char *const *values,
                 size_t count)
{
    if (transaction_is_open(db) && transaction_zone(db) == zone_id)
        return set_spooled(db, kind, values, count);

    int r = run_with_texts(db, STATEMENT_METADATA_CLEAR, zone_id, &kind, 1);
    for (size_t i = 0; r == 0 && i < count; ++i)
        r = run_with_texts(db, STATEMENT_METADATA_ADD, zone_id, (const char *[]){kind, values[i]},
                           2);
    return r;
}
