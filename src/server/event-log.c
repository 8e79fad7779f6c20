#include "server/event-log.h"

#include <event2/event.h>

#include "util/log.h"

static void take_line(int severity, const char *text)
{
    /* Some of it is what clients bring about. */
    static struct log_limit limit = LOG_LIMIT(5, 10000);
    enum log_level level = severity == EVENT_LOG_ERR    ? LOG_LEVEL_ERROR
                           : severity == EVENT_LOG_WARN ? LOG_LEVEL_WARNING
                                                        : LOG_LEVEL_DEBUG;

    log_write_limited(&limit, level, "libevent: %s", text);
}

void event_log_attach(void)
{
    event_set_log_callback(take_line);
}
