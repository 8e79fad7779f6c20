#pragma once

#include <stdbool.h>
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
 * with gsqlite3 (measured: `false` gives one that leads to `zone.zone`).
 *
 * An empty non-terminal that the chain of an opt-out zone leaves out (ordernames_has_own_proof())
 * counts as if it were in the chain. 0; ORDERNAMES_E_NONE; negative. */
int ordernames_find(struct database *db, int64_t zone_id, const char *qname,
                    struct ordernames_neighbours *ret);

/* Whether the row `id` is an empty non-terminal above delegations without DS in an opt-out zone: it
 * isn't in the chain (RFC 5155 7.1). To prove that a name below it doesn't exist PowerDNS asks for
 * its hash, and tells gsqlite3, but not the remote backend, that the hash is to be taken as if it
 * were there; the name before it would prove nothing. So such names have an NSEC3 of their own, for
 * whatever they are asked, which goes well only if PowerDNS sees them with `auth`: then it looks
 * for none that covers them (PacketHandler::addNSEC3 in pdns/packethandler.cc). 0 or negative. */
int ordernames_has_own_proof(struct database *db, int64_t id, bool *ret);
