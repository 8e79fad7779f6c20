#pragma once

#include <stdint.h>
#include <stdlib.h>

/* `ms`, an upper bound of how long something takes, made as many times longer as tests/run says
 * that everything may take (ALIASD_TEST_SLACK: other tests run beside, sanitizers slow down). */
static inline int64_t slack(int64_t ms)
{
    const char *factor = getenv("ALIASD_TEST_SLACK");

    return factor ? (int64_t)((double)ms * atof(factor)) : ms;
}
