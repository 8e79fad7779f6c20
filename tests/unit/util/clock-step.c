#include <criterion/criterion.h>

#include "util/clock-step.h"

#define DAY  86400
#define WALL INT64_C(1800000000)

Test(clock_step, the_first_look_finds_none)
{
    struct clock_step step = {0};

    cr_assert_eq(clock_step_look(&step, 5000, WALL), 0);
}

Test(clock_step, time_that_passes_is_none)
{
    struct clock_step step = {0};

    clock_step_look(&step, 5000, WALL);
    for (int i = 1; i < 100; ++i)
        cr_assert_eq(clock_step_look(&step, 5000 + i * 3600999, WALL + i * INT64_C(3601)), 0);
}

Test(clock_step, forward_and_back_are_seen_once_each)
{
    struct clock_step step = {0};

    clock_step_look(&step, 5000, WALL);
    cr_assert_eq(clock_step_look(&step, 5100, WALL + DAY), DAY);
    cr_assert_eq(clock_step_look(&step, 5200, WALL + DAY), 0);
    cr_assert_eq(clock_step_look(&step, 6200, WALL + 1), -DAY);
    cr_assert_eq(clock_step_look(&step, 6300, WALL + 1), 0);
}

Test(clock_step, small_ones_are_seen_when_they_amount_to_something)
{
    struct clock_step step = {0};
    int64_t seen = 0;

    clock_step_look(&step, 5000, WALL);
    for (int i = 1; i <= 20; ++i)
        seen += clock_step_look(&step, 5000, WALL + i);
    cr_assert_eq(seen, 20);
}
