#include <criterion/criterion.h>

#include "alias/status.h"

/* What is known of a target at the time of 1000 ms. */
static enum status status_with(enum state_knowledge knowledge, int64_t fresh_until, bool in_flight,
                               unsigned failures)
{
    struct state state = {.knowledge = knowledge,
                          .fresh_until = fresh_until,
                          .grace_until = fresh_until,
                          .in_flight = in_flight,
                          .failures = failures};

    return status_of(&state, 1000);
}

Test(status, nothing_known)
{
    cr_assert_eq(status_with(STATE_NOTHING, 0, false, 0), STATUS_UNKNOWN);
    cr_assert_eq(status_with(STATE_NOTHING, 0, true, 0), STATUS_RESOLVING);
    cr_assert_eq(status_with(STATE_NOTHING, 0, true, 1), STATUS_FAILING);
}

Test(status, what_is_known_is_fresh_until_it_expires)
{
    cr_assert_eq(status_with(STATE_ADDRESSES, 1001, false, 0), STATUS_FRESH);
    cr_assert_eq(status_with(STATE_ADDRESSES, 1001, true, 0), STATUS_FRESH);
    cr_assert_eq(status_with(STATE_ADDRESSES, 1000, true, 0), STATUS_STALE);
    cr_assert_eq(status_with(STATE_EMPTY, 1001, false, 0), STATUS_EMPTY);
    cr_assert_eq(status_with(STATE_EMPTY, 1000, false, 0), STATUS_STALE);
}

Test(status, a_failure_is_told_whatever_is_served)
{
    cr_assert_eq(status_with(STATE_ADDRESSES, 1001, false, 1), STATUS_FAILING);
    cr_assert_eq(status_with(STATE_EMPTY, 1000, true, 3), STATUS_FAILING);
}

Test(status, a_denied_answer_is_told_from_other_failures)
{
    struct state state = {.failures = 1, .is_denied = true};

    cr_assert_eq(status_of(&state, 1000), STATUS_DENIED);
    state.knowledge = STATE_ADDRESSES;
    state.in_flight = true;
    cr_assert_eq(status_of(&state, 1000), STATUS_DENIED);
    state.is_denied = false;
    cr_assert_eq(status_of(&state, 1000), STATUS_FAILING);
}

Test(status, each_has_a_name_of_its_own)
{
    for (int i = 0; i < STATUSES; ++i) {
        for (int j = 0; j < i; ++j)
            cr_assert_str_neq(status_name(i), status_name(j));
    }
}
