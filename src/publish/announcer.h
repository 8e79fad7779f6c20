#pragma once

#include <stdint.h>

#include "util/cleanup.h"

/*
 * Tells PowerDNS, through its control socket, what to forget and whom to notify
 *
 * Each socket has a queue and a thread of its own: one that is silent holds up nobody but itself.
 * Nothing waits for them, and nothing is promised: what can't be delivered is logged and given up.
 * Where nobody listens no PowerDNS runs, and the caches of one that starts are empty; a NOTIFY that
 * is lost is found by PowerDNS itself as it looks for changed serials.
 *
 * A NOTIFY comes after all purges that were asked for before it. What already waits isn't queued
 * twice, and many purges become one of everything (announcer-queue.h).
 *
 * For a NOTIFY PowerDNS connects to us and looks the zone up before it answers: sessions have to be
 * served as long as this runs.
 */

struct announcer;

/* Starts the threads, one for each of `sockets`: absolute paths that fit a socket's address, the
 * end is NULL, borrowed. None: whatever is asked for is passed over. 0 or negative (logged). */
int announcer_start(const char *const *sockets, struct announcer **ret);

/* Any thread, at once. Names are canonical (dns/name.h); what is no name is passed over: PowerDNS
 * would leave the command without an answer. */

/* What is cached about a zone and everything below it. */
void announcer_purge_zone(struct announcer *announcer, const char *zone);

/* What is cached about one name. Of a wildcard it is everything below the name that it stands at:
 * answers are cached under the names that were asked for. */
void announcer_purge_name(struct announcer *announcer, const char *name);

void announcer_notify(struct announcer *announcer, const char *zone);

/* Since the start, of all sockets. */
struct announcer_figures {
    uint64_t purges;   /* names and zones that a PowerDNS was told to forget; all at once is one */
    uint64_t notifies; /* zones that a PowerDNS has put into its queue */
    uint64_t failures; /* commands that weren't delivered, or were refused */
};

/* Any thread. */
void announcer_look(const struct announcer *announcer, struct announcer_figures *ret);

/* Ends the threads within moments, whatever they wait for; what isn't sent is given up. NULL is
 * allowed. */
void announcer_free(struct announcer *announcer);
CLEANUP_DEFINE(struct announcer *, announcer_free)
