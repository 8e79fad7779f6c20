#pragma once

#include <stdint.h>

#include "dns/address.h"

/*
 * How a resolution of one (target, family) ended
 */

enum outcome_kind {
    /* At least one address. */
    OUTCOME_ADDRESSES,
    /* The name, or the type at it, does not exist, and an SOA says so (RFC 2308). */
    OUTCOME_EMPTY,
    /* SERVFAIL, REFUSED, no answer, bogus, an unreadable message, NODATA or NXDOMAIN without SOA:
     * nothing was learned. */
    OUTCOME_FAILURE,
};

struct outcome {
    enum outcome_kind kind;
    struct address_set addresses; /* OUTCOME_ADDRESSES only; owned */
    uint32_t ttl;                 /* seconds: of the addresses, or the negative TTL */
    /* OUTCOME_EMPTY and OUTCOME_FAILURE: why, in a few words for people ("NXDOMAIN", "NODATA",
     * "SERVFAIL", "bogus: signature expired"). Never empty there. */
    char reason[128];
};

void outcome_deinit(struct outcome *outcome);
