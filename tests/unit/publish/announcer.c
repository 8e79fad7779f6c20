#include "publish/announcer.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "slack.h"
#include "util/clock.h"

#define COMMANDS_MAX 64
#define LINE_SIZE    4096

/* How a control socket of the test behaves. */
struct behaviour {
    const char *answer; /* "" = hangs up without one; NULL = PURGE gives "1", NOTIFY as PowerDNS */
    int silent;         /* so many commands, first, get no answer and no end */
};

/* Somebody who listens as PowerDNS does: one connection after the other. */
struct listener {
    char path[64];
    int fd;
    struct behaviour behaviour;
    pthread_t thread;
    atomic_bool is_ending;
    atomic_int count;
    char commands[COMMANDS_MAX][LINE_SIZE];
    int kept[COMMANDS_MAX]; /* connections that got no answer */
};

static char folder[] = "/tmp/aliasd-announcer-XXXXXX";
static struct listener listeners[2];

static void set_up(void)
{
    cr_assert(mkdtemp(folder));
    for (size_t i = 0; i < 2; ++i) {
        listeners[i] = (struct listener){.fd = -1};
        snprintf(listeners[i].path, sizeof(listeners[i].path), "%s/%zu", folder, i);
    }
}

static void bind_to(struct listener *listener)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    strcpy(address.sun_path, listener->path);
    cr_assert_eq(bind(listener->fd, (struct sockaddr *)&address, sizeof(address)), 0);
}

static void read_command(struct listener *listener, int fd)
{
    char *line = listener->commands[listener->count];
    size_t used = 0;

    while (used < LINE_SIZE - 1 && recv(fd, line + used, 1, 0) == 1 && line[used] != '\n')
        ++used;
    /* One without an end isn't the command that is looked for. */
    line[used] = '\0';
}

/* In two pieces: it is the end of the connection that ends an answer. */
static void answer(const struct listener *listener, int fd)
{
    const char *line = listener->commands[listener->count];
    const char *text = listener->behaviour.answer;

    if (!text)
        text = strncmp(line, "PURGE", 5) == 0 ? "12" : "Added to queue";
    size_t half = strlen(text) / 2;
    send(fd, text, half, MSG_NOSIGNAL);
    send(fd, text + half, strlen(text + half), MSG_NOSIGNAL);
    close(fd);
}

static void *listen_on(void *userdata)
{
    struct listener *listener = userdata;
    struct pollfd waiting = {.fd = listener->fd, .events = POLLIN};

    while (!listener->is_ending) {
        if (poll(&waiting, 1, 10) != 1)
            continue;
        int fd = accept(listener->fd, NULL, NULL);
        if (listener->count == COMMANDS_MAX) {
            close(fd);
            continue;
        }
        read_command(listener, fd);
        if (listener->count < listener->behaviour.silent)
            listener->kept[listener->count] = fd;
        else
            answer(listener, fd);
        ++listener->count;
    }
    return NULL;
}

static void start(struct listener *listener, struct behaviour behaviour)
{
    listener->behaviour = behaviour;
    bind_to(listener);
    cr_assert_eq(listen(listener->fd, 10), 0);
    cr_assert_eq(pthread_create(&listener->thread, NULL, listen_on, listener), 0);
}

static void stop(struct listener *listener)
{
    if (listener->thread) {
        listener->is_ending = true;
        pthread_join(listener->thread, NULL);
    }
    for (int i = 0; i < listener->count && i < listener->behaviour.silent; ++i)
        close(listener->kept[i]);
    if (listener->fd >= 0)
        close(listener->fd);
    unlink(listener->path);
}

static void tear_down(void)
{
    stop(&listeners[0]);
    stop(&listeners[1]);
    rmdir(folder);
}

TestSuite(announcer, .init = set_up, .fini = tear_down);

static struct announcer *start_announcer(const char *first, const char *second)
{
    const char *const sockets[] = {first, second, NULL};
    struct announcer *announcer;

    cr_assert_eq(announcer_start(sockets, &announcer), 0);
    return announcer;
}

static void wait_for_count(const struct listener *listener, int count)
{
    int64_t until = clock_steady_ms() + slack(10000);

    while (listener->count < count && clock_steady_ms() < until)
        usleep(1000);
    cr_assert_eq(listener->count, count);
}

/* Until so many commands have come to their end. */
static struct announcer_figures wait_for_figures(const struct announcer *announcer, uint64_t sum)
{
    int64_t until = clock_steady_ms() + slack(20000);
    struct announcer_figures figures;

    do {
        usleep(1000);
        announcer_look(announcer, &figures);
    } while (figures.purges + figures.notifies + figures.failures < sum &&
             clock_steady_ms() < until);
    cr_assert_eq(figures.purges + figures.notifies + figures.failures, sum);
    return figures;
}

static void expect_quick_end(struct announcer *announcer)
{
    int64_t started = clock_steady_ms();

    announcer_free(announcer);
    cr_assert_lt(clock_steady_ms() - started, slack(500));
}

Test(announcer, without_sockets_it_does_nothing)
{
    struct announcer *announcer = start_announcer(NULL, NULL);
    struct announcer_figures figures;

    announcer_purge_zone(announcer, "a.test");
    announcer_notify(announcer, "a.test");
    announcer_look(announcer, &figures);
    cr_assert_eq(figures.purges + figures.notifies + figures.failures, 0);
    announcer_free(announcer);
    announcer_free(NULL);
}

Test(announcer, each_socket_is_told_in_order)
{
    start(&listeners[0], (struct behaviour){0});
    start(&listeners[1], (struct behaviour){0});
    struct announcer *announcer = start_announcer(listeners[0].path, listeners[1].path);

    announcer_purge_zone(announcer, "a.test");
    wait_for_count(&listeners[0], 1);
    wait_for_count(&listeners[1], 1);
    announcer_purge_name(announcer, "www.b.test");
    announcer_notify(announcer, "a.test");
    struct announcer_figures figures = wait_for_figures(announcer, 6);
    for (size_t i = 0; i < 2; ++i) {
        cr_expect_eq(listeners[i].count, 3);
        cr_expect_str_eq(listeners[i].commands[0], "PURGE a.test.$");
        cr_expect_str_eq(listeners[i].commands[1], "PURGE www.b.test.");
        cr_expect_str_eq(listeners[i].commands[2], "NOTIFY a.test.");
    }
    cr_expect_eq(figures.purges, 4);
    cr_expect_eq(figures.notifies, 2);
    expect_quick_end(announcer);
}

Test(announcer, a_silent_socket_holds_up_no_other)
{
    start(&listeners[0], (struct behaviour){.silent = COMMANDS_MAX});
    start(&listeners[1], (struct behaviour){0});
    struct announcer *announcer = start_announcer(listeners[0].path, listeners[1].path);
    int64_t started = clock_steady_ms();

    for (int i = 1; i <= 5; ++i) {
        announcer_purge_name(announcer, "a.test");
        wait_for_count(&listeners[1], i);
    }
    cr_expect_lt(clock_steady_ms() - started, slack(1000));
    expect_quick_end(announcer);
}

Test(announcer, what_gets_no_answer_is_tried_once_more)
{
    start(&listeners[0], (struct behaviour){.silent = 1});
    struct announcer *announcer = start_announcer(listeners[0].path, NULL);

    announcer_notify(announcer, "a.test");
    struct announcer_figures figures = wait_for_figures(announcer, 1);
    cr_expect_eq(listeners[0].count, 2);
    cr_expect_eq(figures.notifies, 1);
    cr_expect_str_eq(listeners[0].commands[1], "NOTIFY a.test.");
    announcer_free(announcer);
}

Test(announcer, what_gets_no_answer_twice_is_given_up)
{
    start(&listeners[0], (struct behaviour){.silent = 2});
    struct announcer *announcer = start_announcer(listeners[0].path, NULL);

    announcer_notify(announcer, "a.test");
    announcer_notify(announcer, "b.test");
    struct announcer_figures figures = wait_for_figures(announcer, 2);
    cr_expect_eq(listeners[0].count, 3);
    cr_expect_str_eq(listeners[0].commands[2], "NOTIFY b.test.");
    cr_expect_eq(figures.failures, 1);
    cr_expect_eq(figures.notifies, 1);
    announcer_free(announcer);
}

Test(announcer, where_nobody_listens_is_given_up_and_those_who_come_are_told)
{
    struct announcer *announcer = start_announcer(listeners[0].path, listeners[1].path);

    bind_to(&listeners[1]); /* as what a dead PowerDNS leaves behind */
    announcer_purge_zone(announcer, "a.test");
    struct announcer_figures figures = wait_for_figures(announcer, 2);
    cr_expect_eq(figures.failures, 2);
    start(&listeners[0], (struct behaviour){0});
    announcer_purge_zone(announcer, "b.test");
    wait_for_count(&listeners[0], 1);
    cr_expect_str_eq(listeners[0].commands[0], "PURGE b.test.$");
    expect_quick_end(announcer);
}

Test(announcer, what_is_refused_is_a_failure)
{
    start(&listeners[0],
          (struct behaviour){.answer = "PowerDNS not configured as primary (primary)"});
    struct announcer *announcer = start_announcer(listeners[0].path, NULL);

    announcer_notify(announcer, "a.test");
    cr_expect_eq(wait_for_figures(announcer, 1).failures, 1);
    announcer_purge_name(announcer, "a.test");
    cr_expect_eq(wait_for_figures(announcer, 2).failures, 2);
    announcer_free(announcer);
}

Test(announcer, an_end_without_an_answer_is_a_failure)
{
    start(&listeners[0], (struct behaviour){.answer = ""});
    struct announcer *announcer = start_announcer(listeners[0].path, NULL);

    announcer_purge_name(announcer, "a.test");
    cr_expect_eq(wait_for_figures(announcer, 1).failures, 1);
    cr_expect_eq(listeners[0].count, 1);
    announcer_free(announcer);
}

static int connect_to(const struct listener *listener)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    strcpy(address.sun_path, listener->path);
    cr_assert_eq(connect(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

/* While nobody accepts, and the queue of connections is full, connect() fails at once. */
Test(announcer, a_full_backlog_is_waited_for)
{
    bind_to(&listeners[0]);
    cr_assert_eq(listen(listeners[0].fd, 0), 0);
    int filler = connect_to(&listeners[0]);
    struct announcer *announcer = start_announcer(listeners[0].path, NULL);

    announcer_purge_name(announcer, "a.test");
    usleep(100000);
    close(accept(listeners[0].fd, NULL, NULL));
    close(filler);
    int fd = accept(listeners[0].fd, NULL, NULL);
    read_command(&listeners[0], fd);
    answer(&listeners[0], fd);
    cr_expect_eq(wait_for_figures(announcer, 1).purges, 1);
    cr_expect_str_eq(listeners[0].commands[0], "PURGE a.test.");

    filler = connect_to(&listeners[0]);
    announcer_purge_name(announcer, "a.test");
    usleep(100000);
    expect_quick_end(announcer);
    close(filler);
}

Test(announcer, it_ends_at_once_whatever_waits)
{
    start(&listeners[0], (struct behaviour){.silent = COMMANDS_MAX});
    struct announcer *announcer = start_announcer(listeners[0].path, listeners[1].path);
    char zone[32];

    announcer_purge_zone(announcer, "a.test");
    wait_for_count(&listeners[0], 1);
    for (int i = 0; i < 1000; ++i) {
        snprintf(zone, sizeof(zone), "zone%d.test", i);
        announcer_notify(announcer, zone);
    }
    expect_quick_end(announcer);
}
