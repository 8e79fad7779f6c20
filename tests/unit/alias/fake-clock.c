#include "fake-clock.h"

#include <stddef.h>

#include "util/clock.h"

int64_t fake_clock_now;
void (*fake_clock_pass)(int64_t ms);

int64_t clock_steady_ms(void)
{
    return fake_clock_now;
}

int64_t clock_wall_s(void)
{
    return 1700000000 + fake_clock_now / 1000;
}

void clock_condition_init(pthread_cond_t *condition)
{
    pthread_cond_init(condition, NULL);
}

void clock_condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t ms)
{
    if (ms <= 0)
        return;
    pthread_mutex_unlock(lock);
    fake_clock_pass(ms);
    pthread_mutex_lock(lock);
}
