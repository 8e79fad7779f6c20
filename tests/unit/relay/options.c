#include "relay/options.h"

#include <criterion/criterion.h>
#include <string.h>
#include <unistd.h>

static int parse(const char *const *arguments, struct relay_options *ret)
{
    return relay_options_parse((char *const *)arguments, ret);
}

#define PARSE(ret, ...) parse((const char *const[]){__VA_ARGS__ __VA_OPT__(, ) NULL}, ret)

Test(options, have_defaults)
{
    struct relay_options options;

    cr_assert_eq(PARSE(&options), 0);
    cr_expect_str_eq(options.socket, "/run/pdns-aliasd/remote.sock");
    cr_expect_eq(options.timeout_ms, 2000);
    cr_expect_eq(options.write_timeout_ms, 60000);
}

Test(options, take_their_values_from_the_next_argument_or_behind_an_equals_sign)
{
    struct relay_options options;

    cr_assert_eq(PARSE(&options, "--socket", "/a", "--timeout=1", "--write-timeout", "3600000"), 0);
    cr_expect_str_eq(options.socket, "/a");
    cr_expect_eq(options.timeout_ms, 1);
    cr_expect_eq(options.write_timeout_ms, 3600000);
}

Test(options, help_wins)
{
    struct relay_options options;

    cr_expect_eq(PARSE(&options, "--nonsense", "--help"), RELAY_OPTIONS_E_HELP);
}

/* The arguments are refused, with a message that has `word` in it. */
#define REFUSES(word, ...) must_refuse(word, (const char *const[]){__VA_ARGS__, NULL})

static void must_refuse(const char *word, const char *const *arguments)
{
    struct relay_options options;
    char message[512] = "";
    int ends[2], kept = dup(STDERR_FILENO);

    cr_assert_eq(pipe(ends), 0);
    dup2(ends[1], STDERR_FILENO);
    cr_expect_eq(parse(arguments, &options), RELAY_OPTIONS_E_INVALID);
    dup2(kept, STDERR_FILENO);
    close(ends[1]);
    close(kept);
    cr_assert_geq(read(ends[0], message, sizeof(message) - 1), 0);
    close(ends[0]);
    cr_expect(strstr(message, word), "'%s' is not in: %s", word, message);
}

Test(options, say_what_is_wrong)
{
    char path[120];

    memset(path, 'x', sizeof(path) - 1);
    path[sizeof(path) - 1] = '\0';
    REFUSES("at most 107 characters", "--socket", path);
    REFUSES("at most 107 characters", "--socket=");
    REFUSES("socket: a value is missing", "--socket");
    REFUSES("timeout: expected a whole number of milliseconds from 1 to 3600000, found '0'",
            "--timeout", "0");
    REFUSES("found '3600001'", "--timeout=3600001");
    REFUSES("found '99999999999999999999'", "--timeout=99999999999999999999");
    REFUSES("write-timeout: expected", "--write-timeout=1s");
    REFUSES("found ' 1'", "--timeout= 1");
    REFUSES("found '-1'", "--timeout=-1");
    REFUSES("unknown argument '--time'", "--time", "1");
    REFUSES("unknown argument '--timeouts=1'", "--timeouts=1");
    REFUSES("unknown argument '/run/x'", "/run/x");
}
