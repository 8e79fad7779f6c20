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

/* Lets running calls end and be answered, then ends the connections, but for those that can be
 * handed over, which are left open; those that don't end within `grace_ms` are cut off. Returns
 * when no thread is left. */
void sessions_stop(struct sessions *sessions, int grace_ms);

/* After sessions_stop(). NULL is allowed. */
void sessions_free(struct sessions *sessions);
