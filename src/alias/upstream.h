#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether the resolver's upstream as a whole is silent
 *
 * One dead target is that target's trouble; when several different ones have gone unanswered within
 * a short time and nothing was heard from anybody since, it is ours, and nobody shall wait for a
 * cold name. Any answer ends it, and so does time. An error doesn't: libunbound says SERVFAIL from
 * its own caches, too, without having heard anything. Pure: the caller passes `now` (steady
 * milliseconds) and locks.
 */

#define UPSTREAM_SILENT_TARGETS 3
#define UPSTREAM_WINDOW_MS      10000

struct upstream {
    int64_t silent_at[UPSTREAM_SILENT_TARGETS]; /* the last ones, newest first */
    unsigned silent_count;
};

/* An answer has come: addresses, or that there are none. */
void upstream_heard(struct upstream *upstream);

/* A target has gone unanswered for too long. Once for both families: the next silent target has to
 * be another one. */
void upstream_silent(struct upstream *upstream, int64_t now);

bool upstream_is_failing(const struct upstream *upstream, int64_t now);
