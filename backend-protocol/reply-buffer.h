#pragma once

#include "reply.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/*
 * Appending to a reply: bytes as they are, JSON strings, integers. Once memory has run out the
 * reply is broken, whatever is appended.
 */

/* Room for so many bytes more. False: memory has run out, now or before. */
bool pdns_reply_buffer_reserve(struct pdns_reply *reply, size_t size);

static inline void pdns_reply_buffer_append(struct pdns_reply *reply, const char *data, size_t size)
{
    /* Without a buffer there is no room for no bytes either. */
    if (reply->capacity - reply->size <= size && !pdns_reply_buffer_reserve(reply, size))
        return;
    memcpy(reply->data + reply->size, data, size);
    reply->size += size;
}

/* A string literal, as it is. */
#define pdns_reply_buffer_literal(reply, literal)                                                  \
    pdns_reply_buffer_append((reply), "" literal, sizeof(literal) - 1)

/* A JSON string with its quotes, of bytes that may hold NULs. */
void pdns_reply_buffer_bytes(struct pdns_reply *reply, const char *data, size_t size);

/* A JSON string with its quotes. NULL is as "". */
void pdns_reply_buffer_string(struct pdns_reply *reply, const char *text);

void pdns_reply_buffer_integer(struct pdns_reply *reply, int64_t value);

/* Puts a comma before each element of a list but the first. */
void pdns_reply_buffer_separate(struct pdns_reply *reply);
