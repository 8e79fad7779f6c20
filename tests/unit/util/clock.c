#include <criterion/criterion.h>
#include <time.h>

#include "util/clock.h"

Test(clock, steady_counts_milliseconds)
{
    int64_t start = clock_steady_ms();

    nanosleep(&(struct timespec){.tv_nsec = 30 * 1000 * 1000}, NULL);
    cr_assert_geq(clock_steady_ms() - start, 29);
    cr_assert_lt(clock_steady_ms() - start, 5000);
}

Test(clock, wall_agrees_with_time)
{
    int64_t before = time(NULL);
    int64_t wall = clock_wall_s();

    cr_assert_geq(wall, before);
    cr_assert_leq(wall, before + 2);
}
