#include "dns/digest.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static void expect_digest(struct digest *digest, const char *expected)
{
    uint8_t bits[DIGEST_SIZE];
    char text[2 * DIGEST_SIZE + 1];

    digest_end(digest, bits);
    for (int i = 0; i < DIGEST_SIZE; ++i)
        snprintf(text + 2 * i, 3, "%02x", bits[i]);
    cr_expect_str_eq(text, expected, "%s", text);
}

/* All are computed by Python's hashlib from the fields with their lengths. */
Test(digest, without_fields_is_sha_256_of_nothing)
{
    struct digest digest;

    digest_init(&digest);
    expect_digest(&digest, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

Test(digest, field_goes_in_with_its_length)
{
    struct digest digest;

    digest_init(&digest);
    digest_add(&digest, "abc", 3);
    expect_digest(&digest, "c3494ca1a2cf8eeb8a11ded316fb55b83c3bbbedb6313cd50415251e5d09e12f");
    digest_add(&digest, NULL, 0);
    expect_digest(&digest, "af5570f5a1810b7af78caf4bc70a660f0df51e42baf91d4de5b2328de0e83dfc");
}

Test(digest, fields_are_apart)
{
    struct digest digest;

    digest_init(&digest);
    digest_add(&digest, "a", 1);
    digest_add(&digest, "bc", 2);
    expect_digest(&digest, "3fafa1cf2f19a7c1129beb20cf0983f73a489a221fc0dd2f16d1be292d089205");
}

Test(digest, takes_fields_of_any_size)
{
    struct digest digest;
    uint8_t data[255];

    digest_init(&digest);
    for (int i = 0; i < 256; ++i) {
        memset(data, i, sizeof(data));
        digest_add(&digest, data, (size_t)i);
    }
    expect_digest(&digest, "579822926b2cdfd784fcc582e2beb97d90e636e4756d4f03f4b82f67a40b9c95");
}

Test(digest, short_form_is_the_first_eight_octets)
{
    const uint8_t digest[DIGEST_SIZE] = {0x80, 1, 2, 3, 4, 5, 6, 7, 8, 9};

    cr_expect_eq(digest_short(digest), UINT64_C(0x8001020304050607));
}
