#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * FNV-1a of 32 bits (draft-eastlake-fnv), for tables in memory and for telling values apart
 *
 * Whoever chooses what is hashed can make values that collide: where strangers do, what a bucket
 * costs has to be bounded.
 */

#define HASH_START UINT32_C(2166136261)

/* The hash of what `hash` is of, followed by these octets. */
static inline uint32_t hash_octets(uint32_t hash, const void *data, size_t size)
{
    for (const unsigned char *octet = data; size-- > 0; ++octet)
        hash = (hash ^ *octet) * UINT32_C(16777619);
    return hash;
}
