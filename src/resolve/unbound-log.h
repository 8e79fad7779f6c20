#pragma once

/*
 * What libunbound logs goes to our log: its errors as warnings, rate-limited, the rest (there is
 * none unless `verbosity` is set) as debug messages. Its log is one for the whole process.
 */

struct ub_ctx;

/* To be called for a new context before anything else, and again for the one in use after another
 * one was freed, since that ends the log. 0 or -ENOMEM. */
int unbound_log_attach(struct ub_ctx *context);

/* From now on errors are kept instead of being logged. The main thread. */
void unbound_log_hold(void);

/* Ends that. Returns the last error kept, "" if there was none; valid until the next hold. */
const char *unbound_log_release(void);
