#pragma once

#include "alias/status.h"
#include "alias/targets.h"

/*
 * Reading what is known of the targets, for people and metrics
 *
 * Any thread. However many there are, lookups don't wait longer than for some hundred of them.
 */

enum {
    /* Nobody has asked for that target, and nothing was kept of it. */
    TARGETS_E_UNKNOWN = 1,
};

#define TARGETS_STATUS_NONE (-1)

/* One target in one family. Text and addresses are borrowed for the call. */
struct targets_status {
    const char *target;
    enum dns_family family;
    enum status status;
    const struct address_set *addresses;
    int64_t age;  /* seconds since it was resolved, TARGETS_STATUS_NONE: nothing is known */
    uint32_t ttl; /* this and the age: of `addresses`; of what is denied if that is all */
    int64_t next; /* seconds until it is resolved again, by itself or if somebody asks; 0: now,
                     or under way;
                     TARGETS_STATUS_NONE: nothing is known, and nothing tried */
    unsigned failures;
    const char *reason; /* why it failed last, or has no address; "" = there is no such reason */
};

/* The lock is held: may copy and format into memory that it has, nothing else. */
typedef void (*targets_status_fn)(void *userdata, const struct targets_status *status);

/* The lock is not held: for what takes its time. */
typedef void (*targets_pause_fn)(void *userdata);

/* Both families of all targets, the oldest first; `pause` after each TARGETS_STATUS_TURN calls of
 * `fn`, and at the end. What comes and goes meanwhile may be left out. */
#define TARGETS_STATUS_TURN 256
void targets_status_all(struct targets *targets, targets_status_fn fn, targets_pause_fn pause,
                        void *userdata);

/* Both families of one. 0 or TARGETS_E_UNKNOWN. */
int targets_status_of(struct targets *targets, const char *target, targets_status_fn fn,
                      void *userdata);

/* How many there are of each. Time alone makes no fresh one stale here: that is noticed when the
 * next sweep comes by, within seconds, or with 100,000 targets within two minutes. */
void targets_status_count(struct targets *targets, size_t ret[DNS_FAMILIES][STATUSES]);

struct targets_limits_figures {
    uint64_t memory;     /* octets, about */
    uint64_t memory_max; /* 0: any */
};

/* What the table of targets takes. */
void targets_limits_look(struct targets *targets, struct targets_limits_figures *ret);

/* What has happened since the start. Lives as long as the targets. */
const struct counters *targets_counters(const struct targets *targets);
