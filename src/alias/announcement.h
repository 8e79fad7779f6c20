#pragma once

#include <stddef.h>

#include "alias/state.h"
#include "alias/table.h"
#include "util/log.h"

/*
 * What the log says of targets that begin to fail, recover, or change
 *
 * Composed while the table's lock is held, written after it was released: standard error may be a
 * pipe that nobody reads for a while, and lookups must not wait for it.
 */

#define ANNOUNCEMENT_LINES 4

struct announcement {
    struct {
        enum log_level level;
        bool is_of_limit;
        char text[544];
    } lines[ANNOUNCEMENT_LINES];
    size_t count;
    size_t left_out;               /* for which there was no room */
    enum log_level left_out_level; /* the most urgent of those */
};

/* The target has just begun to fail; its state's `reason` says why. */
void announcement_failing(struct announcement *announcement, const struct table_entry *entry,
                          int64_t now);

/* What a state was before a resolution ended. */
struct announcement_before {
    enum state_knowledge knowledge;
    enum status status; /* as it was last said */
    unsigned failures;
    uint32_t addresses; /* this and the next: address_set_hash() */
    uint32_t denied;
};

/* Something was learned: says so if the target was failing or stale, or what is known or denied has
 * changed.
 */
void announcement_learned(struct announcement *announcement, const struct table_entry *entry,
                          const struct announcement_before *before);

/* The TTL has passed, and nothing was learned since. */
void announcement_stale(struct announcement *announcement, const struct table_entry *entry,
                        int64_t now);

/* What was known has just been forgotten, for its age. */
void announcement_dropped(struct announcement *announcement, const struct table_entry *entry,
                          const struct alias_config *config);

/* Somebody wants it forgotten. */
void announcement_forgotten(struct announcement *announcement, const struct table_entry *entry);

/* What is known has become another part of what had been learned: `alias-deny` has changed. */
void announcement_parted(struct announcement *announcement, const struct table_entry *entry);

/* A zone has reached a limit with that target; `id` 0: it isn't known which zone. */
void announcement_limit(struct announcement *announcement, int64_t id, enum limits_reason reason,
                        const struct limits_config *config, const char *target);

/* Writes the lines, not more than make sense to a reader. Without the lock. */
void announcement_write(struct announcement *announcement);
