#include <criterion/criterion.h>
#include <time.h>

#include "slack.h"
#include "util/clock.h"

Test(clock, steady_counts_milliseconds)
{
    int64_t start = clock_steady_ms();

    nanosleep(&(struct timespec){.tv_nsec = 30 * 1000 * 1000}, NULL);
    cr_assert_geq(clock_steady_ms() - start, 29);
    cr_assert_lt(clock_steady_ms() - start, slack(5000));
}

Test(clock, wall_agrees_with_time)
{
    int64_t before = time(NULL);
    int64_t wall = clock_wall_s();

    cr_assert_geq(wall, before);
    cr_assert_leq(wall, before + 2);
}

Test(clock, condition_waits_as_long_as_was_said)
{
    pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_cond_t condition;
    int64_t start = clock_steady_ms();

    clock_condition_init(&condition);
    pthread_mutex_lock(&lock);
    clock_condition_wait(&condition, &lock, -5);
    cr_assert_lt(clock_steady_ms() - start, slack(50));
    /* Over a second's end, wherever it is. */
    for (int i = 0; i < 3; ++i)
        clock_condition_wait(&condition, &lock, 400);
    cr_assert_geq(clock_steady_ms() - start, 1190);
    cr_assert_lt(clock_steady_ms() - start, slack(5000));
    pthread_mutex_unlock(&lock);
    pthread_cond_destroy(&condition);
}

struct signalled {
    pthread_mutex_t lock;
    pthread_cond_t condition;
    int is_done;
};

static void *signal_it(void *userdata)
{
    struct signalled *signalled = userdata;

    pthread_mutex_lock(&signalled->lock);
    signalled->is_done = 1;
    pthread_cond_signal(&signalled->condition);
    pthread_mutex_unlock(&signalled->lock);
    return NULL;
}

Test(clock, condition_is_woken)
{
    struct signalled signalled = {.lock = PTHREAD_MUTEX_INITIALIZER};
    int64_t start = clock_steady_ms();
    pthread_t thread;

    clock_condition_init(&signalled.condition);
    cr_assert_eq(pthread_create(&thread, NULL, signal_it, &signalled), 0);
    pthread_mutex_lock(&signalled.lock);
    while (!signalled.is_done)
        clock_condition_wait(&signalled.condition, &signalled.lock, 20000);
    pthread_mutex_unlock(&signalled.lock);
    cr_assert_lt(clock_steady_ms() - start, slack(10000));
    pthread_join(thread, NULL);
    pthread_cond_destroy(&signalled.condition);
}
