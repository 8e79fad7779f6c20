#include "store/raw-zones.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "store/connection.h"

/* In the order of RAW_ZONE_COLUMNS in statements-sql.c. */
enum column {
    COLUMN_ID,
    COLUMN_NAME,
    COLUMN_KIND,
};

void raw_zone_deinit(struct raw_zone *zone)
{
    free(zone->name);
    zone->name = NULL;
}

/* The type of the name's column has to be asked for before its text. */
static int read_row(struct statements *statements, sqlite3_stmt *statement, struct raw_zone *ret)
{
    bool is_blob = sqlite3_column_type(statement, COLUMN_NAME) == SQLITE_BLOB;
    const char *name = statements_text(statements, statement, COLUMN_NAME);
    const char *kind = statements_text(statements, statement, COLUMN_KIND);

    char *copy = strdup(name);
    if (!copy)
        return statements_no_memory(statements, "reading domains.name");
    *ret = (struct raw_zone){
        .id = sqlite3_column_int64(statement, COLUMN_ID),
        .name = copy,
        .is_binary =
            is_blob || strlen(name) != (size_t)sqlite3_column_bytes(statement, COLUMN_NAME),
        .is_secondary = strcasecmp(kind, "SLAVE") == 0 || strcasecmp(kind, "CONSUMER") == 0,
    };
    return 0;
}

/* The first row, with all parameters bound. */
static int read_first(struct statements *statements, sqlite3_stmt *statement, int none,
                      struct raw_zone *ret)
{
    struct raw_zone zone = {0};

    int r = statements_next(statements, statement);
    if (r != 0)
        return r < 0 ? r : none;
    r = read_row(statements, statement, &zone);
    if (r == 0)
        r = statements_end_row(statements, statement);
    statements_stop(statement);
    if (r < 0) {
        raw_zone_deinit(&zone);
        return r;
    }
    *ret = zone;
    return 0;
}

int raw_zones_next(struct database *db, int64_t above, struct raw_zone *ret)
{
    sqlite3_stmt *statement;

    int r = statements_start(&db->statements, STATEMENT_RAW_ZONE_NEXT, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(&db->statements, statement, 1, above);
    return read_first(&db->statements, statement, RAW_ZONES_E_END, ret);
}

int raw_zones_find(struct database *db, const char *name, struct raw_zone *ret)
{
    sqlite3_stmt *statement;

    int r = statements_start(&db->statements, STATEMENT_RAW_ZONE_BY_NAME, &statement);
    if (r < 0)
        return r;
    statements_bind_name(&db->statements, statement, 1, name);
    return read_first(&db->statements, statement, RAW_ZONES_E_NOT_FOUND, ret);
}
