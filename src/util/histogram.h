#pragma once

#include <stddef.h>

#include "util/counter.h"

/*
 * How long things took, counted in classes: from "at once" to longer than anybody waits
 *
 * Any thread, as util/counter.h. An all-zero struct is an empty one.
 */

#define HISTOGRAM_BOUNDS 14

/* Milliseconds, ascending. A class holds what took as long as its bound, or less, but longer than
 * the one before. */
extern const int histogram_bounds_ms[HISTOGRAM_BOUNDS];

struct histogram {
    struct counter classes[HISTOGRAM_BOUNDS + 1]; /* the last: longer than all bounds */
    struct counter sum_ms;
};

/* Less than nothing counts as nothing. */
void histogram_add(struct histogram *histogram, int64_t ms);
