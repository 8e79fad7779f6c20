#pragma once

#include "store/database.h"

/* Rows of the `tsigkeys` table */

enum {
    TSIG_E_END = 1,
    TSIG_E_NOT_FOUND = 2,
};

struct tsig_row {
    const char *name;
    const char *algorithm; /* "hmac-sha256", as stored */
    const char *secret;    /* Base64 */
};

struct tsig_cursor {
    struct database *db;
    struct sqlite3_stmt *statement;
};

void tsig_cursor_deinit(struct tsig_cursor *cursor);

/* All keys, or those called `name` (canonical; any case matches) if it isn't NULL; there can be one
 * for each algorithm, of which getTSIGKey takes the first. 0 or negative. */
int tsig_list(struct database *db, const char *name, struct tsig_cursor *ret);

/* 0; TSIG_E_END; negative. Rows whose name or algorithm is no domain name are left out, as gsqlite3
 * does, but with a log line for the first ones in a minute. */
int tsig_next(struct tsig_cursor *cursor, struct tsig_row *ret);

/* A key of that name (canonical) and algorithm, in place of one that is there. 0 or negative. */
int tsig_set(struct database *db, const struct tsig_row *key);

/* All keys of that name (canonical). 0; TSIG_E_NOT_FOUND; negative. */
int tsig_remove(struct database *db, const char *name);
