#pragma once

#include "util/cleanup.h"

/*
 * Metrics over HTTP, on the main thread's event base (the setting `status-address`)
 *
 * GET /metrics is Prometheus's text form, GET / and /status a few lines for people. Nobody has to
 * prove who he is: the address is to be a loopback one, or behind a firewall. There are 32
 * connections at a time, others wait.
 */

struct event_base;
struct figures;
struct status_server;

/* Whether `address` is ADDR:PORT, or [V6]:PORT. 0; -EINVAL (logged). */
int status_server_check(const char *address);

/* `figures` is borrowed. If the address can't be had now, somebody else having it, that is logged
 * and tried again now and then: zones are served all the same. 0; -EINVAL (logged); -ENOMEM. */
int status_server_start(struct event_base *base, const char *address, const struct figures *figures,
                        struct status_server **ret);

/* NULL is allowed. */
void status_server_free(struct status_server *server);
CLEANUP_DEFINE(struct status_server *, status_server_free)
