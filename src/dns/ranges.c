#include "dns/ranges.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "util/cleanup.h"

/* Where they are registered: IANA's special-purpose address registries (RFC 6890). */
static const char *const default_ranges[] = {
    "0.0.0.0/8",      /* this network: RFC 1122 3.2.1.3 */
    "127.0.0.0/8",    /* loopback: the same */
    "169.254.0.0/16", /* link-local: RFC 3927 */
    "224.0.0.0/4",    /* multicast: RFC 5771 */
    "255.255.255.255",
    "::",
    "::1",
    "::ffff:0:0/96", /* IPv4-mapped: RFC 4291 2.5.5.2 */
    "fe80::/10",     /* link-local: RFC 4291 2.5.6 */
    "ff00::/8",      /* multicast: RFC 4291 2.7 */
    NULL,
};

static const char *const private_ranges[] = {
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16", /* RFC 1918 */
    "100.64.0.0/10",  /* shared: RFC 6598 */
    "192.0.2.0/24",
    "198.51.100.0/24",
    "203.0.113.0/24", /* documentation: RFC 5737 */
    "fc00::/7",       /* unique local: RFC 4193 */
    "2001:db8::/32",
    "3fff::/20", /* documentation: RFC 3849, 9637 */
    NULL,
};

static const char *const no_ranges[] = {NULL};

static const struct {
    const char *name;
    const char *const *ranges;
} names[] = {
    {"default", default_ranges},
    {"private", private_ranges},
    {"none", no_ranges},
};

void ranges_deinit(struct ranges *ranges)
{
    free(ranges->items);
    *ranges = (struct ranges){0};
}

static const char *const *find_name(const char *word)
{
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
        if (strcasecmp(word, names[i].name) == 0)
            return names[i].ranges;
    }
    return NULL;
}

/* Decimal digits and nothing else, not above `highest`. */
static int parse_prefix(const char *text, unsigned highest, uint8_t *ret)
{
    unsigned value = 0;

    if (!*text)
        return RANGES_E_INVALID;
    for (; *text; ++text) {
        if (*text < '0' || *text > '9')
            return RANGES_E_INVALID;
        value = value * 10 + (unsigned)(*text - '0');
        if (value > highest)
            return RANGES_E_INVALID;
    }
    *ret = (uint8_t)value;
    return 0;
}

/* The bits of octet `i` that belong to the prefix. */
static uint8_t mask_of(unsigned prefix, size_t i)
{
    if (prefix >= 8 * (i + 1))
        return 0xff;
    return prefix <= 8 * i ? 0 : (uint8_t)(0xff << (8 * (i + 1) - prefix));
}

/* Whether the prefix's bits are the same. */
static bool is_same(const struct address *a, const struct address *b, unsigned prefix)
{
    for (size_t i = 0; i < sizeof(a->octets) && prefix > 8 * i; ++i) {
        if ((a->octets[i] ^ b->octets[i]) & mask_of(prefix, i))
            return false;
    }
    return true;
}

/* 10.0.0.1/8 is likely a slip, and which one isn't for us to guess. */
static bool has_host_bits(const struct range *range)
{
    for (size_t i = 0; i < sizeof(range->network.octets); ++i) {
        if (range->network.octets[i] & ~mask_of(range->prefix, i))
            return true;
    }
    return false;
}

static int parse_range(const char *word, struct range *ret)
{
    const char *slash = strchrnul(word, '/');
    struct range range = {.family = memchr(word, ':', (size_t)(slash - word)) ? DNS_FAMILY_AAAA
                                                                              : DNS_FAMILY_A};
    unsigned highest = range.family == DNS_FAMILY_A ? 32 : 128;
    char text[ADDRESS_TEXT_SIZE] = "";

    if ((size_t)(slash - word) >= sizeof(text))
        return RANGES_E_INVALID;
    memcpy(text, word, (size_t)(slash - word));
    if (address_from_text(text, range.family, &range.network) < 0)
        return RANGES_E_INVALID;
    range.prefix = (uint8_t)highest;
    if (*slash && parse_prefix(slash + 1, highest, &range.prefix) != 0)
        return RANGES_E_INVALID;
    if (has_host_bits(&range))
        return RANGES_E_INVALID;
    *ret = range;
    return 0;
}

bool ranges_is_word(const char *word)
{
    struct range range;

    return find_name(word) || parse_range(word, &range) == 0;
}

static int add_range(struct ranges *ranges, const char *text)
{
    struct range range, *items;

    int r = parse_range(text, &range);
    if (r != 0)
        return r;
    items = reallocarray(ranges->items, ranges->count + 1, sizeof(*items));
    if (!items)
        return -ENOMEM;
    ranges->items = items;
    items[ranges->count++] = range;
    return 0;
}

int ranges_add(struct ranges *ranges, const char *word)
{
    const char *const *named = find_name(word);
    int r = 0;

    if (!named)
        return add_range(ranges, word);
    for (; *named && r == 0; ++named)
        r = add_range(ranges, *named);
    return r;
}

int ranges_read_denied(const char *const *words, struct ranges *ret)
{
    CLEANUP(ranges_deinit) struct ranges ranges = {0};
    bool has_default = true;
    int r = 0;

    for (const char *const *word = words; *word; ++word)
        has_default = has_default && strcasecmp(*word, "none") != 0;
    if (has_default)
        r = ranges_add(&ranges, "default");
    for (; *words && r == 0; ++words)
        r = ranges_add(&ranges, *words);
    if (r != 0)
        return r;
    ranges_deinit(ret);
    *ret = ranges;
    ranges = (struct ranges){0};
    return 0;
}

bool ranges_contain(const struct ranges *ranges, enum dns_family family,
                    const struct address *address)
{
    for (size_t i = 0; i < ranges->count; ++i) {
        if (ranges->items[i].family == family &&
            is_same(&ranges->items[i].network, address, ranges->items[i].prefix))
            return true;
    }
    return false;
}

int ranges_take(const struct ranges *ranges, enum dns_family family, struct address_set *set,
                struct address_set *ret_taken)
{
    CLEANUP(address_set_deinit) struct address_set taken = {0};
    size_t kept = 0;
    int r = 0;

    for (size_t i = 0; ranges && i < set->count && r == 0; ++i) {
        if (ranges_contain(ranges, family, &set->items[i]))
            r = address_set_add(&taken, &set->items[i]);
    }
    if (r == 0 && taken.count > 0)
        r = address_set_merge(ret_taken, &taken);
    if (r < 0 || taken.count == 0)
        return r;
    for (size_t i = 0; i < set->count; ++i) {
        if (!ranges_contain(ranges, family, &set->items[i]))
            set->items[kept++] = set->items[i];
    }
    address_set_truncate(set, kept);
    return 0;
}
