#pragma once

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * How long a connection to the zone database waits for another's lock, and how it is cut short
 *
 * In place of sqlite3_busy_timeout(), which knows no deadline, and of sqlite3_interrupt(), which is
 * forgotten if no statement runs just then and isn't seen by one that waits for a lock.
 */

struct waiting {
    int busy_timeout_ms;             /* from when a statement finds the lock taken */
    int64_t deadline;                /* steady ms; 0: none */
    int64_t began;                   /* steady ms; of the wait under way */
    const atomic_bool *is_cancelled; /* NULL, or set from any thread to cut short what runs */
};

/* `waiting` has to outlive the connection. */
void waiting_install(struct waiting *waiting, sqlite3 *db);

/* Whether `is_cancelled` is set. What runs on the connection then ends with SQLITE_INTERRUPT (a
 * wait for a lock, with SQLITE_BUSY) within a moment; what begins later has to be refused by
 * whoever starts it. */
bool waiting_is_cancelled(const struct waiting *waiting);
