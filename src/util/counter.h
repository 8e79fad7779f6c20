#pragma once

#include <stdatomic.h>
#include <stdint.h>

/*
 * Counts for people and their metrics, raised and read by any thread
 *
 * Nothing is decided by them, so they keep no order among each other: raising one is a single
 * instruction. An all-zero struct is one that stands at 0.
 */

struct counter {
    _Atomic uint64_t value;
};

static inline void counter_add(struct counter *counter, uint64_t count)
{
    atomic_fetch_add_explicit(&counter->value, count, memory_order_relaxed);
}

static inline uint64_t counter_read(const struct counter *counter)
{
    return atomic_load_explicit(&counter->value, memory_order_relaxed);
}
