#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/chain.h"
#include "store/database.h"

/*
 * What the targets of ALIAS rows lead to, as far as our own zones say
 *
 * A target in one of them is answered from the store, through whatever stands there: what is left
 * to ask the resolver about are the names outside that it leads to. That has to be known before
 * anything is waited for: reading ends first (src/README.md, "The life of one lookup").
 */

/* A name to be asked about. */
struct local_question {
    char *target; /* canonical */
    unsigned families;
    uint32_t
        ttl; /* seconds: the smallest of the rows that lead there; UINT32_MAX: there are none */
};

struct local_answer {
    struct local_question *questions;
    size_t count;
    struct chain_addresses addresses[DNS_FAMILIES]; /* of our zones */

    /* Of struct local, and of no meaning to others. */
    char *target;
    unsigned families;
    struct local_answer *next;
};

/* What was found in one call, all targets in the same snapshot: zero-initialised but for the
 * database and `hops_max`, that of chain.h. */
struct local {
    struct database *db;
    size_t hops_max;
    struct local_answer *answers;
    void *known; /* tree of those that are good for every owner name */
};

void local_deinit(struct local *local);

/* Follows an ALIAS row, or finds what another one with that target led to. `row->owner` as stored.
 * A way that is a loop, or too long, leads to nothing, which is logged with the names on it
 * (`domain_id` is the row's). `ret` is owned by `local`. 0; -ENOMEM; a failure of the store: what
 * the row leads to isn't known, which is not to be told as if it were nothing. */
int local_follow(struct local *local, const struct chain_row *row, int64_t domain_id,
                 const struct local_answer **ret);
