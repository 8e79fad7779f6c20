#pragma once

#include <stdatomic.h>
#include <stdint.h>

#include "alias/targets.h"
#include "publish/announcer.h"
#include "publish/hashes.h"
#include "store/database.h"
#include "util/cleanup.h"

/*
 * Tells caches and secondaries what has changed: which zones are to be looked at, and when
 *
 * After an edit PowerDNS forgets the whole zone at once, as it does itself after a dynamic update:
 * the names that an edit concerns are not only those of its rows (wildcards, delegations, denials).
 * And once more a second later, since an answer may have been under way.
 * Primary zones are looked at a while after the first change, an edit or a target with other
 * addresses, so that changes that come together are one step of the serial (publication.h); then
 * PowerDNS forgets what has changed, and is told to notify. Every half hour each is looked at in
 * any case, since that is how targets are known to be published still.
 *
 * One thread's, all of it, on its connection; what waits for PowerDNS is the announcer's.
 */

struct publisher_config {
    struct targets *targets;
    struct announcer *announcer;
    /* Settings in force, which may change at any time. */
    const atomic_int *delay_ms; /* from the first change on */
    const atomic_int *hops_max;
    const atomic_bool *auto_serial;
    const atomic_bool *alias_txt;
};

struct publisher;

/* What the config points to is borrowed. 0 or -ENOMEM. */
int publisher_new(const struct publisher_config *config, struct publisher **ret);
void publisher_free(struct publisher *publisher);
CLEANUP_DEFINE(struct publisher *, publisher_free)

/* The zone is there, and may have been changed: it is looked at. 0 or negative. */
int publisher_see(struct publisher *publisher, struct database *db, int64_t zone_id);

/* The zone was changed, and is in order. 0 or negative (logged, but for -ENOMEM). */
int publisher_edited(struct publisher *publisher, struct database *db, int64_t zone_id);

/* The zone was transferred without what these content_question()s ask for. 0 or -ENOMEM. */
int publisher_transferred(struct publisher *publisher, int64_t zone_id,
                          const struct hashes *lacking);

/* To be called ten times a second. Looks at zones whose time has come, for some 50 ms at most.
 * `ret_is_behind`: there are more. 0 or negative, as above; what has failed is done later. */
int publisher_work(struct publisher *publisher, struct database *db, bool *ret_is_behind);

/* Settings have changed: all zones are looked at. Any thread; NULL is allowed. */
void publisher_review(struct publisher *publisher);

/* Another database: nothing is known of its zones. */
void publisher_forget(struct publisher *publisher);

struct publisher_figures {
    uint64_t raised; /* serials */
};

/* Any thread. */
void publisher_look(const struct publisher *publisher, struct publisher_figures *ret);
