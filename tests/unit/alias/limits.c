#include "alias/limits.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#define OCTETS 1000

static const struct limits_config config = {
    .zone_targets_max = 3,
    .zone_resolutions_max = 10,
    .resolutions_max = 40,
    .memory_max = 10 * OCTETS,
};

static const int64_t start = 5000000;
static struct limits limits;

static void set_up(void)
{
    limits_init(&limits);
}

static void tear_down(void)
{
    limits_deinit(&limits);
}

TestSuite(limits, .init = set_up, .fini = tear_down, .timeout = 60);

static struct limits_zone *zone(int64_t id)
{
    struct limits_zone *found = NULL;

    cr_assert_eq(limits_find_zone(&limits, id, &found), 0);
    return found;
}

static void bring(struct limits_charge *charge, int64_t id, size_t octets, int64_t now)
{
    limits_charge_to(&limits, charge, zone(id), now);
    limits_charge_resize(&limits, charge, octets);
}

/* How many of a zone's begin and end at `now`. */
static int use_up(int64_t id, enum limits_use use, int64_t now)
{
    int count = 0;

    while (limits_look(&limits, &config, zone(id), use, now) == LIMITS_NOT_REACHED) {
        limits_begin(&limits, &config, zone(id), use, now);
        limits_end(&limits, zone(id), use);
        ++count;
    }
    return count;
}

/* Zones. */

Test(limits, know_each_zone_once)
{
    cr_assert_eq(zone(7), zone(7));
    cr_assert_neq(zone(7), zone(8));
    cr_assert_eq(zone(0), &limits.none);
    cr_assert_eq(limits.zone_count, 2);
}

Test(limits, forget_zones_that_have_nothing_to_remember)
{
    struct limits_charge charge = {0};

    bring(&charge, 1, OCTETS, start);
    limits_begin(&limits, &config, zone(2), LIMITS_FOR_LOOKUP, start);
    use_up(3, LIMITS_FOR_LOOKUP, start);
    zone(4);
    limits_sweep(&limits, &config, 10, start);
    cr_assert_eq(limits.zone_count, 3);
    limits_sweep(&limits, &config, 10, start + LIMITS_BURST_MS);
    cr_assert_eq(limits.zone_count, 2);
    limits_end(&limits, zone(2), LIMITS_FOR_LOOKUP);
    limits_charge_end(&limits, &charge);
    limits_sweep(&limits, &config, 10, start + LIMITS_BURST_MS);
    cr_assert_eq(limits.zone_count, 0);
}

Test(limits, tell_whose_queue_it_is)
{
    for (size_t i = 0; i < LIMITS_QUEUES; ++i)
        cr_assert_eq(limits_zone_of(&zone(5)->queues[i], i), zone(5));
}

/* Targets. */

Test(limits, bound_the_targets_of_each_zone_for_itself)
{
    struct limits_charge charges[4] = {0};

    for (size_t i = 0; i < 3; ++i) {
        cr_assert_eq(limits_room(&limits, &config, zone(1)), LIMITS_NOT_REACHED);
        bring(&charges[i], 1, 1, start);
    }
    cr_assert_eq(limits_room(&limits, &config, zone(1)), LIMITS_ZONE_TARGETS);
    cr_assert_eq(limits_room(&limits, &config, zone(2)), LIMITS_NOT_REACHED);
    limits_charge_end(&limits, &charges[1]);
    cr_assert_eq(limits_room(&limits, &config, zone(1)), LIMITS_NOT_REACHED);
}

Test(limits, are_none_where_they_are_0_or_it_is_nobodys)
{
    static const struct limits_config no_limits;
    struct limits_charge charges[100] = {0};

    for (size_t i = 0; i < 100; ++i)
        bring(&charges[i], i % 2, OCTETS, start);
    cr_assert_eq(limits_room(&limits, &config, &limits.none), LIMITS_NOT_REACHED);
    cr_assert_eq(limits_room(&limits, &no_limits, zone(1)), LIMITS_NOT_REACHED);
    cr_assert_eq(limits_memory_room(&limits, &no_limits, zone(1), OCTETS), LIMITS_NOT_REACHED);
    for (int i = 0; i < 10000; ++i) {
        cr_assert_eq(limits_look(&limits, &no_limits, zone(1), LIMITS_FOR_LOOKUP, start),
                     LIMITS_NOT_REACHED);
        limits_begin(&limits, &no_limits, zone(1), LIMITS_FOR_LOOKUP, start);
    }
}

Test(limits, count_a_target_until_its_zone_has_not_named_it_for_long)
{
    struct limits_charge charge = {0};

    bring(&charge, 1, OCTETS, start);
    limits_charge_name(&charge, start + 1000);
    cr_assert(!limits_charge_has_lapsed(&charge, start + 1000 + LIMITS_LAPSE_MS));
    cr_assert(limits_charge_has_lapsed(&charge, start + 1001 + LIMITS_LAPSE_MS));
    limits_charge_discount(&charge);
    limits_charge_discount(&charge);
    cr_assert_eq(zone(1)->targets, 0);
    cr_assert_eq(zone(1)->memory, OCTETS);
    limits_charge_name(&charge, start + 2 * LIMITS_LAPSE_MS);
    cr_assert_eq(zone(1)->targets, 1);
    cr_assert(!limits_charge_has_lapsed(&charge, start + 2 * LIMITS_LAPSE_MS));
}

Test(limits, move_a_target_with_all_that_it_takes)
{
    struct limits_charge charge = {0};

    bring(&charge, 1, OCTETS, start);
    limits_charge_to(&limits, &charge, zone(2), start);
    cr_assert_eq(zone(1)->targets, 0);
    cr_assert_eq(zone(1)->memory, 0);
    cr_assert_eq(zone(2)->targets, 1);
    cr_assert_eq(zone(2)->memory, OCTETS);
    cr_assert_eq(limits.memory, OCTETS);
}

/* Memory. */

Test(limits, leave_half_of_the_memory_to_others_than_one_zone)
{
    struct limits_charge charges[5] = {0};

    for (size_t i = 0; i < 5; ++i) {
        cr_assert_eq(limits_memory_room(&limits, &config, zone(1), OCTETS), LIMITS_NOT_REACHED);
        bring(&charges[i], 1, OCTETS, start);
    }
    cr_assert_eq(limits_memory_room(&limits, &config, zone(1), 1), LIMITS_MEMORY);
    cr_assert_eq(limits_memory_room(&limits, &config, zone(2), 2 * OCTETS), LIMITS_NOT_REACHED);
    cr_assert_eq(limits_memory_room(&limits, &config, zone(2), 3 * OCTETS), LIMITS_MEMORY);
}

Test(limits, never_let_more_in_than_there_is_memory)
{
    struct limits_charge charge = {0};

    bring(&charge, 0, 10 * OCTETS, start);
    cr_assert_eq(limits_memory_room(&limits, &config, zone(1), 1), LIMITS_MEMORY);
    cr_assert_eq(limits_memory_room(&limits, &config, &limits.none, 1), LIMITS_MEMORY);
    limits_charge_resize(&limits, &charge, 9 * OCTETS);
    cr_assert_eq(limits_memory_room(&limits, &config, &limits.none, OCTETS), LIMITS_NOT_REACHED);
    cr_assert_eq(limits_memory_room(&limits, &config, zone(1), 500), LIMITS_NOT_REACHED);
}

Test(limits, let_no_zone_take_over_more_than_it_leaves)
{
    static const struct limits_config no_limits;
    struct limits_charge charges[2] = {0};

    bring(&charges[0], 1, 5 * OCTETS, start);
    cr_assert(limits_may_take_over(&limits, &config, zone(2), &charges[0]));
    bring(&charges[1], 2, OCTETS, start);
    cr_assert(!limits_may_take_over(&limits, &config, zone(2), &charges[0]));
    cr_assert(limits_may_take_over(&limits, &config, zone(1), &charges[0]));
    cr_assert(limits_may_take_over(&limits, &no_limits, zone(2), &charges[0]));
    limits_charge_resize(&limits, &charges[1], 10 * OCTETS);
    cr_assert(!limits_may_take_over(&limits, &config, zone(3), &charges[0]));
}

/* Resolutions. */

Test(limits, let_what_was_not_used_be_used_at_once)
{
    cr_assert_eq(use_up(1, LIMITS_FOR_LOOKUP, start), 20);
    cr_assert_eq(use_up(1, LIMITS_FOR_LOOKUP, start + 99), 0);
    cr_assert_eq(use_up(1, LIMITS_FOR_LOOKUP, start + 100), 1);
    cr_assert_eq(use_up(1, LIMITS_FOR_LOOKUP, start + 1100), 10);
    cr_assert_eq(use_up(1, LIMITS_FOR_LOOKUP, start + 1000000), 20);
}

Test(limits, survive_a_clock_that_seems_to_go_back)
{
    cr_assert_eq(use_up(1, LIMITS_FOR_LOOKUP, start), 20);
    cr_assert_eq(use_up(1, LIMITS_FOR_LOOKUP, start - 5000), 0);
    cr_assert_eq(use_up(1, LIMITS_FOR_LOOKUP, start), 0);
    cr_assert_eq(use_up(1, LIMITS_FOR_LOOKUP, start + 1000), 10);
}

Test(limits, leave_half_of_a_burst_to_lookups)
{
    cr_assert_eq(use_up(1, LIMITS_FOR_REFRESH, start), 10);
    cr_assert_eq(use_up(1, LIMITS_FOR_LOOKUP, start), 10);
    cr_assert_eq(use_up(1, LIMITS_FOR_REFRESH, start + 1000), 0);
}

Test(limits, refresh_as_much_a_second_as_there_is)
{
    int count = 0;

    use_up(1, LIMITS_FOR_REFRESH, start);
    for (int64_t now = start; now <= start + 10000; now += 100)
        count += use_up(1, LIMITS_FOR_REFRESH, now);
    cr_assert_eq(count, 100);
}

Test(limits, tell_a_zones_limit_from_that_of_all)
{
    for (int64_t id = 1; id <= 4; ++id)
        cr_assert_eq(use_up(id, LIMITS_FOR_LOOKUP, start), 20);
    cr_assert_eq(limits_look(&limits, &config, zone(1), LIMITS_FOR_LOOKUP, start),
                 LIMITS_ZONE_RATE);
    cr_assert_eq(limits_look(&limits, &config, zone(5), LIMITS_FOR_LOOKUP, start), LIMITS_RATE);
    cr_assert_eq(limits_look(&limits, &config, &limits.none, LIMITS_FOR_LOOKUP, start),
                 LIMITS_RATE);
}

Test(limits, follow_a_change_of_the_settings)
{
    struct limits_config other = config;

    use_up(1, LIMITS_FOR_LOOKUP, start);
    other.zone_resolutions_max = 100;
    cr_assert_eq(limits_look(&limits, &other, zone(1), LIMITS_FOR_LOOKUP, start + 10),
                 LIMITS_NOT_REACHED);
    limits_begin(&limits, &other, zone(1), LIMITS_FOR_LOOKUP, start + 10);
    other.zone_resolutions_max = 0;
    cr_assert_eq(limits_look(&limits, &other, zone(1), LIMITS_FOR_LOOKUP, start),
                 LIMITS_NOT_REACHED);
    other.zone_resolutions_max = 1;
    cr_assert_eq(limits_look(&limits, &other, zone(1), LIMITS_FOR_LOOKUP, start + 500),
                 LIMITS_ZONE_RATE);
}

Test(limits, count_what_is_begun_again_as_one_that_is_under_way)
{
    limits_begin(&limits, &config, zone(1), LIMITS_FOR_LOOKUP, start);
    for (int i = 0; i < 4; ++i)
        limits_begin_again(&limits, &config, zone(1), start);
    cr_assert_eq(zone(1)->under_way, 1);
    cr_assert_eq(limits.under_way, 1);
    cr_assert_eq(use_up(1, LIMITS_FOR_LOOKUP, start), 15);
}

Test(limits, leave_half_of_the_places_to_others_than_one_zone)
{
    static const struct limits_config wide = {.zone_resolutions_max = 1000000};

    for (int64_t id = 1; id <= 2; ++id) {
        while (limits_look(&limits, &wide, zone(id), LIMITS_FOR_LOOKUP, start) ==
               LIMITS_NOT_REACHED)
            limits_begin(&limits, &wide, zone(id), LIMITS_FOR_LOOKUP, start);
        cr_assert_eq(zone(id)->under_way, LIMITS_UNDER_WAY >> id);
    }
    limits_end(&limits, zone(1), LIMITS_FOR_LOOKUP);
    cr_assert_eq(limits_look(&limits, &wide, zone(2), LIMITS_FOR_LOOKUP, start),
                 LIMITS_NOT_REACHED);
}

Test(limits, remember_what_they_have_said_of_a_zone_for_a_minute)
{
    cr_assert(limits_may_say(zone(1), LIMITS_MEMORY, start));
    limits_sweep(&limits, &config, 10, start + 59999);
    cr_assert(!limits_may_say(zone(1), LIMITS_MEMORY, start + 59999));
    limits_sweep(&limits, &config, 10, start + 60000);
    cr_assert_eq(limits.zone_count, 0);
}

Test(limits, say_each_of_a_zone_once_a_minute)
{
    cr_assert(limits_may_say(zone(1), LIMITS_RATE, start));
    cr_assert(!limits_may_say(zone(1), LIMITS_RATE, start + 59999));
    cr_assert(limits_may_say(zone(1), LIMITS_MEMORY, start));
    cr_assert(limits_may_say(zone(2), LIMITS_RATE, start));
    cr_assert(limits_may_say(zone(1), LIMITS_RATE, start + 60000));
}

/*
 * Whatever zones do, what is counted is what there is, no zone gets more than it may, and one that
 * has done nothing for a while gets what is its own.
 */

#define ZONES   5
#define CHARGES 40
#define STEPS   200000

static struct world {
    unsigned seed;
    int64_t now;
    struct limits_charge charges[CHARGES];
    int under_way[ZONES + 1];
    int64_t began[ZONES + 1]; /* since `since` */
    int64_t since;
} world;

static int pick(int limit)
{
    return rand_r(&world.seed) % limit;
}

static void change_a_charge(void)
{
    struct limits_charge *charge = &world.charges[pick(CHARGES)];
    struct limits_zone *whose = zone(1 + pick(ZONES));
    size_t octets = 1 + pick(2 * OCTETS);

    if (charge->zone && pick(2)) {
        limits_charge_end(&limits, charge);
    } else if (charge->zone && pick(2)) {
        limits_charge_discount(charge);
    } else if (charge->zone) {
        if (charge->counts || limits_room(&limits, &config, charge->zone) == LIMITS_NOT_REACHED)
            limits_charge_name(charge, world.now);
    } else if (limits_room(&limits, &config, whose) == LIMITS_NOT_REACHED &&
               limits_memory_room(&limits, &config, whose, octets) == LIMITS_NOT_REACHED) {
        bring(charge, whose->id, octets, world.now);
    }
}

static void change_a_resolution(void)
{
    int id = 1 + pick(ZONES - 1); /* the last one doesn't */

    if (pick(2) && world.under_way[id] > 0) {
        limits_end(&limits, zone(id), LIMITS_FOR_LOOKUP);
        --world.under_way[id];
    } else if (limits_look(&limits, &config, zone(id), LIMITS_FOR_LOOKUP, world.now) ==
               LIMITS_NOT_REACHED) {
        limits_begin(&limits, &config, zone(id), LIMITS_FOR_LOOKUP, world.now);
        ++world.under_way[id];
        ++world.began[id];
    }
}

static void check_sums(void)
{
    size_t memory = 0, targets[ZONES + 1] = {0}, memories[ZONES + 1] = {0};

    for (size_t i = 0; i < CHARGES; ++i) {
        const struct limits_charge *charge = &world.charges[i];

        if (!charge->zone)
            continue;
        memory += charge->memory;
        memories[charge->zone->id] += charge->memory;
        targets[charge->zone->id] += charge->counts;
    }
    cr_assert_eq(limits.memory, memory);
    cr_assert_leq(memory, config.memory_max);
    for (int64_t id = 1; id <= ZONES; ++id) {
        cr_assert_eq(zone(id)->targets, targets[id]);
        cr_assert_leq(targets[id], config.zone_targets_max);
        cr_assert_eq(zone(id)->memory, memories[id]);
        cr_assert_leq(memories[id], config.memory_max / 2);
        cr_assert_eq(zone(id)->under_way, (size_t)world.under_way[id]);
    }
}

static void check_rates(void)
{
    int64_t elapsed = world.now - world.since;
    int64_t sum = 0;

    for (int id = 1; id <= ZONES; ++id) {
        cr_assert_leq(world.began[id],
                      (elapsed + LIMITS_BURST_MS) * config.zone_resolutions_max / 1000);
        sum += world.began[id];
    }
    cr_assert_leq(sum, (elapsed + LIMITS_BURST_MS) * config.resolutions_max / 1000);
    cr_assert_neq(limits_look(&limits, &config, zone(ZONES), LIMITS_FOR_LOOKUP, world.now),
                  LIMITS_ZONE_RATE);
}

Test(limits, keep_their_promises_whatever_zones_do)
{
    world = (struct world){.seed = 1, .now = start, .since = start};
    for (int i = 0; i < STEPS; ++i) {
        if (pick(2))
            change_a_charge();
        else
            change_a_resolution();
        world.now += pick(3) ? 0 : pick(40);
        limits_sweep(&limits, &config, pick(3), world.now);
        check_sums();
        check_rates();
    }
    for (size_t i = 0; i < CHARGES; ++i) {
        if (world.charges[i].zone)
            limits_charge_end(&limits, &world.charges[i]);
    }
    cr_assert_eq(limits.memory, 0);
}
