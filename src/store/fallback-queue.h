#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

#include "store/fallback.h"

/*
 * What waits to be written to the fallback database
 *
 * In the order of its coming, and at most one item for each (target, family): the newest. No lock:
 * fallback.c's.
 */

struct fallback_item {
    struct fallback_entry entry; /* its text and addresses are the item's own */
    bool is_removal;             /* only `target` and `family` matter */
    TAILQ_ENTRY(fallback_item) link;
};

TAILQ_HEAD(fallback_items, fallback_item);

struct fallback_queue {
    struct fallback_items items;
    void *tree; /* tsearch(3), by target and family */
    size_t count;
};

/* A copy of `entry`; NULL: out of memory. */
struct fallback_item *fallback_item_new(const struct fallback_entry *entry, bool is_removal);

void fallback_items_free(struct fallback_items *items);

void fallback_queue_init(struct fallback_queue *queue);
void fallback_queue_deinit(struct fallback_queue *queue);

/* Takes the item over, also on failure. An older one for the same goes. 0 or -ENOMEM. */
int fallback_queue_put(struct fallback_queue *queue, struct fallback_item *item);

/* Moves the oldest `max` items to the end of `ret`. */
void fallback_queue_take(struct fallback_queue *queue, size_t max, struct fallback_items *ret);

/* Takes back what couldn't be written, but for what has been overtaken meanwhile. */
void fallback_queue_put_back(struct fallback_queue *queue, struct fallback_items *items);
