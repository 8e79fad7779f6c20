#include "server/event-log.h"

#include <criterion/criterion.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/log.h"

/* libevent warns of a base for which no method is left. */
static void provoke_a_warning(void)
{
    static const char *const methods[] = {"epoll", "poll", "select"};
    struct event_config *config = event_config_new();

    cr_assert_not_null(config);
    for (size_t i = 0; i < sizeof(methods) / sizeof(methods[0]); ++i)
        cr_assert_eq(event_config_avoid_method(config, methods[i]), 0);
    cr_assert_null(event_base_new_with_config(config));
    event_config_free(config);
}

Test(event_log, warnings_of_libevent_are_lines_of_our_log)
{
    char text[1024] = "";
    int capture = memfd_create("log", 0);

    unsetenv("JOURNAL_STREAM");
    log_set_level(LOG_LEVEL_WARNING);
    cr_assert_geq(dup2(capture, STDERR_FILENO), 0);
    event_log_attach();
    provoke_a_warning();
    cr_assert_gt(pread(capture, text, sizeof(text) - 1, 0), 0);
    cr_assert(strstr(text, "libevent: "), "%s", text);
    cr_assert_eq(strchr(text, '\n'), text + strlen(text) - 1, "%s", text);
}
