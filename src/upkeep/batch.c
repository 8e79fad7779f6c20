#include "upkeep/batch.h"

#include <errno.h>

#include "store/changes.h"
#include "util/clock.h"

void batch_deinit(struct batch *batch)
{
    for (size_t i = 0; i < batch->count; ++i)
        order_deinit(&batch->zones[i].order);
    batch->count = 0;
    batch->written = 0;
}

bool batch_is_hopeless(int r)
{
    return r == -EBUSY || r == -EINTR || r == -ESHUTDOWN;
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
    return r < 0 && !batch_is_hopeless(r) && batch->count > 0 &&
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

static bool is_to_be_written(const struct batch_zone *zone)
{
    return zone->outcome == 0 && zone->is_to_be_written;
}

/* 0; CHANGES_E_CHANGED; negative. */
static int apply_zone(struct database *db, const struct order *order)
{
    int64_t count;

    int r = changes_count(db, order->zone_id, &count);
    if (r == 0 && count != order->count)
        r = CHANGES_E_CHANGED;
    return r == 0 ? order_apply(db, order) : r;
}

/* In a write transaction: the zones from `begin` on, at most to `limit`, until the lock was held
 * for long enough. `ret_end` is behind the last that was tried. */
static int apply(struct batch *batch, struct database *db, size_t begin, size_t limit,
                 size_t *ret_end)
{
    int64_t until = clock_steady_ms() + BATCH_LOCK_MS;
    size_t i = begin;
    int r = 0;

    do {
        struct batch_zone *zone = &batch->zones[i++];

        if (!is_to_be_written(zone))
            continue;
        r = apply_zone(db, &zone->order);
        if (r == CHANGES_E_CHANGED)
            zone->outcome = r;
    } while (r >= 0 && i < limit && clock_steady_ms() < until);
    *ret_end = i;
    return r < 0 ? r : 0;
}

/* One transaction. All that were tried in it have failed if it does. */
static int write_together(struct batch *batch, struct database *db, size_t begin, size_t limit,
                          size_t *ret_end)
{
    *ret_end = limit;
    int r = database_begin(db);
    if (r < 0)
        return r;
    r = apply(batch, db, begin, limit, ret_end);
    if (r == 0)
        return database_commit(db);
    database_rollback(db);
    return r;
}

static void count_written(struct batch *batch, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; ++i)
        batch->written += is_to_be_written(&batch->zones[i]);
}

/* Those that were to be written from `begin` on. */
static int give_up(struct batch *batch, size_t begin, int failure)
{
    for (size_t i = begin; i < batch->count; ++i) {
        if (is_to_be_written(&batch->zones[i]))
            batch->zones[i].outcome = failure;
    }
    return failure;
}

/* The zones of a transaction that has failed are written once more, each by itself. */
int batch_write(struct batch *batch, struct database *db)
{
    size_t alone_until = 0;
    size_t end;

    for (size_t begin = 0; begin < batch->count; begin = end) {
        size_t limit = begin < alone_until ? begin + 1 : batch->count;

        end = begin + 1;
        if (!is_to_be_written(&batch->zones[begin]))
            continue;
        int r = write_together(batch, db, begin, limit, &end);
        if (batch_is_hopeless(r))
            return give_up(batch, begin, r);
        if (r == 0) {
            count_written(batch, begin, end);
        } else if (end > begin + 1) {
            alone_until = end;
            end = begin;
        } else {
            batch->zones[begin].outcome = r;
        }
    }
    return 0;
}
