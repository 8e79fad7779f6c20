#include "server/handover.h"

#include "build-config.h"

#ifdef HAVE_SYSTEMD

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/log.h"

#define SESSION_PREFIX "session-"
#define RAW_PREFIX     "raw-"

static struct log_limit keep_limit = LOG_LIMIT(1, 10000);

static void free_names(char ***names)
{
    for (size_t i = 0; *names && (*names)[i]; ++i)
        free((*names)[i]);
    free(*names);
}

static bool has_prefix(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0;
}

static bool is_connection(int fd, const char *name)
{
    return (has_prefix(name, SESSION_PREFIX) || has_prefix(name, RAW_PREFIX)) &&
           sd_is_socket_unix(fd, SOCK_STREAM, 0, NULL, 0) > 0;
}

static void sort_in(struct handover *handover, int fd, const char *name)
{
    if (is_connection(fd, name)) {
        handover->connections[handover->count++] =
            (struct handover_connection){.fd = fd, .is_raw = has_prefix(name, RAW_PREFIX)};
    } else if (handover->listener < 0 && sd_is_socket_unix(fd, SOCK_STREAM, 1, NULL, 0) > 0) {
        handover->listener = fd;
    } else {
        log_warning("the service manager passed a descriptor named '%s', which is no connection "
                    "and no first listening Unix stream socket: closed",
                    name);
        close(fd);
    }
}

/* systemd sets $FDSTORE since version 254; for older ones our unit does. */
static bool has_store(void)
{
    const char *limit = getenv("FDSTORE");

    return limit && strtol(limit, NULL, 10) > 0 && getenv("NOTIFY_SOCKET");
}

int handover_take(struct handover *ret)
{
    CLEANUP(free_names) char **names = NULL;
    struct handover handover = {.is_on = has_store(), .listener = -1};
    int count = sd_listen_fds_with_names(1, &names);

    if (count < 0) {
        log_error("what the service manager passed can't be read: %s", strerror(-count));
        return -EIO;
    }
    handover.connections = calloc(count + 1, sizeof(*handover.connections));
    if (!handover.connections)
        return -ENOMEM;
    for (int i = 0; i < count; ++i)
        sort_in(&handover, SD_LISTEN_FDS_START + i, names[i]);
    *ret = handover;
    return 0;
}

/* One message to the service manager. The socket's cookie makes the name unique for as long as the
 * machine runs, so no process has to know what names were given before it. */
static int notify(const char *action, int fd, bool is_raw, bool with_fd)
{
    uint64_t cookie;
    socklen_t size = sizeof(cookie);
    char message[128];
    int r;

    if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) < 0)
        return -errno;
    snprintf(message, sizeof(message), "%s=1\nFDNAME=%s%" PRIu64, action,
             is_raw ? RAW_PREFIX : SESSION_PREFIX, cookie);
    r = sd_pid_notify_with_fds(0, 0, message, &fd, with_fd ? 1 : 0);
    return r < 0 ? r : 0;
}

int handover_keep(int fd, bool is_raw)
{
    int r = notify("FDSTORE", fd, is_raw, true);

    if (r < 0)
        log_write_limited(&keep_limit, LOG_LEVEL_WARNING,
                          "the service manager can't keep a connection: %s", strerror(-r));
    return r;
}

/* If that fails, the service manager still sees for itself that the connection was shut down. */
void handover_forget(int fd, bool is_raw)
{
    notify("FDSTOREREMOVE", fd, is_raw, false);
}

void handover_deinit(struct handover *handover)
{
    for (size_t i = 0; i < handover->count; ++i) {
        if (handover->connections[i].fd >= 0)
            close(handover->connections[i].fd);
    }
    if (handover->listener >= 0)
        close(handover->listener);
    free(handover->connections);
}

#else

int handover_take(struct handover *ret)
{
    *ret = (struct handover){.listener = -1};
    return 0;
}

void handover_deinit(struct handover *handover)
{
}

int handover_keep(int fd, bool is_raw)
{
    return 0;
}

void handover_forget(int fd, bool is_raw)
{
}

#endif
