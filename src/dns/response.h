#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/address.h"
#include "dns/family.h"
#include "dns/labels.h"
#include "dns/name.h"

/*
 * Answering DNS over UDP: a query read, and the response to it composed
 *
 * For a client that says nothing of EDNS (RFC 6891) and yet reads more than 512 octets. A response
 * is never marked as truncated: it holds as many whole records as there is room for.
 */

/* What is read at most. */
#define RESPONSE_SIZE_MAX 1500

/* Header, name, type and class (RFC 1035 4.1). */
#define RESPONSE_QUERY_SIZE_MAX (12 + LABELS_WIRE_SIZE + 4)

struct response_query {
    char name[NAME_TEXT_SIZE]; /* canonical */
    int type;
    bool is_internet;                        /* of class IN */
    uint8_t octets[RESPONSE_QUERY_SIZE_MAX]; /* header and question, as they came */
    size_t size;
};

/* Reads a query with one question; what comes behind that is ignored. 0; -EBADMSG: this is none,
 * and nothing to answer. */
int response_read_query(const uint8_t *packet, size_t size, struct response_query *ret);

struct response {
    uint8_t octets[RESPONSE_SIZE_MAX];
    size_t size;
};

/* A response without records. `rcode`: RFC 1035 4.1.1. */
void response_begin(struct response *response, const struct response_query *query, int rcode);

/* One more address of the name that was asked for. Whether there was room. `ttl`: seconds, cut off
 * at 2^31 - 1 (RFC 2181 8). */
bool response_add(struct response *response, const struct address *address, enum dns_family family,
                  uint32_t ttl);
