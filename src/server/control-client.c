#include "server/control-client.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "backend-protocol/command.h"
#include "server/commands.h"
#include "server/line-reader.h"
#include "util/cleanup.h"
#include "util/log.h"

/* A list of very many targets takes its time. */
#define TIMEOUT_S 30

/* Of an answer: some hundred thousand targets. */
#define ANSWER_MAX ((size_t)1 << 30)

static void closep(int *fd)
{
    if (*fd >= 0)
        close(*fd);
}

static int fail(const char *path)
{
    int r = -errno;

    if (r == -ENOENT || r == -ECONNREFUSED)
        log_error("no daemon is listening on %s (is it running, and is that its setting socket?)",
                  path);
    else if (r == -EAGAIN)
        log_error("%s: the daemon doesn't answer within %d s", path, TIMEOUT_S);
    else
        log_error("%s: %s", path, strerror(-r));
    return r;
}

static int connect_to(const char *path, int *ret)
{
    CLEANUP(closep) int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const struct timeval timeout = {.tv_sec = TIMEOUT_S};

    if (strlen(path) >= sizeof(address.sun_path)) {
        errno = ENAMETOOLONG;
        return fail(path);
    }
    strcpy(address.sun_path, path);
    if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout)) < 0 ||
        setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout)) < 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof(address)) < 0)
        return fail(path);
    *ret = fd;
    fd = -1;
    return 0;
}

static int send_all(int fd, const char *path, const char *data)
{
    size_t size = strlen(data);

    while (size > 0) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);

        if (n < 0)
            return fail(path);
        data += n;
        size -= n;
    }
    return 0;
}

/* The text that it answers. */
static int receive(int fd, const char *path, char **ret)
{
    CLEANUP(line_reader_deinit) struct line_reader reader;
    const char *line;
    size_t size;

    line_reader_init(&reader, fd, ANSWER_MAX);
    int r = line_reader_next(&reader, &line, &size);
    if (r == 0)
        r = pdns_command_decode(line, size, ret);
    if (r < 0) {
        errno = -r;
        return fail(path);
    }
    if (r > 0) {
        log_error("%s: whoever listens there didn't answer the command", path);
        return -EPROTO;
    }
    return 0;
}

static char *join(char *const *words)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (!out)
        return NULL;
    for (size_t i = 0; words[i]; ++i)
        fprintf(out, "%s%s", i > 0 ? " " : "", words[i]);
    if (!words[0])
        fputs("help", out);
    if (fclose(out) == 0)
        return text;
    free(text);
    return NULL;
}

static bool begins_with(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static int show(const char *text)
{
    bool is_error = begins_with(text, COMMANDS_ERROR);
    bool is_usage = begins_with(text, COMMANDS_USAGE);

    fputs(text, is_error || is_usage ? stderr : stdout);
    if (fflush(stdout) != 0) {
        log_error("standard output: %m");
        return -EIO;
    }
    return is_error ? CONTROL_CLIENT_E_REFUSED : is_usage ? CONTROL_CLIENT_E_USAGE : 0;
}

int control_client_run(const struct settings *settings, char *const *words)
{
    CLEANUP(cleanup_freep) char *command = join(words);
    CLEANUP(cleanup_freep) char *request = NULL;
    CLEANUP(cleanup_freep) char *answer = NULL;
    CLEANUP(closep) int fd = -1;

    if (!command || pdns_command_encode(command, &request) < 0)
        return -ENOMEM;
    int r = connect_to(settings->socket, &fd);
    if (r == 0)
        r = send_all(fd, settings->socket, request);
    if (r == 0)
        r = receive(fd, settings->socket, &answer);
    return r < 0 ? r : show(answer);
}
