#pragma once

#include <stdbool.h>

#include "backend-protocol/reply.h"
#include "server/line-reader.h"
#include "store/database.h"

/*
 * One connection of PowerDNS, in a thread of its own: read a line, decode, handle, encode, write
 */

struct targets;

/* What all sessions share. Owned by the server and outlives them. */
struct session_shared {
    struct database_config database;
    struct targets *targets;
    _Atomic size_t max_request_size; /* bytes; SIGHUP may change it */
};

struct session {
    const struct session_shared *shared;
    int fd;
    struct line_reader reader;
    struct pdns_reply reply;
    struct database *database; /* NULL until first used, and after a failure: see session_open() */
    int64_t checked_at;        /* steady ms: when the database's path was last looked at */
    bool is_raw;               /* the connection string carries view=raw */
};

/* Serves `fd` until the peer closes it or it is shut down. The caller closes it. */
void session_serve(const struct session_shared *shared, int fd);

/* The session's connection to the zone database, opened if it isn't, and opened anew if another
 * file has taken its place. For handlers. 0 or negative (logged). */
int session_open(struct session *session, struct database **ret);
