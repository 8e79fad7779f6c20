#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "alias/limits.h"
#include "dns/address.h"
#include "dns/family.h"
#include "dns/ranges.h"
#include "resolve/outcome.h"

/*
 * What is known of one target in one family, and what follows from it
 *
 * A pure state machine: no clock (the caller passes `now`, steady milliseconds), no lock, no I/O.
 * The rules are the table in src/README.md, "What an ALIAS answers". Sources: RFC 8767 (serving
 * stale data), RFC 9520 (caching of resolution failures), RFC 2308 (negative answers).
 *
 * Refreshing ahead: libunbound and forwarders answer from their caches until the TTL has passed, so
 * that nothing can be learned earlier. What was asked for lately (ten minutes, or twice its TTL if
 * that is more, before it expires) is resolved anew from one second after its TTL on, spread over
 * some more; meanwhile it counts as fresh, for `grace`. So nobody waits for it, and nobody gets the
 * TTL of stale answers, as long as the refresh succeeds in time. What has a TTL below `grace` has
 * no grace: nothing counts as fresh for more than twice its TTL. An answer that `deny` drops
 * altogether is a failure to those who ask, but has a TTL like any other: it is refreshed the same
 * way, and not tried again before.
 *
 * What is published to secondaries is resolved anew at the same moments, whether anybody asks or
 * not, but no more often than `publish_min` says if nobody does.
 */

#define MS_PER_S 1000

struct alias_config {
    int resolve_timeout_ms;    /* how long a lookup waits for a resolution once */
    int resolve_retries;       /* how many times more it waits that long when nothing is known */
    int answer_deadline_ms;    /* no lookup waits longer than this in all */
    uint32_t stale_ttl;        /* seconds: TTL of stale answers */
    uint32_t max_stale;        /* seconds after expiry until an answer is dropped (RFC 8767 5) */
    uint32_t ttl_min;          /* seconds: floor of what a resolution's TTL counts for */
    uint32_t ttl_max;          /* seconds: its ceiling */
    uint32_t negative_ttl_max; /* seconds: ceiling for empty answers */
    uint32_t retry_min;        /* seconds a target is left alone after the first failure; doubles */
    uint32_t retry_max;        /* seconds: up to this (RFC 9520 3.2) */
    uint32_t grace;            /* seconds; 0: nothing is refreshed ahead */
    uint32_t refresh_idle;     /* seconds after which what is named by a row, but wasn't asked for
                                  lately, is resolved anew; 0: what nobody asks for isn't resolved,
                                  if nothing is known neither */
    uint32_t publish_min;      /* seconds: what is published isn't resolved more often, unless it is
                                  asked for */
    const struct ranges *deny; /* where no ALIAS leads to; borrowed; NULL: anywhere */
    struct limits_config limits;
};

enum state_knowledge {
    STATE_NOTHING,   /* never resolved, or dropped after max_stale */
    STATE_ADDRESSES, /* has addresses */
    STATE_EMPTY,     /* is known to have none */
};

/* The addresses that `deny` has kept out of an answer: for zones that allow them. */
struct state_denied {
    struct address_set addresses; /* owned; empty: none was kept out */
    bool is_alone; /* they were all that there was, in a resolution after that of the others */
    uint32_t ttl;  /* this and what follows, of that resolution: as in struct state */
    int64_t resolved_at;
    int64_t fresh_until;
    int64_t grace_until;
    int64_t restored_at;
};

/* Room for the words about one denied address, which are the longest; the rest is cut off. */
#define STATE_REASON_SIZE 88

/* Ordered by size: there are two for each target, and it adds up. */
struct state {
    struct address_set addresses; /* STATE_ADDRESSES; owned; none that `deny` drops */
    struct state_denied denied;
    int64_t resolved_at;  /* 0: never; kept when what was learned is dropped */
    int64_t fresh_until;  /* when its TTL has passed */
    int64_t grace_until;  /* until then it counts as fresh, if nothing has failed; >= fresh_until */
    int64_t asked_at;     /* when somebody wanted it last; STATE_NEVER */
    int64_t named_at;     /* when a row that names it was last seen; STATE_NEVER */
    int64_t published_at; /* the same of a zone whose secondaries are to have what it resolves to */
    int64_t restored_at;  /* 0: what is known was learned since the daemon's start */
    int64_t started_at;   /* in_flight: when the resolution under way began; is_put_off: when it
                             would have */
    int64_t retry_at;     /* failing: not resolved again before */
    int64_t failed_at;    /* when it failed last; only meaningful if `reason` isn't empty */
    enum state_knowledge knowledge;
    enum dns_family family; /* the owner's to set: of all addresses here */
    uint32_t ttl;           /* seconds, bounded by ttl_min and ttl_max, of the resolution */
    unsigned failures;      /* in a row; 0 = not failing */
    uint32_t jitter_seed;   /* the owner's choice, different for each state: spreads the retries */
    bool in_flight;
    bool is_put_off; /* not in_flight, but somebody waits for it to be: state_put_off() */
    bool is_overdue; /* in_flight: it was counted as a failure already, for taking too long */
    bool is_denied;  /* failing: there are addresses, but `deny` drops them all */
    /* Of the last failure, or else of the emptiness; "" = none. */
    char reason[STATE_REASON_SIZE];
};

/* Before any moment that is reckoned with, and after; both far from overflow. */
#define STATE_NEVER (INT64_MIN / 2)
#define STATE_FAR   (INT64_MAX / 2)

enum state_freshness {
    STATE_IS_UNKNOWN, /* nothing can be answered */
    STATE_IS_FRESH,
    STATE_IS_STALE,
};

struct state_advice {
    enum state_freshness freshness; /* of what is known now */
    bool start;                     /* a resolution is due: call state_start() and start it */
    int64_t wait_until;             /* wait for the resolution until then at most, unless it ends
                                       sooner; <= now: answer at once with what is known */
};

void state_deinit(struct state *state);

/* What is known is not known any more; what was denied, and whether it fails, stays. */
void state_forget_known(struct state *state);

/* Whether anything is known, be it what `deny` drops. */
bool state_knows(const struct state *state);

/* What is older than max_stale is forgotten, but not that the target is failing, if it isn't for
 * being denied. Whether something was. */
bool state_drop_if_old(struct state *state, const struct alias_config *config, int64_t now);

/* Nothing is known any more, nor denied, nor that it fails. A resolution in flight goes on. */
void state_forget(struct state *state);

/* What can be answered at `now`, as far as it is known. */
enum state_freshness state_freshness(const struct state *state, int64_t now);

/* Seconds, the TTL of a fresh answer without regard to the row: that of the resolution. During the
 * grace it is less by what has passed of that, so that no cache keeps the addresses for longer than
 * one that has got them at the last moment before; but never below ttl_min. */
uint32_t state_ttl(const struct state *state, const struct alias_config *config, int64_t now);

/* Whether what was denied counts as fresh, and the TTL of it, for zones that allow it: as the two
 * before. */
bool state_denied_is_fresh(const struct state *state, int64_t now);
uint32_t state_denied_ttl(const struct state *state, const struct alias_config *config,
                          int64_t now);

/* What is known expires then; in any case it counts as fresh for the grace that its TTL allows. */
void state_expire_at(struct state *state, const struct alias_config *config, int64_t fresh_until);

/* Until when that is, with a TTL of `ttl`. */
int64_t state_grace_end(const struct alias_config *config, uint32_t ttl, int64_t fresh_until);

/* A row that leads to it was seen. */
void state_name(struct state *state, int64_t now);

/* The same, and secondaries are told what it resolves to: it is resolved anew when its TTL has
 * passed, whether anybody asks or not. */
void state_publish(struct state *state, int64_t now);

/* Whether such a row was seen in the last two hours. */
bool state_is_published(const struct state *state, int64_t now);

/* Whether somebody has asked for it in the last hour. */
bool state_is_asked_for(const struct state *state, int64_t now);

/* Whether somebody has, or a row that names it was seen in the last two hours: else it isn't tried
 * again in the background, and forgotten if nothing is known. */
bool state_is_wanted(const struct state *state, int64_t now);

/* When it is to be resolved though nobody asks, as things are at `now`: STATE_FAR if never, or if
 * it is being resolved. To be asked again after whatever happens to the state. */
int64_t state_refresh_at(const struct state *state, const struct alias_config *config, int64_t now);

/* Who is waited for most, when many are to be resolved. */
enum state_urgency {
    STATE_IS_ASKED_FOR, /* somebody would have to wait, or get a stale answer; or secondaries would
                           have an old one */
    STATE_IS_NEW,       /* named, and nothing is known */
    STATE_IS_IDLE,
    STATE_URGENCIES,
};

enum state_urgency state_urgency(const struct state *state, const struct alias_config *config,
                                 int64_t now);

/* What to do for somebody who asks at `now`, which is noted. `upstream_is_failing`: nothing at all
 * is answering, so that nobody shall wait, least of all for a name that was never resolved. Drops
 * what is older than max_stale. */
struct state_advice state_advise(struct state *state, const struct alias_config *config,
                                 int64_t now, bool upstream_is_failing);

/* A resolution begins; if one is in flight already, its time begins anew. */
void state_start(struct state *state, int64_t now);

/* One that somebody wants begins later, when a limit allows it. Where nothing is known it is waited
 * for as if it began now; it isn't started again. */
void state_put_off(struct state *state, int64_t now);

/* Whether a resolution is under way, or will be. */
bool state_is_coming(const struct state *state);

/* The same, and it is one that may be waited for. */
bool state_is_awaited(const struct state *state);

/* in_flight: when the resolution has taken as long as anybody waits for it. */
int64_t state_overdue_at(const struct state *state, const struct alias_config *config);

/* If the resolution in flight is overdue, it counts as a failure from now on, though it goes on and
 * its answer, when it comes, is taken. Whether it was counted now: true once a resolution. */
bool state_overdue(struct state *state, const struct alias_config *config, int64_t now);

/* The resolution in flight ended. Takes the outcome's addresses, leaving an empty set there. If
 * `deny` drops them all that is a failure; the outcome's reason says which they were, then. */
void state_end(struct state *state, const struct alias_config *config, int64_t now,
               struct outcome *outcome);

enum {
    /* What is known differs from before. */
    STATE_E_CHANGED = 1,
};

/* `deny` may have changed, or addresses may have been put in that it was not applied to: parts what
 * is known anew. Of addresses that have come alone after others, only the later ones can come back.
 * 0; STATE_E_CHANGED; -ENOMEM: as it was. */
int state_part(struct state *state, const struct alias_config *config, int64_t now);
