#include "server/line-reader.h"

#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

struct fixture {
    struct line_reader reader;
    int peer;
};

static struct fixture open_pair(size_t limit)
{
    struct fixture fixture;
    int fds[2];

    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, fds), 0);
    line_reader_init(&fixture.reader, fds[0], limit);
    fixture.peer = fds[1];
    return fixture;
}

static void close_pair(struct fixture *fixture)
{
    close(fixture->reader.fd);
    if (fixture->peer >= 0)
        close(fixture->peer);
    line_reader_deinit(&fixture->reader);
}

static void say(struct fixture *fixture, const char *text, size_t size)
{
    cr_assert_eq(write(fixture->peer, text, size), (ssize_t)size);
}

static void hang_up(struct fixture *fixture)
{
    close(fixture->peer);
    fixture->peer = -1;
}

static void expect_line(struct fixture *fixture, const char *text, size_t size)
{
    const char *line;
    size_t length;

    cr_assert_eq(line_reader_next(&fixture->reader, &line, &length), 0);
    cr_assert_eq(length, size, "%zu bytes, expected %zu", length, size);
    cr_assert(memcmp(line, text, size) == 0);
}

static void expect_code(struct fixture *fixture, int code)
{
    const char *line;
    size_t length;

    cr_assert_eq(line_reader_next(&fixture->reader, &line, &length), code);
}

Test(line_reader, returns_lines_that_came_together_one_by_one)
{
    struct fixture fixture = open_pair(100);

    say(&fixture, "one\n\ntwo\n", 9);
    expect_line(&fixture, "one", 3);
    expect_line(&fixture, "", 0);
    expect_line(&fixture, "two", 3);
    close_pair(&fixture);
}

static void *say_in_pieces(void *argument)
{
    struct fixture *fixture = argument;

    say(fixture, "he", 2);
    usleep(20000);
    say(fixture, "llo\nwor", 7);
    usleep(20000);
    say(fixture, "ld\n", 3);
    return NULL;
}

Test(line_reader, joins_a_line_that_came_in_pieces)
{
    struct fixture fixture = open_pair(100);
    pthread_t thread;

    pthread_create(&thread, NULL, say_in_pieces, &fixture);
    expect_line(&fixture, "hello", 5);
    expect_line(&fixture, "world", 5);
    pthread_join(thread, NULL);
    close_pair(&fixture);
}

Test(line_reader, passes_nul_bytes)
{
    struct fixture fixture = open_pair(100);

    say(&fixture, "a\0b\n", 4);
    expect_line(&fixture, "a\0b", 3);
    close_pair(&fixture);
}

Test(line_reader, takes_a_line_of_just_the_limit)
{
    struct fixture fixture = open_pair(5);

    say(&fixture, "12345\n", 6);
    expect_line(&fixture, "12345", 5);
    close_pair(&fixture);
}

Test(line_reader, passes_over_a_line_beyond_the_limit_and_goes_on)
{
    struct fixture fixture = open_pair(5);

    say(&fixture, "123456\nnext\n", 12);
    expect_code(&fixture, LINE_READER_E_TOO_LONG);
    expect_line(&fixture, "next", 4);
    close_pair(&fixture);
}

#define LONG_SIZE 3000000

static void *say_long_line(void *argument)
{
    struct fixture *fixture = argument;
    char *text = malloc(LONG_SIZE + 1);

    memset(text, 'x', LONG_SIZE);
    text[LONG_SIZE] = '\n';
    for (size_t sent = 0; sent < LONG_SIZE + 1;)
        sent += write(fixture->peer, text + sent, LONG_SIZE + 1 - sent);
    say(fixture, "next\n", 5);
    free(text);
    return NULL;
}

Test(line_reader, keeps_no_memory_for_a_line_beyond_the_limit)
{
    struct fixture fixture = open_pair(1000);
    pthread_t thread;

    pthread_create(&thread, NULL, say_long_line, &fixture);
    expect_code(&fixture, LINE_READER_E_TOO_LONG);
    cr_assert_lt(fixture.reader.capacity, 100000);
    expect_line(&fixture, "next", 4);
    pthread_join(thread, NULL);
    close_pair(&fixture);
}

Test(line_reader, gives_the_buffer_of_a_long_line_back)
{
    struct fixture fixture = open_pair(2 * LONG_SIZE);
    pthread_t thread;
    const char *line;
    size_t length;

    pthread_create(&thread, NULL, say_long_line, &fixture);
    cr_assert_eq(line_reader_next(&fixture.reader, &line, &length), 0);
    cr_assert_eq(length, LONG_SIZE);
    pthread_join(thread, NULL);
    expect_line(&fixture, "next", 4);
    say(&fixture, "more\n", 5);
    expect_line(&fixture, "more", 4);
    cr_assert_lt(fixture.reader.capacity, LONG_SIZE);
    close_pair(&fixture);
}

Test(line_reader, tells_the_end_and_drops_what_was_not_ended)
{
    struct fixture fixture = open_pair(100);

    say(&fixture, "whole\nhalf", 10);
    hang_up(&fixture);
    expect_line(&fixture, "whole", 5);
    expect_code(&fixture, LINE_READER_E_END);
    close_pair(&fixture);
}

Test(line_reader, reads_what_arrived_before_a_shutdown)
{
    struct fixture fixture = open_pair(100);

    say(&fixture, "last\n", 5);
    shutdown(fixture.reader.fd, SHUT_RD);
    expect_line(&fixture, "last", 4);
    expect_code(&fixture, LINE_READER_E_END);
    close_pair(&fixture);
}
