#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "store/database.h"
#include "util/cleanup.h"

/* Rows of the `domains` table for who looks for faults: one at a time, each read by itself, and all
 * of them, those too that PowerDNS can't read. */

enum {
    RAW_ZONES_E_END = 1,       /* no further zone */
    RAW_ZONES_E_NOT_FOUND = 2, /* no such zone */
};

struct raw_zone {
    int64_t id;
    char *name;        /* as stored */
    bool is_binary;    /* the name is a BLOB, or a NUL is in it: no name equals it */
    bool is_secondary; /* SLAVE or CONSUMER */
};

void raw_zone_deinit(struct raw_zone *zone);

/* The zone with the smallest id above `above`; to be deinitialised. 0; RAW_ZONES_E_END; negative.
 */
int raw_zones_next(struct database *db, int64_t above, struct raw_zone *ret);

/* The zone that is stored as `name`, in whatever case; to be deinitialised. 0;
 * RAW_ZONES_E_NOT_FOUND; negative. */
int raw_zones_find(struct database *db, const char *name, struct raw_zone *ret);
