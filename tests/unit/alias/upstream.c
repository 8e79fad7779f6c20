#include "alias/upstream.h"

#include <criterion/criterion.h>

static const int64_t start = 1000000;

/* That many different targets. */
static void fall_silent(struct upstream *upstream, int64_t now, unsigned times)
{
    for (unsigned i = 0; i < times; ++i)
        upstream_silent(upstream, 100 + i, now);
}

Test(upstream, works_until_something_is_known)
{
    struct upstream upstream = {0};

    cr_assert(!upstream_is_failing(&upstream, 0));
    cr_assert(!upstream_is_failing(&upstream, start));
}

Test(upstream, survives_one_target_less_than_the_limit)
{
    struct upstream upstream = {0};

    fall_silent(&upstream, start, UPSTREAM_SILENT_TARGETS - 1);
    cr_assert(!upstream_is_failing(&upstream, start));
}

Test(upstream, fails_when_several_targets_are_silent)
{
    struct upstream upstream = {0};

    fall_silent(&upstream, start, UPSTREAM_SILENT_TARGETS);
    cr_assert(upstream_is_failing(&upstream, start));
    cr_assert(upstream_is_failing(&upstream, start + UPSTREAM_WINDOW_MS - 1));
}

Test(upstream, is_given_another_chance_by_time)
{
    struct upstream upstream = {0};

    fall_silent(&upstream, start, UPSTREAM_SILENT_TARGETS);
    cr_assert(!upstream_is_failing(&upstream, start + UPSTREAM_WINDOW_MS));
}

Test(upstream, fails_on_while_more_targets_fall_silent)
{
    struct upstream upstream = {0};

    for (int i = 0; i < 20; ++i)
        upstream_silent(&upstream, 100 + i, start + i * 1000);
    cr_assert(upstream_is_failing(&upstream, start + 19 * 1000 + UPSTREAM_WINDOW_MS - 1));
}

Test(upstream, does_not_fail_by_silences_far_apart)
{
    struct upstream upstream = {0};

    for (int i = 0; i < 10; ++i) {
        upstream_silent(&upstream, 100 + i, start + i * UPSTREAM_WINDOW_MS);
        cr_assert(!upstream_is_failing(&upstream, start + i * UPSTREAM_WINDOW_MS));
    }
}

Test(upstream, works_as_soon_as_an_answer_is_heard)
{
    struct upstream upstream = {0};

    fall_silent(&upstream, start, UPSTREAM_SILENT_TARGETS);
    upstream_heard(&upstream);
    cr_assert(!upstream_is_failing(&upstream, start));
}

Test(upstream, counts_anew_after_an_answer)
{
    struct upstream upstream = {0};

    fall_silent(&upstream, start, UPSTREAM_SILENT_TARGETS);
    upstream_heard(&upstream);
    fall_silent(&upstream, start + 1, UPSTREAM_SILENT_TARGETS - 1);
    cr_assert(!upstream_is_failing(&upstream, start + 1));
    upstream_silent(&upstream, 1, start + 1);
    cr_assert(upstream_is_failing(&upstream, start + 1));
}

Test(upstream, counts_a_target_once_however_often_it_is_silent)
{
    struct upstream upstream = {0};

    fall_silent(&upstream, start, UPSTREAM_SILENT_TARGETS - 1);
    for (int i = 0; i < 9; ++i) {
        upstream_silent(&upstream, 100 + i % (UPSTREAM_SILENT_TARGETS - 1), start + i);
        cr_assert(!upstream_is_failing(&upstream, start + i));
    }
    upstream_silent(&upstream, 1, start + 9);
    cr_assert(upstream_is_failing(&upstream, start + 9));
}

Test(upstream, remembers_the_last_silence_of_a_target)
{
    struct upstream upstream = {0};

    fall_silent(&upstream, start, UPSTREAM_SILENT_TARGETS);
    fall_silent(&upstream, start + UPSTREAM_WINDOW_MS, UPSTREAM_SILENT_TARGETS);
    cr_assert(upstream_is_failing(&upstream, start + UPSTREAM_WINDOW_MS));
}

Test(upstream, works_when_it_is_another)
{
    struct upstream upstream = {0};

    fall_silent(&upstream, start, UPSTREAM_SILENT_TARGETS);
    upstream_forget(&upstream);
    cr_assert(!upstream_is_failing(&upstream, start));
}
