#include "reply-buffer.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

enum {
    CAPACITY_MIN = 4096,
    INTEGER_DIGITS = 20, /* of 2^64 - 1 */
};

bool pdns_reply_buffer_reserve(struct pdns_reply *reply, size_t size)
{
    size_t needed, capacity;
    char *data;

    if (reply->is_broken)
        return false;
    if (reply->capacity - reply->size >= size)
        return true;

    reply->is_broken = true;
    if (__builtin_add_overflow(reply->size, size, &needed) || needed > PTRDIFF_MAX / 2)
        return false;
    capacity = reply->capacity * 2 > needed ? reply->capacity * 2 : needed;
    if (capacity < CAPACITY_MIN)
        capacity = CAPACITY_MIN;
    data = realloc(reply->data, capacity);
    if (!data)
        return false;

    reply->data = data;
    reply->capacity = capacity;
    reply->is_broken = false;
    return true;
}

/* PowerDNS's parser (ext/json11/json11.cpp) refuses control characters as they are, and takes any
 * other byte. */
static bool needs_escape(unsigned char byte)
{
    return byte < 0x20 || byte == '"' || byte == '\\';
}

static void append_escape(struct pdns_reply *reply, unsigned char byte)
{
    static const char digits[] = "0123456789abcdef";
    char quoted[] = {'\\', (char)byte};
    char code[] = {'\\', 'u', '0', '0', digits[byte >> 4], digits[byte & 0xf]};

    if (byte < 0x20)
        pdns_reply_buffer_append(reply, code, sizeof(code));
    else
        pdns_reply_buffer_append(reply, quoted, sizeof(quoted));
}

/* Nearly no text does. Without an early end: compilers make a few instructions of it for many
 * bytes.
 */
static bool needs_escapes(const char *data, size_t size)
{
    bool result = false;

    for (size_t i = 0; i < size; i++)
        result |= needs_escape((unsigned char)data[i]);
    return result;
}

static void append_escaped(struct pdns_reply *reply, const char *data, size_t size)
{
    const char *start = data, *end = data + size;

    if (!needs_escapes(data, size)) {
        pdns_reply_buffer_append(reply, data, size);
        return;
    }
    for (; data < end; data++) {
        if (!needs_escape((unsigned char)*data))
            continue;
        pdns_reply_buffer_append(reply, start, (size_t)(data - start));
        append_escape(reply, (unsigned char)*data);
        start = data + 1;
    }
    pdns_reply_buffer_append(reply, start, (size_t)(data - start));
}

void pdns_reply_buffer_bytes(struct pdns_reply *reply, const char *data, size_t size)
{
    pdns_reply_buffer_literal(reply, "\"");
    append_escaped(reply, data, size);
    pdns_reply_buffer_literal(reply, "\"");
}

void pdns_reply_buffer_string(struct pdns_reply *reply, const char *text)
{
    pdns_reply_buffer_bytes(reply, text ? text : "", text ? strlen(text) : 0);
}

void pdns_reply_buffer_integer(struct pdns_reply *reply, int64_t value)
{
    char digits[INTEGER_DIGITS + 1];
    char *start = digits + sizeof(digits);
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;

    do {
        *--start = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0)
        *--start = '-';
    pdns_reply_buffer_append(reply, start, (size_t)(digits + sizeof(digits) - start));
}

void pdns_reply_buffer_separate(struct pdns_reply *reply)
{
    if (reply->needs_comma)
        pdns_reply_buffer_literal(reply, ",");
    reply->needs_comma = true;
}
