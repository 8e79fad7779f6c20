#pragma once

#include "request.h"

#include "request-memory.h"

/*
 * The call that nearly all calls are, without jansson: it takes more than half of the processor
 * time of a lookup (tests/bench/README.md).
 *
 * A lookup is plain if PowerDNS's json11 wrote it and nothing in it needs an escape:
 * {"method": "lookup", "parameters": {"local": "127.0.0.1", .., "zone-id": 1}}, blanks as they are
 * here, members in any order, each at most once, text of printable ASCII. Of all others jansson
 * finds out what they are. The result is the same either way.
 */

enum {
    /* The line is something else. */
    PDNS_PLAIN_LOOKUP_E_OTHER = 1,
};

/* 0; PDNS_PLAIN_LOOKUP_E_OTHER; -ENOMEM. Text is put into `memory`; `ret` is written to on success
 * only. */
int pdns_plain_lookup_decode(const char *line, size_t size, struct pdns_request_memory *memory,
                             struct pdns_request *ret);
