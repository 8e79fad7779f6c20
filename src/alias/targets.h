#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alias/counters.h"
#include "alias/state.h"
#include "dns/address.h"
#include "dns/family.h"
#include "store/fallback.h"
#include "util/cleanup.h"

/*
 * All ALIAS targets: one state for each (target, family), however many owner names point there
 *
 * Sessions ask from their threads; resolutions start and end on the main thread. One lock guards
 * the table; it is never held while waiting, resolving or writing, and not for longer than some
 * hundred targets take, but at start, when targets_configure() walks over all of them, and when
 * targets_retry_all() does over what is under way or failing.
 */

struct targets;

/* Starts a resolution; its end is told with targets_resolved(), never from inside this call. Any
 * thread, the table's lock is held. 0, or negative: could not be started. */
typedef int (*targets_start_fn)(void *userdata, const char *target, enum dns_family family);

/* `userdata` is for `start`, borrowed until targets_free(). Nothing is kept beyond the process
 * until targets_set_fallback(). 0 or -ENOMEM. */
int targets_new(const struct alias_config *config, targets_start_fn start, void *userdata,
                struct targets **ret);

/* No thread may be asking any more. */
void targets_free(struct targets *targets);
CLEANUP_DEFINE(struct targets *, targets_free)

/* Where to keep what is learned from now on; NULL: nowhere. Before any thread asks. Loaded entries
 * that turned out to be too old are removed there. */
void targets_set_fallback(struct targets *targets, struct fallback *fallback);

/* New settings, for what comes, and `deny` for what is known as well; what it points to is borrowed
 * until the next call. Any thread. */
void targets_configure(struct targets *targets, const struct alias_config *config);

/* Takes over an entry of the fallback database (a fallback_entry_fn; `userdata` is the targets), if
 * nothing is known of it yet. Any thread. 0 or -ENOMEM. */
int targets_load(void *userdata, const struct fallback_entry *entry);

/* A row of that zone leads to `target` (canonical): it is resolved soon if nothing is known of it,
 * and refreshed now and then; with a refresh_idle of 0 nothing is done, nor if the zone has too
 * many targets. To be told again every half hour, as long as the row is there. Any thread. 0 or
 * -ENOMEM.
 */
int targets_notice(struct targets *targets, const char *target, int64_t zone_id);

/* The same, and the zone's secondaries are to have what it resolves to: it is resolved anew when
 * its TTL has passed (state.h), whatever refresh_idle is. */
int targets_publish(struct targets *targets, const char *target, int64_t zone_id);

/* Calls `visit` for each published target of which something else has become known since the last
 * call: other addresses, or none any more; or that was forgotten, and isn't published any more
 * until that is said anew. It may be the same again by now. The lock is held during each visit. Any
 * thread. */
typedef void (*targets_changed_fn)(void *userdata, const char *target);
void targets_take_changed(struct targets *targets, targets_changed_fn visit, void *userdata);

/* One question, and its answer. */
struct targets_question {
    const char *target; /* canonical name; borrowed */
    int64_t zone_id;    /* whose row leads there; 0: it isn't known */
    enum dns_family family;
    uint32_t row_ttl;               /* seconds, of the ALIAS row: the answer's TTL isn't above it */
    enum state_freshness freshness; /* answer: UNKNOWN = nothing to say */
    struct address_set addresses;   /* answer: empty set = known to have none; owned */
    uint32_t ttl; /* answer, seconds: min(row_ttl, state_ttl()), inside ttl_min and ttl_max; of
                     stale addresses min(row_ttl, stale_ttl) */
    /* Answer: what `alias-deny` has dropped, for allowance_apply(). */
    struct address_set denied; /* owned */
    uint32_t denied_ttl;       /* as `ttl` */
    bool is_denied_alone;      /* they are newer than `addresses` and stand in place of them */
    bool is_resolving;         /* answer: a resolution is under way still, or has been put off */
    bool is_early;   /* answer: the same, and but for the deadline it would be waited for */
    bool is_refused; /* answer: a limit keeps it from being resolved for that zone */
    bool is_untried; /* answer: nothing is known, and nothing has failed: that is still to come */

    /* While it is being asked; of no meaning to others. */
    struct table_entry *entry;
    unsigned ends;
    int64_t wait_until;
};

void targets_question_deinit(struct targets_question *question);

/* Answers all questions at once: starts what is due, for all of them, then waits for those that
 * have to be waited for, as long as state.h says, together never beyond `deadline` (steady
 * milliseconds; 0, or what has passed: doesn't wait). Session threads only. 0; -ENOMEM; -ESHUTDOWN
 * (logged): the daemon is ending, and nothing is known of a target whose resolution hasn't ended,
 * which is not to be told as if there were nothing. */
int targets_ask(struct targets *targets, struct targets_question *questions, size_t count,
                int64_t deadline);

/* Answers with what is known now, as if nobody had asked: nothing is begun, noted or counted. 0,
 * -ENOMEM or -ESHUTDOWN, as above. */
int targets_peek(struct targets *targets, struct targets_question *questions, size_t count);

/* Which of the outcomes in counters.h a question has had; `r` is how targets_ask() ended. */
enum counters_lookup targets_outcome(const struct targets_question *question, int r);

/* Those that targets_ask() doesn't count: questions to which the answer of one that doesn't wait
 * (`deadline` 0) was the last word. Any thread. */
void targets_count(struct targets *targets, enum counters_lookup outcome, size_t count);

/* Takes out of `set` what `alias-deny` drops, and adds it to `ret_denied`: for addresses that
 * aren't a target's. Any thread. 0 or -ENOMEM. */
int targets_deny(struct targets *targets, enum dns_family family, struct address_set *set,
                 struct address_set *ret_denied);

/* A resolution ended. Takes the outcome's addresses. The main thread. */
void targets_resolved(struct targets *targets, const char *target, enum dns_family family,
                      struct outcome *outcome);

/* The resolver has got a new context, maybe one that works. What failed is due now, what is under
 * way in the old context is asked again in the new one (from the next ticks on, or when somebody
 * wants it), and the upstream counts as working. Of the two answers the first is taken; a failure
 * only when the other has failed, too. The main thread. */
void targets_retry_all(struct targets *targets);

/* To be called every TARGETS_TICK_MS on the main thread: counts overdue resolutions as failures,
 * tries failing targets again whose time has come and which somebody wants, refreshes others, and
 * forgets what is older than max_stale. What one call does is bounded, however many targets there
 * are. */
#define TARGETS_TICK_MS 100
void targets_tick(struct targets *targets);

/* The daemon is ending: those who wait get what is known, or -ESHUTDOWN, at once, nobody waits any
 * more, and nothing is started. */
void targets_shutdown(struct targets *targets);
