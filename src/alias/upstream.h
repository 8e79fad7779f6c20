#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Whether the resolver's upstream as a whole is silent
 *
 * One dead target is that target's trouble; when several different ones have gone unanswered within
 * a short time it is ours, and nobody shall wait for a cold name. Targets are told apart by a hash
 * of their names. Any answer, addresses or that there are none, about any target, be it late,
 * forgets all silence before it; also one that libunbound had in its cache, for that can't be told.
 * Time forgets it, too. An error doesn't: libunbound says SERVFAIL without having heard anything.
 * Pure: the caller passes `now` (steady milliseconds) and locks.
 */

#define UPSTREAM_SILENT_TARGETS 3
#define UPSTREAM_WINDOW_MS      10000

struct upstream {
    struct {
        uint32_t target; /* hash of its name, 0: none */
        int64_t at;
    } silent[UPSTREAM_SILENT_TARGETS]; /* the last ones, each target once, newest first */
};

/* An answer has come: addresses, or that there are none. */
void upstream_heard(struct upstream *upstream);

/* There is another upstream now: nothing is known of it. */
void upstream_forget(struct upstream *upstream);

/* A target has gone unanswered for too long, in one family or both. `target`: table_hash(). */
void upstream_silent(struct upstream *upstream, uint32_t target, int64_t now);

bool upstream_is_failing(const struct upstream *upstream, int64_t now);
