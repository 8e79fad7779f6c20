#include "publish/announcer-queue.h"

#include <search.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "util/log.h"

/* A name with its dot, and the `$` of a zone. */
#define TEXT_SIZE (NAME_TEXT_SIZE + 2)

static const char purge_word[] = "PURGE";
static const char notify_word[] = "NOTIFY";

_Static_assert(sizeof(notify_word) + 1 + TEXT_SIZE <= ANNOUNCER_QUEUE_LINE_SIZE,
               "the longest name fits a line");

struct announcer_queue_item {
    TAILQ_ENTRY(announcer_queue_item) link;
    uint64_t asked_at; /* of the queue's `asked` */
    char text[];
};

static int compare(const void *a, const void *b)
{
    return strcmp(((const struct announcer_queue_item *)a)->text,
                  ((const struct announcer_queue_item *)b)->text);
}

static void half_init(struct announcer_queue_half *half)
{
    *half = (struct announcer_queue_half){0};
    TAILQ_INIT(&half->items);
}

static void half_remove(struct announcer_queue_half *half, struct announcer_queue_item *item)
{
    TAILQ_REMOVE(&half->items, item, link);
    tdelete(item, &half->tree, compare);
    --half->count;
    free(item);
}

static void half_clear(struct announcer_queue_half *half)
{
    struct announcer_queue_item *item;

    while ((item = TAILQ_FIRST(&half->items)))
        half_remove(half, item);
}

/* The item of that text, put at the end if it is new. NULL: no memory. */
static struct announcer_queue_item *half_get(struct announcer_queue_half *half, const char *text,
                                             uint64_t asked_at)
{
    size_t size = strlen(text) + 1;
    struct announcer_queue_item *item = malloc(sizeof(*item) + size);
    struct announcer_queue_item **node = NULL;

    if (!item)
        return NULL;
    item->asked_at = asked_at;
    memcpy(item->text, text, size);
    node = tsearch(item, &half->tree, compare);
    if (!node || *node != item) {
        free(item);
        return node ? *node : NULL;
    }
    TAILQ_INSERT_TAIL(&half->items, item, link);
    ++half->count;
    return item;
}

void announcer_queue_init(struct announcer_queue *queue)
{
    half_init(&queue->purges);
    half_init(&queue->notifies);
    queue->asked = 0;
    queue->everything_at = 0;
}

void announcer_queue_deinit(struct announcer_queue *queue)
{
    half_clear(&queue->purges);
    half_clear(&queue->notifies);
}

/* As PowerDNS reads it. */
static int write_name(const char *name, const char *suffix, char ret[static TEXT_SIZE])
{
    char canonical[NAME_TEXT_SIZE];

    int r = name_canonicalize(name, canonical);
    if (r == 0)
        snprintf(ret, TEXT_SIZE, "%s.%s", canonical, suffix);
    return r;
}

/* What was asked for first says when it is due, that is, before which NOTIFYs. */
static void purge_everything(struct announcer_queue *queue)
{
    const struct announcer_queue_item *first = TAILQ_FIRST(&queue->purges.items);

    queue->everything_at = first ? first->asked_at : queue->asked;
    half_clear(&queue->purges);
}

static void purge(struct announcer_queue *queue, const char *name, const char *suffix)
{
    char text[TEXT_SIZE];

    if (queue->everything_at > 0 || write_name(name, suffix, text) != 0)
        return;
    ++queue->asked;
    if (!half_get(&queue->purges, text, queue->asked) ||
        queue->purges.count > ANNOUNCER_QUEUE_PURGES_MAX)
        purge_everything(queue);
}

void announcer_queue_purge_zone(struct announcer_queue *queue, const char *zone)
{
    purge(queue, zone, "$");
}

void announcer_queue_purge_name(struct announcer_queue *queue, const char *name)
{
    bool is_wildcard = name[0] == '*' && (name[1] == '.' || name[1] == '\0');

    if (!is_wildcard)
        purge(queue, name, "");
    else
        announcer_queue_purge_zone(queue, name[1] == '.' ? name + 2 : "");
}

void announcer_queue_notify(struct announcer_queue *queue, const char *zone)
{
    struct announcer_queue_item *item;
    char text[TEXT_SIZE];

    if (write_name(zone, "", text) != 0)
        return;
    ++queue->asked;
    item = half_get(&queue->notifies, text, queue->asked);
    /* One that waits keeps its place, but not before what has been purged since. */
    if (item)
        item->asked_at = queue->asked;
    else
        log_error("%s: no memory to have its secondaries notified", zone);
}

bool announcer_queue_is_empty(const struct announcer_queue *queue)
{
    return queue->everything_at == 0 && TAILQ_EMPTY(&queue->purges.items) &&
           TAILQ_EMPTY(&queue->notifies.items);
}

/* As many as one line holds. */
static void take_purges(struct announcer_queue *queue, struct announcer_queue_command *ret)
{
    struct announcer_queue_item *item;
    size_t used = sizeof(purge_word) - 1;

    memcpy(ret->line, purge_word, sizeof(purge_word));
    while ((item = TAILQ_FIRST(&queue->purges.items))) {
        size_t length = strlen(item->text);

        if (used + 1 + length >= sizeof(ret->line))
            return;
        ret->line[used] = ' ';
        memcpy(ret->line + used + 1, item->text, length + 1);
        used += 1 + length;
        ++ret->count;
        half_remove(&queue->purges, item);
    }
}

static void take_purge(struct announcer_queue *queue, struct announcer_queue_command *ret)
{
    ret->kind = ANNOUNCER_QUEUE_PURGE;
    ret->count = 0;
    if (queue->everything_at == 0) {
        take_purges(queue, ret);
        return;
    }
    ret->count = 1;
    memcpy(ret->line, purge_word, sizeof(purge_word));
    queue->everything_at = 0;
}

static void take_notify(struct announcer_queue *queue, struct announcer_queue_item *item,
                        struct announcer_queue_command *ret)
{
    ret->kind = ANNOUNCER_QUEUE_NOTIFY;
    ret->count = 1;
    snprintf(ret->line, sizeof(ret->line), "%s %s", notify_word, item->text);
    half_remove(&queue->notifies, item);
}

/* When the purge that has waited longest was asked for; 0 = there is none. While everything is to
 * be purged no other purges wait. */
static uint64_t next_purge_at(const struct announcer_queue *queue)
{
    const struct announcer_queue_item *item = TAILQ_FIRST(&queue->purges.items);

    return queue->everything_at > 0 ? queue->everything_at : item ? item->asked_at : 0;
}

int announcer_queue_take(struct announcer_queue *queue, struct announcer_queue_command *ret)
{
    struct announcer_queue_item *notify = TAILQ_FIRST(&queue->notifies.items);
    uint64_t purge_at = next_purge_at(queue);

    if (!notify && purge_at == 0)
        return ANNOUNCER_QUEUE_E_EMPTY;
    if (purge_at > 0 && (!notify || purge_at < notify->asked_at))
        take_purge(queue, ret);
    else
        take_notify(queue, notify, ret);
    return 0;
}
