#include "publish/announcer-queue.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "dns/name.h"
#include "slack.h"
#include "util/clock.h"

static struct announcer_queue queue;

static void set_up(void)
{
    announcer_queue_init(&queue);
}

static void tear_down(void)
{
    announcer_queue_deinit(&queue);
}

TestSuite(announcer_queue, .init = set_up, .fini = tear_down);

static void expect(const char *line)
{
    struct announcer_queue_command command;

    int r = announcer_queue_take(&queue, &command);
    cr_assert(r == 0, "nothing waits, expected '%s'", line);
    cr_assert_str_eq(command.line, line);
}

static void expect_nothing(void)
{
    struct announcer_queue_command command;

    cr_assert(announcer_queue_is_empty(&queue));
    cr_assert_eq(announcer_queue_take(&queue, &command), ANNOUNCER_QUEUE_E_EMPTY);
}

static void purge_numbered(size_t first, size_t count)
{
    char name[64];

    for (size_t i = first; i < first + count; ++i) {
        snprintf(name, sizeof(name), "host%zu.a.test", i);
        announcer_queue_purge_name(&queue, name);
    }
}

Test(announcer_queue, purges_share_a_line)
{
    struct announcer_queue_command command;

    announcer_queue_purge_zone(&queue, "a.test");
    announcer_queue_purge_name(&queue, "www.b.test");
    announcer_queue_purge_name(&queue, "b.test");
    cr_assert_not(announcer_queue_is_empty(&queue));
    cr_assert_eq(announcer_queue_take(&queue, &command), 0);
    cr_expect_str_eq(command.line, "PURGE a.test.$ www.b.test. b.test.");
    cr_expect_eq(command.kind, ANNOUNCER_QUEUE_PURGE);
    cr_expect_eq(command.count, 3);
    expect_nothing();
}

Test(announcer_queue, notifies_have_a_line_each)
{
    struct announcer_queue_command command;

    announcer_queue_notify(&queue, "b.test");
    announcer_queue_notify(&queue, "a.test");
    expect("NOTIFY b.test.");
    cr_assert_eq(announcer_queue_take(&queue, &command), 0);
    cr_expect_str_eq(command.line, "NOTIFY a.test.");
    cr_expect_eq(command.kind, ANNOUNCER_QUEUE_NOTIFY);
    cr_expect_eq(command.count, 1);
    expect_nothing();
}

Test(announcer_queue, names_are_written_so_that_powerdns_reads_the_same)
{
    announcer_queue_purge_name(&queue, "");
    announcer_queue_purge_zone(&queue, "");
    announcer_queue_purge_name(&queue, "a\\032b.test");
    announcer_queue_purge_name(&queue, "a b.test");
    announcer_queue_purge_name(&queue, "money$");
    announcer_queue_purge_zone(&queue, "money$");
    announcer_queue_purge_name(&queue, "a\\.b\\\\c.test");
    announcer_queue_purge_name(&queue, "\xe4\\228.test");
    announcer_queue_purge_name(&queue, "\\000.test");
    announcer_queue_purge_name(&queue, "x\n.test");
    expect("PURGE . .$ a\\032b.test. money$. money$.$ a\\.b\\\\c.test. \\228\\228.test. "
           "\\000.test. x\\010.test.");
    announcer_queue_notify(&queue, "*");
    announcer_queue_notify(&queue, "");
    expect("NOTIFY *.");
    expect("NOTIFY .");
    expect_nothing();
}

/* Answers are cached under the names that were asked for. */
Test(announcer_queue, a_wildcard_is_all_below_where_it_stands)
{
    announcer_queue_purge_name(&queue, "*.w.a.test");
    announcer_queue_purge_name(&queue, "*");
    announcer_queue_purge_name(&queue, "*x.a.test");
    announcer_queue_purge_name(&queue, "x.*.a.test");
    announcer_queue_purge_zone(&queue, "*.b.test");
    expect("PURGE w.a.test.$ .$ *x.a.test. x.*.a.test. *.b.test.$");
}

Test(announcer_queue, what_is_no_name_is_passed_over)
{
    char long_label[] = "0123456789012345678901234567890123456789012345678901234567890123.test";

    announcer_queue_purge_name(&queue, "a..test");
    announcer_queue_purge_zone(&queue, "\\256.test");
    announcer_queue_purge_name(&queue, long_label);
    announcer_queue_notify(&queue, "b.test\\");
    expect_nothing();
}

Test(announcer_queue, what_waits_is_not_queued_twice)
{
    announcer_queue_purge_name(&queue, "a.test");
    announcer_queue_purge_zone(&queue, "a.test");
    announcer_queue_purge_name(&queue, "A.test.");
    announcer_queue_purge_zone(&queue, "a.test");
    announcer_queue_notify(&queue, "a.test");
    announcer_queue_notify(&queue, "a.test");
    expect("PURGE a.test. a.test.$");
    expect("NOTIFY a.test.");
    expect_nothing();
    announcer_queue_purge_name(&queue, "a.test");
    expect("PURGE a.test.");
}

Test(announcer_queue, a_notify_follows_the_purges_before_it)
{
    announcer_queue_notify(&queue, "a.test");
    announcer_queue_purge_name(&queue, "b.test");
    announcer_queue_notify(&queue, "b.test");
    announcer_queue_purge_name(&queue, "c.test");
    expect("NOTIFY a.test.");
    expect("PURGE b.test. c.test.");
    expect("NOTIFY b.test.");
    expect_nothing();
}

Test(announcer_queue, a_notify_asked_for_again_follows_later_purges_too)
{
    announcer_queue_notify(&queue, "a.test");
    announcer_queue_purge_name(&queue, "a.test");
    announcer_queue_notify(&queue, "a.test");
    expect("PURGE a.test.");
    expect("NOTIFY a.test.");
    expect_nothing();
}

/* The purge that waits is still to come, so it is as good as one after the NOTIFY. */
Test(announcer_queue, a_purge_asked_for_again_keeps_its_place)
{
    announcer_queue_purge_name(&queue, "a.test");
    announcer_queue_notify(&queue, "a.test");
    announcer_queue_purge_name(&queue, "a.test");
    expect("PURGE a.test.");
    expect("NOTIFY a.test.");
    expect_nothing();
}

Test(announcer_queue, one_that_is_asked_for_again_and_again_keeps_its_turn)
{
    announcer_queue_notify(&queue, "a.test");
    announcer_queue_notify(&queue, "b.test");
    announcer_queue_notify(&queue, "a.test");
    expect("NOTIFY a.test.");
    expect("NOTIFY b.test.");
    expect_nothing();
}

Test(announcer_queue, purges_without_end_do_not_hold_a_notify_up)
{
    purge_numbered(0, 500);
    announcer_queue_notify(&queue, "a.test");
    struct announcer_queue_command command;
    int lines = 0;

    do {
        purge_numbered(1000 + 50 * lines, 50);
        cr_assert_eq(announcer_queue_take(&queue, &command), 0);
        ++lines;
    } while (command.kind == ANNOUNCER_QUEUE_PURGE && lines < 5);
    cr_assert_eq(command.kind, ANNOUNCER_QUEUE_NOTIFY);
}

Test(announcer_queue, lines_are_bounded_and_nothing_is_lost_between_them)
{
    struct announcer_queue_command command;
    size_t names = 0;
    int lines = 0;

    purge_numbered(0, ANNOUNCER_QUEUE_PURGES_MAX);
    while (announcer_queue_take(&queue, &command) == 0) {
        size_t blanks = 0;

        for (const char *p = command.line; *p; ++p)
            blanks += *p == ' ';
        cr_assert_eq(blanks, command.count);
        cr_assert_lt(strlen(command.line), sizeof(command.line));
        names += command.count;
        ++lines;
    }
    cr_assert_eq(names, ANNOUNCER_QUEUE_PURGES_MAX);
    cr_assert_gt(lines, 1);
}

Test(announcer_queue, the_longest_names_fit)
{
    static const size_t labels[] = {63, 63, 63, 61};
    char name[NAME_TEXT_SIZE] = "", expected[ANNOUNCER_QUEUE_LINE_SIZE];

    for (size_t i = 0; i < 4; ++i) {
        strcat(name, i > 0 ? "." : "");
        for (size_t j = 0; j < labels[i]; ++j)
            strcat(name, "\\228");
    }
    announcer_queue_purge_zone(&queue, name);
    announcer_queue_notify(&queue, name);
    snprintf(expected, sizeof(expected), "PURGE %s.$", name);
    expect(expected);
    snprintf(expected, sizeof(expected), "NOTIFY %s.", name);
    expect(expected);
}

Test(announcer_queue, very_many_purges_become_one_of_everything)
{
    struct announcer_queue_command command;

    purge_numbered(0, ANNOUNCER_QUEUE_PURGES_MAX + 1);
    purge_numbered(ANNOUNCER_QUEUE_PURGES_MAX + 1, 100);
    announcer_queue_purge_zone(&queue, "b.test");
    cr_assert_not(announcer_queue_is_empty(&queue));
    cr_assert_eq(announcer_queue_take(&queue, &command), 0);
    cr_expect_str_eq(command.line, "PURGE");
    cr_expect_eq(command.count, 1);
    expect_nothing();
    announcer_queue_purge_name(&queue, "a.test");
    expect("PURGE a.test.");
}

Test(announcer_queue, the_one_of_everything_comes_before_what_follows_any_of_them)
{
    announcer_queue_notify(&queue, "a.test");
    purge_numbered(0, 10);
    announcer_queue_notify(&queue, "b.test");
    purge_numbered(10, ANNOUNCER_QUEUE_PURGES_MAX);
    announcer_queue_notify(&queue, "c.test");
    expect("NOTIFY a.test.");
    expect("PURGE");
    expect("NOTIFY b.test.");
    expect("NOTIFY c.test.");
    expect_nothing();
}

Test(announcer_queue, very_many_zones_take_no_quadratic_time)
{
    struct announcer_queue_command command;
    int64_t started = clock_steady_ms();
    char name[64];

    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 100000; ++i) {
            snprintf(name, sizeof(name), "zone%d.test", i);
            announcer_queue_notify(&queue, name);
        }
    }
    for (int i = 0; i < 100000; ++i)
        cr_assert_eq(announcer_queue_take(&queue, &command), 0);
    expect_nothing();
    cr_assert_lt(clock_steady_ms() - started, slack(5000));
}
