#pragma once

#include <sqlite3.h>
#include <stdbool.h>

#include "util/cleanup.h"

/*
 * What both databases need of SQLite: opening, failures as -errno, a few short cuts
 *
 * A failure is logged once, where SQLite reports it, with the file's path, what was tried and
 * SQLite's words; a flood of equal ones (a database that stays locked under load) is cut short.
 */

/* The failures that callers tell apart:
 *   -EBUSY   another process holds the lock for longer than the busy timeout
 *   -EIO     the disk, or the file is corrupt or no database (sqlite_is_damage() tells)
 *   -ENOENT, -EACCES, -EISDIR, ...   the file can't be opened
 *   -EROFS   the file can't be written
 *   -ENOSPC  the disk is full
 *   -ENOMEM
 * and others, which mean a mistake of ours. `code` is a result code, plain or extended. */
int sqlite_errno(int code);

/* Whether the file itself is at fault: corrupt, or no SQLite database. */
bool sqlite_is_damage(int code);

/* Logs what SQLite says about the last call on `db` and returns sqlite_errno(code). `what` is what
 * was tried: the statement's SQL, say. */
int sqlite_failure(sqlite3 *db, int code, const char *what);

/* Opens `path` as a file name, never a URI, with SQLite's flags (SQLITE_OPEN_READWRITE, ..); the
 * connection has no mutex: one thread at a time may use it. It waits for no lock until the caller
 * sets how. If the file can be read only although writing was asked for, that is -EROFS. 0 or
 * negative. SQLite reads nothing yet: that a file is no database shows at the first statement. */
int sqlite_open(const char *path, int flags, sqlite3 **ret);

/* Closes, also with statements left. NULL is allowed. */
void sqlite_close(sqlite3 *db);
CLEANUP_DEFINE(sqlite3 *, sqlite_close)

/* CLEANUP(sqlite_finalizep) sqlite3_stmt *statement = NULL; */
void sqlite_finalize(sqlite3_stmt *statement);
CLEANUP_DEFINE(sqlite3_stmt *, sqlite_finalize)

/* Runs statements whose rows nobody needs: DDL, BEGIN, PRAGMA name=value. 0 or negative. */
int sqlite_execute(sqlite3 *db, const char *sql);

/* Whether the database is in WAL mode. */
bool sqlite_is_wal(sqlite3 *db);

/* PRAGMA journal_mode=WAL, unless the file has it already (switching takes an exclusive lock). Not
 * getting it is a warning, no failure: the database works, but readers and writers wait for each
 * other. */
void sqlite_prefer_wal(sqlite3 *db);
