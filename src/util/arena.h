#pragma once

#include <stddef.h>

#include "util/cleanup.h"

/* Memory for many small things that are freed together. Zero-initialised: `struct arena arena =
 * {0};`
 */

struct arena {
    struct arena_chunk *chunks;
    size_t left; /* octets in the first chunk */
};

void arena_deinit(struct arena *arena);

/* A copy of `size` octets with a NUL behind them, for text: not aligned. NULL: no memory. */
char *arena_copy(struct arena *arena, const char *data, size_t size);
