#include <criterion/criterion.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/log.h"

/* Standard error goes to an anonymous file, which `read_lines()` reads back. */
static int capture;

static void start_capture(void)
{
    unsetenv("JOURNAL_STREAM");
    capture = memfd_create("log", 0);
    cr_assert_geq(capture, 0);
    cr_assert_geq(dup2(capture, STDERR_FILENO), 0);
}

static char *captured(void)
{
    static char text[256 * 1024];
    ssize_t n = pread(capture, text, sizeof(text) - 1, 0);

    cr_assert_geq(n, 0);
    text[n] = '\0';
    return text;
}

static int count_of(const char *needle)
{
    int count = 0;

    for (const char *p = captured(); (p = strstr(p, needle)); p += strlen(needle))
        ++count;
    return count;
}

TestSuite(log, .init = start_capture);

Test(log, hides_levels_above_the_one_set)
{
    log_set_level(LOG_LEVEL_WARNING);
    log_error("an error");
    log_warning("a warning");
    log_notice("a notice");
    cr_assert_eq(count_of("\n"), 2);
    cr_assert_eq(count_of("a notice"), 0);
    cr_assert(log_is_enabled(LOG_LEVEL_WARNING));
    cr_assert_not(log_is_enabled(LOG_LEVEL_NOTICE));
}

Test(log, notice_is_the_level_at_start)
{
    log_notice("a notice");
    log_info("an info");
    cr_assert_eq(count_of("a notice"), 1);
    cr_assert_eq(count_of("an info"), 0);
}

Test(log, names_the_level_outside_the_journal)
{
    log_warning("text");
    cr_assert(strstr(captured(), " warning: text\n"));
}

Test(log, gives_the_journal_its_priority)
{
    char stream[64];
    struct stat status;

    cr_assert_eq(fstat(STDERR_FILENO, &status), 0);
    snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)status.st_dev, (uintmax_t)status.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    log_error("text");
    cr_assert_str_eq(captured(), "<3>text\n");
}

Test(log, knows_a_journal_that_is_not_its_standard_error)
{
    setenv("JOURNAL_STREAM", "1:2", 1);
    log_error("text");
    cr_assert(strstr(captured(), " error: text\n"));
}

Test(log, loses_lines_rather_than_wait_and_says_how_many)
{
    char text[65536];
    int pipes[2], written = 0;

    cr_assert_eq(pipe(pipes), 0);
    cr_assert_geq(dup2(pipes[1], STDERR_FILENO), 0);
    close(pipes[1]);
    for (; written < 3000; ++written)
        log_error("a line of some length, number %d", written);
    cr_assert_gt(read(pipes[0], text, sizeof(text)), 0);
    log_error("the next one");
    ssize_t n = read(pipes[0], text, sizeof(text) - 1);
    cr_assert_gt(n, 0);
    text[n] = '\0';
    cr_assert(strstr(text, "lines are missing here"), "%s", text);
    cr_assert(strstr(text, "the next one\n"), "%s", text);
    close(STDERR_FILENO);
}

Test(log, text_cannot_forge_a_line_or_drive_a_terminal)
{
    log_error("name %s", "a\nb\033[2Jc\177d\xc3\xa4");
    cr_assert_eq(count_of("\n"), 1);
    cr_assert(strstr(captured(), "name a?b?[2Jc?d\xc3\xa4\n"));
}

Test(log, a_line_too_long_is_cut_and_still_ends)
{
    char text[10000];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    log_error("%s", text);
    cr_assert_eq(count_of("\n"), 1);
    cr_assert_eq(strlen(captured()), 2047);
    cr_assert_str_eq(captured() + 2045, "x\n");
}

Test(log, limit_lets_the_burst_through_and_counts_the_rest)
{
    struct log_limit limit = LOG_LIMIT(3, 60000);

    for (int i = 0; i < 10; ++i)
        log_write_limited(&limit, LOG_LEVEL_ERROR, "flood %d", i);
    cr_assert_eq(count_of("flood"), 3);

    limit.window_start -= 60001; /* as if that had passed, however slow the machine is */
    log_write_limited(&limit, LOG_LEVEL_ERROR, "flood again");
    cr_assert_eq(count_of("flood"), 4);
    cr_assert(strstr(captured(), "(7 messages like the next one were left out)\n"));
}

Test(log, limit_says_nothing_of_suppression_when_there_was_none)
{
    struct log_limit limit = LOG_LIMIT(3, 60000);

    log_write_limited(&limit, LOG_LEVEL_ERROR, "one");
    limit.window_start -= 60001;
    log_write_limited(&limit, LOG_LEVEL_ERROR, "two");
    cr_assert_eq(count_of("left out"), 0);
    cr_assert_eq(count_of("\n"), 2);
}

Test(log, what_is_not_logged_anyway_does_not_use_up_the_limit)
{
    struct log_limit limit = LOG_LIMIT(1, 10000);

    log_write_limited(&limit, LOG_LEVEL_DEBUG, "hidden");
    log_write_limited(&limit, LOG_LEVEL_ERROR, "shown");
    cr_assert_eq(count_of("shown"), 1);
}

static void *flood(void *userdata)
{
    for (int i = 0; i < 1000; ++i)
        log_write_limited(userdata, LOG_LEVEL_ERROR, "flood of one thread");
    return NULL;
}

Test(log, limit_holds_over_all_threads)
{
    struct log_limit limit = LOG_LIMIT(5, 60000);
    pthread_t threads[4];

    for (int i = 0; i < 4; ++i)
        cr_assert_eq(pthread_create(&threads[i], NULL, flood, &limit), 0);
    for (int i = 0; i < 4; ++i)
        pthread_join(threads[i], NULL);
    /* The start of a window may let a few more through: it is opened without a lock. */
    cr_assert_geq(count_of("flood"), 5);
    cr_assert_leq(count_of("flood"), 10);
}
