#include "store/keys.h"

#include <errno.h>
#include <string.h>

#include "store/connection.h"
#include "store/number.h"
#include "store/transaction.h"

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
    struct statements *statements = &db->statements;
    bool is_spooled = transaction_is_open(db);

    int r = statements_start(statements, is_spooled ? STATEMENT_SPOOL_KEYS : STATEMENT_KEYS,
                             &ret->statement);
    if (r < 0)
        return r;
    ret->db = db;
    statements_bind_name(statements, ret->statement, 1, zone);
    if (is_spooled)
        statements_bind_integer(statements, ret->statement, 2, transaction_zone(db));
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

/* Runs a statement whose parameters are `count` integers. */
static int run(struct database *db, enum statement id, const int64_t *values, int count)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, id, &statement);
    if (r < 0)
        return r;
    for (int i = 0; i < count; ++i)
        statements_bind_integer(statements, statement, i + 1, values[i]);
    return statements_run(statements, statement);
}

/* The same, and whether there was a row. */
static int run_on_key(struct database *db, enum statement id, const int64_t *values, int count)
{
    int r = run(db, id, values, count);

    if (r < 0)
        return r;
    return statements_written(&db->statements) > 0 ? 0 : KEYS_E_NOT_FOUND;
}

static bool is_spooled(const struct database *db, int64_t zone_id)
{
    return transaction_is_open(db) && transaction_zone(db) == zone_id;
}

/* `owner`: the zone, or, in the spool, the key's own id. */
static int insert(struct database *db, enum statement id, int64_t owner, const struct keys_row *key)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, id, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, owner);
    statements_bind_integer(statements, statement, 2, key->flags);
    statements_bind_integer(statements, statement, 3, key->active);
    statements_bind_integer(statements, statement, 4, key->published);
    statements_bind_text(statements, statement, 5, key->content);
    return statements_run(statements, statement);
}

static int next_id(struct database *db, int64_t *ret)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_SPOOL_KEY_NEXT_ID, &statement);
    if (r == 0)
        r = statements_next(statements, statement);
    if (r != 0)
        return r < 0 ? r : -EIO;
    *ret = sqlite3_column_int64(statement, 0);
    statements_stop(statement);
    return 0;
}

static int add_spooled(struct database *db, const struct keys_row *key, int64_t *ret_id)
{
    int64_t id;

    int r = next_id(db, &id);
    if (r == 0)
        r = insert(db, STATEMENT_SPOOL_KEY_ADD, id, key);
    if (r == 0)
        r = run(db, STATEMENT_SPOOL_KEY_MARK, &id, 1);
    if (r == 0)
        *ret_id = id;
    return r;
}

int keys_add(struct database *db, int64_t zone_id, const struct keys_row *key, int64_t *ret_id)
{
    if (is_spooled(db, zone_id))
        return add_spooled(db, key, ret_id);

    int r = insert(db, STATEMENT_KEY_ADD, zone_id, key);
    if (r == 0)
        *ret_id = sqlite3_last_insert_rowid(db->statements.handle);
    return r;
}

/* A key that stands in the zone is copied to the spool first. */
static int change_spooled(struct database *db, int64_t zone_id, enum statement id,
                          const int64_t *values, int count)
{
    int64_t key_id = values[0];

    int r = run(db, STATEMENT_SPOOL_KEY_COPY, (int64_t[]){zone_id, key_id}, 2);
    if (r == 0)
        r = run(db, STATEMENT_SPOOL_KEY_MARK, &key_id, 1);
    return r < 0 ? r : run_on_key(db, id, values, count);
}

int keys_remove(struct database *db, int64_t zone_id, int64_t id)
{
    if (is_spooled(db, zone_id))
        return change_spooled(db, zone_id, STATEMENT_SPOOL_KEY_REMOVE, &id, 1);
    return run_on_key(db, STATEMENT_KEY_REMOVE, (int64_t[]){zone_id, id}, 2);
}

int keys_set_active(struct database *db, int64_t zone_id, int64_t id, bool value)
{
    if (is_spooled(db, zone_id))
        return change_spooled(db, zone_id, STATEMENT_SPOOL_KEY_SET_ACTIVE, (int64_t[]){id, value},
                              2);
    return run_on_key(db, STATEMENT_KEY_SET_ACTIVE, (int64_t[]){zone_id, id, value}, 3);
}

int keys_set_published(struct database *db, int64_t zone_id, int64_t id, bool value)
{
    if (is_spooled(db, zone_id))
        return change_spooled(db, zone_id, STATEMENT_SPOOL_KEY_SET_PUBLISHED,
                              (int64_t[]){id, value}, 2);
    return run_on_key(db, STATEMENT_KEY_SET_PUBLISHED, (int64_t[]){zone_id, id, value}, 3);
}

int keys_has_active(struct database *db, int64_t zone_id, bool *ret)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_ZONE_HAS_KEY, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, zone_id);
    r = statements_next(statements, statement);
    if (r != 0)
        return r < 0 ? r : -EIO;
    *ret = sqlite3_column_int64(statement, 0) > 0;
    statements_stop(statement);
    return 0;
}
