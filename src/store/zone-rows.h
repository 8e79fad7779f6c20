#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/database.h"

/*
 * The rows of a zone as upkeep sees them: what `ordername` and `auth` they have, and which of them
 * are empty non-terminals of ours (the table aliasd_ents of sql/upkeep.sql)
 */

enum {
    ZONE_ROWS_E_END = 1,
};

enum zone_rows_mark {
    ZONE_ROWS_UNMARKED,
    ZONE_ROWS_FOREIGN, /* an empty non-terminal of somebody else's */
    ZONE_ROWS_ADDED,   /* one of ours */
};

struct zone_rows_row {
    int64_t id;
    const char *name;      /* as stored; "" where NULL */
    const char *type;      /* NULL: an empty non-terminal */
    const char *ordername; /* NULL where NULL */
    int auth;              /* 0, 1; -1: neither */
    enum zone_rows_mark mark;
    const char *hash; /* of the mark; NULL where NULL */
    bool is_readable; /* PowerDNS sees it: its ttl is a number */
};

/* As struct records_cursor. */
struct zone_rows_cursor {
    struct database *db;
    struct sqlite3_stmt *statement;
};

void zone_rows_cursor_deinit(struct zone_rows_cursor *cursor);

/* The rows that aren't disabled, ordered by name. `has_marks`: the tables of sql/upkeep.sql are
 * there. 0 or negative. */
int zone_rows_list(struct database *db, int64_t zone_id, bool has_marks,
                   struct zone_rows_cursor *ret);

/* 0; ZONE_ROWS_E_END; negative. */
int zone_rows_next(struct zone_rows_cursor *cursor, struct zone_rows_row *ret);

/* In a write transaction. `ordername` and `hash` may be NULL. 0 or negative. */
int zone_rows_update(struct database *db, int64_t id, const char *ordername, bool auth);
int zone_rows_add_ent(struct database *db, int64_t zone_id, const char *name, const char *ordername,
                      bool auth, int64_t *ret_id);
int zone_rows_remove(struct database *db, int64_t id);
int zone_rows_mark(struct database *db, int64_t id, int64_t zone_id, enum zone_rows_mark mark,
                   const char *hash);
int zone_rows_unmark(struct database *db, int64_t id);
