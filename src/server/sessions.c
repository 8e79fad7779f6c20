#include "server/sessions.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/log.h"

/* Names, SQLite, and a hostile request whose JSON is nested 2048 deep, which jansson walks down. */
#define STACK_SIZE (1024 * 1024)

struct entry {
    struct sessions *sessions;
    int fd;
    LIST_ENTRY(entry) link;
};

struct sessions {
    const struct session_shared *shared;
    int maximum;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    LIST_HEAD(, entry) running;
    int count;
};

static struct log_limit refusal_limit = LOG_LIMIT(1, 10000);

int sessions_new(const struct session_shared *shared, int maximum, struct sessions **ret)
{
    struct sessions *sessions = calloc(1, sizeof(*sessions));
    pthread_condattr_t attributes;

    if (!sessions)
        return -ENOMEM;
    sessions->shared = shared;
    sessions->maximum = maximum;
    pthread_mutex_init(&sessions->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&sessions->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    LIST_INIT(&sessions->running);
    *ret = sessions;
    return 0;
}

void sessions_set_maximum(struct sessions *sessions, int maximum)
{
    pthread_mutex_lock(&sessions->lock);
    sessions->maximum = maximum;
    pthread_mutex_unlock(&sessions->lock);
}

static void remove_entry(struct entry *entry)
{
    struct sessions *sessions = entry->sessions;

    pthread_mutex_lock(&sessions->lock);
    LIST_REMOVE(entry, link);
    --sessions->count;
    close(entry->fd);
    free(entry);
    pthread_cond_signal(&sessions->ended);
    pthread_mutex_unlock(&sessions->lock);
}

static void *run(void *argument)
{
    struct entry *entry = argument;

    session_serve(entry->sessions->shared, entry->fd);
    remove_entry(entry);
    return NULL;
}

/* Signals are the main thread's. */
static int start_thread(struct entry *entry)
{
    pthread_attr_t attributes;
    sigset_t all, before;
    pthread_t thread;
    int r;

    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    r = pthread_create(&thread, &attributes, run, entry);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return -r;
}

static int add_entry(struct sessions *sessions, int fd, struct entry **ret)
{
    struct entry *entry = malloc(sizeof(*entry));
    bool has_room;

    if (!entry)
        return -ENOMEM;
    *entry = (struct entry){.sessions = sessions, .fd = fd};
    pthread_mutex_lock(&sessions->lock);
    has_room = sessions->count < sessions->maximum;
    if (has_room) {
        LIST_INSERT_HEAD(&sessions->running, entry, link);
        ++sessions->count;
    }
    pthread_mutex_unlock(&sessions->lock);
    if (!has_room) {
        free(entry);
        return -EAGAIN;
    }
    *ret = entry;
    return 0;
}

int sessions_start(struct sessions *sessions, int fd)
{
    struct entry *entry;
    int r;

    r = add_entry(sessions, fd, &entry);
    if (r) {
        log_write_limited(&refusal_limit, LOG_LEVEL_WARNING,
                          "connection refused: max-sessions (%d) reached", sessions->maximum);
        close(fd);
        return r;
    }
    r = start_thread(entry);
    if (r) {
        log_write_limited(&refusal_limit, LOG_LEVEL_ERROR, "connection refused: no thread: %s",
                          strerror(-r));
        remove_entry(entry);
    }
    return r;
}

static void shut_down_all(struct sessions *sessions, int how)
{
    struct entry *entry;

    LIST_FOREACH(entry, &sessions->running, link)
    shutdown(entry->fd, how);
}

static struct timespec monotonic_after(int ms)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    t.tv_sec += ms / 1000;
    t.tv_nsec += ms % 1000 * 1000000L;
    if (t.tv_nsec >= 1000000000) {
        t.tv_nsec -= 1000000000;
        ++t.tv_sec;
    }
    return t;
}

void sessions_stop(struct sessions *sessions, int grace_ms)
{
    struct timespec deadline = monotonic_after(grace_ms);
    int r = 0;

    pthread_mutex_lock(&sessions->lock);
    /* A session reads what has arrived, answers, and then sees the end of the stream. */
    shut_down_all(sessions, SHUT_RD);
    while (sessions->count > 0 && r == 0)
        r = pthread_cond_timedwait(&sessions->ended, &sessions->lock, &deadline);
    if (sessions->count > 0)
        log_warning("%d connections didn't end in time and are cut off", sessions->count);
    shut_down_all(sessions, SHUT_RDWR);
    while (sessions->count > 0)
        pthread_cond_wait(&sessions->ended, &sessions->lock);
    pthread_mutex_unlock(&sessions->lock);
}

void sessions_free(struct sessions *sessions)
{
    if (!sessions)
        return;
    pthread_cond_destroy(&sessions->ended);
    pthread_mutex_destroy(&sessions->lock);
    free(sessions);
}
