#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/database.h"

/*
 * Rows of the `cryptokeys` table: the DNSSEC keys of zones (GSQLBackend::getDomainKeys,
 * addDomainKey in pdns/backends/gsql/gsqlbackend.cc)
 *
 * On a connection with an open transaction (store/transaction.h) the keys of the zone that it
 * changes are as they would be.
 */

enum {
    KEYS_E_END = 1,
    KEYS_E_NOT_FOUND = 2, /* the zone has no such key */
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

/* What follows changes the zone in the transaction that is open for it, otherwise at once. */

/* A new key; `key->id` is ignored. 0 or negative. */
int keys_add(struct database *db, int64_t zone_id, const struct keys_row *key, int64_t *ret_id);

/* 0; KEYS_E_NOT_FOUND; negative. */
int keys_remove(struct database *db, int64_t zone_id, int64_t id);
int keys_set_active(struct database *db, int64_t zone_id, int64_t id, bool value);
int keys_set_published(struct database *db, int64_t zone_id, int64_t id, bool value);

/* Whether the zone has an active key, and so is signed by PowerDNS (DNSSECKeeper::isSecuredZone).
 * What is stored, open transaction or not. 0 or negative. */
int keys_has_active(struct database *db, int64_t zone_id, bool *ret);
