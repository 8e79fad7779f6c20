#include "alias/turns.h"

#include <criterion/criterion.h>

static struct turns turns;
static struct turns_queue queues[3];
static struct turns_item items[3][4];

static void set_up(void)
{
    turns_init(&turns);
}

TestSuite(turns, .init = set_up);

static void put(size_t queue, size_t item)
{
    turns_put(&turns, &queues[queue], &items[queue][item]);
}

/* Serves the next; expects that one. */
static void expect(size_t queue, size_t item)
{
    struct turns_item *first = turns_first(&turns);

    cr_assert_eq(first, &items[queue][item]);
    turns_pass(&turns);
    turns_remove(first);
}

Test(turns, are_nobodys_at_first)
{
    cr_assert_null(turns_first(&turns));
    cr_assert_eq(turns.count, 0);
}

Test(turns, of_one_queue_what_came_first_is_first)
{
    for (size_t i = 0; i < 3; ++i)
        put(0, i);
    for (size_t i = 0; i < 3; ++i)
        expect(0, i);
    cr_assert_null(turns_first(&turns));
}

Test(turns, go_round_however_long_a_queue_is)
{
    for (size_t i = 0; i < 4; ++i)
        put(0, i);
    put(1, 0);
    put(2, 0);
    put(2, 1);
    expect(0, 0);
    expect(1, 0);
    expect(2, 0);
    expect(0, 1);
    expect(2, 1);
    expect(0, 2);
    expect(0, 3);
    cr_assert_null(turns_first(&turns));
}

Test(turns, stay_with_who_is_first_until_they_are_passed_on)
{
    put(0, 0);
    put(1, 0);
    cr_assert_eq(turns_first(&turns), turns_first(&turns));
    turns_pass(&turns);
    cr_assert_eq(turns_first(&turns), &items[1][0]);
    turns_pass(&turns);
    cr_assert_eq(turns_first(&turns), &items[0][0]);
}

Test(turns, tell_how_many_are_ahead_at_most)
{
    for (size_t i = 0; i < 4; ++i)
        put(0, i);
    put(1, 0);
    cr_assert_eq(turns_ahead(&items[0][3]), 3);
    turns_remove(&items[0][0]);
    cr_assert_eq(turns_ahead(&items[0][3]), 2);
    turns_remove(&items[0][2]);
    cr_assert_eq(turns_ahead(&items[0][3]), 2);
    put(0, 2);
    cr_assert_eq(turns_ahead(&items[0][2]), 2);
    turns_remove(&items[0][1]);
    cr_assert_eq(turns_ahead(&items[0][3]), 0);
    cr_assert_eq(turns_ahead(&items[0][2]), 1);
}

Test(turns, know_nothing_of_what_was_removed)
{
    put(0, 0);
    put(0, 1);
    put(1, 0);
    turns_remove(&items[0][0]);
    turns_remove(&items[1][0]);
    turns_remove(&items[1][0]);
    cr_assert_eq(turns.count, 1);
    cr_assert_eq(queues[1].turns, NULL);
    expect(0, 1);
    put(1, 0);
    expect(1, 0);
}
