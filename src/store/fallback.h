#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/address.h"
#include "dns/family.h"
#include "util/cleanup.h"

/*
 * The fallback database: what was learned about ALIAS targets, kept for the next start
 *
 * A file of its own, apart from the zone database; only this daemon writes it, everybody may read
 * it with the sqlite3 shell (see sql/fallback.sql). Times are seconds of the wall clock there.
 *
 * fallback_store() only queues; a thread of this module writes what has come together in one
 * transaction. Newer entries for the same (target, family) replace older ones in the queue, so it
 * never has more than one for each family of each target. If writing fails (disk full, read-only)
 * that is logged once, the entries stay queued, and writing is tried again now and then; when it
 * works again that is logged too.
 */

struct fallback;

struct fallback_entry {
    const char *target; /* canonical name */
    enum dns_family family;
    bool is_empty; /* the target is known to have no address of this family */
    struct address_set addresses;
    uint32_t ttl;           /* seconds, as answered when resolved */
    int64_t resolved_at;    /* wall clock, seconds */
    int64_t fresh_until;    /* wall clock, seconds */
    const char *last_error; /* "" = the last resolution succeeded */
    int64_t last_error_at;  /* wall clock, seconds; 0 = never */
};

/* Called for each entry that was kept; the entry is borrowed. 0, or negative to stop. */
typedef int (*fallback_entry_fn)(void *userdata, const struct fallback_entry *entry);

/* Opens or makes the file, hands what it holds to `loaded` (before it returns, on the caller's
 * thread), and starts the writing thread. If the file can't be opened now, because somebody holds a
 * lock, say, `loaded` is called when it can, on the writing thread, without any lock of this
 * module; the callee has to expect that it knows more than the file by then. `userdata` is borrowed
 * until fallback_free(). A file that is corrupt, no database, or of a newer
 * version is moved aside to "PATH.corrupt-TIME" or "PATH.version-N-TIME" with a log line, and made
 * anew; a single row that can't be read is logged and skipped. A database that is somebody else's
 * is left alone. If the file can't be made or opened (permissions, full disk) that is logged and
 * the daemon runs without: what it holds is still loaded if it can be read (and again when it
 * opens: SQLite may have kept a part of it elsewhere), 0 is returned and nothing is kept, but
 * opening is tried again now and then. -ENOMEM, -EAGAIN (no thread). */
int fallback_open(const char *path, fallback_entry_fn loaded, void *userdata,
                  struct fallback **ret);

/* Writes what is queued, ends the thread, closes. NULL is allowed. */
void fallback_free(struct fallback *fallback);
CLEANUP_DEFINE(struct fallback *, fallback_free)

/* Any thread; copies the entry; never waits for the disk. 0 or -ENOMEM. */
int fallback_store(struct fallback *fallback, const struct fallback_entry *entry);

struct fallback_figures {
    uint64_t written;  /* rows, since the start: stored or removed */
    uint64_t failures; /* attempts to open the file or to write to it */
    size_t queued;     /* rows that wait */
};

/* Any thread. */
void fallback_look(struct fallback *fallback, struct fallback_figures *ret);

/* Any thread: the target's row of that family is removed, after max-stale has passed. */
int fallback_remove(struct fallback *fallback, const char *target, enum dns_family family);
