#pragma once

#include <stddef.h>

/*
 * The other end of a directBackendCmd: a command -> a request's line, a reply's line -> its text
 */

enum {
    /* No reply to a command: no JSON, or without a result that is text. */
    PDNS_COMMAND_E_INVALID = 1,
};

/* The line with its newline, from malloc(). Bytes that are no UTF-8 go out as '?'. 0 or -ENOMEM. */
int pdns_command_encode(const char *command, char **ret);

/* The text of the reply, from malloc(). 0; PDNS_COMMAND_E_INVALID; -ENOMEM. */
int pdns_command_decode(const char *line, size_t size, char **ret);
