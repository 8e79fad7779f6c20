#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/database.h"

/*
 * What PowerDNS changes between startTransaction and commitTransaction
 * (GSQLBackend::startTransaction, feedRecord, replaceRRSet in pdns/backends/gsql/gsqlbackend.cc)
 *
 * A transaction belongs to its connection and is no transaction of SQLite's: PowerDNS may take
 * minutes between two calls. What it changes is spooled to a file that only this connection sees;
 * records_lookup(), records_list(), metadata_list() and keys_list() on this connection show the
 * zone as it would be, everything else, and everybody else, the old one. transaction_apply() takes
 * the write lock and puts the changes in; what stands open from then on is a write transaction of
 * SQLite's, for upkeep to put the zone in order, until transaction_commit(). A failure in any of
 * these ends the transaction, with nothing changed.
 *
 * metadata.h and keys.h write to the spool, too, for the zone of an open transaction.
 */

enum {
    TRANSACTION_E_NO_ZONE = 1, /* no such zone */
};

/* A record as PowerDNS feeds it. */
struct transaction_record {
    const char *name;    /* canonical */
    const char *type;    /* "A", as sent; "": an empty non-terminal, and what follows but for the
                            last two is ignored */
    const char *content; /* with the priority before it, as PowerDNS sends it */
    uint32_t ttl;
    bool auth;             /* kept in presigned zones; elsewhere upkeep knows better */
    const char *ordername; /* as it is stored; NULL: none. The same. */
};

/* Begins to change the zone; `is_replacement`: all its rows go, those that are disabled too. One
 * transaction at a time on a connection (-EINVAL). 0; TRANSACTION_E_NO_ZONE; negative. */
int transaction_begin(struct database *db, int64_t zone_id, bool is_replacement);

bool transaction_is_open(const struct database *db);

/* The zone's id; only while one is open. */
int64_t transaction_zone(const struct database *db);

/* 0; negative, -EBADMSG too: a priority that is none. */
int transaction_add(struct database *db, const struct transaction_record *record);

/* Removes the rows at `name` (canonical) of `type` ("ANY": all), but for those that are disabled,
 * which PowerDNS doesn't know about. `with_comments`: and the comments on them. */
int transaction_remove(struct database *db, const char *name, const char *type, bool with_comments);

/* Before records are looked up by name: makes that cheap. 0 or negative. */
int transaction_index(struct database *db);

/* Takes the write lock and changes the zone. -EBUSY: the lock can't be had in time, or (unless the
 * zone is replaced) somebody else has changed the zone since transaction_begin(). -ESTALE: the file
 * isn't at its path any more. */
int transaction_apply(struct database *db);

/* After transaction_apply(): makes it last. */
int transaction_commit(struct database *db);

/* Whatever state it is in; nothing, if none is open. */
void transaction_abort(struct database *db);
