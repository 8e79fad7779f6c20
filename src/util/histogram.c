#include "util/histogram.h"

#include "util/integer.h"

const int histogram_bounds_ms[HISTOGRAM_BOUNDS] = {1,   2,   5,    10,   20,   50,    100,
                                                   200, 500, 1000, 2000, 5000, 10000, 30000};

void histogram_add(struct histogram *histogram, int64_t ms)
{
    size_t i = 0;

    while (i < HISTOGRAM_BOUNDS && ms > histogram_bounds_ms[i])
        ++i;
    counter_add(&histogram->classes[i], 1);
    counter_add(&histogram->sum_ms, integer_max(ms, 0));
}
