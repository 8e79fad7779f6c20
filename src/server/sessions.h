#pragma once

#include "server/session.h"

/*
 * The threads that serve connections: started by the listener, bounded in number, awaited at the
 * end
 */

struct sessions;

/* `shared` is borrowed until sessions_free(). 0 or -ENOMEM. */
int sessions_new(const struct session_shared *shared, int maximum, struct sessions **ret);

/* A new bound. The main thread. */
void sessions_set_maximum(struct sessions *sessions, int maximum);

/* Serves `fd` in a thread of its own, with `is_raw` as its view; takes it in any case. 0; -EAGAIN
 * if the bound is reached or no thread can be had (logged). */
int sessions_start(struct sessions *sessions, int fd, bool is_raw);

struct sessions_figures {
    int count, maximum;
    uint64_t started, refused; /* since the start */
};

/* Any thread. */
void sessions_look(struct sessions *sessions, struct sessions_figures *ret);

/* Lets running calls end and be answered, and begins no further one; connections that can be handed
 * over are left open, the others end. To be called again every SESSIONS_WAKE_INTERVAL_MS until it
 * returns 0: the number of those that are left. */
#define SESSIONS_WAKE_INTERVAL_MS 10
int sessions_ask_to_end(struct sessions *sessions);

/* Ends what is left, cutting calls short. Returns when no thread is left. */
void sessions_cut_off(struct sessions *sessions);

/* After sessions_cut_off(). NULL is allowed. */
void sessions_free(struct sessions *sessions);
