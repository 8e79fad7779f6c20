#include "dns/chain.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/cleanup.h"

#define ARROW " -> "

/* How a name was come to. */
struct way {
    size_t hops;
    unsigned families;
    uint32_t ttl;
};

/* A name that was left again, all ways from there followed. */
struct seen {
    const char *name;
    struct way way;
};

struct walk {
    const struct chain_guide *guide;
    const char *path[CHAIN_HOPS_LIMIT + 2]; /* the owner first */
    struct arena texts;
    struct seen seen[CHAIN_NAMES_MAX];
    size_t seen_count;
    bool was_cut; /* a way has been given up for its length */
    int outcome;  /* of the first way that doesn't end; 0: none so far */
    char *found;  /* that way, written out */
};

int chain_links_add(struct chain_links *links, const char *target, uint32_t ttl)
{
    struct chain_target *targets = reallocarray(links->targets, links->count + 1, sizeof(*targets));
    if (!targets)
        return -ENOMEM;
    links->targets = targets;
    char *copy = strdup(target);
    if (!copy)
        return -ENOMEM;
    targets[links->count++] = (struct chain_target){.name = copy, .ttl = ttl};
    return 0;
}

int chain_addresses_add(struct chain_addresses *addresses, const struct address *address,
                        uint32_t ttl)
{
    if (addresses->set.count == 0 || ttl < addresses->ttl)
        addresses->ttl = ttl;
    return address_set_add(&addresses->set, address);
}

void chain_links_deinit(struct chain_links *links)
{
    for (size_t i = 0; i < links->count; ++i)
        free(links->targets[i].name);
    free(links->targets);
    for (size_t i = 0; i < DNS_FAMILIES; ++i)
        address_set_deinit(&links->addresses[i].set);
    *links = (struct chain_links){0};
}

static bool is_on_path(const struct walk *walk, const char *name, size_t hops)
{
    for (size_t i = 0; i < hops; ++i) {
        if (strcmp(walk->path[i], name) == 0)
            return true;
    }
    return false;
}

/* Whether coming here again, now by this way, can show nothing new: a longer one may be too long, a
 * shorter one go on where another was cut. */
static bool was_seen(const struct walk *walk, const char *name, const struct way *way)
{
    for (size_t i = 0; i < walk->seen_count; ++i) {
        const struct way *seen = &walk->seen[i].way;
        bool reaches_no_further =
            way->hops == seen->hops || (way->hops < seen->hops && !walk->was_cut);
        if (reaches_no_further && (way->families & ~seen->families) == 0 && way->ttl >= seen->ttl &&
            strcmp(walk->seen[i].name, name) == 0)
            return true;
    }
    return false;
}

static int remember(struct walk *walk, const char *name, const struct way *way)
{
    if (walk->seen_count == CHAIN_NAMES_MAX)
        return CHAIN_E_WIDE;
    const char *copy = arena_copy(&walk->texts, name, strlen(name));
    if (!copy)
        return -ENOMEM;
    walk->seen[walk->seen_count++] = (struct seen){.name = copy, .way = *way};
    return 0;
}

/* Writes out the first `length` names of the path, which is gone once the walk turns back. */
static int write_path(struct walk *walk, size_t length)
{
    size_t size = 1;

    for (size_t i = 0; i < length; ++i)
        size += strlen(walk->path[i]) + sizeof(ARROW);
    walk->found = malloc(size);
    if (!walk->found)
        return -ENOMEM;
    char *end = walk->found;
    for (size_t i = 0; i < length; ++i) {
        end = stpcpy(end, i > 0 ? ARROW : "");
        end = stpcpy(end, *walk->path[i] ? walk->path[i] : ".");
    }
    return 0;
}

/* This way is given up, the others are followed: each name on the path is still being left. */
static int give_up(struct walk *walk, size_t hops, int outcome)
{
    if (walk->outcome)
        return 0;
    walk->outcome = outcome;
    return write_path(walk, hops + 1);
}

static bool is_end(const struct chain_links *links, unsigned families)
{
    unsigned found = links->outside;

    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        if (links->addresses[i].set.count > 0)
            found |= CHAIN_FAMILY(i);
    }
    return found & families;
}

static int tell(struct walk *walk, const char *name, const struct chain_links *links,
                const struct way *way)
{
    const struct chain_end end = {
        .name = name, .links = links, .families = way->families, .ttl = way->ttl};

    if (!walk->guide->reach || !is_end(links, way->families))
        return 0;
    return walk->guide->reach(walk->guide->userdata, &end);
}

static int visit(struct walk *walk, const char *name, const struct way *way);

/* What stands at a name that was come to by `way`. */
static int go_on(struct walk *walk, const char *name, const struct chain_links *links,
                 const struct way *way)
{
    struct way next = {.hops = way->hops + 1, .families = way->families & links->families};

    int r = tell(walk, name, links, way);
    for (size_t i = 0; i < links->count && next.families && r == 0; ++i) {
        const struct chain_target *target = &links->targets[i];
        next.ttl = target->ttl < way->ttl ? target->ttl : way->ttl;
        r = visit(walk, target->name, &next);
    }
    return r;
}

static int visit(struct walk *walk, const char *name, const struct way *way)
{
    CLEANUP(chain_links_deinit) struct chain_links links = {0};

    walk->path[way->hops] = name;
    if (is_on_path(walk, name, way->hops))
        return give_up(walk, way->hops, CHAIN_E_LOOP);
    walk->was_cut |= way->hops > walk->guide->hops_max;
    if (way->hops > walk->guide->hops_max)
        return give_up(walk, way->hops, CHAIN_E_LONG);
    if (was_seen(walk, name, way))
        return 0;
    int r = walk->guide->find(walk->guide->userdata, name, &links);
    if (r == 0)
        r = go_on(walk, name, &links, way);
    return r ? r : remember(walk, name, way);
}

int chain_follow(const struct chain_row *row, const struct chain_guide *guide, char **ret_chain)
{
    struct walk walk = {.guide = guide, .path = {row->owner}};
    const struct way way = {.hops = 1, .families = row->families, .ttl = row->ttl};

    int r = visit(&walk, row->target, &way);
    arena_deinit(&walk.texts);
    if (r < 0 || !walk.outcome) {
        free(walk.found);
        return r;
    }
    *ret_chain = walk.found;
    return walk.outcome;
}
