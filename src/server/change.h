#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "server/session.h"

/*
 * What a single call changes in one zone: written at once and put in order before it is committed,
 * or, where PowerDNS has a transaction open for the zone, kept for its commit
 */

enum {
    CHANGE_E_NO_ZONE = 1,
};

struct change {
    struct database *db;
    int64_t zone_id;
    bool is_spooled;
    struct upkeep *upkeep; /* borrowed: to be told */
};

/* Begins to change the zone called `zone`, as PowerDNS sends the name. 0, and then change_end() has
 * to follow; CHANGE_E_NO_ZONE (logged); negative. */
int change_begin(struct session *session, const char *zone, struct change *ret);

/* With `r` 0 the zone is put in order and committed, otherwise nothing is changed. Returns `r`, or
 * a failure. */
int change_end(struct change *change, int r);
