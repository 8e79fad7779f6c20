#pragma once

#include <stdint.h>

#include "store/database.h"

/*
 * The neighbours of a name in a zone's NSEC or NSEC3 order, from the `ordername` column
 * (GSQLBackend::getBeforeAndAfterNamesAbsolute in pdns/backends/gsql/gsqlbackend.cc).
 */

enum {
    /* An NSEC3 zone without ordering data: to be answered with `false`, which PowerDNS turns into
     * no proof at all, as it does with gsqlite3 (measured: of anything else it makes a broken
     * packet). */
    ORDERNAMES_E_NONE = 1,
};

/* The remote backend takes names as they are sent, where gsqlite3 turns them around: so `before`
 * and `after` are relative to the zone with their labels in the usual order, "" for the apex, or
 * hashes. */
struct ordernames_neighbours {
    char *unhashed; /* full name, as stored, of the row that `before` belongs to */
    char *before;
    char *after;
};

void ordernames_neighbours_deinit(struct ordernames_neighbours *neighbours);

/* `qname`: as PowerDNS sends it, in lower case: relative to the zone with the labels in the usual
 * order ("b.a" or "b.a."), "" or "." for the apex, or a hash. The order is circular. For an NSEC
 * zone without ordering data all three are "": an NSEC from the apex to the apex comes of that, as
 * with gsqlite3 (measured: `false` gives one that leads to `zone.zone`). 0; ORDERNAMES_E_NONE;
 * negative. */
int ordernames_find(struct database *db, int64_t zone_id, const char *qname,
                    struct ordernames_neighbours *ret);
