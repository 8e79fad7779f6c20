#pragma once

/*
 * Between PowerDNS's pipe connector (standard input and output) and the daemon's socket
 *
 * Why: PowerDNS's unix connector parses a long reply anew after every 1500 bytes; its pipe
 * connector with `timeout=0` parses once, but waits for ever, and takes the end of its child while
 * it sends for the end of that backend (remotebackend.cc: RemoteBackend::send() builds no new
 * connector). So the relay has the deadline, connects again by itself, and answers where the daemon
 * doesn't.
 *
 * One call at a time, as PowerDNS makes them. A call that fails before anything of its reply was
 * passed on gets the reply of a failed call (backend-protocol/method-traits.h). What was passed on
 * can't be taken back: then the relay ends, which PowerDNS notices as it reads and mends by
 * starting another.
 */

/* Until standard input ends. `arguments`: those behind `relay`, NULL-ended. The exit status: 0; 1 a
 * reply broke off, or standard input or output failed; 2 wrong arguments. */
int relay_run(char *const *arguments);
