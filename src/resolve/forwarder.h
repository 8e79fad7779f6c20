#pragma once

#include <stdbool.h>

/* Enough for an IPv6 address, '@', a port, '#' and a domain name. */
#define FORWARDER_TEXT_SIZE 320

/*
 * Writes a forwarder as libunbound wants it, ADDR@PORT. Taken are ADDR, ADDR@PORT, V4:PORT,
 * [V6] and [V6]:PORT; with `tls` also a `#NAME` at the end, which the certificate has to be for.
 * Without a port it is 53, with `tls` 853 (RFC 7858 3.1). 0, or -EINVAL: `ret_problem` is what is
 * wrong with it, in a few words.
 */
int forwarder_parse(const char *text, bool tls, char ret[FORWARDER_TEXT_SIZE],
                    const char **ret_problem);
