#include "upkeep/batch.h"

#include "store/changes.h"
#include "store/together.h"
#include "util/clock.h"

void batch_deinit(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; ++i)
        order_deinit(&batch->zones[i].order);
    batch->count = 0;
    batch->written = 0;
}

static int read_zone(struct database *db, struct batch_zone *zone, int64_t zone_id)
{
    struct order *order = &zone->order;
    bool is_settled;

    int r = order_compute(db, zone_id, order);
    if (r == 0)
        r = changes_are_settled(db, zone_id, order->count, &is_settled);
    if (r == 0)
        zone->is_to_be_written = !is_settled || order->ordering.change_count > 0;
    /* What made it so large isn't needed any more. */
    if (r == 0 && order->ordering.change_count == 0)
        order_deinit(order);
    return r;
}

static int add_zone(struct batch *batch, struct database *db, int64_t zone_id)
{
    struct batch_zone *zone = &batch->zones[batch->count++];

    *zone = (struct batch_zone){.order = {.zone_id = zone_id}};
    zone->outcome = read_zone(db, zone, zone_id);
    return zone->outcome;
}

static bool is_of_a_zone(const struct batch *batch, int r)
{
    return r < 0 && !together_is_hopeless(r) && batch->count > 0 &&
           batch->zones[batch->count - 1].outcome < 0;
}

/* A failure ends the batch: it may have ended the snapshot. */
static int read_zones(struct batch *batch, struct database *db, batch_next *next, int64_t above)
{
    int64_t until = clock_steady_ms() + BATCH_READ_MS;
    int r;

    do {
        r = next(db, above, &above);
        if (r == 0)
            r = add_zone(batch, db, above);
    } while (r == 0 && batch->count < BATCH_ZONES_MAX && clock_steady_ms() < until);
    return is_of_a_zone(batch, r) ? 0 : r;
}

int batch_read(struct batch *batch, struct database *db, batch_next *next, int64_t above)
{
    int r = database_begin_reading(db);

    if (r < 0)
        return r;
    r = read_zones(batch, db, next, above);
    database_end_reading(db);
    if (r < 0)
        batch_deinit(batch);
    return r;
}

/* 0; CHANGES_E_CHANGED; negative. */
static int write_zone(struct database *db, void *item)
{
    const struct batch_zone *zone = item;
    const struct order *order = &zone->order;
    int64_t count;

    int r = changes_count(db, order->zone_id, &count);
    if (r == 0 && count != order->count)
        r = CHANGES_E_CHANGED;
    return r == 0 ? order_apply(db, order) : r;
}

int batch_write(struct batch *batch, struct database *db)
{
    void *items[BATCH_ZONES_MAX] = {0};
    int outcomes[BATCH_ZONES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < batch->count; ++i) {
        if (batch->zones[i].is_to_be_written)
            items[count++] = &batch->zones[i];
    }
    int r = together_run(db, write_zone, items, count, outcomes);
    for (size_t i = 0; i < count; ++i) {
        struct batch_zone *zone = items[i];

        zone->outcome = outcomes[i];
        batch->written += outcomes[i] == 0;
    }
    return r;
}
