#include "alias/targets-limits.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "alias/targets-orders.h"
#include "fake-clock.h"
#include "util/log.h"

/* Zones that want more than they may, under a clock of our own. All questions are for A. */

#define STARTS 8192
#define SIZE   32
#define GREEDY 7 /* a zone that wants much, and others */
#define OTHER  8
#define THIRD  9

static struct alias_config config;
static struct targets *targets;
static char starts[STARTS][SIZE];
static size_t started;
static size_t answered;
static bool is_answering;     /* while somebody waits */
static const char *forgotten; /* the same; NULL: nothing is */

static int note_start(void *userdata, const char *target, enum dns_family family)
{
    cr_assert_lt(started, STARTS);
    snprintf(starts[started++], SIZE, "%s", target);
    return 0;
}

/* Ends all resolutions that have begun. */
static void answer(uint32_t ttl, size_t addresses)
{
    for (; answered < started; ++answered) {
        for (size_t family = 0; family < DNS_FAMILIES; ++family) {
            struct outcome outcome = {.kind = OUTCOME_ADDRESSES, .ttl = ttl};

            for (size_t i = 0; i < addresses; ++i) {
                struct address address = {{10, 0, i / 256, i % 256}};

                cr_assert_eq(address_set_add(&outcome.addresses, &address), 0);
            }
            targets_resolved(targets, starts[answered], family, &outcome);
        }
    }
}

static void tick(void)
{
    fake_clock_now += TARGETS_TICK_MS;
    targets_tick(targets);
}

static void run(int64_t ms)
{
    for (int64_t end = fake_clock_now + ms; fake_clock_now < end;)
        tick();
}

static void tick_and_answer(uint32_t ttl)
{
    tick();
    answer(ttl, 1);
}

/* The world of somebody who waits. */
static void pass(int64_t ms)
{
    if (ms < TARGETS_TICK_MS) {
        fake_clock_now += ms;
        return;
    }
    if (forgotten)
        cr_assert_eq(targets_forget(targets, forgotten), 0);
    tick();
    if (is_answering)
        answer(300, 1);
}

static void set_up(void)
{
    log_set_level(LOG_LEVEL_ERROR);
    fake_clock_now = 100000000;
    fake_clock_pass = pass;
    started = answered = 0;
    is_answering = true;
    forgotten = NULL;
    config = (struct alias_config){
        .resolve_timeout_ms = 500,
        .resolve_retries = 1,
        .answer_deadline_ms = 1000,
        .stale_ttl = 30,
        .max_stale = 3 * 86400,
        .ttl_max = 3600,
        .negative_ttl_max = 300,
        .retry_min = 1,
        .retry_max = 300,
        .grace = 5,
        .refresh_idle = 3600,
    };
    cr_assert_eq(targets_new(&config, note_start, NULL, &targets), 0);
}

static void tear_down(void)
{
    targets_free(targets);
}

TestSuite(targets_limits, .init = set_up, .fini = tear_down, .timeout = 60);

static void set_limits(struct limits_config limits)
{
    config.limits = limits;
    targets_configure(targets, &config);
}

static const char *name(const char *prefix, int number)
{
    static char texts[8][SIZE];
    static unsigned next;
    char *text = texts[next++ % 8];

    snprintf(text, SIZE, "%s%d.example", prefix, number);
    return text;
}

static struct targets_question ask_for(const char *target, int64_t zone_id, int64_t ms)
{
    struct targets_question question = {.target = target, .zone_id = zone_id, .row_ttl = 86400};
    int64_t deadline = ms > 0 ? fake_clock_now + ms : 0;

    cr_assert_eq(targets_ask(targets, &question, 1, deadline), 0);
    targets_question_deinit(&question);
    return question;
}

/* Without waiting. */
static struct targets_question ask(const char *target, int64_t zone_id)
{
    return ask_for(target, zone_id, 0);
}

static void notice(const char *target, int64_t zone_id)
{
    cr_assert_eq(targets_notice(targets, target, zone_id), 0);
}

static size_t started_of(const char *target)
{
    size_t count = 0;

    for (size_t i = 0; i < started; ++i)
        count += strcmp(starts[i], target) == 0;
    return count;
}

static uint64_t limited(enum limits_reason reason)
{
    return counter_read(&targets->counters.limited[reason]);
}

static const struct table_target *find(const char *target)
{
    return table_find(&targets->table, target);
}

/* Targets of a zone. */

Test(targets_limits, a_target_too_many_is_not_resolved_and_not_waited_for)
{
    set_limits((struct limits_config){.zone_targets_max = 2});
    ask("a.example", GREEDY);
    ask("b.example", GREEDY);
    int64_t before = fake_clock_now;
    struct targets_question question = ask_for("c.example", GREEDY, 1000);
    cr_assert_eq(question.freshness, STATE_IS_UNKNOWN);
    cr_assert(!question.is_resolving);
    cr_assert_eq(fake_clock_now, before);
    notice("c.example", GREEDY);
    run(1000);
    cr_assert_eq(started, 2);
    cr_assert_null(find("c.example"));
    cr_assert_eq(limited(LIMITS_ZONE_TARGETS), 2);
    ask("c.example", OTHER);
    cr_assert_eq(started_of("c.example"), 1);
}

Test(targets_limits, a_target_too_many_is_taken_in_when_there_may_be_more)
{
    set_limits((struct limits_config){.zone_targets_max = 1});
    ask("a.example", GREEDY);
    ask("b.example", GREEDY);
    cr_assert_eq(started, 1);
    set_limits((struct limits_config){.zone_targets_max = 2});
    ask("b.example", GREEDY);
    cr_assert_eq(started_of("b.example"), 1);
}

Test(targets_limits, what_another_zone_keeps_going_counts_for_nobody_else)
{
    set_limits((struct limits_config){.zone_targets_max = 1});
    ask("a.example", GREEDY);
    ask("b.example", OTHER);
    answer(1, 1);
    cr_assert_eq(ask("b.example", GREEDY).freshness, STATE_IS_FRESH);
    fake_clock_now += 1000;
    ask("b.example", GREEDY);
    cr_assert_eq(started_of("b.example"), 2);
    cr_assert_eq(limited(LIMITS_ZONE_TARGETS), 0);
}

Test(targets_limits, what_no_zone_keeps_going_any_more_is_answered_but_not_resolved)
{
    set_limits((struct limits_config){.zone_targets_max = 1});
    ask("b.example", OTHER);
    answer(60, 1);
    fake_clock_now += LIMITS_LAPSE_MS + 1;
    ask("a.example", GREEDY);
    size_t before = started;
    cr_assert_eq(ask("b.example", GREEDY).freshness, STATE_IS_STALE);
    notice("b.example", GREEDY);
    cr_assert_eq(started, before);
    cr_assert_eq(limited(LIMITS_ZONE_TARGETS), 2);
    ask("b.example", THIRD);
    cr_assert_eq(started, before + 1);
    cr_assert_eq(find("b.example")->charge.zone->id, THIRD);
}

Test(targets_limits, targets_that_are_not_named_any_more_make_room)
{
    set_limits((struct limits_config){.zone_targets_max = 2});
    notice("a.example", GREEDY);
    notice("b.example", GREEDY);
    run(1000);
    answer(60, 1);
    for (int64_t hour = 1; hour <= 3; ++hour) {
        fake_clock_now += 3600 * 1000;
        notice("a.example", GREEDY);
        run(1000);
    }
    cr_assert_not_null(find("b.example"));
    ask("c.example", GREEDY);
    ask("d.example", GREEDY);
    cr_assert_eq(started_of("c.example"), 1);
    cr_assert_eq(started_of("d.example"), 0);
}

Test(targets_limits, what_a_command_made_is_charged_to_the_zone_that_names_it)
{
    const char *names[] = {"a.example"};

    set_limits((struct limits_config){.zone_targets_max = 1});
    cr_assert_eq(targets_refresh(targets, names, 1, 0), 0);
    cr_assert_eq(find("a.example")->charge.zone->id, 0);
    notice("a.example", GREEDY);
    cr_assert_eq(find("a.example")->charge.zone->id, GREEDY);
    ask("b.example", GREEDY);
    cr_assert_eq(started_of("b.example"), 0);
}

/* Resolutions of a zone. */

Test(targets_limits, an_unknown_target_waits_for_its_zones_next_resolution)
{
    set_limits((struct limits_config){.zone_resolutions_max = 4});
    for (int i = 0; i < 8; ++i)
        ask(name("t", i), GREEDY);
    int64_t before = fake_clock_now;
    struct targets_question question = ask_for("last.example", GREEDY, 1000);
    cr_assert_eq(question.freshness, STATE_IS_FRESH);
    cr_assert_eq(fake_clock_now, before + 300);
    cr_assert_eq(limited(LIMITS_ZONE_RATE) > 0, true);
}

Test(targets_limits, nobody_waits_for_longer_than_for_one_that_is_being_resolved)
{
    set_limits((struct limits_config){.zone_resolutions_max = 1});
    is_answering = false;
    for (int i = 0; i < 6; ++i)
        ask(name("t", i), GREEDY);
    int64_t before = fake_clock_now;
    struct targets_question question = ask_for("last.example", GREEDY, 2000);
    cr_assert_eq(question.freshness, STATE_IS_UNKNOWN);
    cr_assert(question.is_resolving);
    cr_assert_eq(fake_clock_now, before + 1000);
    ask_for("last.example", GREEDY, 2000);
    cr_assert_eq(fake_clock_now, before + 1000);
    cr_assert_eq(started_of("last.example"), 0);
    run(4000);
    cr_assert_eq(started_of("last.example"), 1);
}

Test(targets_limits, what_is_put_off_is_no_failure_and_no_sign_of_silence)
{
    set_limits((struct limits_config){.zone_resolutions_max = 1});
    for (int i = 0; i < 2; ++i)
        ask(name("t", i), GREEDY);
    answer(60, 1);
    for (int i = 0; i < 5; ++i)
        ask_for(name("late", i), GREEDY, 100);
    for (int i = 0; i < 30; ++i)
        tick_and_answer(60);
    cr_assert(!upstream_is_failing(&targets->upstream, fake_clock_now));
    cr_assert_eq(counter_read(&targets->counters.overdue), 0);
    cr_assert_eq(find("late4.example")->entries[0].state.failures, 0);
}

Test(targets_limits, a_stale_answer_is_given_at_once)
{
    ask("a.example", GREEDY);
    answer(1, 1);
    set_limits((struct limits_config){.zone_resolutions_max = 1});
    fake_clock_now += 60000;
    for (int i = 0; i < 2; ++i)
        ask(name("t", i), GREEDY);
    int64_t before = fake_clock_now;
    cr_assert_eq(ask_for("a.example", GREEDY, 1000).freshness, STATE_IS_STALE);
    cr_assert_eq(fake_clock_now, before);
    cr_assert_eq(started_of("a.example"), 1);
    run(1000);
    cr_assert_eq(started_of("a.example"), 2);
}

Test(targets_limits, one_zones_limit_does_not_hold_up_another)
{
    set_limits((struct limits_config){.zone_resolutions_max = 10, .resolutions_max = 100});
    for (int i = 0; i < 1000; ++i)
        ask(name("t", i), GREEDY);
    cr_assert_eq(started, 20);
    ask("other.example", OTHER);
    cr_assert_eq(started_of("other.example"), 1);
    run(1000);
    cr_assert_eq(started, 31);
}

Test(targets_limits, what_was_put_off_in_one_zone_starts_at_once_in_another)
{
    set_limits((struct limits_config){.zone_resolutions_max = 1});
    for (int i = 0; i < 100; ++i)
        ask(name("t", i), GREEDY);
    cr_assert_eq(started_of("t99.example"), 0);
    ask("t99.example", OTHER);
    cr_assert_eq(started_of("t99.example"), 1);
    ask("t98.example", OTHER);
    cr_assert_eq(started_of("t98.example"), 1);
    ask("t97.example", OTHER);
    cr_assert_eq(started_of("t97.example"), 0);
    run(1000);
    cr_assert_eq(started_of("t97.example"), 1);
}

Test(targets_limits, a_target_whose_zone_has_used_up_its_own_goes_over_to_another)
{
    set_limits((struct limits_config){.zone_resolutions_max = 1, .zone_targets_max = 1000});
    ask("shared.example", GREEDY);
    for (int i = 0; i < 10; ++i)
        ask(name("t", i), GREEDY);
    notice("shared.example", OTHER);
    cr_assert_eq(find("shared.example")->charge.zone->id, OTHER);
    notice("shared.example", GREEDY);
    cr_assert_eq(find("shared.example")->charge.zone->id, OTHER);
    cr_assert_eq(find("t0.example")->charge.zone->id, GREEDY);
}

Test(targets_limits, a_full_zone_may_ask_for_what_another_has_though_that_has_used_up_its_own)
{
    set_limits((struct limits_config){.zone_resolutions_max = 1, .zone_targets_max = 2});
    ask("shared.example", GREEDY);
    answer(1, 1);
    ask("a.example", OTHER);
    ask("b.example", OTHER);
    fake_clock_now += 60000;
    for (int i = 0; i < 4; ++i)
        ask("shared.example", GREEDY);
    answer(1, 1);
    ask("t.example", GREEDY);
    fake_clock_now += 1000;
    ask("shared.example", OTHER);
    cr_assert_eq(started_of("shared.example"), 3);
    cr_assert_eq(find("shared.example")->charge.zone->id, GREEDY);
    cr_assert_eq(limited(LIMITS_ZONE_TARGETS), 0);
}

Test(targets_limits, what_goes_over_to_another_zone_is_due_on_its_account_at_once)
{
    int waiting = 0;

    for (int i = 0; i < 30; ++i)
        ask(name("n", i), GREEDY);
    answer(10, 1);
    set_limits((struct limits_config){.zone_resolutions_max = 2});
    run(12500);
    while (started_of(name("n", waiting)) > 1)
        ++waiting;
    cr_assert_not_null(find(name("n", waiting))->entries[DNS_FAMILY_A].turn.queue);
    notice(name("n", waiting), OTHER);
    run(200);
    cr_assert_eq(started_of(name("n", waiting)), 2);
}

Test(targets_limits, what_is_new_or_refreshed_is_put_off_and_not_dropped)
{
    set_limits((struct limits_config){.zone_resolutions_max = 10});
    for (int i = 0; i < 30; ++i)
        notice(name("n", i), GREEDY);
    run(1000);
    cr_assert_lt(started, 60, "%zu", started);
    answer(3000, 1);
    for (int i = 0; i < 100; ++i)
        tick_and_answer(3000);
    for (int i = 0; i < 30; ++i)
        cr_assert_eq(started_of(name("n", i)), 2);
}

Test(targets_limits, refreshing_leaves_resolutions_to_lookups)
{
    set_limits((struct limits_config){.zone_resolutions_max = 10});
    for (int i = 0; i < 200; ++i)
        notice(name("n", i), GREEDY);
    for (int i = 0; i < 50; ++i)
        tick_and_answer(3000);
    size_t before = started;
    for (int i = 0; i < 10; ++i)
        ask(name("asked", i), GREEDY);
    cr_assert_eq(started, before + 10);
}

Test(targets_limits, failing_ones_are_retried_as_their_zone_may)
{
    for (int i = 0; i < 100; ++i)
        notice(name("dead", i), GREEDY);
    for (int i = 0; i < 30; ++i)
        tick();
    set_limits((struct limits_config){.zone_resolutions_max = 5});
    for (; answered < started; ++answered) {
        struct outcome outcome = {.kind = OUTCOME_FAILURE, .reason = "SERVFAIL"};

        targets_resolved(targets, starts[answered], answered % 2, &outcome);
    }
    size_t before = started;
    run(5000);
    cr_assert_leq(started - before, 5 + 5 * 5);
    cr_assert_geq(started - before, 5 * 4);
}

Test(targets_limits, what_is_asked_again_in_a_new_context_is_paid_for)
{
    for (int i = 0; i < 50; ++i)
        ask(name("t", i), GREEDY);
    set_limits((struct limits_config){.zone_resolutions_max = 5});
    targets_retry_all(targets);
    run(2000);
    cr_assert_geq(started, 50 + 5 + 9);
    cr_assert_leq(started, 50 + 5 + 10);
    answer(300, 1);
    cr_assert_eq(targets->limits.under_way, 0);
}

Test(targets_limits, failing_ones_are_looked_at_once_a_tick)
{
    for (int i = 0; i < 4; ++i)
        ask(name("dead", i), GREEDY);
    for (; answered < started; ++answered) {
        struct outcome outcome = {.kind = OUTCOME_FAILURE, .reason = "SERVFAIL"};

        targets_resolved(targets, starts[answered], DNS_FAMILY_A, &outcome);
    }
    set_limits((struct limits_config){.zone_resolutions_max = 1});
    fake_clock_now += 2000;
    tick();
    cr_assert_eq(started, 5);
    cr_assert_eq(limited(LIMITS_ZONE_RATE), 3);
}

Test(targets_limits, what_was_put_off_can_be_forgotten)
{
    set_limits((struct limits_config){.zone_resolutions_max = 1});
    for (int i = 0; i < 4; ++i)
        ask(name("t", i), GREEDY);
    cr_assert_eq(targets_forget(targets, "t2.example"), 0);
    cr_assert_eq(targets_forget(targets, "t3.example"), 0);
    run(300 * 1000);
    cr_assert_eq(started, 2);
    cr_assert_eq(targets->schedule.due[SCHEDULE_LOOKUP].count, 0);
}

Test(targets_limits, what_was_put_off_and_is_waited_for_comes_though_it_is_forgotten)
{
    set_limits((struct limits_config){.zone_resolutions_max = 4});
    for (int i = 0; i < 8; ++i)
        ask(name("t", i), GREEDY);
    forgotten = "last.example";
    int64_t before = fake_clock_now;
    cr_assert_eq(ask_for(forgotten, GREEDY, 1000).freshness, STATE_IS_FRESH);
    cr_assert_eq(fake_clock_now, before + 300);
}

/* All zones together. */

Test(targets_limits, zones_that_wait_have_their_turns)
{
    set_limits((struct limits_config){.zone_resolutions_max = 100, .resolutions_max = 20});
    for (int i = 0; i < 100; ++i)
        ask(name("t", i), GREEDY);
    cr_assert_eq(started, 40);
    ask("other.example", OTHER);
    ask("third.example", THIRD);
    tick();
    cr_assert_eq(started, 42);
    cr_assert_eq(started_of("other.example"), 1);
    tick();
    cr_assert_eq(started_of("third.example"), 1);
    cr_assert_geq(limited(LIMITS_RATE), 62);
}

Test(targets_limits, nobody_overtakes_those_who_wait)
{
    set_limits((struct limits_config){.resolutions_max = 10});
    for (int i = 0; i < 21; ++i)
        ask(name("t", i), GREEDY);
    cr_assert_eq(started, 20);
    fake_clock_now += 100;
    ask("other.example", OTHER);
    cr_assert_eq(started, 20);
    targets_tick(targets);
    cr_assert_eq(started_of("t20.example"), 1);
    run(200);
    ask("third.example", THIRD);
    cr_assert_eq(started_of("other.example"), 1);
    cr_assert_eq(started_of("third.example"), 1);
}

Test(targets_limits, what_is_asked_for_in_two_zones_in_turn_has_its_turn)
{
    set_limits((struct limits_config){.resolutions_max = 10});
    for (int i = 0; i < 20; ++i)
        ask(name("t", i), GREEDY);
    for (int i = 0; i < 40; ++i)
        ask(name("waiting", i), 100 + i % 20);
    for (int i = 0; i < 22; ++i) {
        for (int j = 0; j < 2; ++j)
            ask("shared.example", (i + j) % 2 ? OTHER : THIRD);
        ask(name("more", i), OTHER);
        ask(name("others", i), THIRD);
        tick();
    }
    cr_assert_eq(started_of("shared.example"), 1);
}

Test(targets_limits, new_rows_of_one_zone_do_not_wait_for_all_of_another)
{
    set_limits((struct limits_config){.zone_resolutions_max = 500});
    for (int i = 0; i < 2000; ++i)
        notice(name("n", i), GREEDY);
    run(1000);
    notice("other.example", OTHER);
    run(300);
    cr_assert_eq(started_of("other.example"), 2);
}

Test(targets_limits, dead_targets_of_one_zone_leave_places_to_another)
{
    set_limits((struct limits_config){.zone_resolutions_max = 500});
    for (int i = 0; i < 2000; ++i)
        notice(name("dead", i), GREEDY);
    run(10000);
    cr_assert_eq(started, 250);
    notice("other.example", OTHER);
    run(300);
    cr_assert_eq(started_of("other.example"), 2);
}

/* Memory. */

static size_t memory(void)
{
    struct targets_limits_figures figures;

    targets_limits_look(targets, &figures);
    return figures.memory;
}

Test(targets_limits, no_zone_gets_more_memory_than_it_leaves)
{
    size_t each = table_size_of(name("t", 10));

    set_limits((struct limits_config){.memory_max = 100 * each});
    for (int i = 10; i < 100; ++i)
        notice(name("t", i), GREEDY);
    cr_assert_eq(targets->table.count, 50);
    cr_assert_eq(memory(), 50 * each);
    cr_assert_eq(limited(LIMITS_MEMORY), 40);
    for (int i = 10; i < 30; ++i)
        ask(name("o", i), OTHER);
    cr_assert_eq(targets->table.count, 70);
}

Test(targets_limits, two_zones_that_take_over_from_each_other_leave_as_much_memory)
{
    size_t each = table_size_of(name("t", 10));

    set_limits((struct limits_config){.memory_max = 100 * each, .zone_resolutions_max = 1});
    for (int round = 0; round < 10; ++round) {
        for (int i = 10; i < 99; ++i)
            ask(name("t", i), GREEDY);
        for (int i = 10; i < 99; ++i)
            notice(name("t", i), OTHER);
    }
    cr_assert_eq(targets->table.count, 75);
    notice("third.example", THIRD);
    cr_assert_not_null(find("third.example"));
}

Test(targets_limits, what_no_zone_has_memory_for_but_is_known_is_resolved)
{
    const char *names[] = {"a.example"};

    set_limits((struct limits_config){.memory_max = 2 * table_size_of("a.example") - 1});
    cr_assert_eq(targets_refresh(targets, names, 1, 0), 0);
    answer(1, 1);
    fake_clock_now += 60000;
    size_t before = started;
    cr_assert_eq(ask("a.example", GREEDY).freshness, STATE_IS_STALE);
    cr_assert_eq(started, before + 1);
    cr_assert_eq(find("a.example")->charge.zone->id, 0);
    cr_assert_eq(limited(LIMITS_MEMORY), 0);
}

Test(targets_limits, memory_is_free_again_when_targets_are_forgotten)
{
    notice("a.example", GREEDY);
    cr_assert_gt(memory(), 0);
    fake_clock_now += 3 * LIMITS_LAPSE_MS;
    run(1000);
    cr_assert_null(find("a.example"));
    cr_assert_eq(memory(), 0);
}

Test(targets_limits, many_addresses_are_learned_only_if_there_is_memory)
{
    size_t each = table_size_of("a.example");

    set_limits((struct limits_config){.memory_max = 20 * each});
    ask("a.example", GREEDY);
    answer(1, 16);
    cr_assert_eq(memory(), each);
    fake_clock_now += 60000;
    ask("a.example", GREEDY);
    answer(1, 100);
    cr_assert_eq(memory(), each + 84 * sizeof(struct address));
    fake_clock_now += 60000;
    ask("a.example", GREEDY);
    answer(1, 4000);
    cr_assert_eq(memory(), each + 84 * sizeof(struct address));
    cr_assert_eq(find("a.example")->entries[0].state.failures, 1);
    cr_assert_eq(ask("a.example", GREEDY).freshness, STATE_IS_STALE);
    cr_assert_eq(limited(LIMITS_MEMORY), 1);
    fake_clock_now += 60000;
    ask("a.example", GREEDY);
    answer(1, 1);
    cr_assert_eq(memory(), each);
}

Test(targets_limits, what_was_kept_is_loaded_as_far_as_there_is_memory)
{
    set_limits((struct limits_config){.memory_max = 10 * table_size_of("t0.example")});
    for (int i = 0; i < 20; ++i) {
        struct fallback_entry entry = {
            .target = name("t", i % 10 + i / 10 * 50),
            .family = DNS_FAMILY_A,
            .is_empty = true,
            .ttl = 60,
            .resolved_at = 1700000000 + fake_clock_now / 1000,
            .fresh_until = 1700000060 + fake_clock_now / 1000,
            .last_error = "",
        };

        cr_assert_eq(targets_load(targets, &entry), 0);
    }
    cr_assert_eq(targets->table.count, 10);
    notice("t3.example", GREEDY);
    cr_assert_eq(find("t3.example")->charge.zone->id, 0);
    config.limits.memory_max *= 2;
    targets_configure(targets, &config);
    notice("t3.example", GREEDY);
    cr_assert_eq(find("t3.example")->charge.zone->id, GREEDY);
}

/* The defaults. */

/* 4000 targets with a TTL of 12 s are as many resolutions a second as 10,000 with one of 30 s. */
Test(targets_limits, a_large_zone_with_a_small_ttl_is_refreshed_within_the_defaults)
{
    set_limits((struct limits_config){.zone_targets_max = 20000,
                                      .zone_resolutions_max = 500,
                                      .resolutions_max = 5000,
                                      .memory_max = 256 << 20});
    for (int i = 0; i < 4000; ++i) {
        ask(name("t", i), GREEDY);
        if (i % 40 == 0)
            tick_and_answer(12);
        answer(12, 1);
    }
    for (int i = 0; i < 300; ++i) {
        started = answered = 0;
        tick_and_answer(12);
        for (int j = i % 10; j < 4000; j += 10)
            cr_assert_eq(ask(name("t", j), GREEDY).freshness, STATE_IS_FRESH);
        answer(12, 1);
    }
    cr_assert_gt(counter_read(&targets->counters.started[COUNTERS_AHEAD]), 4000);
    cr_assert_eq(limited(LIMITS_ZONE_RATE) + limited(LIMITS_RATE), 0);
}
