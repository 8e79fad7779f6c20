#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/database.h"

/*
 * Rows of the `domainmetadata` table (GSQLBackend::getDomainMetadata, setDomainMetadata in
 * pdns/backends/gsql/gsqlbackend.cc)
 *
 * On a connection with an open transaction (store/transaction.h) the metadata of the zone that it
 * changes is as it would be.
 */

enum {
    METADATA_E_END = 1,
};

struct metadata_row {
    const char *kind;    /* in whatever case, as stored; "" where NULL */
    const char *content; /* "" where NULL */
};

struct metadata_cursor {
    struct database *db;
    struct sqlite3_stmt *statement;
};

void metadata_cursor_deinit(struct metadata_cursor *cursor);

/* All values of a zone (canonical name), or those of one kind, in any case, if `kind` is not NULL.
 * Rows of one kind come one after the other, in the order of their ids; kinds that differ in case
 * are kinds of their own. None for a zone that isn't there. 0 or negative. */
int metadata_list(struct database *db, const char *zone, const char *kind,
                  struct metadata_cursor *ret);

/* The values of one kind (in capitals, and only where it is written so) of the zone with that id,
 * in the order of their ids. Not those of an open transaction. 0 or negative. */
int metadata_list_values(struct database *db, int64_t zone_id, const char *kind,
                         struct metadata_cursor *ret);

/* 0; METADATA_E_END; negative. */
int metadata_next(struct metadata_cursor *cursor, struct metadata_row *ret);

/* Whether the zone's PRESIGNED metadata (in capitals, as DNSSECKeeper looks it up) is "1". 0 or
 * negative. */
int metadata_is_presigned(struct database *db, int64_t zone_id, bool *ret);

/* What metadata says of a zone's ALIAS rows (kinds in capitals; the first value counts). */
struct metadata_alias {
    bool is_presigned; /* as above */
    bool says_txt;     /* there is X-ALIAS-TXT */
    bool is_txt;       /* which is "1" */
};

/* 0 or negative. */
int metadata_read_alias(struct database *db, int64_t zone_id, struct metadata_alias *ret);

/* What it says of how a zone is published (kinds in capitals; the first value counts). */
struct metadata_publishing {
    bool is_presigned;
    bool says_auto_serial; /* there is X-AUTO-SERIAL */
    bool is_auto_serial;   /* which is "1" */
    char soa_edit[32];     /* SOA-EDIT, cut off: longer than any that PowerDNS knows; "" if none */
};

/* 0 or negative. */
int metadata_read_publishing(struct database *db, int64_t zone_id, struct metadata_publishing *ret);

/* Whether its NSEC3NARROW metadata is "1". 0 or negative. */
int metadata_is_narrow(struct database *db, int64_t zone_id, bool *ret);

/* Whether the zone has NSEC3PARAM metadata (in capitals), that is, uses NSEC3. 0 or negative. */
int metadata_has_nsec3(struct database *db, int64_t zone_id, bool *ret);

/* The value of NSEC3PARAM, cut off at METADATA_NSEC3PARAM_SIZE; "" if there is none. 0 or negative.
 */
#define METADATA_NSEC3PARAM_SIZE 600
int metadata_nsec3param(struct database *db, int64_t zone_id, char ret[METADATA_NSEC3PARAM_SIZE]);

/* Replaces all values of a kind, in any case, by `count` others, in their order: in the transaction
 * that is open for the zone, otherwise at once. 0 or negative. */
int metadata_set(struct database *db, int64_t zone_id, const char *kind, const char *const *values,
                 size_t count);
