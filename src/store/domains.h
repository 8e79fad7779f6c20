#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/database.h"

/*
 * Rows of the `domains` table (GSQLBackend::getDomainInfo, getAllDomains, getUpdatedMasters,
 * getUnfreshSlaveInfos in pdns/backends/gsql/gsqlbackend.cc)
 */

enum {
    DOMAINS_E_END = 1,       /* no further row */
    DOMAINS_E_NOT_FOUND = 2, /* no such zone */
};

struct domains_row {
    int64_t id;
    const char *name;    /* as stored, in whatever case; "." is the root */
    const char *kind;    /* as stored: MASTER, SLAVE, NATIVE, PRODUCER, CONSUMER, in any case */
    const char *masters; /* separated by blanks; each an address, perhaps with a port, that PowerDNS
                            can read. Others are left out (one would end its communicator). */
    uint32_t notified_serial; /* 0 where NULL */
    uint32_t serial;          /* from the SOA row; 0 if there is none or it can't be read */
    int64_t last_check;       /* seconds since 1970; 0 where NULL */
};

/* As struct records_cursor. */
struct domains_cursor {
    struct database *db;
    struct sqlite3_stmt *statement;
    int filter;
    int64_t now;
    char *masters;
};

void domains_cursor_deinit(struct domains_cursor *cursor);

/* One zone by name (canonical; the row's may be in another case). The row's pointers are valid
 * until deinit. 0; DOMAINS_E_NOT_FOUND; negative, also for a row that gsqlite3 can't read. */
int domains_find(struct database *db, const char *name, struct domains_cursor *cursor,
                 struct domains_row *ret);

/* All zones; without `include_disabled` those only that have an SOA row that isn't disabled, as
 * gsqlite3. A zone with several SOA rows comes several times, as there. */
int domains_list(struct database *db, bool include_disabled, struct domains_cursor *ret);

/* Zones of kind MASTER (in capitals) whose SOA can be read and whose serial isn't the one last
 * notified. */
int domains_list_updated_primaries(struct database *db, struct domains_cursor *ret);

/* Zones of kind SLAVE or CONSUMER (in capitals) with a primary, that have no SOA or whose SOA
 * refresh has passed since last_check, at `now` (wall clock, seconds). */
int domains_list_unfresh_secondaries(struct database *db, int64_t now, struct domains_cursor *ret);

/* The next row. 0; DOMAINS_E_END; negative. Rows with a name or number that PowerDNS can't read are
 * left out, as gsqlite3 does, but with a log line for the first ones in a minute. */
int domains_next(struct domains_cursor *cursor, struct domains_row *ret);
