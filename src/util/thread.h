#pragma once

#include <pthread.h>

/* Starts a thread in which no signal is handled: they are the main thread's. 0 or a negative errno.
 */
int thread_start(pthread_t *ret, void *(*run)(void *userdata), void *userdata);
