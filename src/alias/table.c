#include "alias/table.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "util/hash.h"

/* Keys and nodes are both pointers to a pointer to the name. */
static int compare(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

uint32_t table_hash(const char *text)
{
    uint32_t hash = hash_octets(HASH_START, text, strlen(text));

    return hash ? hash : 1;
}

/* The name, the target and its node in the tree, with what malloc() adds. */
#define OVERHEAD (3 * 16 + 4 * sizeof(void *))

size_t table_size_of(const char *name)
{
    return sizeof(struct table_target) + strlen(name) + 1 + OVERHEAD +
           DNS_FAMILIES * (TABLE_ADDRESSES * sizeof(struct address) + 16);
}

size_t table_size_beyond(const struct address_set *addresses)
{
    return addresses->count > TABLE_ADDRESSES
               ? (addresses->count - TABLE_ADDRESSES) * sizeof(struct address)
               : 0;
}

void table_init(struct table *table)
{
    *table = (struct table){0};
    TAILQ_INIT(&table->all);
    TAILQ_INIT(&table->made);
}

static void free_target(struct table_target *target)
{
    for (size_t i = 0; i < DNS_FAMILIES; ++i)
        state_deinit(&target->entries[i].state);
    free((char *)target->name);
    free(target);
}

void table_deinit(struct table *table)
{
    while (!TAILQ_EMPTY(&table->all))
        table_remove(table, TAILQ_FIRST(&table->all));
}

struct table_target *table_find(struct table *table, const char *name)
{
    void *node = tfind(&name, &table->tree, compare);

    return node ? *(struct table_target **)node : NULL;
}

static struct table_target *make_target(const char *name)
{
    struct table_target *target = calloc(1, sizeof(*target));

    if (!target)
        return NULL;
    target->name = strdup(name);
    if (!target->name) {
        free(target);
        return NULL;
    }
    target->expected_at = STATE_NEVER;
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        struct table_entry *entry = &target->entries[i];

        entry->target = target;
        entry->family = i;
        entry->scheduled_at = STATE_FAR;
        entry->state.family = i;
        entry->state.asked_at = STATE_NEVER;
        entry->state.named_at = STATE_NEVER;
        entry->state.published_at = STATE_NEVER;
        entry->state.jitter_seed = table_hash(name) + i;
    }
    return target;
}

int table_ensure(struct table *table, const char *name, struct table_target **ret)
{
    struct table_target *target = table_find(table, name);

    if (!target) {
        target = make_target(name);
        if (!target)
            return -ENOMEM;
        if (!tsearch(target, &table->tree, compare)) {
            free_target(target);
            return -ENOMEM;
        }
        TAILQ_INSERT_TAIL(&table->all, target, link);
        TAILQ_INSERT_TAIL(&table->made, target, in_order);
        ++table->count;
    }
    *ret = target;
    return 0;
}

void table_remove(struct table *table, struct table_target *target)
{
    tdelete(target, &table->tree, compare);
    TAILQ_REMOVE(&table->all, target, link);
    TAILQ_REMOVE(&table->made, target, in_order);
    --table->count;
    free_target(target);
}
