#include "relay/link.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "util/clock.h"
#include "util/integer.h"
#include "util/log.h"

/* Between two attempts. */
#define RETRY_MS 50

/* As pdns_reply_bool() writes it. */
static const char accepted[] = "{\"result\":true}\n";

void link_init(struct link *link, const char *path)
{
    link->path = path;
    link->fd = -1;
    link->tried_at = 0;
    link->initialize_size = 0;
}

void link_set_initialize(struct link *link, const char *line, size_t size)
{
    memcpy(link->initialize, line, size);
    link->initialize_size = size;
    link_close(link);
}

bool link_is_open(const struct link *link)
{
    return link->fd >= 0;
}

void link_close(struct link *link)
{
    if (link->fd >= 0)
        close(link->fd);
    link->fd = -1;
}

int link_set_timeout(struct link *link, int64_t ms)
{
    struct timeval timeout = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    if (ms == link->timeout_ms)
        return 0;
    if (setsockopt(link->fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
        setsockopt(link->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0)
        return -errno;
    link->timeout_ms = ms;
    return 0;
}

int link_send(struct link *link, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = send(link->fd, data, size, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        data += n;
        size -= n;
    }
    return 0;
}

/* Looks at the clock only where the piece comes in parts, which is rare. */
int link_receive(struct link *link, int64_t silence_ms, int64_t deadline, struct piece *ret)
{
    int r = pieces_read(&link->replies, ret);

    while (r == PIECES_E_MORE) {
        int64_t left = deadline - clock_steady_ms();

        if (left <= 0)
            return -ETIMEDOUT;
        r = link_set_timeout(link, integer_min(left, silence_ms));
        if (r == 0)
            r = pieces_read(&link->replies, ret);
        if (r == -EAGAIN && left < silence_ms)
            return -ETIMEDOUT;
    }
    return r;
}

/* For the next step of several that have one deadline. */
static int set_timeout_to_rest(struct link *link, int64_t deadline)
{
    return link_set_timeout(link, integer_max(deadline - clock_steady_ms(), 1));
}

static int initialize(struct link *link, int64_t deadline)
{
    static struct log_limit limit = LOG_LIMIT(5, 10000);
    struct piece reply;
    int r;

    if (link->initialize_size == 0)
        return 0;
    r = set_timeout_to_rest(link, deadline);
    if (r == 0)
        r = link_send(link, link->initialize, link->initialize_size);
    if (r == 0)
        r = set_timeout_to_rest(link, deadline);
    if (r == 0)
        r = link_receive(link, INT64_MAX, deadline, &reply);
    if (r == PIECES_E_END)
        return -ECONNRESET;
    if (r < 0)
        return r;
    if (reply.size == sizeof(accepted) - 1 && memcmp(reply.data, accepted, reply.size) == 0)
        return 0;
    log_write_limited(&limit, LOG_LEVEL_ERROR, "relay: the daemon refuses the connection: %.*s",
                      (int)integer_min(reply.size, 512), reply.data);
    return LINK_E_REFUSED;
}

/* connect() waits for room in the listener's queue, for as long as sending may take. */
static int connect_and_initialize(struct link *link, int64_t deadline)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int r;

    link->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (link->fd < 0)
        return -errno;
    link->timeout_ms = 0;
    pieces_init(&link->replies, link->fd);
    r = set_timeout_to_rest(link, deadline);
    if (r < 0)
        return r;
    strncpy(address.sun_path, link->path, sizeof(address.sun_path) - 1);
    if (connect(link->fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return -errno;
    return initialize(link, deadline);
}

static void pause_ms(int64_t ms)
{
    nanosleep(&(struct timespec){.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000}, NULL);
}

/* A daemon that takes connections only to close them would be asked without a pause. */
static void pause_before_attempt(struct link *link, int64_t deadline)
{
    int64_t now = clock_steady_ms();
    int64_t until = integer_min(link->tried_at + RETRY_MS, deadline);

    if (link->tried_at > 0 && until > now)
        pause_ms(until - now);
    link->tried_at = clock_steady_ms();
}

int link_open(struct link *link, int64_t deadline)
{
    int reason = -EAGAIN;

    for (;;) {
        int r;

        pause_before_attempt(link, deadline);
        r = connect_and_initialize(link, deadline);
        if (r == 0)
            return 0;
        link_close(link);
        /* The last attempt may have had no time, which says nothing. */
        if (r != -EAGAIN)
            reason = r;
        if (r == LINK_E_REFUSED || clock_steady_ms() >= deadline)
            return reason;
    }
}
