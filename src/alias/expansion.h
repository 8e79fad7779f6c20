#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alias/local.h"
#include "alias/targets.h"
#include "dns/address.h"
#include "dns/family.h"
#include "store/records.h"

/*
 * The rows of one owner name, with its ALIAS rows turned into addresses
 *
 * Show it every row of a name with expansion_see(); it keeps the ALIAS rows, everything else is the
 * caller's to return as it is. Then expansion_follow(), the end of reading, expansion_resolve(),
 * and return `families[]` as A and AAAA rows.
 */

struct expansion_alias {
    char *target; /* canonical; NULL: the content is no name, there is nothing to ask */
    uint32_t ttl; /* seconds, the row's */
    const struct local_answer *answer; /* where it leads to, borrowed; NULL: it wasn't followed */
};

struct expansion_family {
    struct address_set addresses; /* merged over all ALIAS rows, no duplicates; owned */
    uint32_t ttl;                 /* seconds, the same for all of them (RFC 2181 5.2) */
    bool
        is_unknown; /* of a target that was asked about nothing is known, not even what is denied */
    bool is_early;  /* targets_question's, of any target that was asked about */
    bool is_refused;                     /* the same */
    unsigned outcomes[COUNTERS_LOOKUPS]; /* of the questions that were asked */
};

struct expansion {
    char *owner;       /* as stored; NULL until an ALIAS row was seen */
    int64_t domain_id; /* this and the next: of the first ALIAS row */
    bool auth;
    struct expansion_alias *aliases; /* the ALIAS rows kept; owned */
    size_t alias_count;
    size_t other_count;              /* rows that weren't ALIAS, empty non-terminals aside */
    bool has_explicit[DNS_FAMILIES]; /* an A or AAAA row stands there: it wins over the ALIAS */
    bool has_cname;                  /* wins over everything */
    bool has_txt;                    /* a TXT row stands there */
    uint32_t txt_ttl;                /* has_txt: seconds, its */
    size_t max_addresses;            /* the caller's to set: of a family; 0 = any number */
    bool with_txt;                   /* the caller's to set: expansion_txt() is returned, too */
    struct expansion_family families[DNS_FAMILIES];
};

void expansion_deinit(struct expansion *expansion);

/* The same rows, with nothing resolved, borrowed from `from`, which isn't resolved itself and stays
 * as it is: for one more resolution. It is given back instead of deinitialised. */
void expansion_borrow(const struct expansion *from, struct expansion *ret);
void expansion_give_back(struct expansion *expansion);

/* Forgets the rows, for the next owner name. */
void expansion_reset(struct expansion *expansion);

/* Looks at one row. `ret_is_alias`: it was an ALIAS row, kept here, and is not to be returned as it
 * is. 0 or -ENOMEM. */
int expansion_see(struct expansion *expansion, const struct records_row *row, bool *ret_is_alias);

/* Whether it is for its ALIAS rows to answer in that family: nothing stands there that wins. */
bool expansion_answers(const struct expansion *expansion, enum dns_family family);

/* Of more ALIAS rows at a name those are left whose targets come first in order. */
#define EXPANSION_ALIASES_MAX 64

/* Follows the targets through our own zones, in the snapshot that the rows are of. Without this
 * they count as names of somebody else's. What is found is `local`'s, which has to outlive it. 0 or
 * negative, as local_follow(). */
int expansion_follow(struct expansion *expansion, struct local *local,
                     const bool wanted[DNS_FAMILIES]);

/* What has to be asked for `wanted`: nothing if a CNAME stands beside or no ALIAS row was seen, and
 * each target and family once. `ret` is from malloc, NULL if the count is 0; the targets in it are
 * borrowed from the expansion and from what was followed. 0 or -ENOMEM. */
int expansion_questions(const struct expansion *expansion, const bool wanted[DNS_FAMILIES],
                        struct targets_question **ret, size_t *ret_count);

/* Asks that and fills `families`: fresh, stale or nothing, and what our own zones say,
 * whose TTLs are the smallest on the way there. Of more than max_addresses the first in order are
 * left, the same each time, and a line is logged. `wanted`: which families to resolve. `db` is
 * asked what the zone allows, if `alias-deny` has dropped something. `deadline` and the failures
 * are those of targets_ask(), and of reading metadata. */
int expansion_resolve(struct expansion *expansion, struct database *db, struct targets *targets,
                      const bool wanted[DNS_FAMILIES], int64_t deadline);

/* Counts the family's questions, if they were asked without a deadline and won't be asked again. */
void expansion_count(const struct expansion *expansion, struct targets *targets,
                     enum dns_family family);

/* For debugging: the content of the TXT record that tells the target of the ALIAS row `i`, to be
 * freed; NULL in `ret` if there is to be none: with_txt isn't set, a CNAME stands beside, the row
 * names no target, or one that a row before it has named. 0 or -ENOMEM. */
int expansion_txt(const struct expansion *expansion, size_t i, char **ret);

/* Of all TXT records at the name, which are one set (RFC 2181 5.2): that of the rows that stand
 * there, else the ALIAS rows' smallest. Seconds. */
uint32_t expansion_txt_ttl(const struct expansion *expansion);

/* Whether the name exists only by ALIAS rows for which there is nothing to answer: an empty
 * non-terminal is to be returned, or PowerDNS would say NXDOMAIN, or take a wildcard. */
bool expansion_is_empty(const struct expansion *expansion);
