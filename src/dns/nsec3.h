#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Hashed names (RFC 5155)
 */

enum {
    NSEC3_E_INVALID = 1, /* not the parameters of NSEC3 */
};

/* SHA-1's, in octets, and in base32hex with a NUL. */
#define NSEC3_HASH_SIZE 20
#define NSEC3_TEXT_SIZE 33

struct nsec3_parameters {
    uint8_t flags;
    uint16_t iterations;
    uint8_t salt_size;
    unsigned char salt[255];
};

/* What PowerDNS keeps as NSEC3PARAM metadata, and takes for it: "1 0 10 ab", "1 1 0 -". The
 * algorithm isn't looked at, as SHA-1 is the only one. 0 or NSEC3_E_INVALID. */
int nsec3_parse(const char *text, struct nsec3_parameters *ret);

/* The hash of a canonical name (RFC 5155 5). */
void nsec3_hash(const struct nsec3_parameters *parameters, const char *name,
                unsigned char ret[NSEC3_HASH_SIZE]);

/* base32hex in lower case, as PowerDNS stores it (RFC 4648 7); no padding is needed. */
void nsec3_to_text(const unsigned char hash[NSEC3_HASH_SIZE], char ret[NSEC3_TEXT_SIZE]);
