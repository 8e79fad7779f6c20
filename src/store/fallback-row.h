#pragma once

#include <sqlite3.h>

#include "store/fallback.h"

/* One row of the fallback database's table <-> struct fallback_entry (see sql/fallback.sql) */

#define FALLBACK_ROW_COLUMNS                                                                       \
    "target, family, state, addresses, ttl, resolved_at, fresh_until, last_error, last_error_at"

#define FALLBACK_ROW_SELECT "SELECT " FALLBACK_ROW_COLUMNS " FROM entries"
#define FALLBACK_ROW_REPLACE                                                                       \
    "REPLACE INTO entries (" FALLBACK_ROW_COLUMNS ") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"
#define FALLBACK_ROW_DELETE "DELETE FROM entries WHERE target = ? AND family = ?"

enum {
    /* Logged; the row is to be passed over. */
    FALLBACK_ROW_E_INVALID = 1,
};

/* Reads the row that a FALLBACK_ROW_SELECT statement stands on and hands it to `loaded`. 0;
 * FALLBACK_ROW_E_INVALID; negative: out of memory, or what `loaded` returned. */
int fallback_row_read(sqlite3_stmt *statement, fallback_entry_fn loaded, void *userdata);

/* Binds all to FALLBACK_ROW_REPLACE, or only the key to FALLBACK_ROW_DELETE. The entry must outlive
 * the execution. 0 or -ENOMEM. */
int fallback_row_bind(sqlite3_stmt *statement, const struct fallback_entry *entry);
int fallback_row_bind_key(sqlite3_stmt *statement, const struct fallback_entry *entry);
