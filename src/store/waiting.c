#include "store/waiting.h"

#include "util/clock.h"

/* SQLite's virtual instructions between two looks at the flag: some 10 us. */
#define STEPS_PER_LOOK 1000

/* Milliseconds between two tries; the last one goes on. Short at first, since a writer's commit
 * takes a few of them and PowerDNS waits; SQLite's own 100 would be most of an answer's deadline.
 */
static const int delays[] = {1, 2, 5, 10, 15, 20, 25};

static int64_t end_of_wait(const struct waiting *waiting)
{
    int64_t end = waiting->began + waiting->busy_timeout_ms;

    return waiting->deadline && waiting->deadline < end ? waiting->deadline : end;
}

/* Non-zero: try again. `count` is 0 where a wait begins. */
static int handle_busy(void *userdata, int count)
{
    const int last = sizeof(delays) / sizeof(delays[0]) - 1;
    struct waiting *waiting = userdata;
    int64_t now = clock_steady_ms();
    int delay = delays[count < last ? count : last];

    if (count == 0)
        waiting->began = now;
    int64_t left = end_of_wait(waiting) - now;
    if (left <= 0 || waiting_is_cancelled(waiting))
        return 0;
    sqlite3_sleep(left < delay ? (int)left : delay);
    return 1;
}

static int handle_progress(void *userdata)
{
    return waiting_is_cancelled(userdata);
}

void waiting_install(struct waiting *waiting, sqlite3 *db)
{
    sqlite3_busy_handler(db, handle_busy, waiting);
    sqlite3_progress_handler(db, STEPS_PER_LOOK, handle_progress, waiting);
}

bool waiting_is_cancelled(const struct waiting *waiting)
{
    return waiting->is_cancelled &&
           atomic_load_explicit(waiting->is_cancelled, memory_order_relaxed);
}
