#include "store/zones.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "store/connection.h"

int zones_find_id(struct database *db, const char *name, int64_t *ret)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_DOMAIN_ID, &statement);
    if (r < 0)
        return r;
    statements_bind_name(statements, statement, 1, name);
    r = statements_next(statements, statement);
    if (r != 0)
        return r < 0 ? r : ZONES_E_NOT_FOUND;
    *ret = sqlite3_column_int64(statement, 0);
    statements_stop(statement);
    return 0;
}

int zones_find_name(struct database *db, int64_t id, char ret[NAME_TEXT_SIZE])
{
    struct statements *statements = &db->statements;
    char name[NAME_TEXT_SIZE];
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_DOMAIN_NAME, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, id);
    r = statements_next(statements, statement);
    if (r != 0)
        return r < 0 ? r : ZONES_E_NOT_FOUND;
    snprintf(name, sizeof(name), "%s", statements_text(statements, statement, 0));
    r = statements_end_row(statements, statement);
    statements_stop(statement);
    if (r < 0)
        return r;
    memcpy(ret, name, sizeof(name));
    return 0;
}

int zones_is_primary(struct database *db, int64_t id, bool *ret)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_DOMAIN_IS_PRIMARY, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, id);
    r = statements_next(statements, statement);
    if (r != 0)
        return r < 0 ? r : -EIO;
    *ret = sqlite3_column_int64(statement, 0) > 0;
    statements_stop(statement);
    return 0;
}

static int set_number(struct database *db, enum statement id, int64_t zone_id, int64_t value)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, id, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, zone_id);
    statements_bind_integer(statements, statement, 2, value);
    r = statements_run(statements, statement);
    if (r < 0)
        return r;
    return statements_written(statements) > 0 ? 0 : ZONES_E_NOT_FOUND;
}

int zones_set_notified(struct database *db, int64_t id, uint32_t serial)
{
    return set_number(db, STATEMENT_DOMAIN_SET_NOTIFIED, id, serial);
}

int zones_set_checked(struct database *db, int64_t id, int64_t when)
{
    return set_number(db, STATEMENT_DOMAIN_SET_CHECKED, id, when);
}

int zones_create_secondary(struct database *db, const char *name, const char *primaries,
                           const char *account)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_DOMAIN_CREATE_SECONDARY, &statement);
    if (r < 0)
        return r;
    statements_bind_name(statements, statement, 1, name);
    statements_bind_text(statements, statement, 2, primaries);
    statements_bind_text(statements, statement, 3, account);
    r = statements_run(statements, statement);
    if (r < 0)
        return r;
    return statements_written(statements) > 0 ? 0 : ZONES_E_EXISTS;
}
