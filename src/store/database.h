#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "util/cleanup.h"

/*
 * One connection to the zone database
 *
 * The database has the schema of PowerDNS's gsqlite3 backend (4.7 and later; see sql/schema.sql).
 * A connection and its prepared statements belong to one thread. Between calls no statement is
 * left open, so that every call sees what was committed before it, and the WAL can be checkpointed.
 *
 * Statements are prepared when first used and kept. If the schema changes under them SQLite
 * prepares them again by itself.
 */

struct database;

struct database_config {
    const char *path;
    bool read_only;      /* never write, not even the journal mode */
    int busy_timeout_ms; /* how long to wait for another process's lock, each time */
    int64_t deadline;    /* as database_set_deadline(), for the opening and the first call */
    /* NULL, or a flag that outlives the connection. Set from any thread, and for good, it cuts
     * short what runs on the connection, its opening too, and has what begins later refused:
     * -EINTR, or -EBUSY from a wait for a lock. */
    const atomic_bool *is_cancelled;
    uint32_t default_ttl; /* seconds, for rows whose ttl is NULL (PowerDNS's `default-ttl`) */
};

/* 0; -ENOENT if there is no such file; -ENOTSUP if a table or column that is needed is missing
 * (gsqlite3's of 4.7, or of an older version without domains.options and .catalog); -EIO if it is
 * no database or a corrupt one; -EROFS if it is to be written and can't be; -EACCES, -EBUSY,
 * -ENOMEM. Everything is logged with the path and SQLite's words. An empty
 * file or a missing one is never made into a database: that would hide a mistyped path. */
int database_open(const struct database_config *config, struct database **ret);

void database_free(struct database *db);
CLEANUP_DEFINE(struct database *, database_free)

/* For the begin of a call: from `deadline` on (steady ms; 0: never mind) no lock is waited for any
 * more (-EBUSY). What needs no waiting isn't stopped by it. Costs nothing. */
void database_set_deadline(struct database *db, int64_t deadline);

/* Whether the path now leads to another file than the one that is open (a replica replaced by
 * rename). A path that leads nowhere counts as unchanged. */
bool database_is_replaced(const struct database *db);

/* Whether readers keep nobody from writing: the database is in WAL mode. */
bool database_has_wal(const struct database *db);

/* A snapshot: what is read until database_end_reading(), in the same call, is of one moment: of the
 * first reading, or if something is being read already, of that. 0 or negative. */
int database_begin_reading(struct database *db);
void database_end_reading(struct database *db);

/* A write transaction of SQLite's: takes the write lock, at the latest by the deadline (-EBUSY). It
 * is to be ended by one of the other two in the same call. 0 or negative; a failed commit has
 * rolled back. */
int database_begin(struct database *db);
int database_commit(struct database *db);
void database_rollback(struct database *db);

/* What failed in this call, for the reply's `log` line, in the words of the log (which has it
 * already): "reading records WHERE name = 'www.example.com': disk I/O error". "" if nothing has
 * failed on this connection since the last database_set_deadline() or start of a reading. Valid
 * until the next of them. */
const char *database_error(const struct database *db);
