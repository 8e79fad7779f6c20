#include "config.h"

#include <criterion/criterion.h>
#include <criterion/redirect.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "settings-table.h"

/* Writes `text` to a file of its own and returns "--config=PATH". */
static char *config_option(const char *text)
{
    char path[] = "/tmp/pdns-aliasd-config-XXXXXX";
    int fd = mkstemp(path);
    char *option;

    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    cr_assert_geq(asprintf(&option, "--config=%s", path), 0);
    return option;
}

static void remove_config(char *option)
{
    unlink(strchr(option, '/'));
    free(option);
}

/* Loads `text` as file, and `argument` if it isn't NULL. */
static int load(const char *text, const char *argument, struct config **ret)
{
    char *option = config_option(text);
    const char *argv[] = {"pdns-aliasd", option, argument, NULL};
    int r = config_load(argument ? 3 : 2, (char *const *)argv, ret);

    remove_config(option);
    return r;
}

static struct config *must_load(const char *text, const char *argument)
{
    struct config *config = NULL;

    cr_assert_eq(load(text, argument, &config), 0);
    return config;
}

/* Loading fails, and the message holds all the words (NULL-ended). */
static void must_complain(const char *text, const char *argument, const char *const *words)
{
    struct config *config = NULL;
    char message[4096] = "";
    int pipes[2], kept = dup(STDERR_FILENO);

    cr_assert_eq(pipe(pipes), 0);
    dup2(pipes[1], STDERR_FILENO);
    cr_expect_eq(load(text, argument, &config), CONFIG_E_INVALID);
    dup2(kept, STDERR_FILENO);
    close(pipes[1]);
    cr_assert_geq(read(pipes[0], message, sizeof(message) - 1), 0);
    close(pipes[0]);
    close(kept);
    for (; *words; ++words)
        cr_expect(strstr(message, *words), "'%s' is not in: %s", *words, message);
}

#define COMPLAINS(text, argument, ...)                                                             \
    must_complain(text, argument, (const char *const[]){__VA_ARGS__, NULL})

Test(config, defaults_are_those_of_the_table)
{
    CLEANUP(config_freep) struct config *config = must_load("", NULL);

    cr_expect_eq(config->action, CONFIG_RUN);
    cr_expect_eq(config->settings.resolve_timeout, 500);
    cr_expect_eq(config->settings.answer_deadline, 1000);
    cr_expect_eq(config->settings.stale_ttl, 30);
    cr_expect_eq(config->settings.max_stale, 3 * 24 * 3600);
    cr_expect_eq(config->settings.socket_mode, 0660);
    cr_expect(config->settings.zone_upkeep);
    cr_expect_null(config->settings.forward[0]);
    cr_expect_null(config->settings.unbound_option[0]);
}

Test(config, every_default_is_a_value_of_its_kind)
{
    struct settings settings = {0};

    for (size_t i = 0; i < SETTINGS_COUNT; ++i)
        cr_expect_eq(
            setting_assign(&settings_table[i], &settings, settings_table[i].initial, SETTING_CHECK),
            0, "%s", settings_table[i].name);
}

Test(config, file_is_written_as_pdns_conf)
{
    CLEANUP(config_freep)
    struct config *config = must_load("# a comment\n"
                                      "  stale-ttl = 7   # seconds\r\n"
                                      "\n"
                                      "socket=/run/a#b\n"
                                      "forward=192.0.2.1@5353, \\\n"
                                      "  2001:db8::1\n"
                                      "zone-upkeep=no",
                                      NULL);

    cr_expect_eq(config->settings.stale_ttl, 7);
    cr_expect_str_eq(config->settings.socket, "/run/a#b");
    cr_expect_str_eq(config->settings.forward[0], "192.0.2.1@5353");
    cr_expect_str_eq(config->settings.forward[1], "2001:db8::1");
    cr_expect_null(config->settings.forward[2]);
    cr_expect_not(config->settings.zone_upkeep);
}

Test(config, command_line_wins_over_the_file)
{
    CLEANUP(config_freep) struct config *config = must_load("stale-ttl=7\n", "--stale-ttl=8");

    cr_expect_eq(config->settings.stale_ttl, 8);
}

Test(config, repeated_settings_add_up_and_lists_do_not)
{
    CLEANUP(config_freep)
    struct config *config = must_load("unbound-option=a: 1\nunbound-option=b: 2,3\n"
                                      "forward=192.0.2.1\nforward=192.0.2.2\n",
                                      NULL);

    cr_expect_str_eq(config->settings.unbound_option[0], "a: 1");
    cr_expect_str_eq(config->settings.unbound_option[1], "b: 2,3");
    cr_expect_null(config->settings.unbound_option[2]);
    cr_expect_str_eq(config->settings.forward[0], "192.0.2.2");
    cr_expect_null(config->settings.forward[1]);
}

Test(config, switches_need_no_value)
{
    CLEANUP(config_freep) struct config *config = must_load("zone-upkeep=no\n", "--zone-upkeep");

    cr_expect(config->settings.zone_upkeep);
}

Test(config, mode_is_octal)
{
    CLEANUP(config_freep) struct config *config = must_load("socket-mode=0777\n", NULL);

    cr_expect_eq(config->settings.socket_mode, 0777);
    COMPLAINS("socket-mode=0999\n", NULL, "socket-mode", "octal", "0999");
}

Test(config, unknown_setting_is_named_with_file_and_line)
{
    COMPLAINS("\n\nsokcet=/x\n", NULL, "pdns-aliasd-config-", ":3:", "unknown setting 'sokcet'");
    COMPLAINS("", "--sokcet=/x", "command line", "unknown setting 'sokcet'");
}

Test(config, line_of_a_fault_is_right_behind_a_continued_line)
{
    COMPLAINS("forward=192.0.2.1, \\\n192.0.2.2\nstale-ttl=x\n", NULL, ":3:", "stale-ttl");
    COMPLAINS("stale-ttl=\\\nx\n", NULL, ":1:", "stale-ttl");
}

Test(config, bad_number_is_said_with_what_was_expected)
{
    static const char *const values[] = {"abc",  "-1",   "0", "60001",
                                         "5 ms", "0x10", "",  "99999999999999999999"};

    for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); ++i) {
        char text[64];

        snprintf(text, sizeof(text), "resolve-timeout=%s\n", values[i]);
        COMPLAINS(text, NULL, ":1:", "resolve-timeout", "whole number of ms from 1 to 60000");
    }
}

Test(config, bad_boolean_is_refused)
{
    COMPLAINS("zone-upkeep=maybe\n", NULL, "zone-upkeep", "yes or no", "maybe");
}

Test(config, missing_value_is_refused)
{
    COMPLAINS("socket\n", NULL, "socket", "a value is missing");
}

Test(config, all_faults_are_told_at_once)
{
    COMPLAINS("foo=1\nstale-ttl=x\n", "--bar=1", "'foo'", "stale-ttl", "'bar'");
}

Test(config, settings_that_contradict_each_other_are_refused)
{
    COMPLAINS("alias-ttl-min=10\nalias-ttl-max=5\n", NULL, "alias-ttl-min", "alias-ttl-max");
    COMPLAINS("busy-timeout=1000\n", NULL, "busy-timeout", "answer-deadline");
    COMPLAINS("forward-tls=yes\n", NULL, "forward-tls", "forward");
    COMPLAINS("retry-min=10\nretry-max=5\n", NULL, "retry-min", "retry-max");
    COMPLAINS("handoff-address=127.0.0.1:5300\nforward=192.0.2.1, 127.0.0.1@5300\n", NULL,
              "handoff-address", "forward");
    COMPLAINS("handoff-address=[::1]:5300\nforward=::1@5300\n", NULL, "handoff-address", "forward");
}

Test(config, handoff_address_has_to_be_loopback)
{
    static const char *const bad[] = {
        "192.0.2.1:5300", "[2001:db8::1]:53", "localhost:5300",
        "0.0.0.0:5300",   "127.0.0.1:0",      "127.0.0.1:65536",
        "[::]:5300",      "127.0.0.1:x",      "[::ffff:127.0.0.1]:53"};
    static const char *const good[] = {"127.0.0.1:5300", "127.9.8.7@5300", "[::1]:5300", "::1", ""};
    char text[64];

    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); ++i) {
        snprintf(text, sizeof(text), "handoff-address=%s\n", bad[i]);
        COMPLAINS(text, NULL, ":1:", "handoff-address", "LOOPBACK:PORT");
    }
    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); ++i) {
        snprintf(text, sizeof(text), "handoff-address=%s\n", good[i]);
        CLEANUP(config_freep) struct config *config = must_load(text, NULL);
        cr_expect_str_eq(config->settings.handoff_address, good[i]);
    }
}

Test(config, handoff_address_that_is_on_the_command_line_is_checked_too)
{
    COMPLAINS("", "--handoff-address=192.0.2.1:53", "command line", "handoff-address");
}

Test(config, file_that_is_named_has_to_exist)
{
    const char *argv[] = {"pdns-aliasd", "--config=/nonexistent/x.conf", NULL};
    struct config *config = NULL;

    cr_redirect_stderr();
    cr_expect_eq(config_load(2, (char *const *)argv, &config), CONFIG_E_INVALID);
}

Test(config, argument_that_is_no_option_is_refused)
{
    COMPLAINS("", "start", "expected --name=value", "start");
}

static int accept(void *userdata, const struct settings *candidate)
{
    return 0;
}

static int refuse(void *userdata, const struct settings *candidate)
{
    return -EINVAL;
}

Test(config, reload_takes_what_may_change_and_keeps_the_rest)
{
    CLEANUP(config_freep) struct config *config = must_load("stale-ttl=1\nsocket=/a\n", NULL);
    char *option = config_option("stale-ttl=2\nsocket=/b\nforward=192.0.2.1\n");
    const char *argv[] = {"pdns-aliasd", option, NULL};

    cr_redirect_stderr();
    cr_expect_eq(config_reload(config, 2, (char *const *)argv, accept, NULL), 0);
    cr_expect_eq(config->settings.stale_ttl, 2);
    cr_expect_str_eq(config->settings.socket, "/a");
    cr_expect_str_eq(config->settings.forward[0], "192.0.2.1");
    remove_config(option);
}

Test(config, reload_of_bad_settings_changes_nothing)
{
    CLEANUP(config_freep) struct config *config = must_load("stale-ttl=1\n", NULL);
    char *option = config_option("stale-ttl=2\nfoo=1\n");
    const char *argv[] = {"pdns-aliasd", option, NULL};

    cr_redirect_stderr();
    cr_expect_lt(config_reload(config, 2, (char *const *)argv, accept, NULL), 0);
    cr_expect_eq(config->settings.stale_ttl, 1);
    remove_config(option);
}

Test(config, plus_equals_adds_to_a_list)
{
    CLEANUP(config_freep)
    struct config *config = must_load("forward=192.0.2.1\nforward += 192.0.2.2\n", NULL);

    cr_expect_str_eq(config->settings.forward[0], "192.0.2.1");
    cr_expect_str_eq(config->settings.forward[1], "192.0.2.2");
    COMPLAINS("stale-ttl+=1\n", NULL, ":1:", "stale-ttl", "+= is for lists");
}

Test(config, blanks_may_follow_a_continuation_mark)
{
    CLEANUP(config_freep)
    struct config *config = must_load("forward=192.0.2.1, \\  \n192.0.2.2\n", NULL);

    cr_expect_str_eq(config->settings.forward[1], "192.0.2.2");
}

Test(config, items_that_cannot_be_used_are_refused_with_their_line)
{
    COMPLAINS("forward=192.0.2.1, nonsense\n", NULL, ":1:", "forward", "ADDR[@PORT]", "nonsense");
    COMPLAINS("unbound-option=foo\n", NULL, ":1:", "unbound-option", "NAME:VALUE", "foo");
}

Test(config, help_is_given_whatever_else_is_wrong)
{
    CLEANUP(config_freep) struct config *config = NULL;
    const char *argv[] = {"pdns-aliasd", "--nonsense", "--help", NULL};

    cr_redirect_stderr();
    cr_assert_eq(config_load(3, (char *const *)argv, &config), 0);
    cr_expect_eq(config->action, CONFIG_HELP);
}

Test(config, option_config_needs_a_file)
{
    COMPLAINS("", "--config", "--config=FILE");
}

Test(config, reload_that_the_server_refuses_changes_nothing)
{
    CLEANUP(config_freep) struct config *config = must_load("stale-ttl=1\nsocket=/a\n", NULL);
    char *option = config_option("stale-ttl=2\nsocket=/b\n");
    const char *argv[] = {"pdns-aliasd", option, NULL};

    cr_redirect_stderr();
    cr_expect_eq(config_reload(config, 2, (char *const *)argv, refuse, NULL), -EINVAL);
    cr_expect_eq(config->settings.stale_ttl, 1);
    cr_expect_str_eq(config->settings.socket, "/a");
    remove_config(option);
}

Test(config, reload_is_checked_against_what_stays)
{
    CLEANUP(config_freep) struct config *config = must_load("busy-timeout=500\n", NULL);
    char *option = config_option("busy-timeout=50\nanswer-deadline=100\n");
    const char *argv[] = {"pdns-aliasd", option, NULL};

    cr_redirect_stderr();
    cr_expect_eq(config_reload(config, 2, (char *const *)argv, accept, NULL), -EINVAL);
    cr_expect_eq(config->settings.answer_deadline, 1000);
    remove_config(option);
}

/* Loads an empty file and these arguments. */
static int load_arguments(const char *const *arguments, struct config **ret)
{
    char *option = config_option("");
    const char *argv[16] = {"pdns-aliasd", option};
    int count = 2;

    for (; *arguments; ++arguments)
        argv[count++] = *arguments;
    int r = config_load(count, (char *const *)argv, ret);
    remove_config(option);
    return r;
}

#define ARGUMENTS(...) ((const char *const[]){__VA_ARGS__, NULL})

Test(config, check_is_a_command_with_names_of_zones_behind_it)
{
    CLEANUP(config_freep) struct config *all = NULL;
    CLEANUP(config_freep) struct config *some = NULL;

    cr_assert_eq(load_arguments(ARGUMENTS("check"), &all), 0);
    cr_expect_eq(all->action, CONFIG_CHECK_ZONES);
    cr_expect_null(all->words[0]);
    cr_assert_eq(load_arguments(ARGUMENTS("check", "a.test", "--stale-ttl=7", "check"), &some), 0);
    cr_expect_eq(some->action, CONFIG_CHECK_ZONES);
    cr_expect_eq(some->settings.stale_ttl, 7);
    cr_expect_str_eq(some->words[0], "a.test");
    cr_expect_str_eq(some->words[1], "check");
    cr_expect_null(some->words[2]);
}

Test(config, behind_ctl_everything_is_the_commands)
{
    CLEANUP(config_freep) struct config *config = NULL;

    cr_assert_eq(load_arguments(ARGUMENTS("--stale-ttl=7", "ctl", "alias", "refresh", "--all",
                                          "--help", "check"),
                                &config),
                 0);
    cr_expect_eq(config->action, CONFIG_CONTROL);
    cr_expect_eq(config->settings.stale_ttl, 7);
    cr_expect_str_eq(config->words[2], "--all");
    cr_expect_str_eq(config->words[4], "check");
    cr_expect_null(config->words[5]);
}

Test(config, no_other_command_is_taken)
{
    COMPLAINS("", "chekc", "--name=value, check or ctl", "'chekc'");
    COMPLAINS("", "example.test", "'example.test'");
    COMPLAINS("", "", "''");
}

Test(config, two_actions_at_a_time_are_refused_but_help_is_given)
{
    CLEANUP(config_freep) struct config *config = NULL;

    cr_expect_eq(load_arguments(ARGUMENTS("check", "--check-config"), &config), CONFIG_E_INVALID);
    cr_expect_eq(load_arguments(ARGUMENTS("--check-config", "check"), &config), CONFIG_E_INVALID);
    cr_expect_eq(load_arguments(ARGUMENTS("--check-config", "ctl", "ping"), &config),
                 CONFIG_E_INVALID);
    cr_assert_eq(load_arguments(ARGUMENTS("--help", "check"), &config), 0);
    cr_expect_eq(config->action, CONFIG_HELP);
}
