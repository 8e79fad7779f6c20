#pragma once

#include <stddef.h>

/*
 * A real unbound on a loopback port, with local zones
 *
 *     a.example           300 A 192.0.2.1 192.0.2.2; AAAA 2001:db8::1
 *     v4.example          300 A 192.0.2.4, no AAAA
 *     c1.example          20 CNAME c2.example, 200 CNAME a.example
 *     cnodata.example     30 CNAME v4.example;  cnx.example 30 CNAME nothing.example
 *     zero.example        0 A 192.0.2.9
 *     *.wild.example      60 A 192.0.2.7
 *     a.test, a.invalid, a.home.arpa   60 A 192.0.2.8
 *     anything else in example: NXDOMAIN, the SOA has TTL 3600 and MINIMUM 120
 *     nosoa.example       60 AAAA 2001:db8::2; NODATA and NXDOMAIN come without SOA there
 *     refused.example     REFUSED;  servfail.example SERVFAIL;  silent.example no answer at all
 */

struct upstream_server;

/* Skips the test, with a said reason, if unbound isn't installed. */
struct upstream_server *upstream_start(void);
void upstream_stop(struct upstream_server *upstream);

/* "127.0.0.1@PORT" */
const char *upstream_address(const struct upstream_server *upstream);

/* Its process stops, or goes on: queries meanwhile are answered late. */
void upstream_pause(struct upstream_server *upstream);
void upstream_continue(struct upstream_server *upstream);

/* Queries for `name` ("a.example.") and `type` seen so far. */
int upstream_count(struct upstream_server *upstream, const char *name, const char *type);

/* A loopback port where nobody listens. */
int upstream_free_port(void);
