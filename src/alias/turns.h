#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/queue.h>

/*
 * Who waits for the same thing, in several queues that have their turns: one of each, and again
 *
 * However many wait in one queue, the first of another waits for no more than one of each. Nothing
 * is allocated: items and queues are parts of what they stand for. All-zero ones wait nowhere.
 */

struct turns_item {
    struct turns_queue *queue; /* NULL: it doesn't wait */
    size_t number;             /* how many have to have left the queue's front before, at most */
    TAILQ_ENTRY(turns_item) link;
};

struct turns_queue {
    struct turns *turns; /* NULL: nothing waits in it */
    TAILQ_HEAD(turns_items, turns_item) items;
    size_t count;
    size_t left; /* its front, ever */
    TAILQ_ENTRY(turns_queue) link;
};

struct turns {
    TAILQ_HEAD(turns_queues, turns_queue)
    queues; /* in which something waits; whose turn it is first */
    size_t count;
};

void turns_init(struct turns *turns);

/* At the end of the queue, whose items all wait for these turns. The item must not wait yet. */
void turns_put(struct turns *turns, struct turns_queue *queue, struct turns_item *item);

/* Wherever it waits, if it does. */
void turns_remove(struct turns_item *item);

/* How many wait before it in its queue, at most: never more than when it was put there, and one
 * less with each that was the first. */
size_t turns_ahead(const struct turns_item *item);

/* The first item of the queue whose turn it is; NULL: nothing waits. */
struct turns_item *turns_first(const struct turns *turns);

/* It is the next queue's turn. Something has to wait. */
void turns_pass(struct turns *turns);
