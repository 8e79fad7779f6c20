#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "store/database.h"

/*
 * Rows of the `records` table, as PowerDNS's gsqlite3 would return them (GSQLBackend::lookup, list,
 * searchRecords, extractRecord in pdns/backends/gsql/gsqlbackend.cc).
 */

enum {
    /* No further row. */
    RECORDS_E_END = 1,
};

/* One row. The pointers are SQLite's or the cursor's, valid until the next call on the cursor. */
struct records_row {
    int64_t id;
    int64_t domain_id;   /* 0 where NULL */
    const char *name;    /* as stored; "." is the root */
    const char *type;    /* as stored, in whatever case; "" where NULL: an empty non-terminal */
    const char *content; /* ready for PowerDNS: the prio column put before MX and SRV; "" where
                            NULL. Any bytes, NUL among them; there is one more NUL at the end. */
    size_t content_size; /* gsqlite3 doesn't stop at a NUL either */
    uint32_t ttl;        /* seconds; NULL is replaced by the default */
    bool auth;           /* what starts with 1; NULL counts as 0, as in gsqlite3 */
};

/* Rows one after the other: `CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};`,
 * one of the calls that start it, then records_next() until RECORDS_E_END. One cursor of a kind at
 * a time on a connection (-EINVAL). Reading to the end, a failure, and deinit close the statement.
 * What the cursor is started with is copied. A cursor can be started again after its end. */
struct records_cursor {
    struct database *db;
    struct sqlite3_stmt *statement;
    bool checks_names;
    bool is_raw;          /* nothing is left out */
    unsigned flaws;       /* of the raw row just given: RECORDS_.. */
    const char *ttl_text; /* the same: its `ttl` */
    char *scratch;        /* content with prio */
    size_t scratch_size;
};

void records_cursor_deinit(struct records_cursor *cursor);

/* Rows at `name` (canonical, see dns/name.h) that aren't disabled. `type` is a type's name in upper
 * case, which is compared as it is, or "ANY" for all, the empty non-terminals among them. With
 * `zone_id` < 0 in whatever zone, else in that one. 0 or negative. */
int records_lookup(struct database *db, const char *name, const char *type, int64_t zone_id,
                   struct records_cursor *ret);

/* All rows of a zone that aren't disabled, ordered by name and type, empty non-terminals included.
 * 0 or negative. */
int records_list(struct database *db, int64_t zone_id, struct records_cursor *ret);

/* The ALIAS rows of a zone (in any case) that aren't disabled. 0 or negative. */
int records_list_aliases(struct database *db, int64_t zone_id, struct records_cursor *ret);

/* Rows whose name or content matches `pattern` (`*` any run, `?` any one character, ASCII in any
 * case, as in PowerDNS's searchRecords), at most `limit`, those that aren't disabled; empty
 * non-terminals among them. 0 or negative. */
int records_search(struct database *db, const char *pattern, int64_t limit,
                   struct records_cursor *ret);

/* For who looks for faults: all rows of a zone, in the order of their names, those too that the
 * others leave out, but for those whose `disabled` is 1. 0 or negative. */
int records_list_raw(struct database *db, int64_t zone_id, struct records_cursor *ret);

/* The same of rows that belong to no zone, in the order of their ids: those among the next `count`
 * rows above the id `above`. `ret_last` is the last id that was looked at. 0; RECORDS_E_END: there
 * are no rows above. */
int records_list_lost(struct database *db, int64_t above, int64_t count, int64_t *ret_last,
                      struct records_cursor *ret);

/* What else can be said of a raw row. */
enum {
    RECORDS_TTL_UNREADABLE = 1 << 0, /* no number from 0 to 2^32-1 */
    RECORDS_NAME_NULL = 1 << 1,
    RECORDS_NAME_BINARY = 1 << 2, /* a BLOB, or a NUL is in it: no name equals it */
    RECORDS_DISABLED_ODD =
        1 << 3,                /* `disabled` isn't 0, so the row is hidden, but isn't 1 either */
    RECORDS_ZONE_ODD = 1 << 4, /* `domain_id` is NULL or no whole number */
};

/* The next row. 0; RECORDS_E_END; negative (logged). A row that gsqlite3 can't read is left out, as
 * it does (measured), but with a log line for the first ones in a minute: one whose ttl doesn't
 * begin with a number from 0 to 2^32-1 or, but for records_lookup(), whose name is none (PowerDNS
 * would refuse the whole reply). */
int records_next(struct records_cursor *cursor, struct records_row *ret);

typedef int (*records_next_fn)(struct records_cursor *cursor, struct records_row *ret);
