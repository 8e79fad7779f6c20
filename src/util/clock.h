#pragma once

#include <pthread.h>
#include <stdint.h>

/*
 * Two clocks. What is measured inside one run of the daemon (ages, deadlines, back-off) uses the
 * steady clock, which no administrator and no NTP daemon can step and which counts while the
 * machine is suspended. The wall clock is only for what outlives the process (the fallback
 * database) and for people.
 */

/* Milliseconds since some moment before the process started; never goes back. */
int64_t clock_steady_ms(void);

/* Seconds since 1970-01-01 UTC. */
int64_t clock_wall_s(void);

/* A condition for clock_condition_wait(); pthread_cond_destroy() ends it. */
void clock_condition_init(pthread_cond_t *condition);

/* Waits for a signal, for `ms` milliseconds at most, or at times for less: look at the steady clock
 * again. (No condition variable can wait by that clock itself.) */
void clock_condition_wait(pthread_cond_t *condition, pthread_mutex_t *lock, int64_t ms);
