#pragma once

#include "reply.h"

#include <stddef.h>
#include <stdint.h>

/*
 * Appending to a reply: bytes as they are, JSON strings, integers. Nothing is appended once memory
 * has run out.
 */

void pdns_reply_buffer_append(struct pdns_reply *reply, const char *data, size_t size);

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
