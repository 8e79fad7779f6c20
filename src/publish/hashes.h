#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * A set of hashes, of which each stands for a name: collected first, then sorted and asked
 *
 * An all-zero struct is the empty set.
 */

struct hashes {
    uint64_t *items; /* owned */
    size_t count;
    size_t capacity;
};

void hashes_deinit(struct hashes *hashes);

/* 0 or -ENOMEM. */
int hashes_add(struct hashes *hashes, uint64_t hash);
int hashes_add_all(struct hashes *hashes, const struct hashes *from);

/* In order, and each once. */
void hashes_sort(struct hashes *hashes);

/* Of sorted ones. */
bool hashes_have(const struct hashes *hashes, uint64_t hash);

/* Whether one of `some` is among `sorted`. */
bool hashes_have_any(const struct hashes *sorted, const struct hashes *some);
