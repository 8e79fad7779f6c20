#pragma once

#include <stdint.h>

static inline int64_t integer_min(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static inline int64_t integer_max(int64_t a, int64_t b)
{
    return a > b ? a : b;
}
