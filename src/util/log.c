#include "util/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "util/clock.h"

/* A line is written with one write(), so that lines of several threads never mix. */
#define LINE_MAX_LENGTH 2048

static _Atomic int threshold = LOG_LEVEL_NOTICE;

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "warning", [LOG_LEVEL_NOTICE] = "notice",
    [LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",
};

void log_set_level(enum log_level level)
{
    threshold = level;
}

int log_is_enabled(enum log_level level)
{
    return (int)level <= threshold;
}

static size_t write_prefix(char *line, size_t size, enum log_level level)
{
    struct timespec now;
    struct tm calendar;
    size_t used;

    if (getenv("JOURNAL_STREAM"))
        return snprintf(line, size, "<%d>", level);

    clock_gettime(CLOCK_REALTIME, &now);
    localtime_r(&now.tv_sec, &calendar);
    used = strftime(line, size, "%Y-%m-%dT%H:%M:%S", &calendar);
    used += snprintf(line + used, size - used, ".%03ld %s: ", now.tv_nsec / 1000000,
                     level_names[level]);
    return used;
}

/* Text from clients and database rows ends up in messages; it must not forge a line or drive a
 * terminal. Bytes of UTF-8 pass. */
static void replace_control_characters(char *text)
{
    for (unsigned char *p = (unsigned char *)text; *p; ++p) {
        if (*p < 0x20 || *p == 0x7f)
            *p = '?';
    }
}

__attribute__((format(printf, 2, 0))) static void write_line(enum log_level level,
                                                             const char *format, va_list arguments)
{
    char line[LINE_MAX_LENGTH];
    size_t prefix, length;

    prefix = write_prefix(line, sizeof(line), level);
    vsnprintf(line + prefix, sizeof(line) - prefix - 1, format, arguments);
    replace_control_characters(line + prefix);
    length = strlen(line);
    line[length++] = '\n';
    /* Nothing can be done about a standard error that is gone. */
    if (write(STDERR_FILENO, line, length) < 0)
        return;
}

void log_write(enum log_level level, const char *format, ...)
{
    va_list arguments;

    if (!log_is_enabled(level))
        return;
    va_start(arguments, format);
    write_line(level, format, arguments);
    va_end(arguments);
}

static bool limit_is_exceeded(struct log_limit *limit, int *ret_suppressed)
{
    int64_t now = clock_steady_ms();
    int64_t start = limit->window_start;

    *ret_suppressed = 0;
    if (start == 0 || now - start >= limit->interval_ms) {
        if (atomic_compare_exchange_strong(&limit->window_start, &start, now)) {
            limit->used = 0;
            *ret_suppressed = atomic_exchange(&limit->suppressed, 0);
        }
    }
    if (atomic_fetch_add(&limit->used, 1) < limit->burst)
        return false;
    atomic_fetch_add(&limit->suppressed, 1);
    return true;
}

void log_write_limited(struct log_limit *limit, enum log_level level, const char *format, ...)
{
    va_list arguments;
    int suppressed;

    if (!log_is_enabled(level) || limit_is_exceeded(limit, &suppressed))
        return;
    if (suppressed > 0)
        log_write(level, "(%d messages like the next one were left out)", suppressed);
    va_start(arguments, format);
    write_line(level, format, arguments);
    va_end(arguments);
}
