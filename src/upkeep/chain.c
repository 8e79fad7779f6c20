#include "upkeep/chain.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/cleanup.h"

#define ARROW " -> "

/* A name from which all ways were followed, by so many hops and for these families, and no more:
 * nothing is wrong there. */
struct seen {
    const char *name;
    size_t hops;
    unsigned families;
};

struct walk {
    chain_find_fn find;
    void *userdata;
    const char *path[CHAIN_HOPS_MAX + 2]; /* the owner first */
    struct arena texts;
    struct seen seen[CHAIN_NAMES_MAX];
    size_t seen_count;
    char *found; /* the path, written out */
};

int chain_links_add(struct chain_links *links, const char *target)
{
    char **targets = reallocarray(links->targets, links->count + 1, sizeof(*targets));
    if (!targets)
        return -ENOMEM;
    links->targets = targets;
    char *copy = strdup(target);
    if (!copy)
        return -ENOMEM;
    targets[links->count++] = copy;
    return 0;
}

void chain_links_deinit(struct chain_links *links)
{
    for (size_t i = 0; i < links->count; ++i)
        free(links->targets[i]);
    free(links->targets);
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

/* Whether coming here again, now by `hops` hops, can show nothing new. */
static bool was_seen(const struct walk *walk, const char *name, size_t hops, unsigned families)
{
    for (size_t i = 0; i < walk->seen_count; ++i) {
        const struct seen *seen = &walk->seen[i];
        if (hops <= seen->hops && (families & ~seen->families) == 0 &&
            strcmp(seen->name, name) == 0)
            return true;
    }
    return false;
}

static int remember(struct walk *walk, const char *name, size_t hops, unsigned families)
{
    if (walk->seen_count == CHAIN_NAMES_MAX)
        return CHAIN_E_WIDE;
    const char *copy = arena_copy(&walk->texts, name, strlen(name));
    if (!copy)
        return -ENOMEM;
    walk->seen[walk->seen_count++] =
        (struct seen){.name = copy, .hops = hops, .families = families};
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

static int end_at(struct walk *walk, size_t hops, int outcome)
{
    int r = write_path(walk, hops + 1);

    return r < 0 ? r : outcome;
}

/* `name` was come to by `hops` hops. */
static int visit(struct walk *walk, const char *name, size_t hops, unsigned families)
{
    CLEANUP(chain_links_deinit) struct chain_links links = {0};

    walk->path[hops] = name;
    if (is_on_path(walk, name, hops))
        return end_at(walk, hops, CHAIN_E_LOOP);
    if (hops > CHAIN_HOPS_MAX)
        return end_at(walk, hops, CHAIN_E_LONG);
    if (was_seen(walk, name, hops, families))
        return 0;
    int r = walk->find(walk->userdata, name, &links);
    unsigned asked = families & links.families;
    for (size_t i = 0; i < links.count && asked && r == 0; ++i)
        r = visit(walk, links.targets[i], hops + 1, asked);
    return r ? r : remember(walk, name, hops, families);
}

int chain_follow(const char *owner, const char *target, unsigned families, chain_find_fn find,
                 void *userdata, char **ret_chain)
{
    struct walk walk = {.find = find, .userdata = userdata, .path = {owner}};

    int r = visit(&walk, target, 1, families);
    arena_deinit(&walk.texts);
    if (r == CHAIN_E_LOOP || r == CHAIN_E_LONG)
        *ret_chain = walk.found;
    return r;
}
