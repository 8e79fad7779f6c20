#include "util/arena.h"

#include <string.h>

#define CHUNK_SIZE 65536

struct arena_chunk {
    struct arena_chunk *next;
    size_t size;
    char data[];
};

void arena_deinit(struct arena *arena)
{
    while (arena->chunks) {
        struct arena_chunk *next = arena->chunks->next;
        free(arena->chunks);
        arena->chunks = next;
    }
    arena->left = 0;
}

/* What is left of the chunk before is lost: it is less than what was asked for. */
static struct arena_chunk *add_chunk(struct arena *arena, size_t size)
{
    struct arena_chunk *chunk = malloc(sizeof(*chunk) + size);
    if (!chunk)
        return NULL;
    chunk->next = arena->chunks;
    chunk->size = size;
    arena->chunks = chunk;
    arena->left = size;
    return chunk;
}

char *arena_copy(struct arena *arena, const char *data, size_t size)
{
    if (size + 1 > arena->left && !add_chunk(arena, size + 1 > CHUNK_SIZE ? size + 1 : CHUNK_SIZE))
        return NULL;

    char *copy = arena->chunks->data + arena->chunks->size - arena->left;
    memcpy(copy, data, size);
    copy[size] = '\0';
    arena->left -= size + 1;
    return copy;
}
