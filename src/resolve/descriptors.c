#include "resolve/descriptors.h"

#include <errno.h>
#include <string.h>
#include <sys/resource.h>

#include "util/log.h"

/* For sessions, databases (three files each) and what libraries open. */
#define RESERVED 1024
/* libunbound's own default; less is of no use. */
#define RANGE_MIN 16

/* The limit after trying to raise it. The kernel's own ceiling (fs.nr_open) is not infinite. */
static rlim_t raise_limit(rlim_t needed)
{
    struct rlimit limit;
    rlim_t before;

    if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
        return 0;
    before = limit.rlim_cur;
    if (before >= needed)
        return before;
    limit.rlim_cur = limit.rlim_max < needed ? limit.rlim_max : needed;
    if (limit.rlim_cur == before)
        return before;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0) {
        log_warning("the limit of open files can't be raised from %llu to %llu: %s",
                    (unsigned long long)before, (unsigned long long)limit.rlim_cur,
                    strerror(errno));
        return before;
    }
    return limit.rlim_cur;
}

int descriptors_provide(int wanted)
{
    rlim_t limit = raise_limit((rlim_t)wanted + RESERVED);
    int range;

    if (limit >= (rlim_t)wanted + RESERVED)
        return wanted;
    /* Too few for both: an equal share. */
    range = limit > 2 * RESERVED ? (int)(limit - RESERVED) : (int)(limit / 2);
    if (range < RANGE_MIN)
        range = RANGE_MIN;
    if (range > wanted)
        range = wanted;
    log_warning("at most %d queries to name servers at a time: the limit of open files is %llu, "
                "%d would need %llu",
                range, (unsigned long long)limit, wanted, (unsigned long long)wanted + RESERVED);
    return range;
}
