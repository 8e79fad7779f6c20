#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/family.h"

/* Enough for any address as text, with its NUL. */
#define ADDRESS_TEXT_SIZE 46

/* The RDATA of an A (4 octets, the rest zero) or AAAA record. Which of the two it is, is known from
 * the set that holds it. */
struct address {
    uint8_t octets[16];
};

/* The addresses of one family at one name: sorted, without duplicates, owned (`items` is from
 * malloc). An all-zero struct is the empty set. */
struct address_set {
    struct address *items;
    size_t count;
};

void address_set_deinit(struct address_set *set);

/* Adds one address of the set's family, in its place. 0, also if it was there already, or -ENOMEM.
 */
int address_set_add(struct address_set *set, const struct address *address);

/* Adds all of `from`. 0 or -ENOMEM. */
int address_set_merge(struct address_set *set, const struct address_set *from);

/* Leaves the first `count`, if there are more, and no room for others. */
void address_set_truncate(struct address_set *set, size_t count);

/* Makes `ret` a copy. 0 or -ENOMEM. */
int address_set_copy(const struct address_set *from, struct address_set *ret);

/* Whether both hold the same addresses. */
bool address_set_equal(const struct address_set *a, const struct address_set *b);

/* FNV-1a: tells whether a set is, in all likelihood, the one that it was before. */
uint32_t address_set_hash(const struct address_set *set);

/* For people: the addresses with a space between two, and "..." in place of those for which there
 * is no room. `size` is more than 4. */
void address_set_to_text(const struct address_set *set, enum dns_family family, char *ret,
                         size_t size);

/* The address in presentation format. */
void address_to_text(const struct address *address, enum dns_family family,
                     char ret[ADDRESS_TEXT_SIZE]);

/* 0, or -EINVAL if `text` is not an address of that family. */
int address_from_text(const char *text, enum dns_family family, struct address *ret);
