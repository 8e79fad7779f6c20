#pragma once

#include "alias/state.h"

/* What a state comes to in one word, for people, the log and the metrics. */
enum status {
    STATUS_UNKNOWN,   /* nothing is known, and nobody is asking */
    STATUS_RESOLVING, /* the same, but the answer may come any moment */
    STATUS_FRESH,
    STATUS_STALE,   /* the TTL has passed and nobody has asked since, or the answer is to come */
    STATUS_EMPTY,   /* known to have no address, within the TTL of that */
    STATUS_FAILING, /* whatever is served meanwhile */
    STATUS_DENIED,  /* failing since `alias-deny` drops all that was answered last */
    STATUSES,
};

enum status status_of(const struct state *state, int64_t now);

/* "unknown", ... */
const char *status_name(enum status status);
