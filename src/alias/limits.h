#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "alias/turns.h"

/*
 * How much one zone, and all together, may have resolved and kept
 *
 * Whoever can add rows to one zone must not be able to slow another. So each zone has a number of
 * targets, and resolutions a second, of its own. What all zones share (memory, resolutions under
 * way at a time) is never full to one that has little of it: no zone gets more than is left free.
 * One zone alone has half of it at most, n zones that want all of it 1/(n+1) each, and as much is
 * left for the next.
 *
 * A target is charged to one zone: see limits_charge_to(). A resolution is paid by the zone that
 * was asked about, or if nobody asked by the one that its target is charged to.
 *
 * Pure: no clock (the caller passes `now`, steady milliseconds), no lock, no log.
 */

/* 0: no such limit. */
struct limits_config {
    uint32_t zone_targets_max;
    uint32_t zone_resolutions_max; /* a second, as the next */
    uint32_t resolutions_max;
    uint64_t memory_max; /* octets */
};

/* So much of what wasn't used can be used at once later. */
#define LIMITS_BURST_MS 2000

/* Resolutions at a time: as many as libunbound takes (resolve/engine.c). */
#define LIMITS_UNDER_WAY 4096

/* Rows are gone through every half hour (alias/noticer.c). */
#define LIMITS_LAPSE_MS (7200 * INT64_C(1000))

/* Which one was reached. */
enum limits_reason {
    LIMITS_NOT_REACHED,
    LIMITS_ZONE_TARGETS,
    LIMITS_ZONE_RATE, /* also: too many of the zone's resolutions under way */
    LIMITS_RATE,
    LIMITS_MEMORY,
    LIMITS_REASONS,
};

struct limits_bucket {
    int64_t level; /* thousandths of a resolution */
    int64_t at;    /* when it was that */
};

/* For whom a resolution is: lookups may use up a bucket, what nobody waits for leaves half of it to
 * them. */
enum limits_use {
    LIMITS_FOR_LOOKUP,
    LIMITS_FOR_REFRESH,
};

/* Queues of what waits to be resolved, one for each of schedule.h's reasons. */
#define LIMITS_QUEUES 4

struct limits_zone {
    int64_t id; /* the tree's key: first; 0: it is known of no zone whose they are */
    size_t charges;
    size_t targets; /* of those, that count */
    size_t memory;  /* octets */
    size_t under_way;
    size_t refreshing; /* of those, that nobody asked for */
    struct limits_bucket bucket;
    struct turns_queue queues[LIMITS_QUEUES];
    int64_t said_at[LIMITS_REASONS]; /* see limits_may_say() */
    TAILQ_ENTRY(limits_zone) link;
};

struct limits {
    void *tree;                                  /* tsearch(3) */
    struct limits_zone none;                     /* no limit of a zone's applies to it */
    TAILQ_HEAD(limits_zones, limits_zone) zones; /* the next to be looked at first */
    size_t zone_count;
    size_t memory;
    size_t under_way;
    struct limits_bucket bucket;
    bool is_short; /* somebody has to wait for that */
};

void limits_init(struct limits *limits);
void limits_deinit(struct limits *limits);

/* What is kept of a zone; made if there is nothing. Good until the next limits_sweep(), and for as
 * long as it is used. `id` 0: `none`. 0 or -ENOMEM. */
int limits_find_zone(struct limits *limits, int64_t id, struct limits_zone **ret);

/* Whose queue it is, of those with that number. */
struct limits_zone *limits_zone_of(struct turns_queue *queue, size_t number);

/* Forgets some zones of which nothing is known that a new one's wouldn't be. */
void limits_sweep(struct limits *limits, const struct limits_config *config, size_t count,
                  int64_t now);

/* Whose a target is. All-zero: nobody's yet. */
struct limits_charge {
    struct limits_zone *zone;
    int64_t named_at; /* by that zone, or asked for */
    bool counts;      /* in its targets */
    size_t memory;
};

/* Whether the zone may have one target more: LIMITS_NOT_REACHED or _ZONE_TARGETS. */
enum limits_reason limits_room(const struct limits *limits, const struct limits_config *config,
                               const struct limits_zone *zone);

/* Whether it may have so many octets more: LIMITS_NOT_REACHED or _MEMORY. */
enum limits_reason limits_memory_room(const struct limits *limits,
                                      const struct limits_config *config,
                                      const struct limits_zone *zone, size_t octets);

/* Whether it may have what another has brought: no room is taken by that, but the zone's share. */
bool limits_may_take_over(const struct limits *limits, const struct limits_config *config,
                          const struct limits_zone *zone, const struct limits_charge *charge);

/* Charges a target to a zone: at first to the one that brings it. It stays there as long as that
 * zone names it, or asks for it; LIMITS_LAPSE_MS later any other that does may have it. */
void limits_charge_to(struct limits *limits, struct limits_charge *charge, struct limits_zone *zone,
                      int64_t now);

/* The zone named it. */
void limits_charge_name(struct limits_charge *charge, int64_t now);

bool limits_charge_has_lapsed(const struct limits_charge *charge, int64_t now);

/* It doesn't count in the zone's targets any more: it has lapsed, and so isn't resolved for it. */
void limits_charge_discount(struct limits_charge *charge);

/* It is so large now. */
void limits_charge_resize(struct limits *limits, struct limits_charge *charge, size_t memory);

/* Nothing is left of it. */
void limits_charge_end(struct limits *limits, struct limits_charge *charge);

/* Whether the zone may start a resolution: LIMITS_NOT_REACHED, _ZONE_RATE or _RATE. */
enum limits_reason limits_look(struct limits *limits, const struct limits_config *config,
                               struct limits_zone *zone, enum limits_use use, int64_t now);

/* It does, or is made to. To be told that it has ended with the same `use`. */
void limits_begin(struct limits *limits, const struct limits_config *config,
                  struct limits_zone *zone, enum limits_use use, int64_t now);
void limits_end(struct limits *limits, struct limits_zone *zone, enum limits_use use);

/* It starts another beside one that is under way for the same; they end as one. */
void limits_begin_again(struct limits *limits, const struct limits_config *config,
                        struct limits_zone *zone, int64_t now);

/* Whether it is worth a line that a zone has reached a limit: one a minute and limit. */
bool limits_may_say(struct limits_zone *zone, enum limits_reason reason, int64_t now);

/* The setting that says how much it is. */
const char *limits_setting(enum limits_reason reason);
