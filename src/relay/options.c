#include "relay/options.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/un.h>

#include "build-config.h"
#include "util/log.h"

#define DEFAULT_TIMEOUT_MS       2000
#define DEFAULT_WRITE_TIMEOUT_MS 60000
#define TIMEOUT_MAX_MS           3600000

static int set_socket(struct relay_options *options, const char *value)
{
    if (*value && strlen(value) < sizeof(((struct sockaddr_un *)NULL)->sun_path)) {
        options->socket = value;
        return 0;
    }
    log_error("relay: socket: expected a path of at most %zu characters, found '%s'",
              sizeof(((struct sockaddr_un *)NULL)->sun_path) - 1, value);
    return RELAY_OPTIONS_E_INVALID;
}

static int set_milliseconds(const char *name, const char *value, int64_t *ret)
{
    char *end;
    long number;

    errno = 0;
    number = strtol(value, &end, 10);
    if (isdigit((unsigned char)*value) && !*end && errno == 0 && number >= 1 &&
        number <= TIMEOUT_MAX_MS) {
        *ret = number;
        return 0;
    }
    log_error("relay: %s: expected a whole number of milliseconds from 1 to %d, found '%s'", name,
              TIMEOUT_MAX_MS, value);
    return RELAY_OPTIONS_E_INVALID;
}

static int set(struct relay_options *options, const char *name, const char *value)
{
    if (strcmp(name, "socket") == 0)
        return set_socket(options, value);
    return set_milliseconds(name, value,
                            strcmp(name, "timeout") == 0 ? &options->timeout_ms
                                                         : &options->write_timeout_ms);
}

/* The text behind `--name`, where that is the argument's name: "" or "=value". */
static const char *match(const char *argument, const char *name)
{
    size_t length = strlen(name);

    if (strncmp(argument, "--", 2) != 0 || strncmp(argument + 2, name, length) != 0)
        return NULL;
    argument += 2 + length;
    return !*argument || *argument == '=' ? argument : NULL;
}

/* One option; moves `arguments` on to its value where that is an argument of its own. */
static int parse(struct relay_options *options, char *const **arguments)
{
    static const char *const names[] = {"socket", "timeout", "write-timeout"};

    for (size_t i = 0; i < sizeof(names) / sizeof(*names); ++i) {
        const char *value = match(**arguments, names[i]);

        if (!value)
            continue;
        if (*value)
            return set(options, names[i], value + 1);
        if ((*arguments)[1])
            return set(options, names[i], *++*arguments);
        log_error("relay: %s: a value is missing", names[i]);
        return RELAY_OPTIONS_E_INVALID;
    }
    log_error("relay: unknown argument '%s' (see pdns-aliasd relay --help)", **arguments);
    return RELAY_OPTIONS_E_INVALID;
}

int relay_options_parse(char *const *arguments, struct relay_options *ret)
{
    struct relay_options options = {
        .socket = DEFAULT_SOCKET,
        .timeout_ms = DEFAULT_TIMEOUT_MS,
        .write_timeout_ms = DEFAULT_WRITE_TIMEOUT_MS,
    };

    for (char *const *argument = arguments; *argument; ++argument) {
        if (strcmp(*argument, "--help") == 0)
            return RELAY_OPTIONS_E_HELP;
    }
    for (; *arguments; ++arguments) {
        int r = parse(&options, &arguments);

        if (r)
            return r;
    }
    *ret = options;
    return 0;
}

void relay_options_print_help(void)
{
    printf("Usage: pdns-aliasd relay [--socket PATH] [--timeout MS] [--write-timeout MS]\n"
           "\n"
           "Stands between PowerDNS's pipe connector and the daemon's socket:\n"
           "\n"
           "  remote-connection-string=pipe:command=/usr/sbin/pdns-aliasd relay,timeout=0\n"
           "\n"
           "  --socket PATH       the daemon's setting socket (default: %s)\n"
           "  --timeout MS        how long the daemon may be silent or away before a call fails;\n"
           "                      has to be above its answer-deadline (default: %d)\n"
           "  --write-timeout MS  the same for the calls of a transaction, in which a zone is\n"
           "                      written (default: %d)\n"
           "  --help              this text\n",
           DEFAULT_SOCKET, DEFAULT_TIMEOUT_MS, DEFAULT_WRITE_TIMEOUT_MS);
}
