#pragma once

#include "server/sessions.h"
#include "server/settings.h"

/*
 * The Unix socket that PowerDNS connects to
 */

struct event_base;
struct listener;

/* Makes the socket as `settings` say (path, owner, group, mode) and listens. A socket file that
 * nobody listens on any more is replaced; one that is alive is not. 0; -EADDRINUSE if a daemon
 * listens there; another -errno; all logged. */
int listener_new(const struct settings *settings, struct listener **ret);

/* Uses `fd`, which somebody else made and listens on, and takes it in any case. Its file is never
 * touched. 0 or -errno (logged). */
int listener_adopt(int fd, struct listener **ret);

/* Where PowerDNS finds it. Borrowed. */
const char *listener_path(const struct listener *listener);

/* From now on connections are accepted on `base` and handed to `sessions`. 0 or -ENOMEM. */
int listener_start(struct listener *listener, struct event_base *base, struct sessions *sessions);

/* Stops listening and removes the socket file, if it was made here. NULL is allowed. */
void listener_free(struct listener *listener);
