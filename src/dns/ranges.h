#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/address.h"
#include "dns/family.h"

/*
 * Ranges of addresses, as `alias-deny` and the metadata X-ALIAS-ALLOW list them
 *
 * A range is written ADDR/PREFIX, or ADDR for that one address. Some have names:
 *
 *   default   where no name in the public DNS should lead: loopback, unspecified, link-local,
 *             multicast, broadcast and IPv4-mapped addresses
 *   private   what isn't routed between networks: RFC 1918, unique local (RFC 4193), shared (RFC
 *             6598) and documentation addresses (RFC 5737, 3849, 9637)
 *   none      no address; in `alias-deny` it keeps the default out, see ranges_read_denied()
 */

struct range {
    struct address network; /* the bits behind the prefix are zero */
    enum dns_family family;
    uint8_t prefix; /* bits, 0 to 32 or 128 */
};

/* `items` is from malloc; an all-zero struct holds no address. */
struct ranges {
    struct range *items;
    size_t count;
};

enum {
    /* The word is neither a range nor a name, or bits behind the prefix are set. */
    RANGES_E_INVALID = 1,
};

void ranges_deinit(struct ranges *ranges);

/* Whether ranges_add() would take it. */
bool ranges_is_word(const char *word);

/* Adds what the word stands for. 0; RANGES_E_INVALID; -ENOMEM. */
int ranges_add(struct ranges *ranges, const char *word);

/* What a list of `alias-deny` stands for (ends with NULL): its words, and `default` unless `none`
 * is among them, so that who adds a range doesn't open the door to loopback. `ret` is all-zero or
 * holds ranges that go. 0; RANGES_E_INVALID; -ENOMEM. */
int ranges_read_denied(const char *const *words, struct ranges *ret);

bool ranges_contain(const struct ranges *ranges, enum dns_family family,
                    const struct address *address);

/* Takes the addresses that lie in the ranges out of `set` and adds them to `ret_taken`, a set of
 * the same family. `ranges` may be NULL: takes none. 0; -ENOMEM: `set` is as it was. */
int ranges_take(const struct ranges *ranges, enum dns_family family, struct address_set *set,
                struct address_set *ret_taken);
