#pragma once

#include <stddef.h>

#include "dns/family.h"

/*
 * Where an ALIAS or a CNAME leads to, through further ones in our own zones
 *
 * An ALIAS is asked about as a client would ask: for addresses of one family, through whatever
 * CNAME stands in the way. Pure: what stands at a name is asked of a function.
 */

#define CHAIN_HOPS_MAX  16   /* rows one after the other */
#define CHAIN_NAMES_MAX 1000 /* names that are looked at for one row */

enum {
    CHAIN_E_LOOP = 1, /* it leads back to a name that it came through */
    CHAIN_E_LONG = 2, /* it goes on after CHAIN_HOPS_MAX hops */
    CHAIN_E_WIDE = 3, /* it branches to more than CHAIN_NAMES_MAX names: not followed to all ends */
};

/* A set of families: those of `enum dns_family` as bits. */
#define CHAIN_FAMILY(family) (1u << (family))
#define CHAIN_FAMILIES       (CHAIN_FAMILY(DNS_FAMILY_A) | CHAIN_FAMILY(DNS_FAMILY_AAAA))

/* What leads on from a name. Zero-initialised: nothing. */
struct chain_links {
    char **targets; /* canonical */
    size_t count;
    unsigned families; /* whose addresses are asked for there */
};

/* Copies the target. 0 or -ENOMEM. */
int chain_links_add(struct chain_links *links, const char *target);
void chain_links_deinit(struct chain_links *links);

/* Adds what leads on from `name` to `links`. 0; negative: the walk ends. */
typedef int (*chain_find_fn)(void *userdata, const char *name, struct chain_links *links);

/* Follows the row at `owner` that leads to `target` (both canonical), for `families`. 0: it ends,
 * or leaves our zones. If it doesn't, `ret_chain`, to be freed, is the first such way: "a -> b ->
 * a". CHAIN_E_WIDE leaves it alone. Negative: -ENOMEM, or what `find` returned. */
int chain_follow(const char *owner, const char *target, unsigned families, chain_find_fn find,
                 void *userdata, char **ret_chain);
