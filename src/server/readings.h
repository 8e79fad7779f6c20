#pragma once

#include <stddef.h>
#include <stdint.h>

#include "alias/expansion.h"
#include "store/commit-mark.h"

/*
 * What was read at names, kept for as long as nothing is committed
 *
 * For one query PowerDNS looks up the zone's apex, the name, and the name once more, whatever it
 * has in its caches of these if they are off or have expired. What a session has read is what it
 * would read again as long as the database's mark (store/commit-mark.h) is the same; and to look at
 * that takes next to nothing.
 *
 * Of one connection to the database, and to be forgotten with it. Bounded: of what was asked for
 * lately the half of `limit`, and of what came before as much again.
 */

/* One name, as a lookup found it. */
struct reading {
    /* Elements of the reply, for the rows that are answered as they are stored. */
    const char *rows;
    size_t rows_size;
    /* The ALIAS rows, followed and not resolved; NULL where there are none. */
    const struct expansion *expansion;
};

/* What was asked for. */
struct readings_key {
    const char *qname; /* in the client's case, which the reply repeats */
    const char *qtype;
    int64_t zone_id;
};

/* What else a reading depends on. */
struct readings_rules {
    size_t limit;    /* octets; 0: nothing is kept */
    size_t hops_max; /* of ALIAS targets */
    bool with_txt;   /* where the zone's metadata doesn't say */
};

struct readings_half;

/* Zero-initialised. */
struct readings {
    struct commit_mark mark;
    struct readings_rules rules;
    struct readings_half *recent;  /* NULL: nothing is kept */
    struct readings_half *earlier; /* the same */
};

void readings_clear(struct readings *readings);

/* For the begin of a lookup: forgets what was read at another mark, or by other rules. */
void readings_begin(struct readings *readings, const struct commit_mark *mark,
                    const struct readings_rules *rules);

/* NULL if it isn't kept. Borrowed until the next call of any function here. */
const struct reading *readings_find(struct readings *readings, const struct readings_key *key);

/* Keeps what was read since readings_begin(), by its rules. The rows are copied;
 * of the expansion and what it leads to, `local`, the insides are taken over, and both are as if
 * they had just been initialised. NULL: it isn't kept, and nothing was taken. Borrowed as above. */
const struct reading *readings_keep(struct readings *readings, const struct readings_key *key,
                                    const char *rows, size_t rows_size, struct expansion *expansion,
                                    struct local *local);
