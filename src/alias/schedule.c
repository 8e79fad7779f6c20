#include "alias/schedule.h"

#include <stddef.h>

#include "util/integer.h"

void schedule_init(struct schedule *schedule, int64_t now)
{
    for (size_t i = 0; i < SCHEDULE_SLOTS; ++i)
        TAILQ_INIT(&schedule->slots[i]);
    for (size_t i = 0; i < SCHEDULE_REASONS; ++i)
        turns_init(&schedule->due[i]);
    schedule->next = now / SCHEDULE_SLOT_MS;
}

void schedule_remove(struct table_entry *entry)
{
    turns_remove(&entry->turn);
    if (entry->scheduled_in)
        TAILQ_REMOVE(entry->scheduled_in, entry, schedule_link);
    entry->scheduled_in = NULL;
    entry->scheduled_at = STATE_FAR;
}

static void put(struct table_entries *list, struct table_entry *entry, int64_t at)
{
    schedule_remove(entry);
    TAILQ_INSERT_TAIL(list, entry, schedule_link);
    entry->scheduled_in = list;
    entry->scheduled_at = at;
}

void schedule_put(struct schedule *schedule, struct table_entry *entry, int64_t at)
{
    int64_t last = schedule->next + SCHEDULE_SLOTS - 1;

    if (at == STATE_FAR) {
        schedule_remove(entry);
        return;
    }
    if (entry->scheduled_at == at && (entry->scheduled_in || entry->turn.queue))
        return;

    int64_t slot = integer_max(schedule->next, integer_min(last, at / SCHEDULE_SLOT_MS));

    put(&schedule->slots[slot % SCHEDULE_SLOTS], entry, at);
}

void schedule_put_due(struct schedule *schedule, struct table_entry *entry,
                      struct limits_zone *zone, enum schedule_reason reason)
{
    int64_t at = entry->scheduled_at;

    schedule_remove(entry);
    entry->scheduled_at = at;
    turns_put(&schedule->due[reason], &zone->queues[reason], &entry->turn);
}

struct table_entry *schedule_first_due(const struct schedule *schedule, enum schedule_reason reason,
                                       struct limits_zone **ret_zone)
{
    struct turns_item *item = turns_first(&schedule->due[reason]);

    if (!item)
        return NULL;
    *ret_zone = limits_zone_of(item->queue, reason);
    return (struct table_entry *)((char *)item - offsetof(struct table_entry, turn));
}

struct table_entry *schedule_next(struct schedule *schedule, int64_t now)
{
    int64_t current = now / SCHEDULE_SLOT_MS;

    schedule->next = integer_max(schedule->next, current - SCHEDULE_SLOTS);
    for (; schedule->next < current; ++schedule->next) {
        struct table_entry *entry = TAILQ_FIRST(&schedule->slots[schedule->next % SCHEDULE_SLOTS]);

        if (entry) {
            int64_t at = entry->scheduled_at;

            schedule_remove(entry);
            entry->scheduled_at = at;
            return entry;
        }
    }
    return NULL;
}
