#include "publish/control-socket.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/clock.h"

/* How long to wait before connecting again when PowerDNS's backlog is full: nothing tells when it
 * no longer is. */
#define BACKLOG_WAIT_MS 20

struct exchange {
    int fd;
    int wake_fd;
    int64_t deadline; /* steady */
};

static void closep(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

/* Until `fd` (-1: none) is ready for `events`, or `until`. 0; -ETIMEDOUT; -ECANCELED; -errno. */
static int wait_for(const struct exchange *exchange, int fd, short events, int64_t until)
{
    struct pollfd fds[] = {{.fd = exchange->wake_fd, .events = POLLIN},
                           {.fd = fd, .events = events}};
    int64_t left = until - clock_steady_ms();
    int n = poll(fds, 2, left > 0 ? (int)left : 0);

    if (n < 0)
        return errno == EINTR ? 0 : -errno;
    if (fds[0].revents)
        return -ECANCELED;
    return n == 0 ? -ETIMEDOUT : 0;
}

/* For what couldn't be done at once. */
static int wait_until_ready(const struct exchange *exchange, short events)
{
    return wait_for(exchange, exchange->fd, events, exchange->deadline);
}

/* 0: try again. */
static int wait_for_backlog(const struct exchange *exchange)
{
    int64_t until = clock_steady_ms() + BACKLOG_WAIT_MS;

    if (until > exchange->deadline)
        return -ETIMEDOUT;
    int r = wait_for(exchange, -1, 0, until);
    return r == -ETIMEDOUT ? 0 : r;
}

static int connect_to(const struct exchange *exchange, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int r = 0;

    if (strlen(path) >= sizeof(address.sun_path))
        return -ENAMETOOLONG;
    strcpy(address.sun_path, path);
    while (r == 0) {
        if (connect(exchange->fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
            return 0;
        if (errno == EAGAIN)
            r = wait_for_backlog(exchange);
        else if (errno != EINTR)
            r = -errno;
    }
    return r;
}

static int send_all(const struct exchange *exchange, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = send(exchange->fd, data, size, MSG_NOSIGNAL);
        int r = 0;

        if (n < 0 && errno == EAGAIN)
            r = wait_until_ready(exchange, POLLOUT);
        else if (n < 0 && errno != EINTR)
            r = -errno;
        if (r < 0)
            return r;
        if (n > 0) {
            data += n;
            size -= n;
        }
    }
    return 0;
}

static int send_line(const struct exchange *exchange, const char *line)
{
    int r = send_all(exchange, line, strlen(line));

    return r < 0 ? r : send_all(exchange, "\n", 1);
}

/* To the end; what doesn't fit is read, too. */
static int receive(const struct exchange *exchange, char ret_answer[CONTROL_SOCKET_ANSWER_SIZE])
{
    char answer[CONTROL_SOCKET_ANSWER_SIZE], rest[256];
    size_t used = 0;
    ssize_t n;
    int r = 0;

    while (r == 0) {
        size_t room = sizeof(answer) - 1 - used;

        n = recv(exchange->fd, room > 0 ? answer + used : rest, room > 0 ? room : sizeof(rest), 0);
        if (n == 0)
            break;
        if (n > 0 && room > 0)
            used += n;
        else if (n < 0 && errno == EAGAIN)
            r = wait_until_ready(exchange, POLLIN);
        else if (n < 0 && errno != EINTR)
            r = -errno;
        if (r == 0 && clock_steady_ms() >= exchange->deadline)
            r = -ETIMEDOUT;
    }
    if (r < 0)
        return r;
    if (used == 0)
        return -ENODATA;
    answer[used] = '\0';
    memcpy(ret_answer, answer, used + 1);
    return 0;
}

int control_socket_ask(const char *path, const char *line, int64_t timeout_ms, int wake_fd,
                       char ret_answer[CONTROL_SOCKET_ANSWER_SIZE])
{
    CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const struct exchange exchange = {
        .fd = fd, .wake_fd = wake_fd, .deadline = clock_steady_ms() + timeout_ms};

    if (fd < 0)
        return -errno;
    int r = connect_to(&exchange, path);
    if (r == 0)
        r = send_line(&exchange, line);
    return r < 0 ? r : receive(&exchange, ret_answer);
}
