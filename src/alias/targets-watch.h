#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alias/targets.h"

/*
 * Asking about a target without a thread that waits
 *
 * The same states, resolutions and patience as targets_ask(), in steps: begun, looked at again
 * whenever a resolution has ended or the time given has passed, until it is answered. Each call
 * holds the table's lock for a moment. The main thread, but for targets_watch_expect().
 */

enum {
    /* Nobody has asked about the target, and nothing is kept of it. */
    TARGETS_WATCH_E_UNKNOWN = 1,
    /* To be looked at again. */
    TARGETS_WATCH_E_PENDING = 2,
};

struct targets_watch {
    struct targets_question questions[DNS_FAMILIES]; /* the families asked about, in their order */
    size_t count;
    int64_t deadline;
};

/* Begins to ask. `wanted`: which families; `deadline`: steady ms, when the wait ends at the latest.
 * Owner's TTL: see targets_watch_expect(). 0: targets_watch_look() comes next, at once;
 * TARGETS_WATCH_E_UNKNOWN. */
int targets_watch_begin(struct targets *targets, const char *target,
                        const bool wanted[DNS_FAMILIES], int64_t deadline,
                        struct targets_watch *ret);

/* 0: the questions hold their answers; TARGETS_WATCH_E_PENDING: something has to be waited for, not
 * beyond `ret_until` (steady ms); the failures of targets_ask(). Where it isn't pending it has
 * ended, and only targets_watch_deinit() may follow. */
int targets_watch_look(struct targets *targets, struct targets_watch *watch, int64_t *ret_until);

/* Gives up what is pending. */
void targets_watch_cancel(struct targets *targets, struct targets_watch *watch);

void targets_watch_deinit(struct targets_watch *watch);

/* Whoever got an ALIAS row with this TTL (seconds) is about to ask about its target, and shall get
 * no larger one. Of rows with different TTLs the smallest counts, of those within
 * TARGETS_WATCH_TTL_MS. Any thread. */
#define TARGETS_WATCH_TTL_MS 60000
void targets_watch_expect(struct targets *targets, const char *target, uint32_t row_ttl);
