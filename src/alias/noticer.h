#pragma once

#include <stdatomic.h>

#include "alias/targets.h"
#include "store/database.h"
#include "util/cleanup.h"

/*
 * The thread that notices ALIAS rows before anybody asks for them
 *
 * Ten times a second it looks whether anybody has committed to the zone database, by a connection
 * of its own that only reads. Where the tables of sql/upkeep.sql count changes it compares the
 * counters with those of the last time, and reads the ALIAS rows of the zones that have changed.
 * Where they don't (a replica that was never opened for upkeep) it goes through the ALIAS rows of
 * all zones after each change. So it does in any case at the start, when the file was replaced, and
 * every half hour, since that is how a row is known to be there still.
 *
 * However large the database, it works for 50 ms at a time or what one look takes, and then rests
 * for nine times as long as it has worked. Presigned zones are left out: their ALIAS rows are never
 * expanded. What fails is logged and tried again; nothing waits for it.
 */

struct noticer;

/* Starts the thread; `config` is copied but for what it points to, and opened read-only whatever it
 * says; `targets`, and `hops_max` of chain.h,
 * are borrowed until noticer_free(). 0 or negative (logged). */
int noticer_start(const struct database_config *config, struct targets *targets,
                  const atomic_int *hops_max, struct noticer **ret);

/* Ends it, cutting short what it is at. NULL is allowed. */
void noticer_free(struct noticer *noticer);
CLEANUP_DEFINE(struct noticer *, noticer_free)
