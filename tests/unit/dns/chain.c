#include "dns/chain.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

/* What stands at the names of a test, ended by one without a name. */
struct rows {
    const char *name;
    const char *target;
    unsigned families;
};

static int found_count;

static int find(void *userdata, const char *name, struct chain_links *links)
{
    ++found_count;
    for (const struct rows *rows = userdata; rows->name; ++rows) {
        if (strcmp(rows->name, name) != 0)
            continue;
        if (chain_links_add(links, rows->target, 60) < 0)
            return -ENOMEM;
        links->families = rows->families;
    }
    return 0;
}

#define HOPS_MAX 16

/* chain_follow() for whoever wants to know only whether it ends. */
static int follow(const char *owner, const char *target, unsigned families,
                  int (*asked)(void *, const char *, struct chain_links *), void *userdata,
                  char **ret_chain)
{
    const struct chain_row row = {
        .owner = owner, .target = target, .families = families, .ttl = UINT32_MAX};
    const struct chain_guide guide = {.find = asked, .userdata = userdata, .hops_max = HOPS_MAX};

    return chain_follow(&row, &guide, ret_chain);
}

static void expect_end(const struct rows *rows, const char *owner, const char *target)
{
    CLEANUP(cleanup_freep) char *chain = NULL;

    int r = follow(owner, target, CHAIN_FAMILIES, find, (void *)rows, &chain);
    cr_expect_eq(r, 0, "%d: %s", r, chain);
    cr_expect_null(chain);
}

static void expect(const struct rows *rows, const char *owner, const char *target, int outcome,
                   const char *expected)
{
    CLEANUP(cleanup_freep) char *chain = NULL;

    cr_expect_eq(follow(owner, target, CHAIN_FAMILIES, find, (void *)rows, &chain), outcome);
    cr_assert_not_null(chain);
    cr_expect_str_eq(chain, expected);
}

#define A    CHAIN_FAMILY(DNS_FAMILY_A)
#define AAAA CHAIN_FAMILY(DNS_FAMILY_AAAA)
#define BOTH CHAIN_FAMILIES

Test(chain, ends_where_nothing_leads_on)
{
    static const struct rows rows[] = {{"b", "c", BOTH}, {"c", "d", BOTH}, {NULL, NULL, 0}};

    expect_end(rows, "a", "b");
    expect_end(rows, "a", "elsewhere");
}

Test(chain, that_leads_to_itself_is_a_loop)
{
    static const struct rows rows[] = {{"a", "a", BOTH}, {NULL, NULL, 0}};

    expect(rows, "a", "a", CHAIN_E_LOOP, "a -> a");
    expect(rows, "", "", CHAIN_E_LOOP, ". -> .");
}

Test(chain, that_comes_back_is_a_loop)
{
    static const struct rows rows[] = {{"b", "c", BOTH}, {"c", "a", BOTH}, {NULL, NULL, 0}};

    expect(rows, "a", "b", CHAIN_E_LOOP, "a -> b -> c -> a");
}

Test(chain, into_a_loop_is_one)
{
    static const struct rows rows[] = {{"b", "c", BOTH}, {"c", "b", BOTH}, {NULL, NULL, 0}};

    expect(rows, "a", "b", CHAIN_E_LOOP, "a -> b -> c -> b");
}

Test(chain, branches_at_a_name_with_several_rows)
{
    static const struct rows rows[] = {
        {"b", "x", BOTH}, {"b", "y", BOTH}, {"y", "b", BOTH}, {NULL, NULL, 0}};

    expect(rows, "a", "b", CHAIN_E_LOOP, "a -> b -> y -> b");
}

Test(chain, that_comes_together_again_is_no_loop)
{
    static const struct rows rows[] = {{"b", "x", BOTH}, {"b", "y", BOTH}, {"x", "z", BOTH},
                                       {"y", "z", BOTH}, {"z", "o", BOTH}, {NULL, NULL, 0}};

    found_count = 0;
    expect_end(rows, "a", "b");
    cr_expect_eq(found_count, 5, "each name once, not %d", found_count);
}

/* For A it ends at b, for AAAA at c. */
Test(chain, is_a_loop_only_if_one_family_goes_all_the_way)
{
    static const struct rows ends[] = {{"b", "c", AAAA}, {"c", "b", A}, {NULL, NULL, 0}};
    static const struct rows loops[] = {{"b", "c", AAAA}, {"c", "b", BOTH}, {NULL, NULL, 0}};

    expect_end(ends, "a", "b");
    expect(loops, "a", "b", CHAIN_E_LOOP, "a -> b -> c -> b");
}

/* The first way to `c` is for AAAA alone, which ends there. */
Test(chain, is_followed_again_for_another_family)
{
    static const struct rows rows[] = {{"b", "x", BOTH}, {"b", "c", BOTH}, {"x", "c", AAAA},
                                       {"c", "d", A},    {"d", "b", BOTH}, {NULL, NULL, 0}};

    expect(rows, "a", "b", CHAIN_E_LOOP, "a -> b -> c -> d -> b");
}

Test(chain, starts_with_the_families_that_it_is_asked_for)
{
    static const struct rows rows[] = {{"b", "a", A}, {NULL, NULL, 0}};
    CLEANUP(cleanup_freep) char *chain = NULL;

    cr_expect_eq(follow("a", "b", AAAA, find, (void *)rows, &chain), 0);
    cr_expect_eq(follow("a", "b", A, find, (void *)rows, &chain), CHAIN_E_LOOP);
}

/* "n1" leads to "n2" and so on up to "n`last`". */
static int find_next(void *userdata, const char *name, struct chain_links *links)
{
    int number = atoi(name + 1);
    char next[16];

    if (number >= *(int *)userdata)
        return 0;
    links->families = BOTH;
    snprintf(next, sizeof(next), "n%d", number + 1);
    return chain_links_add(links, next, 60);
}

Test(chain, of_sixteen_hops_is_the_longest)
{
    CLEANUP(cleanup_freep) char *chain = NULL;
    int last = 16;

    cr_expect_eq(follow("n0", "n1", BOTH, find_next, &last, &chain), 0);
    last = 17;
    cr_expect_eq(follow("n0", "n1", BOTH, find_next, &last, &chain), CHAIN_E_LONG);
    cr_assert_not_null(chain);
    cr_expect_str_eq(chain, "n0 -> n1 -> n2 -> n3 -> n4 -> n5 -> n6 -> n7 -> n8 -> n9 -> n10 -> n11"
                            " -> n12 -> n13 -> n14 -> n15 -> n16 -> n17");
}

/* "x" leads to "n1" and also to "n2", so that "n2" is first come to by a longer way; "y" does it
 * the other way round. */
static int find_detour(void *userdata, const char *name, struct chain_links *links)
{
    const char *first = *name == 'x' ? "n1" : "n2", *second = *name == 'x' ? "n2" : "n1";

    if (*name == 'n')
        return find_next(userdata, name, links);
    links->families = BOTH;
    int r = chain_links_add(links, first, 60);
    return r < 0 ? r : chain_links_add(links, second, 60);
}

Test(chain, counts_the_hops_of_the_longest_way)
{
    CLEANUP(cleanup_freep) char *long_x = NULL;
    CLEANUP(cleanup_freep) char *long_y = NULL;
    int last = 15;

    cr_expect_eq(follow("o", "x", BOTH, find_detour, &last, &long_x), 0);
    cr_expect_eq(follow("o", "y", BOTH, find_detour, &last, &long_y), 0);
    last = 16;
    cr_expect_eq(follow("o", "x", BOTH, find_detour, &last, &long_x), CHAIN_E_LONG);
    cr_expect_eq(follow("o", "y", BOTH, find_detour, &last, &long_y), CHAIN_E_LONG);
}

/* Each name leads to 40 others. */
static int find_many(void *userdata, const char *name, struct chain_links *links)
{
    char next[64];
    int r = 0;

    links->families = BOTH;
    for (int i = 0; i < 40 && r == 0; ++i) {
        snprintf(next, sizeof(next), "%d.%.40s", i, name);
        if (strlen(name) < 12)
            r = chain_links_add(links, next, 60);
    }
    return r;
}

Test(chain, that_branches_without_end_is_given_up)
{
    CLEANUP(cleanup_freep) char *chain = NULL;

    cr_expect_eq(follow("a", "b", BOTH, find_many, NULL, &chain), CHAIN_E_WIDE);
    cr_expect_null(chain);
}

static int fail(void *userdata, const char *name, struct chain_links *links)
{
    return -EIO;
}

Test(chain, ends_with_the_failure_of_who_is_asked)
{
    CLEANUP(cleanup_freep) char *chain = NULL;

    cr_expect_eq(follow("a", "b", BOTH, fail, NULL, &chain), -EIO);
    cr_expect_null(chain);
}

/* Where ways end, as "NAME FAMILIES TTL ADDRESSES;". */
struct ends {
    char text[512];
    size_t count;
};

static int note_end(void *userdata, const struct chain_end *end)
{
    struct ends *ends = userdata;
    size_t used = strlen(ends->text);

    ++ends->count;
    snprintf(ends->text + used, sizeof(ends->text) - used, "%s %u %u%s;", end->name, end->families,
             end->ttl, end->links->outside ? " outside" : "");
    return 0;
}

static int add(struct chain_links *links, unsigned families, const char *target, uint32_t ttl)
{
    links->families = families;
    return chain_links_add(links, target, ttl);
}

static int add_address(struct chain_links *links, enum dns_family family, const char *text,
                       uint32_t ttl)
{
    struct address address;

    cr_assert_eq(address_from_text(text, family, &address), 0);
    return chain_addresses_add(&links->addresses[family], &address, ttl);
}

static int add_step(struct chain_links *links, int number)
{
    char next[16];

    snprintf(next, sizeof(next), "step%d", number + 1);
    return add(links, BOTH, number < 16 ? next : "own", 300);
}

/* The names of a small world: "fork" leads to "far" (through "slow", by a TTL of 10) and to "own",
 * "ring" to itself and "own", "half" has an A and leads on to "far", "late" to "step1" and to
 * "step14", and a step to the next; the 16th to "own". */
static int find_end(void *userdata, const char *name, struct chain_links *links)
{
    if (strcmp(name, "fork") == 0)
        return add(links, BOTH, "slow", 300) < 0 ? -ENOMEM : add(links, BOTH, "own", 200);
    if (strcmp(name, "slow") == 0)
        return add(links, BOTH, "far", 10);
    if (strcmp(name, "ring") == 0)
        return add(links, BOTH, "ring", 300) < 0 ? -ENOMEM : add(links, BOTH, "own", 200);
    if (strcmp(name, "twice") == 0)
        return add(links, BOTH, "far", 300) < 0 ? -ENOMEM : add(links, BOTH, "slow", 300);
    if (strcmp(name, "half") == 0)
        return add_address(links, DNS_FAMILY_A, "192.0.2.2", 50) < 0 ? -ENOMEM
                                                                     : add(links, AAAA, "far", 40);
    if (strcmp(name, "late") == 0)
        return add(links, BOTH, "step1", 300) < 0 ? -ENOMEM : add(links, BOTH, "step14", 300);
    if (strncmp(name, "step", 4) == 0)
        return add_step(links, atoi(name + 4));
    if (strcmp(name, "own") == 0)
        return add_address(links, DNS_FAMILY_A, "192.0.2.1", 100);
    links->outside = strcmp(name, "far") == 0 ? BOTH : 0;
    return 0;
}

static void expect_ends(const char *target, unsigned families, int outcome, const char *expected)
{
    CLEANUP(cleanup_freep) char *chain = NULL;
    struct ends ends = {0};
    const struct chain_row row = {.owner = "a", .target = target, .families = families, .ttl = 250};
    const struct chain_guide guide = {
        .find = find_end, .reach = note_end, .userdata = &ends, .hops_max = HOPS_MAX};

    cr_expect_eq(chain_follow(&row, &guide, &chain), outcome);
    cr_expect_str_eq(ends.text, expected);
}

Test(chain, tells_where_it_ends_with_the_smallest_ttl_on_the_way)
{
    expect_ends("own", BOTH, 0, "own 3 250;");
    expect_ends("far", A, 0, "far 1 250 outside;");
    expect_ends("fork", BOTH, 0, "far 3 10 outside;own 3 200;");
    expect_ends("nothing", BOTH, 0, "");
}

Test(chain, tells_of_a_shorter_ttl_by_another_way)
{
    expect_ends("twice", BOTH, 0, "far 3 250 outside;far 3 10 outside;");
}

Test(chain, goes_on_for_the_family_that_it_asks_for)
{
    expect_ends("half", BOTH, 0, "half 3 250;far 2 40 outside;");
    expect_ends("half", A, 0, "half 1 250;");
    expect_ends("half", AAAA, 0, "far 2 40 outside;");
    expect_ends("own", AAAA, 0, "");
}

Test(chain, that_is_a_loop_has_ends_on_its_other_ways)
{
    expect_ends("ring", BOTH, CHAIN_E_LOOP, "own 3 200;");
}

Test(chain, that_is_too_long_by_one_way_goes_on_by_a_shorter_one)
{
    expect_ends("late", A, CHAIN_E_LONG, "own 1 250;");
}

static int refuse(void *userdata, const struct chain_end *end)
{
    return -EIO;
}

Test(chain, ends_with_the_failure_of_who_takes_the_ends)
{
    CLEANUP(cleanup_freep) char *chain = NULL;
    const struct chain_row row = {.owner = "a", .target = "ring", .families = BOTH, .ttl = 1};
    const struct chain_guide guide = {.find = find_end, .reach = refuse, .hops_max = HOPS_MAX};

    cr_expect_eq(chain_follow(&row, &guide, &chain), -EIO);
    cr_expect_null(chain);
}
