#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/database.h"

/* Rows of the `cryptokeys` table: the DNSSEC keys of zones */

enum {
    KEYS_E_END = 1,
};

struct keys_row {
    int64_t id;
    uint32_t flags;      /* 256 ZSK, 257 KSK or CSK (RFC 4034 2.1.1) */
    bool active;         /* NULL and everything but 1 is false, as in gsqlite3 */
    bool published;      /* the same */
    const char *content; /* PowerDNS's private key format, several lines */
};

struct keys_cursor {
    struct database *db;
    struct sqlite3_stmt *statement;
};

void keys_cursor_deinit(struct keys_cursor *cursor);

/* The keys of a zone (canonical name), in the order of their ids. 0 or negative. */
int keys_list(struct database *db, const char *zone, struct keys_cursor *ret);

/* 0; KEYS_E_END; negative, also for flags that are no number, as in gsqlite3: a zone that is signed
 * must not look as if it were not. */
int keys_next(struct keys_cursor *cursor, struct keys_row *ret);
