#include "request-memory.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>

enum {
    /* With its header still of a size that malloc() has at hand (glibc: up to 1032 bytes). */
    CHUNK_MIN = 960,
    CHUNK_MAX = 64 * 1024, /* what is larger gets a chunk of its own size */
};

struct pdns_request_memory_chunk {
    struct pdns_request_memory_chunk *next;
    size_t used;
    size_t capacity;
    alignas(max_align_t) unsigned char data[];
};

struct pdns_request_memory *pdns_request_memory_new(void)
{
    struct pdns_request_memory *memory = malloc(sizeof(*memory));

    if (memory)
        *memory = (struct pdns_request_memory){0};
    return memory;
}

void pdns_request_memory_free(struct pdns_request_memory *memory)
{
    struct pdns_request_memory_chunk *chunk, *next;

    if (!memory)
        return;

    for (chunk = memory->chunks; chunk; chunk = next) {
        next = chunk->next;
        free(chunk);
    }
    json_decref(memory->root);
    free(memory);
}

static size_t next_capacity(const struct pdns_request_memory *memory, size_t needed)
{
    size_t capacity = memory->chunks ? 2 * memory->chunks->capacity : CHUNK_MIN;

    if (capacity > CHUNK_MAX)
        capacity = CHUNK_MAX;
    return needed > capacity ? needed : capacity;
}

static int add_chunk(struct pdns_request_memory *memory, size_t needed)
{
    size_t capacity = next_capacity(memory, needed);
    struct pdns_request_memory_chunk *chunk = malloc(sizeof(*chunk) + capacity);

    if (!chunk)
        return -1;

    chunk->next = memory->chunks;
    chunk->used = 0;
    chunk->capacity = capacity;
    memory->chunks = chunk;
    return 0;
}

void *pdns_request_memory_allocate(struct pdns_request_memory *memory, size_t count, size_t size)
{
    struct pdns_request_memory_chunk *chunk = memory->chunks;
    size_t needed;
    void *data;

    if (__builtin_mul_overflow(count, size, &needed) || needed > PTRDIFF_MAX / 2)
        return NULL;
    needed = (needed + alignof(max_align_t) - 1) & ~(alignof(max_align_t) - 1);

    if (!chunk || chunk->capacity - chunk->used < needed) {
        if (add_chunk(memory, needed) < 0)
            return NULL;
        chunk = memory->chunks;
    }

    data = chunk->data + chunk->used;
    chunk->used += needed;
    return data;
}
