#include "alias/turns.h"

void turns_init(struct turns *turns)
{
    *turns = (struct turns){0};
    TAILQ_INIT(&turns->queues);
}

static void join(struct turns *turns, struct turns_queue *queue)
{
    TAILQ_INIT(&queue->items);
    TAILQ_INSERT_TAIL(&turns->queues, queue, link);
    queue->turns = turns;
    ++turns->count;
}

static void leave(struct turns_queue *queue)
{
    TAILQ_REMOVE(&queue->turns->queues, queue, link);
    --queue->turns->count;
    queue->turns = NULL;
}

void turns_put(struct turns *turns, struct turns_queue *queue, struct turns_item *item)
{
    if (!queue->turns)
        join(turns, queue);
    TAILQ_INSERT_TAIL(&queue->items, item, link);
    item->number = queue->left + queue->count++;
    item->queue = queue;
}

void turns_remove(struct turns_item *item)
{
    struct turns_queue *queue = item->queue;

    if (!queue)
        return;
    queue->left += item == TAILQ_FIRST(&queue->items);
    TAILQ_REMOVE(&queue->items, item, link);
    item->queue = NULL;
    if (--queue->count == 0)
        leave(queue);
}

/* Those before it may have gone from the middle, too. */
size_t turns_ahead(const struct turns_item *item)
{
    const struct turns_queue *queue = item->queue;

    return item == TAILQ_FIRST(&queue->items) ? 0 : item->number - queue->left;
}

struct turns_item *turns_first(const struct turns *turns)
{
    const struct turns_queue *queue = TAILQ_FIRST(&turns->queues);

    return queue ? TAILQ_FIRST(&queue->items) : NULL;
}

void turns_pass(struct turns *turns)
{
    struct turns_queue *queue = TAILQ_FIRST(&turns->queues);

    TAILQ_REMOVE(&turns->queues, queue, link);
    TAILQ_INSERT_TAIL(&turns->queues, queue, link);
}
