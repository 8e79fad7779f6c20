#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * A digest (SHA-256) of a row of fields
 *
 * Each field goes in with its length before it, so that "ab", "c" and "a", "bc" are apart. What is
 * stored of it is compared by later versions: the same fields have to give the same digest.
 */

#define DIGEST_SIZE 32

/* Room for nettle's, which is known in digest.c only. */
struct digest {
    uint64_t context[16];
};

void digest_init(struct digest *digest);

/* The next field; `data` may be NULL if `size` is 0. */
void digest_add(struct digest *digest, const void *data, size_t size);

/* The digest of all fields so far; `digest` is as new then. */
void digest_end(struct digest *digest, uint8_t ret[DIGEST_SIZE]);

/* Its first 64 bits, where that is enough. */
uint64_t digest_short(const uint8_t digest[DIGEST_SIZE]);
