#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alias/targets.h"
#include "publish/hashes.h"
#include "store/database.h"
#include "store/published.h"
#include "store/soa.h"
#include "util/arena.h"

/*
 * What a zone's secondaries would be given now, as far as it takes to tell whether that is
 * something else than what they have been given
 *
 * Two things count: the zone's own rows, whatever their order, with its DNSSEC keys and NSEC3
 * parameters, but without the SOA's serial; and the addresses of the targets of its ALIAS rows,
 * not how old they are. A target of which nothing is known (the daemon has just started, say, or
 * the answer was too old to be kept) is taken to have what it was published with: a zone is
 * never published anew because something was forgotten. But what a transfer has lacked is a change
 * once it is known, even if it is what it was.
 */

/* With more owner names that have changed, there is no use in listing them. */
#define CONTENT_OWNERS_MAX 50

struct content_rules {
    struct targets *targets;
    int64_t zone_id;
    const char *zone; /* canonical */
    const struct soa *soa;
    bool is_presigned; /* ALIAS rows aren't expanded */
    bool with_txt;     /* that tells the targets of ALIAS rows */
    size_t hops_max;
    const struct hashes *lacking; /* content_question() of what transfers have lacked; sorted */
    const struct published *before;
};

struct content {
    struct published published; /* but for the serial, whose is_known isn't set either */
    bool has_changed;           /* it differs from `before`, if that is known */
    bool has_other_rows;        /* the same, not only by addresses */
    bool has_lost;              /* it lacks what `before` has, which is no change by itself */
    bool is_expecting;          /* some targets are about to be resolved for the first time */
    const char *owners[CONTENT_OWNERS_MAX]; /* as stored: whose addresses have changed */
    size_t owner_count;                     /* may be more than there is room for */
    struct hashes names; /* content_name() of what ALIAS rows lead to, and of the names above */
    bool leads_inside;   /* some lead to, or through, zones of ours */
    struct arena texts;
};

void content_deinit(struct content *content);

/* Reads it, in a snapshot; tells the targets that they are published. To be deinitialised whatever
 * it returns. 0 or negative (logged, but for -ENOMEM and -ESHUTDOWN). */
int content_read(struct database *db, const struct content_rules *rules, struct content *ret);

/* What stands for a name (canonical), and for a question about a target. */
uint64_t content_name(const char *name);
uint64_t content_question(const char *target, enum dns_family family);
