#include "publish/hashes.h"

#include <errno.h>
#include <stdlib.h>

void hashes_deinit(struct hashes *hashes)
{
    free(hashes->items);
    *hashes = (struct hashes){0};
}

int hashes_add(struct hashes *hashes, uint64_t hash)
{
    if (hashes->count == hashes->capacity) {
        size_t capacity = hashes->capacity ? 2 * hashes->capacity : 4;
        uint64_t *grown = reallocarray(hashes->items, capacity, sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        hashes->items = grown;
        hashes->capacity = capacity;
    }
    hashes->items[hashes->count++] = hash;
    return 0;
}

int hashes_add_all(struct hashes *hashes, const struct hashes *from)
{
    int r = 0;

    for (size_t i = 0; i < from->count && r == 0; ++i)
        r = hashes_add(hashes, from->items[i]);
    return r;
}

static int compare(const void *a, const void *b)
{
    const uint64_t *left = a, *right = b;

    return (*left > *right) - (*left < *right);
}

void hashes_sort(struct hashes *hashes)
{
    size_t kept = 0;

    if (hashes->count > 1)
        qsort(hashes->items, hashes->count, sizeof(*hashes->items), compare);
    for (size_t i = 0; i < hashes->count; ++i) {
        if (kept == 0 || hashes->items[kept - 1] != hashes->items[i])
            hashes->items[kept++] = hashes->items[i];
    }
    hashes->count = kept;
}

bool hashes_have(const struct hashes *hashes, uint64_t hash)
{
    return hashes->count > 0 &&
           bsearch(&hash, hashes->items, hashes->count, sizeof(hash), compare) != NULL;
}

bool hashes_have_any(const struct hashes *sorted, const struct hashes *some)
{
    for (size_t i = 0; i < some->count && sorted->count > 0; ++i) {
        if (hashes_have(sorted, some->items[i]))
            return true;
    }
    return false;
}
