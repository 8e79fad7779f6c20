#pragma once

#include <pthread.h>

#include "alias/announcement.h"
#include "alias/counters.h"
#include "alias/keeping.h"
#include "alias/schedule.h"
#include "alias/table.h"
#include "alias/targets.h"
#include "alias/upstream.h"

/*
 * What happens to one entry of the table: its resolution starts, takes too long, ends
 *
 * For targets*.c only. Everything here runs with the table's lock held.
 */

struct targets {
    pthread_mutex_t lock;
    pthread_cond_t ended; /* a resolution has, or the daemon is to */
    struct alias_config config;
    targets_start_fn start;
    void *userdata;
    struct fallback *fallback; /* borrowed */
    struct keeping_clock clock;
    struct table table;
    struct table_entries lists[TABLE_LISTS]; /* FLYING in the order of their start */
    struct schedule schedule;
    size_t unasked_count;         /* entries that are `is_unasked` */
    struct table_targets changed; /* by `changed_link`: for targets_take_changed() */
    struct limits limits;
    struct table_target refused; /* stands for those that aren't taken in: fails, for ever */
    struct upstream upstream;
    bool is_shutting_down;
    struct counters counters;
    size_t statuses[DNS_FAMILIES][STATUSES]; /* entries in each but STATUS_UNKNOWN */
};

/* A resolution begins; or, if one is under way in the resolver's old context, one more. */
void targets_entry_start(struct targets *targets, struct table_entry *entry,
                         enum counters_cause cause, int64_t now, struct announcement *announcement);

/* The same, without anybody having asked. */
void targets_entry_start_own(struct targets *targets, struct table_entry *entry,
                             enum counters_cause cause, int64_t now,
                             struct announcement *announcement);

/* To be called when the state has been asked, named or restored: it may be due at another time. */
void targets_entry_schedule(struct targets *targets, struct table_entry *entry, int64_t now);

/* A resolution has ended. Takes the outcome's addresses, or leaves them if the outcome doesn't
 * count: it comes after another's that was taken, or it is a failure and another is under way. */
void targets_entry_end(struct targets *targets, struct table_entry *entry, int64_t now,
                       struct outcome *outcome, struct announcement *announcement);

/* Counts the resolution under way as a failure if it has just become overdue. */
void targets_entry_count_if_overdue(struct targets *targets, struct table_entry *entry, int64_t now,
                                    struct announcement *announcement);

/* Applies `deny` to what is known. 0; STATE_E_CHANGED: said, not stored; -ENOMEM. */
int targets_entry_part(struct targets *targets, struct table_entry *entry, int64_t now,
                       struct announcement *announcement);

/* Stores it anew after that, or after a part of it was forgotten. */
void targets_entry_keep_parted(struct targets *targets, struct table_entry *entry, int64_t now);

/* What the resolver's old context says of it, or still does, is no reason to wait any more. */
void targets_entry_outdate(struct targets *targets, struct table_entry *entry, int64_t now);

/* Asked again as soon as it can be, whatever is known. */
void targets_entry_refresh(struct targets *targets, struct table_entry *entry);

/* What is known of it is given up, here and in the fallback database. */
void targets_entry_forget(struct targets *targets, struct table_entry *entry, int64_t now,
                          struct announcement *announcement);

/* What has become too old is forgotten. */
void targets_entry_drop_if_old(struct targets *targets, struct table_entry *entry, int64_t now,
                               struct announcement *announcement);

/* Counts the entry where it belongs now; says so if it has become stale; notes if a published one
 * has changed. */
void targets_entry_look(struct targets *targets, struct table_entry *entry, int64_t now,
                        struct announcement *announcement);

/* That it has changed need not be told any more. */
void targets_entry_unchange(struct targets *targets, struct table_target *target);

/* Waits until none of the questions has to wait for its resolution any more, or the deadline has
 * come. The lock is released meanwhile. Returns whether it had to wait at all. */
bool targets_wait(struct targets *targets, const struct targets_question *questions, size_t count,
                  int64_t deadline);

/* Calls `visit` for each target, with the lock held, which others may have now and then: `rest` is
 * called then, and at the end, if it isn't NULL. Those that are made or removed meanwhile may be
 * left out. */
typedef void (*targets_visit_fn)(struct targets *targets, struct table_target *target,
                                 void *userdata);
typedef void (*targets_rest_fn)(void *userdata);
void targets_walk(struct targets *targets, targets_visit_fn visit, targets_rest_fn rest,
                  void *userdata);

/* The steps of answering one question (targets.c). */

/* Finds out what is known, and starts what is due. The entry is held, by `askers`, from then on.
 * 0 or -ENOMEM. */
int targets_question_begin(struct targets *targets, struct targets_question *question, int64_t now,
                           struct announcement *announcement);

/* Once it hasn't to, it never has again. */
bool targets_question_has_to_wait(const struct targets_question *question, int64_t now);

/* Fills in what is known by now. The failures of targets_ask(). */
int targets_question_answer(struct targets *targets, struct targets_question *question, int64_t now,
                            struct announcement *announcement);

/* Looks at the next `count` targets, in turn, for what has become too old. */
void targets_sweep(struct targets *targets, size_t count, int64_t now,
                   struct announcement *announcement);

/* Counts answered questions; `r` is how the call ended. Any thread, without the lock. */
void targets_count_lookups(struct targets *targets, const struct targets_question *questions,
                           size_t count, int r);
