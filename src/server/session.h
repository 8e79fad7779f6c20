#pragma once

#include <stdatomic.h>
#include <stdbool.h>

#include "backend-protocol/reply.h"
#include "backend-protocol/request.h"
#include "server/line-reader.h"
#include "server/readings.h"
#include "store/database.h"

/*
 * One connection of PowerDNS, in a thread of its own: read a line, decode, handle, encode, write
 */

struct figures;
struct figures_lookups;
struct resolver;
struct targets;
struct upkeep;

/* What all sessions share. Owned by the server and outlives them. */
struct session_shared {
    struct database_config database;
    struct targets *targets;
    struct resolver *resolver;
    struct upkeep *upkeep; /* NULL: zones aren't kept in order by us */
    const struct figures *figures;
    struct figures_lookups *lookups; /* which the sessions count */
    bool keeps_connections;          /* the service manager does, see server/handover.h */
    bool hands_off;                  /* PowerDNS may ask us for addresses, see server/handoff.h */
    /* SIGHUP may change these: */
    _Atomic size_t max_request_size;  /* bytes */
    _Atomic size_t lookup_memory_max; /* bytes, of each session; 0: none */
    atomic_int answer_deadline_ms;
    atomic_int alias_addresses_max;
    atomic_int alias_hops_max;
    atomic_bool alias_txt; /* of zones whose metadata doesn't say, as the next */
    atomic_bool auto_serial;
    atomic_int publish_delay_ms;
};

struct session {
    const struct session_shared *shared;
    int fd;
    struct line_reader reader;
    struct pdns_reply reply;
    enum pdns_method method;       /* of the call under way; PDNS_METHODS until it is known */
    int64_t deadline;              /* steady ms: nothing in this call waits any longer */
    struct database *database;     /* NULL until first used, and after a failure: session_open() */
    struct readings readings;      /* of that connection to the database */
    int64_t checked_at;            /* steady ms: when the database's path was last looked at */
    bool is_raw;                   /* the connection string carries view=raw */
    atomic_bool is_cut_off;        /* cancels what the database is doing */
    atomic_bool is_kept;           /* the service manager has a copy of the connection */
    atomic_bool is_in_transaction; /* PowerDNS has begun one and not ended it */
};

/* A session on `fd`, which is borrowed. `is_raw` is the view until `initialize` names another. */
void session_init(struct session *session, const struct session_shared *shared, int fd,
                  bool is_raw);

/* Once nobody serves it any more. */
void session_deinit(struct session *session);

/* Serves until the peer closes the connection, it is shut down, or the reader is halted. But for
 * the last the connection is over for the peer then, too. */
void session_serve(struct session *session);

/* Whether the next process can go on with the connection: between two calls it has no state but its
 * view. For any thread. */
bool session_can_be_handed_over(const struct session *session);

/* Ends the connection and what is being read from the database for it. For any thread. */
void session_cut_off(struct session *session);

/* For `initialize`. */
void session_set_view(struct session *session, bool is_raw);

/* The session's connection to the zone database, opened if it isn't, and opened anew if another
 * file has taken its place. For handlers. 0 or negative (logged). */
int session_open(struct session *session, struct database **ret);
