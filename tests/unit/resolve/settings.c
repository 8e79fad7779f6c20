#include <criterion/criterion.h>
#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "resolve/resolver.h"
#include "util/log.h"

#define ROOT_ANCHOR                                                                                \
    ". IN DS 20326 8 2 E06D44B80B8F1D39A95C0B0D7C65D08458E880409BBC683457104237C7F8EC8D"

static const char *const forward[] = {"127.0.0.1@53", NULL};

/* Standard error goes to an anonymous file. */
static int capture;

static void start_capture(void)
{
    capture = memfd_create("log", 0);
    cr_assert_geq(capture, 0);
    cr_assert_geq(dup2(capture, STDERR_FILENO), 0);
}

static const char *logged(void)
{
    static char text[65536];
    ssize_t n = pread(capture, text, sizeof(text) - 1, 0);

    cr_assert_geq(n, 0);
    text[n] = '\0';
    return text;
}

static void assert_taken(const struct resolver_config *config)
{
    cr_assert_eq(resolver_check(config), 0, "%s", logged());
    cr_assert_str_empty(logged());
}

static void assert_refused(const struct resolver_config *config, const char *setting)
{
    cr_assert_eq(resolver_check(config), -EINVAL);
    cr_assert(strstr(logged(), setting), "'%s' isn't in: %s", setting, logged());
}

static void assert_option_refused(const char *option, const char *expected)
{
    const char *const options[] = {option, NULL};

    assert_refused(&(struct resolver_config){.forward = forward, .options = options}, expected);
}

static char *write_file(const char *text)
{
    static char path[64];
    int fd;

    strcpy(path, "/tmp/aliasd-settings-XXXXXX");
    fd = mkstemp(path);
    cr_assert_geq(fd, 0);
    cr_assert_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
    return path;
}

TestSuite(settings, .init = start_capture);

Test(settings, nothing_at_all_is_full_recursion)
{
    assert_taken(&(struct resolver_config){0});
}

Test(settings, forwarders_are_taken)
{
    static const char *const list[] = {"192.0.2.1", "192.0.2.1:5353", "[2001:db8::1]:5353", NULL};

    assert_taken(&(struct resolver_config){.forward = list});
}

Test(settings, a_forwarder_that_is_no_address_is_refused)
{
    static const char *const list[] = {"192.0.2.1", "dns.example", NULL};

    assert_refused(&(struct resolver_config){.forward = list}, "forward 'dns.example': not ADDR");
}

Test(settings, resolv_conf_is_read)
{
    char *path = write_file("search example\nnameserver 192.0.2.1\n");

    assert_taken(&(struct resolver_config){.resolv_conf = path});
    unlink(path);
}

Test(settings, a_broken_resolv_conf_is_refused)
{
    char *path = write_file("nameserver dns.example\n");

    assert_refused(&(struct resolver_config){.resolv_conf = path}, path);
    unlink(path);
}

Test(settings, missing_files_are_refused)
{
    static const char missing[] = "/nonexistent/file";

    assert_refused(&(struct resolver_config){.resolv_conf = missing},
                   "resolv-conf '/nonexistent/file': No such file");
    assert_refused(&(struct resolver_config){.root_hints = missing},
                   "root-hints '/nonexistent/file': No such file");
    assert_refused(&(struct resolver_config){.trust_anchor_file = missing},
                   "trust-anchor-file '/nonexistent/file': No such file");
}

Test(settings, a_folder_is_not_a_file)
{
    assert_refused(&(struct resolver_config){.root_hints = "/tmp"}, "Is a directory");
}

Test(settings, an_empty_file_is_refused)
{
    char *path = write_file("");

    assert_refused(&(struct resolver_config){.trust_anchor_file = path}, "is empty");
    unlink(path);
}

Test(settings, root_hints_are_taken)
{
    char *path = write_file(". 3600000 NS a.root.example.\na.root.example. 3600000 A 192.0.2.1\n");

    assert_taken(&(struct resolver_config){.root_hints = path});
    unlink(path);
}

Test(settings, trust_anchors_are_taken)
{
    static const char *const anchors[] = {ROOT_ANCHOR, NULL};
    char *path = write_file(ROOT_ANCHOR "\n");

    assert_taken(&(struct resolver_config){.trust_anchors = anchors});
    assert_taken(&(struct resolver_config){.trust_anchor_file = path});
    unlink(path);
}

Test(settings, a_broken_trust_anchor_is_refused)
{
    static const char *const anchors[] = {"example. IN DS nonsense", NULL};

    assert_refused(&(struct resolver_config){.trust_anchors = anchors}, "validator");
}

Test(settings, a_broken_trust_anchor_file_is_refused)
{
    char *path = write_file("example. IN DS nonsense\n");

    assert_refused(&(struct resolver_config){.trust_anchor_file = path}, "validator");
    unlink(path);
}

Test(settings, options_are_taken_with_and_without_a_space)
{
    static const char *const options[] = {
        "cache-max-ttl:60",  "use-caps-for-id: yes", "qname-minimisation: no",
        "serve-expired: no", "outgoing-range: 64",   NULL,
    };

    assert_taken(&(struct resolver_config){.forward = forward, .options = options});
}

Test(settings, unknown_options_are_refused)
{
    assert_option_refused("no-such-option: yes", "unbound-option 'no-such-option: yes'");
    assert_option_refused("cache-max-ttl: long", "unbound-option 'cache-max-ttl: long'");
    assert_option_refused("cache-max-ttl", "not NAME:VALUE");
    assert_option_refused(":yes", "not NAME:VALUE");
    assert_option_refused("", "not NAME:VALUE");
    assert_option_refused("local-zone: example.", "expected zone type");
}

Test(settings, a_name_of_any_length_is_refused)
{
    char option[1000];

    memset(option, 'x', sizeof(option) - 1);
    option[sizeof(option) - 2] = ':';
    option[sizeof(option) - 1] = '\0';
    assert_option_refused(option, "not NAME:VALUE");
}

Test(settings, serve_expired_is_refused)
{
    assert_option_refused("serve-expired: yes", "stale answers are served by this daemon");
}

Test(settings, modules_are_refused)
{
    assert_option_refused("module-config: respip iterator", "module-config");
    assert_option_refused("module-config: nonsense", "module-config");
}

Test(settings, nodefault_is_refused_where_it_has_no_effect)
{
    assert_option_refused("local-zone: onion. nodefault", "say 'transparent'");
}

Test(settings, tls_without_a_forwarder_is_refused)
{
    assert_refused(&(struct resolver_config){.forward_tls = true}, "needs a forwarder");
}

/* Which of the two this machine's libunbound is, it says itself: without TLS it can't start. */
Test(settings, tls_is_refused_by_a_libunbound_without_it)
{
    struct resolver_config config = {.forward = forward, .forward_tls = true};

    if (resolver_check(&config) == 0)
        cr_skip_test("this libunbound has TLS");
    cr_assert(strstr(logged(), "was built without TLS"));
    assert_option_refused("tls-upstream: yes", "'tls-upstream: yes': this libunbound");
}

Test(settings, libunbound_writes_nothing_to_standard_error)
{
    static const char *const options[] = {"verbosity: 4", NULL};

    assert_taken(&(struct resolver_config){.forward = forward, .options = options});
}

Test(settings, verbosity_shows_among_debug_messages)
{
    static const char *const options[] = {"verbosity: 4", NULL};

    log_set_level(LOG_LEVEL_DEBUG);
    cr_assert_eq(resolver_check(&(struct resolver_config){.forward = forward, .options = options}),
                 0);
    cr_assert(strstr(logged(), " debug: libunbound: "));
    cr_assert_null(strstr(logged(), "\n["));
}

static void ignore(void *userdata, const char *target, enum dns_family family,
                   struct outcome *outcome)
{
}

Test(settings, a_refused_reconfiguration_leaves_the_old_one)
{
    static const char *const bad[] = {"no-such-option: yes", NULL};
    struct event_base *base = event_base_new();
    struct resolver *resolver = NULL;

    cr_assert_eq(
        resolver_new(base, &(struct resolver_config){.options = bad}, ignore, NULL, &resolver),
        -EINVAL);
    cr_assert_null(resolver);
    cr_assert_eq(
        resolver_new(base, &(struct resolver_config){.forward = forward}, ignore, NULL, &resolver),
        0);
    cr_assert_eq(resolver_reconfigure(resolver, &(struct resolver_config){.options = bad}),
                 -EINVAL);
    cr_assert_eq(resolver_reconfigure(resolver, &(struct resolver_config){0}), 0);
    resolver_free(resolver);
    resolver_free(NULL);
    event_base_free(base);
}
