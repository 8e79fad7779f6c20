#pragma once

#include <stdbool.h>

#include "store/database.h"

/*
 * Whether anything was committed to the zone database, by whatever process, without reading it
 *
 * In WAL mode the shared memory beside the file begins with a header that each commit changes, and
 * by which SQLite itself sees whether what it has in memory is still good (the WAL-index header,
 * sqlite.org/walformat.html 2.1; walIndexTryHdr() in SQLite's wal.c). To look at it takes no lock
 * of the database's and no system call.
 */

#define COMMIT_MARK_SIZE 48

struct commit_mark {
    unsigned char header[COMMIT_MARK_SIZE];
};

/* Of this moment. Two of one connection that are equal: nothing was committed in between, so what
 * was read in between is what would be read now. False: it can't be told, as there is no WAL,
 * somebody is just committing, or the connection is in a transaction, in which it reads what was
 * there at its begin. */
bool commit_mark_read(struct database *db, struct commit_mark *ret);

bool commit_mark_equal(const struct commit_mark *a, const struct commit_mark *b);
