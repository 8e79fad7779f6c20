#include "store/fallback-queue.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

static void free_item(struct fallback_item *item)
{
    free((char *)item->entry.target);
    free((char *)item->entry.last_error);
    address_set_deinit(&item->entry.addresses);
    free(item);
}

struct fallback_item *fallback_item_new(const struct fallback_entry *entry, bool is_removal)
{
    struct fallback_item *item = calloc(1, sizeof(*item));

    if (!item)
        return NULL;
    item->is_removal = is_removal;
    item->entry = *entry;
    item->entry.addresses = (struct address_set){0};
    item->entry.target = strdup(entry->target);
    item->entry.last_error = strdup(is_removal ? "" : entry->last_error);
    if (!item->entry.target || !item->entry.last_error ||
        address_set_copy(&entry->addresses, &item->entry.addresses) < 0) {
        free_item(item);
        return NULL;
    }
    return item;
}

void fallback_items_free(struct fallback_items *items)
{
    while (!TAILQ_EMPTY(items)) {
        struct fallback_item *item = TAILQ_FIRST(items);

        TAILQ_REMOVE(items, item, link);
        free_item(item);
    }
}

static int compare(const void *a, const void *b)
{
    const struct fallback_entry *left = &((const struct fallback_item *)a)->entry;
    const struct fallback_entry *right = &((const struct fallback_item *)b)->entry;

    if (left->family != right->family)
        return left->family < right->family ? -1 : 1;
    return strcmp(left->target, right->target);
}

void fallback_queue_init(struct fallback_queue *queue)
{
    *queue = (struct fallback_queue){0};
    TAILQ_INIT(&queue->items);
}

static void unlink_item(struct fallback_queue *queue, struct fallback_item *item)
{
    tdelete(item, &queue->tree, compare);
    TAILQ_REMOVE(&queue->items, item, link);
    --queue->count;
}

void fallback_queue_deinit(struct fallback_queue *queue)
{
    while (!TAILQ_EMPTY(&queue->items)) {
        struct fallback_item *item = TAILQ_FIRST(&queue->items);

        unlink_item(queue, item);
        free_item(item);
    }
}

int fallback_queue_put(struct fallback_queue *queue, struct fallback_item *item)
{
    struct fallback_item **node = tsearch(item, &queue->tree, compare);

    if (!node) {
        free_item(item);
        return -ENOMEM;
    }
    if (*node != item) {
        struct fallback_item *older = *node;

        /* In its place, in the tree and in the order. */
        *node = item;
        TAILQ_INSERT_BEFORE(older, item, link);
        TAILQ_REMOVE(&queue->items, older, link);
        free_item(older);
        return 0;
    }
    TAILQ_INSERT_TAIL(&queue->items, item, link);
    ++queue->count;
    return 0;
}

void fallback_queue_take(struct fallback_queue *queue, size_t max, struct fallback_items *ret)
{
    for (size_t i = 0; i < max && !TAILQ_EMPTY(&queue->items); ++i) {
        struct fallback_item *item = TAILQ_FIRST(&queue->items);

        unlink_item(queue, item);
        TAILQ_INSERT_TAIL(ret, item, link);
    }
}

void fallback_queue_put_back(struct fallback_queue *queue, struct fallback_items *items)
{
    while (!TAILQ_EMPTY(items)) {
        struct fallback_item *item = TAILQ_LAST(items, fallback_items);
        struct fallback_item **node = tsearch(item, &queue->tree, compare);

        TAILQ_REMOVE(items, item, link);
        if (!node || *node != item) { /* out of memory, or overtaken */
            free_item(item);
            continue;
        }
        TAILQ_INSERT_HEAD(&queue->items, item, link);
        ++queue->count;
    }
}
