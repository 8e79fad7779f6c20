#include "raw-bytes.h"

#include <stdint.h>
#include <string.h>

/* U+10FF80 to U+10FFBF are F4 8F BE 80..BF in UTF-8, U+10FFC0 to U+10FFFF are F4 8F BF 80..BF. */
enum {
    MARK_FIRST = 0xf4,
    MARK_SECOND = 0x8f,
    MARK_THIRD = 0xbe,
    MARK_SIZE = 4,
};

#define HIGH_BITS UINT64_C(0x8080808080808080)

size_t pdns_raw_bytes_count(const char *text, size_t size)
{
    size_t count = 0, i = 0;
    uint64_t word;

    for (; size - i >= sizeof(word); i += sizeof(word)) {
        memcpy(&word, text + i, sizeof(word));
        if (word & HIGH_BITS)
            count += (size_t)__builtin_popcountll(word & HIGH_BITS);
    }
    for (; i < size; i++)
        count += (unsigned char)text[i] >= 0x80;
    return count;
}

void pdns_raw_bytes_mark(const char *text, size_t size, char *ret)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char byte = (unsigned char)text[i];

        if (byte < 0x80) {
            *ret++ = text[i];
            continue;
        }
        *ret++ = (char)MARK_FIRST;
        *ret++ = (char)MARK_SECOND;
        *ret++ = (char)(MARK_THIRD + ((byte >> 6) & 1));
        *ret++ = (char)(0x80 | (byte & 0x3f));
    }
}

static bool is_mark(const unsigned char *text, size_t size)
{
    return size >= MARK_SIZE && text[0] == MARK_FIRST && text[1] == MARK_SECOND &&
           text[2] >= MARK_THIRD;
}

bool pdns_raw_bytes_is_marked(const char *text, size_t size)
{
    const unsigned char *bytes = (const unsigned char *)text;

    for (size_t i = 0; i < size; i++)
        if (is_mark(bytes + i, size - i))
            return true;
    return false;
}

size_t pdns_raw_bytes_restore(const char *text, size_t size, char *ret)
{
    const unsigned char *bytes = (const unsigned char *)text;
    size_t written = 0;

    for (size_t i = 0; i < size; i++) {
        if (!is_mark(bytes + i, size - i)) {
            ret[written++] = text[i];
            continue;
        }
        ret[written++] = (char)(0x80 | ((bytes[i + 2] & 1) << 6) | (bytes[i + 3] & 0x3f));
        i += MARK_SIZE - 1;
    }
    ret[written] = '\0';
    return written;
}
