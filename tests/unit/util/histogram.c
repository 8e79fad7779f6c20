#include <criterion/criterion.h>

#include "util/histogram.h"

Test(histogram, a_bound_belongs_to_its_class)
{
    struct histogram histogram = {0};

    histogram_add(&histogram, 0);
    histogram_add(&histogram, histogram_bounds_ms[0]);
    histogram_add(&histogram, histogram_bounds_ms[0] + 1);
    histogram_add(&histogram, histogram_bounds_ms[1]);
    cr_assert_eq(counter_read(&histogram.classes[0]), 2);
    cr_assert_eq(counter_read(&histogram.classes[1]), 2);
}

Test(histogram, what_is_longer_than_all_bounds_is_counted)
{
    struct histogram histogram = {0};

    histogram_add(&histogram, histogram_bounds_ms[HISTOGRAM_BOUNDS - 1] + 1);
    cr_assert_eq(counter_read(&histogram.classes[HISTOGRAM_BOUNDS]), 1);
}

Test(histogram, the_sum_never_goes_down)
{
    struct histogram histogram = {0};

    histogram_add(&histogram, 7);
    histogram_add(&histogram, -5);
    cr_assert_eq(counter_read(&histogram.sum_ms), 7);
    cr_assert_eq(counter_read(&histogram.classes[0]), 1);
}

Test(histogram, bounds_ascend)
{
    for (size_t i = 1; i < HISTOGRAM_BOUNDS; ++i)
        cr_assert_lt(histogram_bounds_ms[i - 1], histogram_bounds_ms[i]);
}
