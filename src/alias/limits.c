#include "alias/limits.h"

#include <errno.h>
#include <search.h>
#include <stdlib.h>

#include "util/integer.h"

/* Of one resolution; also that many make one a second of them one a millisecond. */
#define TOKEN  1000

#define SAY_MS (60 * INT64_C(1000))

/* Before any moment that is reckoned with, and far from overflow. */
#define LONG_AGO (INT64_MIN / 2)

static int compare(const void *a, const void *b)
{
    const struct limits_zone *left = a, *right = b;

    return (left->id > right->id) - (left->id < right->id);
}

static void begin_zone(struct limits_zone *zone, int64_t id)
{
    *zone = (struct limits_zone){.id = id, .bucket = {.at = LONG_AGO}};
    for (size_t i = 0; i < LIMITS_REASONS; ++i)
        zone->said_at[i] = LONG_AGO;
}

void limits_init(struct limits *limits)
{
    *limits = (struct limits){.bucket = {.at = LONG_AGO}};
    begin_zone(&limits->none, 0);
    TAILQ_INIT(&limits->zones);
}

static void remove_zone(struct limits *limits, struct limits_zone *zone)
{
    tdelete(zone, &limits->tree, compare);
    TAILQ_REMOVE(&limits->zones, zone, link);
    --limits->zone_count;
    free(zone);
}

void limits_deinit(struct limits *limits)
{
    while (!TAILQ_EMPTY(&limits->zones))
        remove_zone(limits, TAILQ_FIRST(&limits->zones));
}

static int make_zone(struct limits *limits, int64_t id, struct limits_zone **ret)
{
    struct limits_zone *zone = malloc(sizeof(*zone));

    if (!zone)
        return -ENOMEM;
    begin_zone(zone, id);
    if (!tsearch(zone, &limits->tree, compare)) {
        free(zone);
        return -ENOMEM;
    }
    TAILQ_INSERT_TAIL(&limits->zones, zone, link);
    ++limits->zone_count;
    *ret = zone;
    return 0;
}

int limits_find_zone(struct limits *limits, int64_t id, struct limits_zone **ret)
{
    const struct limits_zone key = {.id = id};
    void *node;

    if (id == 0) {
        *ret = &limits->none;
        return 0;
    }
    node = tfind(&key, &limits->tree, compare);
    if (!node)
        return make_zone(limits, id, ret);
    *ret = *(struct limits_zone **)node;
    return 0;
}

struct limits_zone *limits_zone_of(struct turns_queue *queue, size_t number)
{
    return (struct limits_zone *)((char *)(queue - number) - offsetof(struct limits_zone, queues));
}

/* As much as it holds at `now`, when `rate` come in a second. */
static int64_t fill(struct limits_bucket *bucket, uint32_t rate, int64_t now)
{
    int64_t full = (int64_t)rate * LIMITS_BURST_MS;
    int64_t elapsed = integer_min(integer_max(0, now - bucket->at), LIMITS_BURST_MS);

    bucket->level = integer_min(full, bucket->level + elapsed * rate);
    bucket->at = integer_max(bucket->at, now);
    return bucket->level;
}

static bool has_token(struct limits_bucket *bucket, uint32_t rate, enum limits_use use, int64_t now)
{
    int64_t left_alone = use == LIMITS_FOR_REFRESH ? (int64_t)rate * LIMITS_BURST_MS / 2 : 0;

    return rate == 0 || fill(bucket, rate, now) >= left_alone + TOKEN;
}

static void take_token(struct limits_bucket *bucket, uint32_t rate, int64_t now)
{
    if (rate > 0)
        bucket->level = integer_max(0, fill(bucket, rate, now) - TOKEN);
}

static bool is_waited_for(const struct limits_zone *zone)
{
    for (size_t i = 0; i < LIMITS_QUEUES; ++i) {
        if (zone->queues[i].count > 0)
            return true;
    }
    return false;
}

static bool has_just_been_said(const struct limits_zone *zone, int64_t now)
{
    for (size_t i = 0; i < LIMITS_REASONS; ++i) {
        if (now - zone->said_at[i] < SAY_MS)
            return true;
    }
    return false;
}

/* What it has used shows in its bucket until that is full. */
static bool is_idle(struct limits_zone *zone, const struct limits_config *config, int64_t now)
{
    uint32_t rate = config->zone_resolutions_max;

    return zone->charges == 0 && zone->under_way == 0 && !is_waited_for(zone) &&
           !has_just_been_said(zone, now) &&
           fill(&zone->bucket, rate, now) == (int64_t)rate * LIMITS_BURST_MS;
}

void limits_sweep(struct limits *limits, const struct limits_config *config, size_t count,
                  int64_t now)
{
    for (size_t i = 0; i < count && !TAILQ_EMPTY(&limits->zones); ++i) {
        struct limits_zone *zone = TAILQ_FIRST(&limits->zones);

        TAILQ_REMOVE(&limits->zones, zone, link);
        TAILQ_INSERT_TAIL(&limits->zones, zone, link);
        if (is_idle(zone, config, now))
            remove_zone(limits, zone);
    }
}

enum limits_reason limits_room(const struct limits *limits, const struct limits_config *config,
                               const struct limits_zone *zone)
{
    bool is_full = zone != &limits->none && config->zone_targets_max > 0 &&
                   zone->targets >= config->zone_targets_max;

    return is_full ? LIMITS_ZONE_TARGETS : LIMITS_NOT_REACHED;
}

enum limits_reason limits_memory_room(const struct limits *limits,
                                      const struct limits_config *config,
                                      const struct limits_zone *zone, size_t octets)
{
    uint64_t after = limits->memory + octets;

    if (config->memory_max == 0)
        return LIMITS_NOT_REACHED;
    if (after > config->memory_max)
        return LIMITS_MEMORY;
    if (zone != &limits->none && zone->memory + octets > config->memory_max - after)
        return LIMITS_MEMORY;
    return LIMITS_NOT_REACHED;
}

bool limits_may_take_over(const struct limits *limits, const struct limits_config *config,
                          const struct limits_zone *zone, const struct limits_charge *charge)
{
    if (config->memory_max == 0 || charge->zone == zone)
        return true;
    return limits->memory <= config->memory_max &&
           zone->memory + charge->memory <= config->memory_max - limits->memory;
}

static void leave_zone(struct limits_charge *charge)
{
    if (!charge->zone)
        return;
    limits_charge_discount(charge);
    --charge->zone->charges;
    charge->zone->memory -= charge->memory;
    charge->zone = NULL;
}

void limits_charge_to(struct limits *limits, struct limits_charge *charge, struct limits_zone *zone,
                      int64_t now)
{
    leave_zone(charge);
    charge->zone = zone;
    charge->counts = true;
    charge->named_at = now;
    ++zone->charges;
    ++zone->targets;
    zone->memory += charge->memory;
}

void limits_charge_name(struct limits_charge *charge, int64_t now)
{
    charge->named_at = now;
    if (charge->counts)
        return;
    charge->counts = true;
    ++charge->zone->targets;
}

bool limits_charge_has_lapsed(const struct limits_charge *charge, int64_t now)
{
    return charge->zone->id == 0 || now - charge->named_at > LIMITS_LAPSE_MS;
}

void limits_charge_discount(struct limits_charge *charge)
{
    if (charge->counts)
        --charge->zone->targets;
    charge->counts = false;
}

void limits_charge_resize(struct limits *limits, struct limits_charge *charge, size_t memory)
{
    limits->memory += memory - charge->memory;
    charge->zone->memory += memory - charge->memory;
    charge->memory = memory;
}

void limits_charge_end(struct limits *limits, struct limits_charge *charge)
{
    limits_charge_resize(limits, charge, 0);
    leave_zone(charge);
}

enum limits_reason limits_look(struct limits *limits, const struct limits_config *config,
                               struct limits_zone *zone, enum limits_use use, int64_t now)
{
    bool is_zone = zone != &limits->none;

    if (is_zone && !has_token(&zone->bucket, config->zone_resolutions_max, use, now))
        return LIMITS_ZONE_RATE;
    if (is_zone && config->zone_resolutions_max > 0 &&
        zone->under_way + limits->under_way >= LIMITS_UNDER_WAY)
        return LIMITS_ZONE_RATE;
    return has_token(&limits->bucket, config->resolutions_max, use, now) ? LIMITS_NOT_REACHED
                                                                         : LIMITS_RATE;
}

void limits_begin_again(struct limits *limits, const struct limits_config *config,
                        struct limits_zone *zone, int64_t now)
{
    if (zone != &limits->none)
        take_token(&zone->bucket, config->zone_resolutions_max, now);
    take_token(&limits->bucket, config->resolutions_max, now);
}

void limits_begin(struct limits *limits, const struct limits_config *config,
                  struct limits_zone *zone, enum limits_use use, int64_t now)
{
    limits_begin_again(limits, config, zone, now);
    ++limits->under_way;
    ++zone->under_way;
    zone->refreshing += use == LIMITS_FOR_REFRESH;
}

void limits_end(struct limits *limits, struct limits_zone *zone, enum limits_use use)
{
    --limits->under_way;
    --zone->under_way;
    zone->refreshing -= use == LIMITS_FOR_REFRESH;
}

bool limits_may_say(struct limits_zone *zone, enum limits_reason reason, int64_t now)
{
    if (now - zone->said_at[reason] < SAY_MS)
        return false;
    zone->said_at[reason] = now;
    return true;
}

const char *limits_setting(enum limits_reason reason)
{
    static const char *const names[LIMITS_REASONS] = {
        [LIMITS_NOT_REACHED] = "",
        [LIMITS_ZONE_TARGETS] = "zone-targets-max",
        [LIMITS_ZONE_RATE] = "zone-resolutions-max",
        [LIMITS_RATE] = "resolutions-max",
        [LIMITS_MEMORY] = "alias-memory-max",
    };

    return names[reason];
}
