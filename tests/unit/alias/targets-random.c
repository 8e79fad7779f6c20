#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alias/targets.h"
#include "fake-clock.h"
#include "util/log.h"

/*
 * Random worlds of targets, those who ask for them, and an upstream, under a clock of our own: an
 * hour each. Good targets are answered in time, always, and asked for steadily. Idle ones too are
 * answered in time, but only named by rows. Of denied ones nothing but addresses that `alias-deny`
 * drops comes, otherwise they are as good. Of bad ones anything may come, at any time.
 */

#define WORLDS       12
#define WORLD_MS     (3600 * INT64_C(1000))
#define PER_KIND     6
#define TARGETS      (KINDS * PER_KIND)
#define NAME_SIZE    32
#define NOTICE_EVERY (1800 * INT64_C(1000))
#define IDLE_S       600
#define DENIED_FROM  192

enum kind {
    GOOD,
    IDLE,
    BAD,
    DENIED,
    KINDS,
};

/* A target in one family: what the upstream says of it, and what was said last. */
struct source {
    bool is_pending;
    int64_t ends_at; /* is_pending: then the outcome comes */
    enum outcome_kind outcome;
    uint32_t ttl;
    uint8_t octet; /* of the next answer's address */
    size_t started;

    bool is_known; /* something was answered */
    enum outcome_kind last;
    uint8_t last_octet;
    uint32_t last_ttl; /* bounded */
    int64_t last_at;
    bool has_failed; /* since the last answer, or wasn't answered in time */

    bool has_denied; /* something was, since the last answer */
    uint8_t denied_octet;
    uint32_t denied_ttl; /* bounded */
    int64_t denied_at;
};

/* Addresses are the same four octets in both families here. */
static struct range denied_ranges[DNS_FAMILIES] = {
    {{{10, 0, 0, DENIED_FROM}}, DNS_FAMILY_A, 26},
    {{{10, 0, 0, DENIED_FROM}}, DNS_FAMILY_AAAA, 26},
};
static const struct ranges denied = {.items = denied_ranges, .count = DNS_FAMILIES};

static struct world {
    unsigned seed;
    struct alias_config config;
    struct targets *targets;
    struct source sources[TARGETS][DNS_FAMILIES];
    uint32_t good_ttl; /* of good and idle ones */
    int64_t began;
    int64_t next_tick;
    int64_t next_notice;
} world;

static int64_t pick(int64_t limit)
{
    return (((int64_t)rand_r(&world.seed) << 15) ^ rand_r(&world.seed)) % limit;
}

static enum kind kind_of(size_t target)
{
    return target / PER_KIND;
}

static const char *name_of(size_t target)
{
    static char names[TARGETS][NAME_SIZE];

    snprintf(names[target], NAME_SIZE, "t%zu.example", target);
    return names[target];
}

/* What will become of a resolution that begins now. */
static void foresee(size_t target, struct source *source)
{
    static const int64_t latencies[] = {10, 400, 1500, 15000};

    if (kind_of(target) == BAD) {
        source->ends_at = fake_clock_now + 1 + pick(latencies[pick(4)]);
        source->outcome = pick(3);
        source->ttl = pick(3) ? pick(30) : pick(10000);
    } else {
        source->ends_at = fake_clock_now + 1 + pick(400);
        source->outcome = OUTCOME_ADDRESSES;
        source->ttl = world.good_ttl;
    }
    source->octet = pick(DENIED_FROM);
    if (kind_of(target) == DENIED || (kind_of(target) != GOOD && pick(4) == 0))
        source->octet = DENIED_FROM + pick(256 - DENIED_FROM);
}

static int start(void *userdata, const char *target, enum dns_family family)
{
    size_t number = strtoul(target + 1, NULL, 10);
    struct source *source = &world.sources[number][family];

    cr_assert(!source->is_pending, "%s: two in flight", target);
    source->is_pending = true;
    ++source->started;
    foresee(number, source);
    return 0;
}

static uint32_t bounded(uint32_t ttl, uint32_t ceiling)
{
    ttl = ttl < world.config.ttl_min ? world.config.ttl_min : ttl;
    return ttl < ceiling ? ttl : ceiling;
}

static bool is_denied(const struct source *source)
{
    return source->outcome == OUTCOME_ADDRESSES && source->octet >= DENIED_FROM;
}

/* Of that there were no addresses nothing is left. */
static void note_denied(struct source *source)
{
    if (source->is_known && source->last == OUTCOME_EMPTY)
        source->is_known = false;
    source->has_denied = true;
    source->denied_octet = source->octet;
    source->denied_ttl = bounded(source->ttl, world.config.ttl_max);
    source->denied_at = fake_clock_now;
}

static void note_end(struct source *source)
{
    source->is_pending = false;
    source->has_failed = source->outcome == OUTCOME_FAILURE || is_denied(source);
    if (is_denied(source))
        note_denied(source);
    if (source->has_failed)
        return;
    source->has_denied = false;
    source->is_known = true;
    source->last = source->outcome;
    source->last_octet = source->octet;
    source->last_ttl =
        bounded(source->ttl, source->outcome == OUTCOME_EMPTY ? world.config.negative_ttl_max
                                                              : world.config.ttl_max);
    source->last_at = fake_clock_now;
}

static void end(size_t target, enum dns_family family)
{
    struct source *source = &world.sources[target][family];
    struct outcome outcome = {.kind = source->outcome, .ttl = source->ttl, .reason = "reason"};

    if (outcome.kind == OUTCOME_ADDRESSES) {
        struct address address = {{10, 0, 0, source->octet}};

        cr_assert_eq(address_set_add(&outcome.addresses, &address), 0);
    }
    note_end(source);
    targets_resolved(world.targets, name_of(target), family, &outcome);
}

/* The resolution that ends next; false: none is under way. */
static bool find_next(size_t *ret_target, enum dns_family *ret_family)
{
    int64_t first = INT64_MAX;

    for (size_t i = 0; i < TARGETS * DNS_FAMILIES; ++i) {
        const struct source *source = &world.sources[i / DNS_FAMILIES][i % DNS_FAMILIES];

        if (!source->is_pending || source->ends_at >= first)
            continue;
        first = source->ends_at;
        *ret_target = i / DNS_FAMILIES;
        *ret_family = i % DNS_FAMILIES;
    }
    return first != INT64_MAX;
}

static void notice_rows(void)
{
    world.next_notice += NOTICE_EVERY;
    for (size_t i = 0; i < TARGETS; ++i) {
        if (kind_of(i) == IDLE || kind_of(i) == BAD)
            cr_assert_eq(targets_notice(world.targets, name_of(i), 0), 0);
    }
}

/* The next event, if one comes before `until`. */
static void pass_to(int64_t until)
{
    enum dns_family family = DNS_FAMILY_A;
    size_t target = 0;
    bool is_pending = find_next(&target, &family);
    int64_t ends_at = is_pending ? world.sources[target][family].ends_at : INT64_MAX;

    if (until <= world.next_tick && until <= ends_at) {
        fake_clock_now = until;
    } else if (ends_at <= world.next_tick) {
        fake_clock_now = ends_at;
        end(target, family);
    } else {
        fake_clock_now = world.next_tick;
        world.next_tick += TARGETS_TICK_MS;
        if (fake_clock_now >= world.next_notice)
            notice_rows();
        targets_tick(world.targets);
    }
}

static void pass(int64_t ms)
{
    pass_to(fake_clock_now + ms);
}

/* What zones get that allow it. */
static void check_denied(const struct targets_question *question, const struct source *source)
{
    const struct alias_config *config = &world.config;
    int64_t expires_at = source->denied_at + (int64_t)source->denied_ttl * 1000;
    bool is_kept = fake_clock_now < expires_at + (int64_t)config->max_stale * 1000;

    cr_assert(source->has_denied || question->denied.count == 0);
    cr_assert(!source->has_denied || !is_kept || question->denied.count == 1,
              "%s: lost before max_stale", question->target);
    cr_assert_eq(question->is_denied_alone, question->denied.count > 0);
    if (question->denied.count == 0)
        return;
    cr_assert_eq(question->denied.items[0].octets[3], source->denied_octet);
    if (fake_clock_now < expires_at)
        cr_assert_eq(question->denied_ttl, source->denied_ttl);
    else
        cr_assert(question->denied_ttl <= source->denied_ttl ||
                  question->denied_ttl <= config->stale_ttl);
}

static void check_answer(const struct targets_question *question, const struct source *source)
{
    const struct alias_config *config = &world.config;
    int64_t expires_at = source->last_at + (int64_t)source->last_ttl * 1000;
    bool has_grace = source->last_ttl >= config->grace;
    bool is_news = fake_clock_now == source->last_at;

    if (question->freshness == STATE_IS_UNKNOWN) {
        cr_assert(!source->is_known ||
                      fake_clock_now >= expires_at + (int64_t)config->max_stale * 1000,
                  "%s: lost before max_stale", question->target);
        return;
    }
    cr_assert(source->is_known);
    cr_assert_eq(question->addresses.count, source->last == OUTCOME_ADDRESSES);
    if (question->addresses.count > 0)
        cr_assert_lt(question->addresses.items[0].octets[3], DENIED_FROM);
    if (question->addresses.count > 0)
        cr_assert_eq(question->addresses.items[0].octets[3], source->last_octet);
    if (question->freshness == STATE_IS_STALE) {
        cr_assert_geq(fake_clock_now, expires_at);
        cr_assert_leq(question->ttl, config->stale_ttl);
        return;
    }
    cr_assert(is_news ||
              fake_clock_now < expires_at + (has_grace ? (int64_t)config->grace * 1000 : 0));
    cr_assert(!source->has_failed || fake_clock_now < expires_at, "grace though failing");
    cr_assert(question->ttl >= config->ttl_min && question->ttl <= config->ttl_max);
    cr_assert_leq(question->ttl, bounded(source->last_ttl, config->ttl_max));
}

static void ask(size_t target)
{
    int64_t began = fake_clock_now;
    int64_t deadline = began + pick(3) * 600;
    enum dns_family family = pick(DNS_FAMILIES);
    struct source *source = &world.sources[target][family];
    struct targets_question question = {
        .target = name_of(target), .family = family, .row_ttl = UINT32_MAX};
    bool was_known = source->is_known;
    bool was_denied = source->has_denied;

    cr_assert_eq(targets_ask(world.targets, &question, 1, deadline), 0);
    cr_assert_leq(fake_clock_now, deadline > began ? deadline : began, "past the deadline");
    cr_assert_leq(fake_clock_now, began + world.config.answer_deadline_ms);
    check_answer(&question, source);
    check_denied(&question, source);
    if (kind_of(target) == DENIED && was_denied) {
        cr_assert_eq(fake_clock_now, began, "%s: waited", question.target);
        cr_assert_lt(began,
                     source->denied_at + (int64_t)(source->denied_ttl + world.config.grace) * 1000,
                     "%s: stale", question.target);
    }
    if (kind_of(target) == GOOD && was_known) {
        cr_assert_eq(fake_clock_now, began, "%s: waited", question.target);
        cr_assert_eq(question.freshness, STATE_IS_FRESH, "%s: stale", question.target);
    }
    targets_question_deinit(&question);
}

static void begin_world(unsigned seed)
{
    fake_clock_now += 12345;
    memset(&world, 0, sizeof(world));
    world.seed = seed;
    world.config = (struct alias_config){
        .resolve_timeout_ms = 500,
        .resolve_retries = 1,
        .answer_deadline_ms = 1000,
        .stale_ttl = 30,
        .max_stale = pick(2) ? 60 : 3 * 86400,
        .ttl_min = pick(2) ? 5 : 0,
        .ttl_max = 3600,
        .negative_ttl_max = 300,
        .retry_min = 1,
        .retry_max = 60,
        .grace = 5,
        .refresh_idle = IDLE_S,
        .deny = &denied,
    };
    world.good_ttl = 5 + pick(pick(2) ? 20 : 400);
    world.began = world.next_tick = world.next_notice = fake_clock_now;
    cr_assert_eq(targets_new(&world.config, start, NULL, &world.targets), 0);
}

/* What nobody asked for was resolved soon after it was noticed, and then every ten minutes or when
 * its TTL had passed; what is in use once a TTL. */
static void check_starts(void)
{
    int64_t period = world.good_ttl + 1 > IDLE_S * 9 / 10 ? world.good_ttl + 1 : IDLE_S * 9 / 10;

    for (size_t i = 0; i < TARGETS * DNS_FAMILIES; ++i) {
        const struct source *source = &world.sources[i / DNS_FAMILIES][i % DNS_FAMILIES];
        int64_t started = source->started;

        if (kind_of(i / DNS_FAMILIES) == GOOD || kind_of(i / DNS_FAMILIES) == DENIED) {
            cr_assert_leq(started, 1 + WORLD_MS / 1000 / (world.good_ttl + 1));
            cr_assert_geq(started, WORLD_MS / 1000 / (world.good_ttl + 5) - 1);
        } else if (kind_of(i / DNS_FAMILIES) == IDLE) {
            cr_assert_leq(started, 1 + WORLD_MS / 1000 / period, "%d", (int)started);
            cr_assert_geq(started, WORLD_MS / 1000 / (IDLE_S * 12 / 10));
        }
    }
}

static void live(unsigned seed)
{
    begin_world(seed);
    while (fake_clock_now < world.began + WORLD_MS) {
        size_t target = pick(TARGETS);

        if (kind_of(target) != IDLE)
            ask(target);
        for (int64_t until = fake_clock_now + pick(300); fake_clock_now < until;)
            pass_to(until);
    }
    check_starts();
    targets_free(world.targets);
}

Test(targets_random, keep_their_promises_whatever_happens, .timeout = 100)
{
    log_set_level(LOG_LEVEL_ERROR);
    fake_clock_pass = pass;
    for (unsigned seed = 1; seed <= WORLDS; ++seed)
        live(seed);
}
