#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * MX and SRV: what PowerDNS has at the start of the content, gsqlite3 keeps in the `prio` column
 * (GSQLBackend::extractRecord, feedRecord)
 */

enum {
    PRIORITY_E_INVALID = 1,
};

/* Whether PowerDNS reads `type` as MX or SRV: in any case, and also as TYPE15 or #15. */
bool priority_applies(const char *type);

/* Where the content goes on behind its priority, which is 0 if there is none. 0;
 * PRIORITY_E_INVALID: beyond 2^31-1. */
int priority_split(const char *content, const char **ret_content, uint32_t *ret_priority);
