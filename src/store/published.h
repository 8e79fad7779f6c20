#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/digest.h"
#include "store/database.h"

/*
 * What the secondaries of a primary zone were last given: the table aliasd_published of
 * sql/upkeep.sql, for connections on which changes_install() has made it
 */

struct published_answer {
    uint64_t key;   /* of an owner, a target and a family */
    uint64_t value; /* of the addresses */
};

struct published {
    bool is_known; /* false: nothing else counts */
    uint32_t serial;
    uint8_t rows[DIGEST_SIZE];
    struct published_answer *answers; /* by their keys, each once; owned */
    size_t count;
};

void published_deinit(struct published *published);

/* Not known where there is no row, and where it can't be read, which is logged. What `ret` held is
 * freed. 0 or negative. */
int published_read(struct database *db, int64_t zone_id, struct published *ret);

/* In a write transaction: in place of what was there. 0 or negative. */
int published_write(struct database *db, int64_t zone_id, const struct published *published);
