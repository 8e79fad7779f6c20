#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "relay/pieces.h"

/*
 * The connection to the daemon, made when it is needed, and made again when it was lost
 *
 * Each connection begins with `initialize`, as PowerDNS's own would: it carries the view.
 */

enum {
    LINK_E_REFUSED = 1, /* the daemon doesn't take `initialize`; what it said was logged */
};

struct link {
    const char *path; /* borrowed */
    int fd;           /* -1: there is none */
    int64_t timeout_ms;
    int64_t tried_at; /* clock_steady_ms() of the last attempt to connect; 0: none */
    struct pieces replies;
    size_t initialize_size; /* 0: PowerDNS has sent none */
    char initialize[PIECES_SIZE];
};

void link_init(struct link *link, const char *path);

/* For all connections to come; one that is there is closed. The line with its newline, not longer
 * than PIECES_SIZE. */
void link_set_initialize(struct link *link, const char *line, size_t size);

bool link_is_open(const struct link *link);

/* Connects, again and again until `deadline` (clock_steady_ms()), since the daemon may be starting.
 * 0; LINK_E_REFUSED; -errno of the last failure (not logged). */
int link_open(struct link *link, int64_t deadline);

/* No answer to what was sent can arrive later. */
void link_close(struct link *link);

/* Of each link_send() and each read of `replies` from now on; silence of that length is -EAGAIN. */
int link_set_timeout(struct link *link, int64_t ms);

/* All of it. 0 or -errno: the last byte was not taken. */
int link_send(struct link *link, const char *data, size_t size);

/* The first piece of a reply. For the first of it the timeout that is set counts; then silence of
 * `silence_ms` is -EAGAIN, and it is -ETIMEDOUT where the piece isn't there by `deadline`
 * (clock_steady_ms()) though some of it came. Otherwise as pieces_next(). */
int link_receive(struct link *link, int64_t silence_ms, int64_t deadline, struct piece *ret);
