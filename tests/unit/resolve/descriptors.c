#include <criterion/criterion.h>
#include <sys/resource.h>

#include "resolve/descriptors.h"

/* Each test is a process of its own. */
static void set_limit(rlim_t soft, rlim_t hard)
{
    struct rlimit limit = {.rlim_cur = soft, .rlim_max = hard};

    cr_assert_eq(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

static rlim_t soft_limit(void)
{
    struct rlimit limit;

    cr_assert_eq(getrlimit(RLIMIT_NOFILE, &limit), 0);
    return limit.rlim_cur;
}

static bool hard_limit_is_at_least(rlim_t needed)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_max >= needed;
}

Test(descriptors, soft_limit_is_raised_as_far_as_needed)
{
    if (!hard_limit_is_at_least(3000))
        cr_skip_test("the hard limit of open files is below 3000");
    set_limit(256, 3000);
    cr_assert_eq(descriptors_provide(1000), 1000);
    cr_assert_eq(soft_limit(), 2024);
}

Test(descriptors, a_limit_that_is_high_enough_is_left_alone)
{
    if (!hard_limit_is_at_least(3000))
        cr_skip_test("the hard limit of open files is below 3000");
    set_limit(2500, 3000);
    cr_assert_eq(descriptors_provide(1000), 1000);
    cr_assert_eq(soft_limit(), 2500);
}

Test(descriptors, a_low_hard_limit_scales_the_range_down)
{
    if (!hard_limit_is_at_least(3000))
        cr_skip_test("the hard limit of open files is below 3000");
    set_limit(256, 3000);
    cr_assert_eq(descriptors_provide(4096), 1976);
    cr_assert_eq(soft_limit(), 3000);
}

Test(descriptors, a_very_low_hard_limit_is_shared)
{
    set_limit(100, 400);
    cr_assert_eq(descriptors_provide(4096), 200);
    cr_assert_eq(soft_limit(), 400);
}

Test(descriptors, there_are_always_some)
{
    set_limit(24, 24);
    cr_assert_eq(descriptors_provide(4096), 16);
}
