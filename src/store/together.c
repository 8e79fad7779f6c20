#include "store/together.h"

#include <errno.h>
#include <stdint.h>
#include <time.h>

#include "util/clock.h"

/* Longer than that nobody has to wait for the end of a rest. */
#define REST_MAX_MS 250

bool together_is_hopeless(int r)
{
    return r == -EBUSY || r == -EINTR || r == -ESHUTDOWN;
}

/* Whoever waits for the lock looks for it now and then, SQLite every 100 ms in the end: it has to
 * be free for as long as it was held, or they hardly ever find it so. Short times add up. */
static void rest_if_due(int64_t *held)
{
    int64_t pause = *held < REST_MAX_MS ? *held : REST_MAX_MS;

    if (*held < TOGETHER_LOCK_MS)
        return;
    nanosleep(&(struct timespec){.tv_nsec = pause * 1000000L}, NULL);
    *held = 0;
}

/* In a write transaction: items until `until`. `ret_tried`: how many. */
static int write_some(struct database *db, together_write *write, void *const items[], size_t count,
                      int64_t until, int outcomes[], size_t *ret_tried)
{
    size_t tried = 0;
    int r;

    do {
        r = write(db, items[tried]);
        outcomes[tried++] = r;
    } while (r >= 0 && tried < count && clock_steady_ms() < until);
    *ret_tried = tried;
    return r < 0 ? r : 0;
}

/* One transaction. If it fails nothing of what was tried is written. */
static int write_in_one(struct database *db, together_write *write, void *const items[],
                        size_t count, int outcomes[], size_t *ret_tried, int64_t *held)
{
    *ret_tried = count;
    int r = database_begin(db);
    if (r < 0)
        return r;
    int64_t begin = clock_steady_ms();
    r = write_some(db, write, items, count, begin + TOGETHER_LOCK_MS, outcomes, ret_tried);
    if (r == 0)
        r = database_commit(db);
    else
        database_rollback(db);
    *held += clock_steady_ms() - begin;
    rest_if_due(held);
    return r;
}

static int give_up(int outcomes[], size_t begin, size_t count, int failure)
{
    for (size_t i = begin; i < count; ++i)
        outcomes[i] = failure;
    return failure;
}

/* The items of a transaction that has failed are written once more, each by itself. */
int together_run(struct database *db, together_write *write, void *const items[], size_t count,
                 int ret_outcomes[])
{
    size_t alone_until = 0;
    int64_t held = 0;
    size_t tried;

    for (size_t i = 0; i < count; i += tried) {
        size_t limit = i < alone_until ? 1 : count - i;

        int r = write_in_one(db, write, &items[i], limit, &ret_outcomes[i], &tried, &held);
        if (together_is_hopeless(r))
            return give_up(ret_outcomes, i, count, r);
        if (r < 0 && tried > 1) {
            alone_until = i + tried;
            tried = 0;
        } else if (r < 0) {
            ret_outcomes[i] = r;
        }
    }
    return 0;
}
