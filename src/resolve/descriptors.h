#pragma once

/*
 * File descriptors for libunbound's sockets: it takes one for each query that is under way, up to
 * its option `outgoing-range`.
 */

/* Raises the process's soft limit towards its hard limit, so that `wanted` sockets fit beside what
 * the rest of the daemon needs. Returns how many of them do: `wanted`, or less after a logged
 * warning. */
int descriptors_provide(int wanted);
