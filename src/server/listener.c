#include "server/listener.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "server/accounts.h"
#include "util/cleanup.h"
#include "util/log.h"

#define BACKLOG 128
/* Out of file descriptors, accept() would be tried again at once, for ever. */
#define ACCEPT_PAUSE_MS 100
#define LOCK_PAUSE_MS   20
#define LOCK_TRIES      250

struct listener {
    int fd;
    struct sockaddr_un address;
    struct event *event;
    struct event *resume;
    struct sessions *sessions;
    dev_t device; /* of the socket file, to remove none that isn't ours */
    ino_t inode;  /* 0: the file isn't ours */
};

static struct log_limit accept_limit = LOG_LIMIT(1, 10000);

static void closep(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static int fill_address(const char *path, struct sockaddr_un *ret)
{
    if (!*path || strlen(path) >= sizeof(ret->sun_path)) {
        log_error("socket: '%s': a path has 1 to %zu bytes", path, sizeof(ret->sun_path) - 1);
        return -EINVAL;
    }
    *ret = (struct sockaddr_un){.sun_family = AF_UNIX};
    strcpy(ret->sun_path, path);
    return 0;
}

/* What stands at the path: 0 if nothing does, or nothing any more. */
static int clear_path(const struct sockaddr_un *address)
{
    CLEANUP(closep) int probe = -1;
    struct stat status;

    if (lstat(address->sun_path, &status) < 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISSOCK(status.st_mode)) {
        log_error("socket: %s exists and is no socket", address->sun_path);
        return -EEXIST;
    }
    probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (probe < 0)
        return -errno;
    if (connect(probe, (const struct sockaddr *)address, sizeof(*address)) == 0 ||
        errno == EAGAIN) {
        log_error("socket: another daemon is listening on %s", address->sun_path);
        return -EADDRINUSE;
    }
    if (errno != ECONNREFUSED)
        return -errno;
    log_info("socket: removing %s, which nobody listens on", address->sun_path);
    return unlink(address->sun_path) < 0 ? -errno : 0;
}

static int set_owner_and_mode(const struct settings *settings)
{
    uid_t user = (uid_t)-1;
    gid_t group = (gid_t)-1;
    int r;

    r = *settings->socket_owner
            ? accounts_find_user("socket-owner", settings->socket_owner, &user, NULL)
            : 0;
    if (r == 0 && *settings->socket_group)
        r = accounts_find_group("socket-group", settings->socket_group, &group);
    if (r)
        return r;
    if ((user != (uid_t)-1 || group != (gid_t)-1) && chown(settings->socket, user, group) < 0)
        return -errno;
    return chmod(settings->socket, settings->socket_mode) < 0 ? -errno : 0;
}

static int remember_file(struct listener *listener)
{
    struct stat status;

    if (lstat(listener->address.sun_path, &status) < 0)
        return -errno;
    listener->device = status.st_dev;
    listener->inode = status.st_ino;
    return 0;
}

/* Bound with no permissions at all, so that nobody connects before the mode is set. */
static int bind_and_listen(struct listener *listener, const struct settings *settings)
{
    mode_t before = umask(0777);
    int r = bind(listener->fd, (struct sockaddr *)&listener->address, sizeof(listener->address));

    r = r < 0 ? -errno : 0;
    umask(before);
    if (r == 0)
        r = remember_file(listener);
    if (r == 0)
        r = set_owner_and_mode(settings);
    if (r == 0 && listen(listener->fd, BACKLOG) < 0)
        r = -errno;
    return r;
}

/* Whoever may read the folder may hold its lock; that shall not stop the start without a word. */
static int take_lock(int fd)
{
    static const struct timespec pause = {.tv_nsec = LOCK_PAUSE_MS * 1000000};

    for (int i = 0; i < LOCK_TRIES; ++i) {
        if (flock(fd, LOCK_EX | LOCK_NB) == 0)
            return 0;
        if (errno != EWOULDBLOCK && errno != EINTR)
            return -errno;
        nanosleep(&pause, NULL);
    }
    log_error("socket: another process holds a lock on the folder");
    return -EBUSY;
}

/* Two daemons that start at once must not both find a stale socket and remove each other's: the
 * folder is locked while the path is looked at and bound. */
static int lock_folder(const char *path, int *ret)
{
    CLEANUP(cleanup_freep) char *folder = strdup(path);
    char *slash;
    int fd, r;

    if (!folder)
        return -ENOMEM;
    slash = strrchr(folder, '/');
    if (slash)
        slash[slash == folder] = '\0';
    fd = open(slash ? folder : ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return -errno;
    r = take_lock(fd);
    if (r) {
        close(fd);
        return r;
    }
    *ret = fd;
    return 0;
}

static int claim_path(struct listener *listener, const struct settings *settings)
{
    CLEANUP(closep) int folder = -1;
    int r;

    r = lock_folder(settings->socket, &folder);
    if (r == 0)
        r = clear_path(&listener->address);
    if (r == 0)
        r = bind_and_listen(listener, settings);
    return r;
}

static void listener_freep(struct listener **listener)
{
    listener_free(*listener);
}

int listener_new(const struct settings *settings, struct listener **ret)
{
    CLEANUP(listener_freep) struct listener *listener = calloc(1, sizeof(*listener));
    int r;

    if (!listener)
        return -ENOMEM;
    listener->fd = -1;
    r = fill_address(settings->socket, &listener->address);
    if (r)
        return r;
    listener->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    r = listener->fd < 0 ? -errno : claim_path(listener, settings);
    if (r) {
        log_error("socket: can't listen on %s: %s", settings->socket, strerror(-r));
        return r;
    }
    *ret = TAKE(listener);
    return 0;
}

int listener_adopt(int fd, struct listener **ret)
{
    CLEANUP(listener_freep) struct listener *listener = calloc(1, sizeof(*listener));
    socklen_t size = sizeof(listener->address) - 1; /* so that the path has an end */
    int r;

    if (!listener) {
        close(fd);
        return -ENOMEM;
    }
    listener->fd = fd;
    if (getsockname(fd, (struct sockaddr *)&listener->address, &size) < 0 ||
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK) < 0) {
        r = -errno;
        log_error("socket: what the service manager passed can't be used: %s", strerror(-r));
        return r;
    }
    log_notice("socket: the service manager listens on %s for us; socket, socket-owner, "
               "socket-group and socket-mode don't apply",
               listener_path(listener));
    *ret = TAKE(listener);
    return 0;
}

const char *listener_path(const struct listener *listener)
{
    return listener->address.sun_path;
}

static void pause_accepting(struct listener *listener)
{
    static const struct timeval pause = {.tv_usec = ACCEPT_PAUSE_MS * 1000};

    log_write_limited(&accept_limit, LOG_LEVEL_ERROR, "accepting a connection failed: %m");
    event_del(listener->event);
    event_add(listener->resume, &pause);
}

static void on_resume(evutil_socket_t fd, short what, void *userdata)
{
    struct listener *listener = userdata;

    event_add(listener->event, NULL);
}

static void on_connection(evutil_socket_t fd, short what, void *userdata)
{
    struct listener *listener = userdata;
    int connection = accept4(fd, NULL, NULL, SOCK_CLOEXEC);

    if (connection >= 0)
        sessions_start(listener->sessions, connection, false);
    else if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
        pause_accepting(listener);
}

int listener_start(struct listener *listener, struct event_base *base, struct sessions *sessions)
{
    listener->sessions = sessions;
    listener->event = event_new(base, listener->fd, EV_READ | EV_PERSIST, on_connection, listener);
    listener->resume = event_new(base, -1, 0, on_resume, listener);
    if (!listener->event || !listener->resume || event_add(listener->event, NULL) < 0)
        return -ENOMEM;
    return 0;
}

static void remove_file(const struct listener *listener)
{
    struct stat status;

    if (listener->inode && lstat(listener->address.sun_path, &status) == 0 &&
        status.st_dev == listener->device && status.st_ino == listener->inode)
        unlink(listener->address.sun_path);
}

void listener_free(struct listener *listener)
{
    if (!listener)
        return;
    if (listener->event)
        event_free(listener->event);
    if (listener->resume)
        event_free(listener->resume);
    remove_file(listener);
    if (listener->fd >= 0)
        close(listener->fd);
    free(listener);
}
