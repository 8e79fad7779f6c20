#pragma once

#include <jansson.h>
#include <stddef.h>

/*
 * What a request's text and lists live in: the parsed JSON, whose strings are pointed into as they
 * are, and chunks for what had to be made. Most requests need no chunk.
 */

struct pdns_request_memory_chunk;

struct pdns_request_memory {
    json_t *root; /* owned; NULL until the line has been parsed */
    struct pdns_request_memory_chunk *chunks;
};

/* NULL when out of memory. */
struct pdns_request_memory *pdns_request_memory_new(void);

/* `memory` may be NULL. */
void pdns_request_memory_free(struct pdns_request_memory *memory);

/* `count` elements of `size` bytes, aligned for any type, not initialised, valid until
 * pdns_request_memory_free(). NULL when out of memory. */
void *pdns_request_memory_allocate(struct pdns_request_memory *memory, size_t count, size_t size);
