#include "dns/digest.h"

#include <endian.h>
#include <nettle/sha2.h>
#include <string.h>

_Static_assert(DIGEST_SIZE == SHA256_DIGEST_SIZE, "the digest is SHA-256's");
_Static_assert(sizeof(struct digest) >= sizeof(struct sha256_ctx), "nettle's context has room");

static struct sha256_ctx *context(struct digest *digest)
{
    return (struct sha256_ctx *)digest->context;
}

void digest_init(struct digest *digest)
{
    sha256_init(context(digest));
}

void digest_add(struct digest *digest, const void *data, size_t size)
{
    uint64_t length = htobe64(size);

    sha256_update(context(digest), sizeof(length), (const uint8_t *)&length);
    if (size > 0)
        sha256_update(context(digest), size, data);
}

void digest_end(struct digest *digest, uint8_t ret[DIGEST_SIZE])
{
    sha256_digest(context(digest), DIGEST_SIZE, ret);
}

uint64_t digest_short(const uint8_t digest[DIGEST_SIZE])
{
    uint64_t bits;

    memcpy(&bits, digest, sizeof(bits));
    return be64toh(bits);
}
