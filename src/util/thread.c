#include "util/thread.h"

#include <signal.h>

int thread_start(pthread_t *ret, void *(*run)(void *userdata), void *userdata)
{
    sigset_t all, previous;

    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &previous);
    int r = pthread_create(ret, NULL, run, userdata);
    pthread_sigmask(SIG_SETMASK, &previous, NULL);
    return -r;
}
