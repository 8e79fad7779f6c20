#pragma once

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * One line an event, to standard error, in one write, from any thread.
 *
 * The levels are syslog's, as in PowerDNS's `loglevel`: a message is written if its level is not
 * above the one set. Where standard error is systemd's journal each line starts with the `<N>` that
 * journald takes the priority from; otherwise with the time and the level's name.
 *
 * Nobody ever waits for whoever reads standard error: a line for which there is no room is lost,
 * and the next one that finds room is preceded by a line that says how many were.
 */

enum log_level {
    LOG_LEVEL_ERROR = 3,
    LOG_LEVEL_WARNING = 4,
    LOG_LEVEL_NOTICE = 5,
    LOG_LEVEL_INFO = 6,
    LOG_LEVEL_DEBUG = 7,
};

/* What a client can cause again and again is logged through one of these: at most `burst` lines in
 * each `interval_ms`; the first line after that says how many were left out. Zero-initialised but
 * for the two parameters: `static struct log_limit limit = LOG_LIMIT(5, 10000);` */
struct log_limit {
    int burst;
    int interval_ms;
    _Atomic int64_t window_start;
    atomic_int used;
    atomic_int suppressed;
};

#define LOG_LIMIT(burst_, interval_ms_)                                                            \
    {                                                                                              \
        .burst = (burst_), .interval_ms = (interval_ms_)                                           \
    }

void log_set_level(enum log_level level);
bool log_is_enabled(enum log_level level);

void log_write(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_write_limited(struct log_limit *limit, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)  log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)
