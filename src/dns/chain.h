#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/address.h"
#include "dns/family.h"

/*
 * Where an ALIAS or a CNAME leads to, through further ones in our own zones
 *
 * An ALIAS is asked about as a client would ask: for addresses of one family, through whatever
 * CNAME stands in the way. Pure: what stands at a name is asked of a function.
 */

#define CHAIN_HOPS_LIMIT 64  /* what `hops_max` of a chain_guide may be at most */
#define CHAIN_NAMES_MAX  100 /* names that are looked at for one row */

enum {
    CHAIN_E_LOOP = 1, /* it leads back to a name that it came through */
    CHAIN_E_LONG = 2, /* it goes on after `hops_max` hops */
    CHAIN_E_WIDE = 3, /* it branches to more than CHAIN_NAMES_MAX names: not followed to all ends */
};

/* A set of families: those of `enum dns_family` as bits. */
#define CHAIN_FAMILY(family) (1u << (family))
#define CHAIN_FAMILIES       (CHAIN_FAMILY(DNS_FAMILY_A) | CHAIN_FAMILY(DNS_FAMILY_AAAA))

struct chain_target {
    char *name;   /* canonical */
    uint32_t ttl; /* seconds, of the row that leads there */
};

struct chain_addresses {
    struct address_set set;
    uint32_t ttl; /* seconds, the smallest of their rows; of no meaning if there are none */
};

/* What stands at a name. Zero-initialised: nothing. */
struct chain_links {
    struct chain_target *targets; /* what leads on */
    size_t count;
    unsigned families; /* whose addresses are asked for there */
    unsigned outside;  /* whose addresses are not ours to know: the name is to be asked elsewhere */
    struct chain_addresses addresses[DNS_FAMILIES];
};

/* Copies the target. 0 or -ENOMEM. */
int chain_links_add(struct chain_links *links, const char *target, uint32_t ttl);

/* Adds an address of a row. 0 or -ENOMEM. */
int chain_addresses_add(struct chain_addresses *addresses, const struct address *address,
                        uint32_t ttl);

void chain_links_deinit(struct chain_links *links);

/* A row that leads to another name. Both names are canonical. */
struct chain_row {
    const char *owner;
    const char *target;
    unsigned families; /* that are asked for */
    uint32_t ttl;      /* seconds; UINT32_MAX if it doesn't matter */
};

/* A name on the way that has addresses, or is to be asked elsewhere, for `families`. */
struct chain_end {
    const char *name;
    const struct chain_links *links;
    unsigned families;
    uint32_t ttl; /* seconds: the smallest of the rows that led there */
};

/* Who is asked, with `userdata`. What is not 0 ends the walk. */
struct chain_guide {
    /* Adds what stands at `name` to `links`. CHAIN_E_WIDE: no more names shall be looked at. */
    int (*find)(void *userdata, const char *name, struct chain_links *links);
    /* Takes an end, maybe again, by another way. NULL: nobody wants them. */
    int (*reach)(void *userdata, const struct chain_end *end);
    void *userdata;
    size_t hops_max; /* rows one after the other that are followed, the first among them */
};

/* Follows a row on all its ways. 0: each ends, or leaves our zones. Otherwise the ways that do were
 * followed all the same (but with CHAIN_E_WIDE), and `ret_chain`, to be freed, is the first that
 * doesn't: "a -> b -> a". CHAIN_E_WIDE leaves it alone. Negative: -ENOMEM, or what was returned by
 * who was asked. */
int chain_follow(const struct chain_row *row, const struct chain_guide *guide, char **ret_chain);
