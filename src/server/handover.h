#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Connections that outlive the process
 *
 * PowerDNS takes the loss of a connection badly: a SERVFAIL, and its communicator thread ends
 * pdns_server. So the service manager (sd_listen_fds(3), and the file descriptor store of
 * sd_pid_notify_with_fds(3)) holds the listening socket and a copy of each connection, and passes
 * them to the next process, whatever ended this one. It stores one open socket once, under the
 * first name that it was given; the name tells the next process what view the connection has.
 *
 * Without libsystemd, and without such a service manager, nothing is passed and nothing is kept.
 */

struct handover_connection {
    int fd; /* -1 once somebody else owns it */
    bool is_raw;
};

struct handover {
    bool is_on;   /* the service manager keeps connections for us: $FDSTORE, see the unit */
    int listener; /* a listening Unix stream socket; -1: none, or somebody else owns it */
    struct handover_connection *connections;
    size_t count;
};

/* What was passed to this process; everything unknown is closed. Before any thread is started: it
 * changes the environment. 0 or negative (logged). */
int handover_take(struct handover *ret);

/* Closes what nobody took. What is stored stays stored. */
void handover_deinit(struct handover *handover);

/* Lets the service manager keep a copy. From now on the peer sees no end when `fd` is closed, but
 * when it is shut down. From any thread. 0 or negative (logged). */
int handover_keep(int fd, bool is_raw);

/* Ends that. `is_raw` as it was kept. */
void handover_forget(int fd, bool is_raw);
