#pragma once

#include <stddef.h>

#include "alias/targets.h"

/*
 * Many ALIAS targets resolved at once, before their rows are returned one after the other
 *
 * For a zone transfer: what has nothing known yet is waited for together, not one by one.
 */

struct prefetch {
    char **names;
    size_t count;
    size_t capacity;
};

void prefetch_deinit(struct prefetch *prefetch);

/* Adds an ALIAS row's content. One that is no name is passed over. 0 or -ENOMEM. */
int prefetch_add(struct prefetch *prefetch, const char *content);

/* Waits until all are answered or the answer deadline has passed. 0 or -ENOMEM. */
int prefetch_wait(struct prefetch *prefetch, struct targets *targets);
