#pragma once

#include <stdbool.h>
#include <sys/socket.h>

#include "server/settings.h"

/*
 * The setting handoff-address, and the socket there
 *
 * Written as forwarders are; loopback only, since whoever can send there learns what an ALIAS leads
 * to, and nobody but PowerDNS on this machine has to.
 */

bool handoff_address_is_valid(const char *text);

/* Whether it is one of the forwarders: we would ask ourselves. */
bool handoff_address_is_forwarder(const struct settings *settings);

/* A UDP socket there that never blocks, with buffers of `buffer` bytes if they can be had; says in
 * the log what PowerDNS has to be told. -errno (logged). */
int handoff_address_bind(const char *text, int buffer);

bool handoff_address_is_loopback(const struct sockaddr_storage *address);
