#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "publish/content.h"
#include "store/metadata.h"

/*
 * One primary zone, and whether its secondaries have what they should have
 *
 * Secondaries fetch a zone when its serial is newer than theirs. So other content must never stand
 * under a serial that was published: then the serial is raised, whoever has written it.
 */

enum {
    PUBLICATION_E_NONE = 1, /* no zone that is published: not there, not of kind MASTER, no SOA */
    PUBLICATION_E_CHANGED = 2, /* it was changed meanwhile: to be looked at again */
};

struct publication_rules {
    struct targets *targets;
    bool auto_serial; /* of zones whose metadata doesn't say */
    bool alias_txt;   /* the same */
    size_t hops_max;
    const struct hashes *lacking; /* as content_rules' */
};

/* How many are settled together at most. */
#define PUBLICATIONS_MAX 64

/* What becomes of one. */
enum publication_step {
    PUBLICATION_NONE,
    PUBLICATION_NOTE,   /* what secondaries lack, with the serial that they have */
    PUBLICATION_RECORD, /* the serial is new already */
    PUBLICATION_RAISE,
};

struct publication {
    char zone[NAME_TEXT_SIZE]; /* canonical */
    int64_t zone_id;
    struct metadata_publishing metadata;
    struct soa soa;
    struct published before;
    struct content content;
    int64_t count;    /* changes_count() when it was read */
    bool is_notified; /* secondaries were told of the serial that it has */

    enum publication_step step; /* publication_decide() */

    /* The outcome of publication_settle(). */
    bool is_raised; /* the serial */
    bool is_news;   /* it is another one, whoever has raised it: secondaries are to be told */
};

void publication_deinit(struct publication *publication);

/* Reads the zone, in a snapshot of its own. To be deinitialised whatever it returns. 0;
 * PUBLICATION_E_NONE; negative (logged, but for -ENOMEM and -ESHUTDOWN). */
int publication_read(struct database *db, int64_t zone_id, const struct publication_rules *rules,
                     struct publication *ret);

/* Decides what follows from what was read. */
void publication_decide(struct publication *publication, const struct publication_rules *rules);

/* Writes what was decided, of each publication: a serial that is newer, and what was published.
 * `ret_outcomes`, for each: 0; PUBLICATION_E_CHANGED; negative (logged). 0 or negative: there was
 * no use in going on, as together_run() says. */
int publication_settle(struct database *db, struct publication *const publications[], size_t count,
                       int ret_outcomes[]);
