#pragma once

#include <stddef.h>
#include <stdint.h>

#include "alias/expansion.h"
#include "alias/targets.h"

/*
 * Many ALIAS targets resolved at once, before their rows are returned one after the other
 *
 * For a zone transfer: what has nothing known yet is waited for together, not one by one.
 */

struct prefetch {
    struct targets_question *questions; /* their targets are owned */
    size_t count;
    size_t capacity;
};

void prefetch_deinit(struct prefetch *prefetch);

/* Adds what expansion_resolve() would ask about both families of this owner name, and nothing that
 * its other rows make irrelevant. The expansion is not kept. 0 or -ENOMEM. */
int prefetch_add_expansion(struct prefetch *prefetch, const struct expansion *expansion);

/* Waits until all are answered or `deadline` has passed, as targets_ask(), whose failures are
 * passed on. `ret_unresolved`: of how many targets and families nothing is known, not even what is
 * denied, and the resolution is still under way. */
int prefetch_wait(struct prefetch *prefetch, struct targets *targets, int64_t deadline,
                  size_t *ret_unresolved);
