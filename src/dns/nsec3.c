#include "dns/nsec3.h"

#include <ctype.h>
#include <errno.h>
#include <nettle/sha1.h>
#include <stdlib.h>
#include <string.h>

#include "dns/labels.h"

_Static_assert(NSEC3_HASH_SIZE == SHA1_DIGEST_SIZE, "NSEC3 knows no other algorithm");

/* A number up to `max`; moves behind it. */
static int read_number(const char **text, unsigned long max, unsigned long *ret)
{
    char *end;

    *text += strspn(*text, " \t\r\n");
    if (!isdigit((unsigned char)**text))
        return NSEC3_E_INVALID;
    errno = 0;
    *ret = strtoul(*text, &end, 10);
    *text = end;
    return errno != 0 || *ret > max ? NSEC3_E_INVALID : 0;
}

static int hex_digit(char character)
{
    const char *digits = "0123456789abcdef";
    const char *found = strchr(digits, tolower((unsigned char)character));

    return character && found ? (int)(found - digits) : -1;
}

/* "-" is none. */
static int read_salt(const char *text, struct nsec3_parameters *parameters)
{
    text += strspn(text, " \t\r\n");
    size_t length = strcspn(text, " \t\r\n");

    parameters->salt_size = 0;
    if (length == 1 && *text == '-')
        return 0;
    if (length == 0 || length % 2 != 0 || length / 2 > sizeof(parameters->salt))
        return NSEC3_E_INVALID;
    for (size_t i = 0; i < length / 2; ++i) {
        int high = hex_digit(text[2 * i]);
        int low = hex_digit(text[2 * i + 1]);
        if (high < 0 || low < 0)
            return NSEC3_E_INVALID;
        parameters->salt[i] = (unsigned char)(high << 4 | low);
    }
    parameters->salt_size = (uint8_t)(length / 2);
    return 0;
}

int nsec3_parse(const char *text, struct nsec3_parameters *ret)
{
    struct nsec3_parameters parameters;
    unsigned long algorithm;
    unsigned long flags;
    unsigned long iterations;

    if (read_number(&text, UINT8_MAX, &algorithm) != 0 ||
        read_number(&text, UINT8_MAX, &flags) != 0 ||
        read_number(&text, UINT16_MAX, &iterations) != 0 || read_salt(text, &parameters) != 0)
        return NSEC3_E_INVALID;
    parameters.flags = (uint8_t)flags;
    parameters.iterations = (uint16_t)iterations;
    *ret = parameters;
    return 0;
}

void nsec3_hash(const struct nsec3_parameters *parameters, const char *name,
                unsigned char ret[NSEC3_HASH_SIZE])
{
    unsigned char wire[LABELS_WIRE_SIZE];
    struct sha1_ctx context;

    sha1_init(&context);
    sha1_update(&context, labels_to_wire(name, wire), wire);
    sha1_update(&context, parameters->salt_size, parameters->salt);
    sha1_digest(&context, NSEC3_HASH_SIZE, ret);
    for (unsigned i = 0; i < parameters->iterations; ++i) {
        sha1_update(&context, NSEC3_HASH_SIZE, ret);
        sha1_update(&context, parameters->salt_size, parameters->salt);
        sha1_digest(&context, NSEC3_HASH_SIZE, ret);
    }
}

/* Five octets are eight digits. */
void nsec3_to_text(const unsigned char hash[NSEC3_HASH_SIZE], char ret[NSEC3_TEXT_SIZE])
{
    static const char digits[] = "0123456789abcdefghijklmnopqrstuv";

    for (int group = 0; group < NSEC3_HASH_SIZE / 5; ++group) {
        uint64_t bits = 0;
        for (int i = 0; i < 5; ++i)
            bits = bits << 8 | hash[5 * group + i];
        for (int i = 7; i >= 0; --i, bits >>= 5)
            ret[8 * group + i] = digits[bits & 31];
    }
    ret[NSEC3_TEXT_SIZE - 1] = '\0';
}
