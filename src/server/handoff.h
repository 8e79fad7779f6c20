#pragma once

#include <stdatomic.h>
#include <stddef.h>

#include "alias/targets.h"

/*
 * Answers PowerDNS's own questions about ALIAS targets, so that none of its threads waits
 *
 * A lookup for a name whose target isn't known yet is answered with the ALIAS row
 * (server/handoff-rows.h). With expand-alias=yes and resolver= set to our address PowerDNS sends
 * the target's name there, over UDP, and goes on with other queries until the answer has come
 * (DNSProxy in pdns/dnsproxy.cc). Measured: backend-protocol/README.md.
 *
 * All on the main thread, which never waits: what isn't known yet is kept, and answered once the
 * resolution has ended that lookups share. What nobody has looked up is REFUSED.
 */

struct event_base;
struct handoff;

/* Makes the socket at `address`, a valid one (server/handoff-address.h); answers nothing yet. 0 or
 * -errno (logged). */
int handoff_new(const char *address, struct handoff **ret);

/* From now on questions are answered. What is pointed to is borrowed: `deadline_ms` is how long a
 * question waits at most, `addresses_max` how many of each family an answer holds. 0 or -ENOMEM. */
int handoff_start(struct handoff *handoff, struct event_base *base, struct targets *targets,
                  const atomic_int *deadline_ms, const atomic_int *addresses_max);

/* To be called whenever a resolution has ended. NULL is allowed. */
void handoff_wake(struct handoff *handoff);

/* The daemon is ending: takes no further questions. How many wait for their answers. NULL is
 * allowed. */
size_t handoff_end(struct handoff *handoff);

/* Answers those that still wait with SERVFAIL. NULL is allowed. */
void handoff_free(struct handoff *handoff);
