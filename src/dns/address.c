#include "dns/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/hash.h"

void address_set_deinit(struct address_set *set)
{
    free(set->items);
    *set = (struct address_set){0};
}

static int compare(const struct address *a, const struct address *b)
{
    return memcmp(a->octets, b->octets, sizeof(a->octets));
}

/* The index of the first item that is not below `address`. */
static size_t find_place(const struct address_set *set, const struct address *address)
{
    size_t low = 0, high = set->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (compare(&set->items[middle], address) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

int address_set_add(struct address_set *set, const struct address *address)
{
    size_t place = find_place(set, address);
    struct address *items;

    if (place < set->count && compare(&set->items[place], address) == 0)
        return 0;
    /* Sets are small and long-lived: no spare room. */
    items = reallocarray(set->items, set->count + 1, sizeof(*items));
    if (!items)
        return -ENOMEM;
    set->items = items;
    memmove(&set->items[place + 1], &set->items[place], (set->count - place) * sizeof(*address));
    set->items[place] = *address;
    ++set->count;
    return 0;
}

int address_set_merge(struct address_set *set, const struct address_set *from)
{
    for (size_t i = 0; i < from->count; ++i) {
        int r = address_set_add(set, &from->items[i]);

        if (r < 0)
            return r;
    }
    return 0;
}

void address_set_truncate(struct address_set *set, size_t count)
{
    struct address *items;

    if (count == 0)
        address_set_deinit(set);
    if (set->count <= count)
        return;
    set->count = count;
    items = reallocarray(set->items, count, sizeof(*items));
    if (items) /* else they stay where they are */
        set->items = items;
}

int address_set_copy(const struct address_set *from, struct address_set *ret)
{
    struct address_set copy = {.count = from->count};

    if (from->count > 0) {
        copy.items = malloc(from->count * sizeof(*copy.items));
        if (!copy.items)
            return -ENOMEM;
        memcpy(copy.items, from->items, from->count * sizeof(*copy.items));
    }
    *ret = copy;
    return 0;
}

bool address_set_equal(const struct address_set *a, const struct address_set *b)
{
    if (a->count != b->count)
        return false;
    return a->count == 0 || memcmp(a->items, b->items, a->count * sizeof(*a->items)) == 0;
}

uint32_t address_set_hash(const struct address_set *set)
{
    return hash_octets(HASH_START, set->items, set->count * sizeof(*set->items));
}

static int system_family(enum dns_family family)
{
    return family == DNS_FAMILY_A ? AF_INET : AF_INET6;
}

/* As inet_ntop(), which prints each number with sprintf(): that was a fifth of what a lookup of an
 * ALIAS takes without SQLite. */
static void ipv4_to_text(const unsigned char octets[4], char *ret)
{
    for (size_t i = 0; i < 4; ++i) {
        if (octets[i] >= 100)
            *ret++ = (char)('0' + octets[i] / 100);
        if (octets[i] >= 10)
            *ret++ = (char)('0' + octets[i] / 10 % 10);
        *ret++ = (char)('0' + octets[i] % 10);
        *ret++ = i < 3 ? '.' : '\0';
    }
}

#define IPV6_GROUPS 8

static unsigned ipv6_group(const unsigned char octets[16], size_t i)
{
    return (unsigned)octets[2 * i] << 8 | octets[2 * i + 1];
}

/* The first of the longest runs of zeros, of two or more (RFC 5952 4.2). `ret_size` is 0 if there
 * is none. */
static void find_zeros(const unsigned char octets[16], size_t *ret_start, size_t *ret_size)
{
    size_t size = 0;

    *ret_start = *ret_size = 0;
    for (size_t i = 0; i < IPV6_GROUPS; ++i) {
        size = ipv6_group(octets, i) == 0 ? size + 1 : 0;
        if (size > 1 && size > *ret_size) {
            *ret_start = i + 1 - size;
            *ret_size = size;
        }
    }
}

static char *write_group(unsigned group, char *to)
{
    static const char digits[] = "0123456789abcdef";

    for (int shift = group > 0xfff  ? 12
                     : group > 0xff ? 8
                     : group > 0xf  ? 4
                                    : 0;
         shift >= 0; shift -= 4)
        *to++ = digits[group >> shift & 0xf];
    return to;
}

static void ipv6_to_text(const unsigned char octets[16], char *ret)
{
    size_t start, size;

    find_zeros(octets, &start, &size);
    /* May hold an IPv4 address, to be written as one. */
    if (start == 0 && size >= 5) {
        inet_ntop(AF_INET6, octets, ret, ADDRESS_TEXT_SIZE);
        return;
    }
    for (size_t i = 0; i < IPV6_GROUPS; ++i) {
        bool is_first_zero = size > 0 && i == start;
        if (i > 0 || is_first_zero)
            *ret++ = ':';
        if (is_first_zero)
            i += size - 1;
        else
            ret = write_group(ipv6_group(octets, i), ret);
    }
    if (size > 0 && start + size == IPV6_GROUPS)
        *ret++ = ':';
    *ret = '\0';
}

void address_to_text(const struct address *address, enum dns_family family,
                     char ret[ADDRESS_TEXT_SIZE])
{
    if (family == DNS_FAMILY_A)
        ipv4_to_text(address->octets, ret);
    else
        ipv6_to_text(address->octets, ret);
}

void address_set_to_text(const struct address_set *set, enum dns_family family, char *ret,
                         size_t size)
{
    static const char rest[] = " ...";
    size_t used = 0;

    *ret = '\0';
    for (size_t i = 0; i < set->count; ++i) {
        bool is_last = i + 1 == set->count;
        char text[ADDRESS_TEXT_SIZE];

        address_to_text(&set->items[i], family, text);
        if (used + (i > 0) + strlen(text) + (is_last ? 0 : strlen(rest)) >= size) {
            snprintf(ret + used, size - used, "%s", i > 0 ? rest : rest + 1);
            return;
        }
        used += (size_t)snprintf(ret + used, size - used, "%s%s", i > 0 ? " " : "", text);
    }
}

int address_from_text(const char *text, enum dns_family family, struct address *ret)
{
    struct address address = {0};

    if (inet_pton(system_family(family), text, address.octets) != 1)
        return -EINVAL;
    *ret = address;
    return 0;
}
