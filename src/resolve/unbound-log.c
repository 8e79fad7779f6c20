#include "resolve/unbound-log.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unbound.h>

#include "util/log.h"

#define MARK "error: "

/* Made once and never closed: libunbound keeps the pointer beyond the life of a context. */
static FILE *stream;

static bool is_held;
static char held[512];

static void take_line(const char *line)
{
    static struct log_limit limit = LOG_LIMIT(5, 10000);
    const char *error = strstr(line, MARK);
    const char *text = strstr(line, "] ");

    if (error && is_held)
        snprintf(held, sizeof(held), "%s", error + strlen(MARK));
    else if (error)
        log_write_limited(&limit, LOG_LEVEL_WARNING, "libunbound: %s", error + strlen(MARK));
    else
        /* The time and the process id, in brackets, are said already. */
        log_debug("libunbound: %s", text ? text + strlen("] ") : line);
}

static ssize_t write_lines(void *cookie, const char *data, size_t size)
{
    char line[1024];

    for (size_t used = 0; used < size;) {
        const char *end = memchr(data + used, '\n', size - used);
        size_t length = end ? (size_t)(end - data) - used : size - used;

        snprintf(line, sizeof(line), "%.*s", (int)length, data + used);
        if (length > 0)
            take_line(line);
        used += length + (end ? 1 : 0);
    }
    return (ssize_t)size;
}

int unbound_log_attach(struct ub_ctx *context)
{
    static const cookie_io_functions_t functions = {.write = write_lines};

    if (!stream) {
        stream = fopencookie(NULL, "w", functions);
        if (!stream)
            return -ENOMEM;
        setvbuf(stream, NULL, _IOLBF, BUFSIZ);
    }
    ub_ctx_debugout(context, stream);
    return 0;
}

void unbound_log_hold(void)
{
    is_held = true;
    held[0] = '\0';
}

const char *unbound_log_release(void)
{
    is_held = false;
    return held;
}
