#include "server/sessions.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "util/log.h"

/* Names, SQLite, and a hostile request whose JSON is nested 2048 deep, which jansson walks down. */
#define STACK_SIZE (1024 * 1024)

/* Interrupts recv() in a session's thread. One that arrives just before recv() is lost, which is
 * why sessions_ask_to_end() is called again and again. */
#define WAKE_SIGNAL SIGUSR1

struct entry {
    struct sessions *sessions;
    struct session session;
    pthread_t thread; /* set by itself, before its reader is idle for the first time */
    LIST_ENTRY(entry) link;
};

struct sessions {
    const struct session_shared *shared;
    int maximum;
    pthread_mutex_t lock;
    pthread_cond_t ended;
    LIST_HEAD(, entry) running;
    int count;
    uint64_t started;
    uint64_t refused;
};

static struct log_limit refusal_limit = LOG_LIMIT(1, 10000);

static void on_wake(int number)
{
}

static void prepare_wake_signal(void)
{
    struct sigaction action = {.sa_handler = on_wake}; /* no SA_RESTART: recv() shall return */

    sigemptyset(&action.sa_mask);
    sigaction(WAKE_SIGNAL, &action, NULL);
}

int sessions_new(const struct session_shared *shared, int maximum, struct sessions **ret)
{
    struct sessions *sessions = calloc(1, sizeof(*sessions));

    if (!sessions)
        return -ENOMEM;
    sessions->shared = shared;
    sessions->maximum = maximum;
    pthread_mutex_init(&sessions->lock, NULL);
    pthread_cond_init(&sessions->ended, NULL);
    LIST_INIT(&sessions->running);
    prepare_wake_signal();
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
    close(entry->session.fd);
    session_deinit(&entry->session);
    free(entry);
    pthread_cond_signal(&sessions->ended);
    pthread_mutex_unlock(&sessions->lock);
}

static void *run(void *argument)
{
    struct entry *entry = argument;

    entry->thread = pthread_self();
    session_serve(&entry->session);
    remove_entry(entry);
    return NULL;
}

/* All other signals are the main thread's. */
static int start_thread(struct entry *entry)
{
    pthread_attr_t attributes;
    sigset_t blocked, before;
    pthread_t thread;
    int r;

    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attributes, STACK_SIZE);
    sigfillset(&blocked);
    sigdelset(&blocked, WAKE_SIGNAL);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    r = pthread_create(&thread, &attributes, run, entry);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return -r;
}

static int add_entry(struct sessions *sessions, int fd, bool is_raw, struct entry **ret)
{
    struct entry *entry = malloc(sizeof(*entry));
    bool has_room;

    if (!entry)
        return -ENOMEM;
    entry->sessions = sessions;
    session_init(&entry->session, sessions->shared, fd, is_raw);
    pthread_mutex_lock(&sessions->lock);
    has_room = sessions->count < sessions->maximum;
    if (has_room) {
        LIST_INSERT_HEAD(&sessions->running, entry, link);
        ++sessions->count;
        ++sessions->started;
    }
    pthread_mutex_unlock(&sessions->lock);
    if (!has_room) {
        session_deinit(&entry->session);
        free(entry);
        return -EAGAIN;
    }
    *ret = entry;
    return 0;
}

static void count_refusal(struct sessions *sessions)
{
    pthread_mutex_lock(&sessions->lock);
    ++sessions->refused;
    pthread_mutex_unlock(&sessions->lock);
}

void sessions_look(struct sessions *sessions, struct sessions_figures *ret)
{
    pthread_mutex_lock(&sessions->lock);
    *ret = (struct sessions_figures){.count = sessions->count,
                                     .maximum = sessions->maximum,
                                     .started = sessions->started,
                                     .refused = sessions->refused};
    pthread_mutex_unlock(&sessions->lock);
}

/* Shut down as well: the service manager may have a copy, which goes then. */
static void refuse(int fd)
{
    shutdown(fd, SHUT_RDWR);
    close(fd);
}

int sessions_start(struct sessions *sessions, int fd, bool is_raw)
{
    struct entry *entry;
    int r;

    r = add_entry(sessions, fd, is_raw, &entry);
    if (r) {
        count_refusal(sessions);
        if (r == -EAGAIN)
            log_write_limited(&refusal_limit, LOG_LEVEL_WARNING,
                              "connection refused: max-sessions (%d) reached", sessions->maximum);
        else
            log_write_limited(&refusal_limit, LOG_LEVEL_ERROR, "connection refused: %s",
                              strerror(-r));
        refuse(fd);
        return r;
    }
    r = start_thread(entry);
    if (r) {
        count_refusal(sessions);
        log_write_limited(&refusal_limit, LOG_LEVEL_ERROR, "connection refused: no thread: %s",
                          strerror(-r));
        shutdown(fd, SHUT_RDWR);
        remove_entry(entry);
    }
    return r;
}

/* A connection that the next process goes on with stays as it is; its thread shall only begin no
 * further call. Any other reads what has arrived, answers, and then sees the end of the stream. */
static void ask_to_end(struct entry *entry)
{
    struct line_reader *reader = &entry->session.reader;

    if (!session_can_be_handed_over(&entry->session)) {
        shutdown(entry->session.fd, SHUT_RD);
        return;
    }
    line_reader_halt(reader);
    if (line_reader_is_idle(reader))
        pthread_kill(entry->thread, WAKE_SIGNAL);
}

int sessions_ask_to_end(struct sessions *sessions)
{
    struct entry *entry;
    int left;

    pthread_mutex_lock(&sessions->lock);
    LIST_FOREACH(entry, &sessions->running, link)
    ask_to_end(entry);
    left = sessions->count;
    pthread_mutex_unlock(&sessions->lock);
    return left;
}

void sessions_cut_off(struct sessions *sessions)
{
    struct entry *entry;

    pthread_mutex_lock(&sessions->lock);
    if (sessions->count > 0)
        log_warning("%d connections didn't end in time and are cut off", sessions->count);
    LIST_FOREACH(entry, &sessions->running, link)
    session_cut_off(&entry->session);
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
