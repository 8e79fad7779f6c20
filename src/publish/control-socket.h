#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * One command through PowerDNS's control socket
 *
 * A connection a command: one line there, the answer back until the connection ends. PowerDNS
 * accepts one after the other, and doesn't answer at all, nor hang up, if a command makes it throw
 * an exception (pdns/dynlistener.cc).
 */

/* What is longer is cut. */
#define CONTROL_SOCKET_ANSWER_SIZE 512

/* Sends `line` (without its end) to the socket at `path`, and waits for the whole answer, for
 * `timeout_ms` in all, or until `wake_fd` can be read. 0 or, not logged, negative:
 *
 *   -ENOENT, -ECONNREFUSED  nobody is there
 *   -EACCES                 we may not
 *   -ETIMEDOUT
 *   -ENODATA                the connection ended without an answer
 *   -ECANCELED              `wake_fd`
 *   another -errno
 */
int control_socket_ask(const char *path, const char *line, int64_t timeout_ms, int wake_fd,
                       char ret_answer[CONTROL_SOCKET_ANSWER_SIZE]);
