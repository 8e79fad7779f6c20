#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "alias/targets.h"
#include "dns/ranges.h"
#include "store/database.h"

/*
 * What one zone allows its ALIAS rows to lead to, though `alias-deny` drops it
 *
 * The zone's metadata of the kind X-ALIAS-ALLOW: one range, or name of ranges (dns/ranges.h), a
 * row. What is none is logged and allows nothing.
 */

/* What a zone allows, read when it is first needed: most have nothing that was denied.
 * Zero-initialised but for the first two. */
struct allowance {
    struct database *db;
    int64_t zone_id;
    bool is_read;
    struct ranges ranges;
};

void allowance_deinit(struct allowance *allowance);

/* The ranges are there from now on. 0 or negative. */
int allowance_need(struct allowance *allowance);

/* Reads the zone's ranges; `ret` is empty. 0 or negative. */
int allowance_read(struct database *db, int64_t zone_id, struct ranges *ret);

/* Puts those addresses that were denied, and are allowed, into the question's answer: beside what
 * came with them, in place of what is older. 0 or -ENOMEM. */
int allowance_apply(const struct ranges *allowed, struct targets_question *question);

/* The same for each of which something was denied; the ranges are read if there is one. 0 or
 * negative. */
int allowance_apply_all(struct allowance *allowance, struct targets_question *questions,
                        size_t count);
