#pragma once

#include <stdint.h>

/*
 * The arguments behind `relay`. It reads no configuration file: PowerDNS starts one for each of its
 * backend instances, as its own user.
 */

enum {
    RELAY_OPTIONS_E_INVALID = 1, /* logged */
    RELAY_OPTIONS_E_HELP = 2,    /* --help */
};

struct relay_options {
    const char *socket; /* borrowed: an argument, or the default */
    int64_t timeout_ms;
    int64_t write_timeout_ms;
};

/* `arguments`: NULL-ended, `--name=value` or `--name value`. 0 or a positive code. */
int relay_options_parse(char *const *arguments, struct relay_options *ret);

/* To standard output. */
void relay_options_print_help(void);
