#include "util/log.h"

#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "util/clock.h"

/* A line is written with one write(), so that lines of several threads never mix. */
#define LINE_MAX_LENGTH 2048

static _Atomic int threshold = LOG_LEVEL_NOTICE;

static pthread_once_t journal_once = PTHREAD_ONCE_INIT;
static bool is_journal;

/* Guards writing, and: */
static pthread_mutex_t output_lock = PTHREAD_MUTEX_INITIALIZER;
static unsigned long lost_lines; /* since the last one that was written */

static const char *const level_names[] = {
    [LOG_LEVEL_ERROR] = "error", [LOG_LEVEL_WARNING] = "warning", [LOG_LEVEL_NOTICE] = "notice",
    [LOG_LEVEL_INFO] = "info",   [LOG_LEVEL_DEBUG] = "debug",
};

void log_set_level(enum log_level level)
{
    threshold = level;
}

bool log_is_enabled(enum log_level level)
{
    return (int)level <= threshold;
}

/* The variable is inherited by whatever a service starts; only if standard error is that very
 * stream is it read by journald (systemd.exec(5)). */
static void find_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    uintmax_t device, inode;
    struct stat status;

    if (!stream || sscanf(stream, "%ju:%ju", &device, &inode) != 2)
        return;
    is_journal =
        fstat(STDERR_FILENO, &status) == 0 && status.st_dev == device && status.st_ino == inode;
}

static size_t write_prefix(char *line, size_t size, enum log_level level)
{
    struct timespec now;
    struct tm calendar;
    size_t used;

    pthread_once(&journal_once, find_journal);
    if (is_journal)
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

/* Room for a line: a pipe or socket that is writable at all takes one without blocking, as long as
 * nobody else writes to it in between, hence the lock. */
static bool has_room(void)
{
    struct pollfd output = {.fd = STDERR_FILENO, .events = POLLOUT};

    return poll(&output, 1, 0) == 1;
}

/* Nothing can be done about a standard error that is gone. */
static void put(const char *line, size_t length)
{
    if (write(STDERR_FILENO, line, length) < 0)
        return;
}

static void tell_lost_lines(void)
{
    char line[128];
    size_t prefix = write_prefix(line, sizeof(line), LOG_LEVEL_WARNING);
    int length = snprintf(line + prefix, sizeof(line) - prefix,
                          "%lu lines are missing here: standard error was not read\n", lost_lines);

    lost_lines = 0;
    put(line, prefix + length);
}

/* A log that nobody reads must not hold up who writes it: the line is lost then, and counted. */
static void output(const char *line, size_t length)
{
    pthread_mutex_lock(&output_lock);
    if (lost_lines > 0 && has_room())
        tell_lost_lines();
    if (lost_lines == 0 && has_room())
        put(line, length);
    else
        ++lost_lines;
    pthread_mutex_unlock(&output_lock);
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
    output(line, length);
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
