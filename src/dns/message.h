#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/address.h"

/*
 * What a response says about the addresses of a name
 *
 * Reads a DNS message (RFC 1035 4) with libresolv's parser and follows the CNAME chain in its
 * answer section from the question's name to the addresses.
 */

struct message_answer {
    int rcode;                    /* RFC 1035 4.1.1 */
    struct address_set addresses; /* of the chain's last name */
    unsigned cname_hops;          /* CNAMEs followed */
    uint32_t ttl;                 /* smallest TTL of the chain and the addresses, seconds */
    bool has_soa;                 /* an SOA in the authority section: the absence is asserted */
    uint32_t negative_ttl;        /* min(the SOA's TTL, its MINIMUM, and the chain's TTLs), seconds
                                     (RFC 2308 5) */
};

void message_answer_deinit(struct message_answer *answer);

/* 0; -EBADMSG if `packet` can't be parsed, is not a whole response (TC) to one question for
 * `family` in class IN, or its CNAME chain loops or is longer than 32; -ENOMEM. */
int message_read_answer(const uint8_t *packet, size_t size, enum dns_family family,
                        struct message_answer *ret);
