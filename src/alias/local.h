#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/chain.h"
#include "dns/name.h"
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
    char owner[NAME_TEXT_SIZE]; /* of the rows that are being followed */
    size_t labels;              /* of the names that were looked for on the way from there */
    struct local_answer *answers;
    void *known; /* tree of those that are good for every owner name */
};

/* For the rows of one owner name no more labels are looked for, all names together: a name that
 * isn't there takes some five statements a label. Who makes rows whose ways are wide and names long
 * must not have a thread busy for long. */
#define LOCAL_LABELS_MAX 2000

void local_deinit(struct local *local);

/* Gives all answers away; there are none afterwards. */
struct local_answer *local_take_answers(struct local *local);

void local_answers_free(struct local_answer *answers);

/* Follows an ALIAS row, or finds what another one with that target led to. `row->owner` as stored.
 * Rows of the same owner come one after the other.
 * A way that is a loop, or too long, leads to nothing, which is logged with the names on it
 * (`domain_id` is the row's). `ret` is owned by `local`. 0; -ENOMEM; a failure of the store: what
 * the row leads to isn't known, which is not to be told as if it were nothing. */
int local_follow(struct local *local, const struct chain_row *row, int64_t domain_id,
                 const struct local_answer **ret);
