#include "upkeep/order.h"

#include <errno.h>
#include <string.h>

#include "store/changes.h"
#include "store/keys.h"
#include "store/metadata.h"
#include "store/zone-rows.h"
#include "store/zones.h"
#include "util/log.h"

/* PowerDNS lowers a larger number of iterations to `max-nsec3-iterations`, whose default this is,
 * but for presigned zones (DNSSECKeeper::getNSEC3PARAM). */
#define NSEC3_ITERATIONS_MAX 100

void order_deinit(struct order *order)
{
    ordering_deinit(&order->ordering);
}

/* PowerDNS makes no answer of parameters that it can't read: it doesn't matter what follows. */
static int read_nsec3(struct database *db, int64_t zone_id, struct ordering_rules *rules)
{
    static struct log_limit limit = LOG_LIMIT(5, 60000);
    char text[METADATA_NSEC3PARAM_SIZE];

    int r = metadata_nsec3param(db, zone_id, text);
    if (r < 0)
        return r;
    rules->denial = ORDERING_NSEC;
    if (!*text)
        return 0;
    if (nsec3_parse(text, &rules->nsec3) != 0) {
        log_write_limited(&limit, LOG_LEVEL_WARNING, "zone %s: NSEC3PARAM can't be read: '%.100s'",
                          rules->zone, text);
        return 0;
    }
    rules->denial = ORDERING_NSEC3;
    if (!rules->is_presigned && rules->nsec3.iterations > NSEC3_ITERATIONS_MAX)
        rules->nsec3.iterations = NSEC3_ITERATIONS_MAX;
    return metadata_is_narrow(db, zone_id, &rules->is_narrow);
}

static int read_rules(struct database *db, int64_t zone_id, struct ordering_rules *rules)
{
    bool is_signed;

    int r = metadata_is_presigned(db, zone_id, &rules->is_presigned);
    if (r == 0)
        r = keys_has_active(db, zone_id, &is_signed);
    if (r < 0)
        return r;
    return is_signed || rules->is_presigned ? read_nsec3(db, zone_id, rules) : 0;
}

static int add_row(struct ordering *ordering, const struct zone_rows_row *row)
{
    struct zone_tree_row added = {
        .id = row->id,
        .ordername = row->ordername,
        .hash = row->hash,
        .auth = (int8_t)row->auth,
        .mark = row->mark == ZONE_ROWS_ADDED     ? ZONE_TREE_MARK_ADDED
                : row->mark == ZONE_ROWS_FOREIGN ? ZONE_TREE_MARK_FOREIGN
                                                 : ZONE_TREE_MARK_NONE,
        .is_readable = row->is_readable,
    };

    return ordering_add(ordering, &added, row->name, row->type);
}

static int read_rows(struct database *db, struct order *order)
{
    CLEANUP(zone_rows_cursor_deinit) struct zone_rows_cursor cursor = {0};
    struct zone_rows_row row;

    int r = zone_rows_list(db, order->zone_id, order->has_marks, &cursor);
    while (r == 0 && (r = zone_rows_next(&cursor, &row)) == 0)
        r = add_row(&order->ordering, &row);
    return r < 0 ? r : 0;
}

static int no_memory(const struct order *order)
{
    log_error("zone %s: can't be put in order: out of memory", order->zone);
    return -ENOMEM;
}

static int compute(struct database *db, struct order *order, const struct ordering_rules *rules)
{
    int r = ordering_init(&order->ordering, rules);

    if (r == 0)
        r = read_rows(db, order);
    if (r == 0)
        r = ordering_finish(&order->ordering);
    if (r == -ENOMEM)
        return no_memory(order);
    return r < 0 ? r : 0; /* without an SOA there is nothing to change */
}

int order_compute(struct database *db, int64_t zone_id, struct order *ret)
{
    struct ordering_rules rules = {.zone = ret->zone};
    char name[NAME_TEXT_SIZE];

    ret->zone_id = zone_id;
    int r = changes_are_noted(db, &ret->has_marks);
    if (r == 0)
        r = changes_count(db, zone_id, &ret->count);
    if (r == 0)
        r = zones_find_name(db, zone_id, name);
    if (r != 0)
        return r < 0 ? r : 0;
    if (name_canonicalize(name, ret->zone) != 0)
        return 0;
    r = read_rules(db, zone_id, &rules);
    return r < 0 ? r : compute(db, ret, &rules);
}

static int mark(struct database *db, const struct order *order,
                const struct ordering_change *change, int64_t id)
{
    if (!order->has_marks)
        return 0;
    return zone_rows_mark(db, id, order->zone_id,
                          change->is_ours ? ZONE_ROWS_ADDED : ZONE_ROWS_FOREIGN, change->hash);
}

static int apply_change(struct database *db, const struct order *order,
                        const struct ordering_change *change)
{
    int64_t id;
    int r;

    switch (change->action) {
    case ORDERING_UPDATE:
        return zone_rows_update(db, change->id, change->ordername, change->auth);
    case ORDERING_ADD:
        r = zone_rows_add_ent(db, order->zone_id, change->name, change->ordername, change->auth,
                              &id);
        return r < 0 ? r : mark(db, order, change, id);
    case ORDERING_REMOVE:
        return zone_rows_remove(db, change->id);
    case ORDERING_MARK:
        return mark(db, order, change, change->id);
    case ORDERING_UNMARK:
        return order->has_marks ? zone_rows_unmark(db, change->id) : 0;
    }
    return 0;
}

/* What the triggers count here are our own changes: the count goes back to where it was. */
int order_apply(struct database *db, const struct order *order)
{
    const struct ordering *ordering = &order->ordering;
    int r = 0;

    for (size_t i = 0; i < ordering->change_count && r == 0; ++i)
        r = apply_change(db, order, &ordering->changes[i]);
    if (r == 0 && order->has_marks)
        r = changes_settle(db, order->zone_id, order->count);
    if (r == 0 && ordering->change_count > 0)
        log_debug("zone %s: %zu rows put in order", order->zone, ordering->change_count);
    return r;
}

int order_zone(struct database *db, int64_t zone_id)
{
    CLEANUP(order_deinit) struct order order = {0};

    int r = order_compute(db, zone_id, &order);
    return r < 0 ? r : order_apply(db, &order);
}
