#include "alias/expansion.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fake-resolver.h"
#include "slack.h"
#include "util/cleanup.h"
#include "util/clock.h"

static struct fake_resolver fake;
static struct expansion expansion;
static const bool both[DNS_FAMILIES] = {true, true};

static void set_up(void)
{
    fake_resolver_init(&fake, &fake_resolver_config);
    expansion = (struct expansion){0};
}

static void tear_down(void)
{
    expansion_deinit(&expansion);
    fake_resolver_deinit(&fake);
}

TestSuite(expansion, .init = set_up, .fini = tear_down, .timeout = 60);

static bool see(const char *type, const char *content, uint32_t ttl)
{
    struct records_row row = {.domain_id = 7,
                              .name = "www.example",
                              .type = type,
                              .content = content,
                              .ttl = ttl,
                              .auth = true};
    bool is_alias;

    cr_assert_eq(expansion_see(&expansion, &row, &is_alias), 0);
    return is_alias;
}

/* Makes both families of a target known: NULL = failing, "" = empty. */
static void know(const char *target, const char *a, const char *aaaa, uint32_t ttl)
{
    struct targets_question questions[2] = {
        {.target = target, .family = DNS_FAMILY_A},
        {.target = target, .family = DNS_FAMILY_AAAA},
    };

    cr_assert_eq(targets_ask(fake.targets, questions, 2, 0), 0);
    fake_resolver_answer(&fake, target, DNS_FAMILY_A, a, ttl);
    fake_resolver_answer(&fake, target, DNS_FAMILY_AAAA, aaaa, ttl);
}

static void resolve(void)
{
    cr_assert_eq(expansion_resolve(&expansion, NULL, fake.targets, both, 0), 0);
}

/* "192.0.2.1 192.0.2.2 ttl=60", or "". */
static const char *text_of(enum dns_family family)
{
    static char text[256];
    const struct expansion_family *found = &expansion.families[family];

    *text = '\0';
    for (size_t i = 0; i < found->addresses.count; ++i) {
        char address[ADDRESS_TEXT_SIZE];

        address_to_text(&found->addresses.items[i], family, address);
        strcat(strcat(text, address), " ");
    }
    if (found->addresses.count > 0)
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "ttl=%u", found->ttl);
    return text;
}

#define cr_expect_a(expected)    cr_expect_str_eq(text_of(DNS_FAMILY_A), expected)
#define cr_expect_aaaa(expected) cr_expect_str_eq(text_of(DNS_FAMILY_AAAA), expected)

/* Which rows it keeps. */

Test(expansion, keeps_alias_rows_only)
{
    static const char *const others[] = {"A",  "AAAA", "CNAME", "MX",     "TXT",
                                         "NS", "SOA",  "",      "ALIAS2", "ALIA"};

    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); ++i)
        cr_expect(!see(others[i], "x.example", 60), "%s", others[i]);
    cr_expect(see("ALIAS", "x.example", 60));
}

Test(expansion, reads_types_in_any_case_as_powerdns_does)
{
    cr_assert(see("alias", "x.example", 60));
    cr_assert(see("Alias", "y.example", 60));
    see("aaaa", "2001:db8::1", 60);
    see("cname", "z.example", 60);
    cr_assert_eq(expansion.alias_count, 2);
    cr_assert(expansion.has_explicit[DNS_FAMILY_AAAA]);
    cr_assert(!expansion.has_explicit[DNS_FAMILY_A]);
    cr_assert(expansion.has_cname);
}

Test(expansion, takes_owner_zone_and_auth_from_the_alias_row)
{
    struct records_row row = {
        .domain_id = 7, .name = "WWW.example", .type = "TXT", .content = "", .auth = true};
    bool is_alias;

    cr_assert_eq(expansion_see(&expansion, &row, &is_alias), 0);
    row.type = "ALIAS";
    row.content = "x.example";
    row.auth = false;
    row.domain_id = 8;
    cr_assert_eq(expansion_see(&expansion, &row, &is_alias), 0);
    cr_assert_str_eq(expansion.owner, "WWW.example");
    cr_assert(!expansion.auth);
    cr_assert_eq(expansion.domain_id, 8);
}

Test(expansion, makes_targets_canonical)
{
    see("ALIAS", "Host.EXAMPLE.", 60);
    know("host.example", "192.0.2.1", "", 300);
    resolve();
    cr_expect_a("192.0.2.1 ttl=60");
}

Test(expansion, passes_over_content_that_is_no_name_and_says_where)
{
    char log_path[] = "/tmp/test-expansion-XXXXXX", log[1024] = "";
    int file = mkstemp(log_path);

    cr_assert_not_null(freopen(log_path, "w", stderr));
    cr_assert(see("ALIAS", "two..dots", 60));
    cr_assert(see("ALIAS", "", 60));
    cr_assert(see("ALIAS", "host.example", 60));
    know("host.example", "192.0.2.1", "", 300);
    resolve();
    cr_expect_a("192.0.2.1 ttl=60");
    cr_assert_gt(read(file, log, sizeof(log) - 1), 0);
    close(file);
    unlink(log_path);
    cr_assert_not_null(strstr(log, "www.example"));
    cr_assert_not_null(strstr(log, "domain_id 7"));
    cr_assert_not_null(strstr(log, "two..dots"));
}

Test(expansion, passes_over_white_space_around_a_target)
{
    see("ALIAS", " \t Host.example. \r\n", 60);
    cr_assert_str_eq(expansion.aliases[0].target, "host.example");
    see("ALIAS", " host.example", 60);
    cr_assert_str_eq(expansion.aliases[1].target, "host.example");
    see("ALIAS", "host\\ ", 60);
    cr_assert_str_eq(expansion.aliases[2].target, "host\\032");
    see("ALIAS", " \t ", 60);
    cr_assert_null(expansion.aliases[3].target);
}

/* What it answers. */

Test(expansion, asks_nothing_without_an_alias)
{
    see("A", "192.0.2.1", 60);
    resolve();
    cr_assert_eq(fake_resolver_started(&fake), 0);
}

Test(expansion, answers_both_families)
{
    see("ALIAS", "host.example", 600);
    know("host.example", "192.0.2.2 192.0.2.1", "2001:db8::1", 300);
    resolve();
    cr_expect_a("192.0.2.1 192.0.2.2 ttl=300");
    cr_expect_aaaa("2001:db8::1 ttl=300");
}

Test(expansion, resolves_only_what_is_wanted)
{
    static const bool only_a[DNS_FAMILIES] = {[DNS_FAMILY_A] = true};

    see("ALIAS", "host.example", 600);
    cr_assert_eq(expansion_resolve(&expansion, NULL, fake.targets, only_a, 0), 0);
    cr_assert_eq(fake_resolver_started(&fake), 1);
}

Test(expansion, lets_explicit_addresses_win_for_their_family)
{
    see("A", "198.51.100.1", 60);
    see("ALIAS", "host.example", 600);
    know("host.example", "192.0.2.1", "2001:db8::1", 300);
    resolve();
    cr_expect_a("");
    cr_expect_aaaa("2001:db8::1 ttl=300");
}

Test(expansion, asks_nothing_for_a_family_that_is_explicit)
{
    see("ALIAS", "host.example", 600);
    see("AAAA", "2001:db8::1", 60);
    resolve();
    cr_assert_eq(fake_resolver_started(&fake), 1);
    cr_assert_eq(fake_resolver_started_of(&fake, "host.example", DNS_FAMILY_A), 1);
}

Test(expansion, lets_a_cname_win)
{
    see("ALIAS", "host.example", 600);
    see("CNAME", "other.example", 600);
    resolve();
    cr_expect_a("");
    cr_assert_eq(fake_resolver_started(&fake), 0);
    cr_assert(!expansion_is_empty(&expansion));
}

Test(expansion, merges_several_alias_rows_without_duplicates)
{
    see("ALIAS", "one.example", 600);
    see("ALIAS", "two.example", 200);
    know("one.example", "192.0.2.1 192.0.2.2", "", 300);
    know("two.example", "192.0.2.2 192.0.2.3", "2001:db8::2", 400);
    resolve();
    cr_expect_a("192.0.2.1 192.0.2.2 192.0.2.3 ttl=200");
    cr_expect_aaaa("2001:db8::2 ttl=200");
}

Test(expansion, asks_once_for_a_target_named_twice)
{
    see("ALIAS", "host.example", 600);
    see("ALIAS", "HOST.example.", 50);
    resolve();
    cr_assert_eq(fake_resolver_started(&fake), 2);
    fake_resolver_answer(&fake, "host.example", DNS_FAMILY_A, "192.0.2.1", 300);
    resolve();
    cr_expect_a("192.0.2.1 ttl=50");
}

Test(expansion, asks_about_many_targets_without_comparing_each_with_each)
{
    static const size_t many = 20000;
    CLEANUP(cleanup_freep) struct targets_question *questions = NULL;
    size_t count;

    for (size_t i = 0; i < many; ++i) {
        char name[32];

        snprintf(name, sizeof(name), "host-%zu.example", i * 7919 % many / 2);
        see("ALIAS", name, 60 + i % 2);
    }
    int64_t before = clock_steady_ms();
    cr_assert_eq(expansion_questions(&expansion, both, &questions, &count), 0);
    cr_assert_lt(clock_steady_ms() - before, slack(1000));
    cr_assert_eq(count, many);
}

Test(expansion, answers_with_the_targets_that_are_known)
{
    see("ALIAS", "one.example", 600);
    see("ALIAS", "failing.example", 10);
    know("one.example", "192.0.2.1", "", 300);
    know("failing.example", NULL, NULL, 0);
    resolve();
    cr_expect_a("192.0.2.1 ttl=300");
}

Test(expansion, gives_the_smallest_ttl_to_a_set_of_fresh_and_stale)
{
    see("ALIAS", "fresh.example", 600);
    see("ALIAS", "stale.example", 600);
    know("fresh.example", "192.0.2.1", "", 300);
    know("stale.example", "192.0.2.2", "", 1);
    usleep(1050000);
    resolve();
    cr_expect_a("192.0.2.1 192.0.2.2 ttl=30");
}

Test(expansion, waits_if_it_may)
{
    see("ALIAS", "quick-host.example", 600);
    cr_assert_eq(expansion_resolve(&expansion, NULL, fake.targets, both, fake_resolver_patience()),
                 0);
    cr_expect_a("192.0.2.1 ttl=300");
    cr_expect_aaaa("");
}

Test(expansion, may_be_resolved_again)
{
    see("ALIAS", "host.example", 600);
    know("host.example", "192.0.2.1", "", 300);
    resolve();
    resolve();
    cr_expect_a("192.0.2.1 ttl=300");
}

/* When the name has nothing. */

Test(expansion, is_empty_if_nothing_can_be_answered)
{
    see("ALIAS", "failing.example", 60);
    resolve();
    cr_assert(expansion_is_empty(&expansion));
}

Test(expansion, is_empty_if_the_only_target_is_no_name)
{
    see("ALIAS", "two..dots", 60);
    resolve();
    cr_assert(expansion_is_empty(&expansion));
}

Test(expansion, is_empty_beside_an_empty_non_terminal_row)
{
    see("ALIAS", "failing.example", 60);
    see("", "", 0);
    resolve();
    cr_assert(expansion_is_empty(&expansion));
}

Test(expansion, is_not_empty_beside_other_rows)
{
    see("ALIAS", "failing.example", 60);
    see("MX", "10 mail.example", 60);
    resolve();
    cr_assert(!expansion_is_empty(&expansion));
}

Test(expansion, is_not_empty_with_addresses)
{
    see("ALIAS", "host.example", 60);
    know("host.example", "", "2001:db8::1", 300);
    resolve();
    cr_assert(!expansion_is_empty(&expansion));
}

Test(expansion, is_not_empty_without_an_alias)
{
    cr_assert(!expansion_is_empty(&expansion));
    see("", "", 0);
    cr_assert(!expansion_is_empty(&expansion));
}

Test(expansion, forgets_everything_when_reset)
{
    see("ALIAS", "host.example", 60);
    see("CNAME", "other.example", 60);
    see("A", "192.0.2.1", 60);
    expansion_reset(&expansion);
    cr_assert_null(expansion.owner);
    cr_assert_eq(expansion.alias_count + expansion.other_count, 0);
    cr_assert(!expansion.has_cname && !expansion.has_explicit[DNS_FAMILY_A]);
    see("ALIAS", "host.example", 60);
    know("host.example", "192.0.2.1", "", 300);
    resolve();
    cr_expect_a("192.0.2.1 ttl=60");
}

Test(expansion, tells_what_is_refused_from_what_is_unknown_yet)
{
    struct alias_config config = fake_resolver_config;

    config.limits.zone_targets_max = 1;
    targets_configure(fake.targets, &config);
    see("ALIAS", "a.example", 60);
    resolve();
    cr_expect(expansion.families[DNS_FAMILY_A].is_unknown);
    cr_expect(!expansion.families[DNS_FAMILY_A].is_refused);
    see("ALIAS", "b.example", 60);
    resolve();
    for (size_t i = 0; i < DNS_FAMILIES; ++i)
        cr_expect(expansion.families[i].is_unknown && expansion.families[i].is_refused);
}

/* The TXT records that tell the targets: "content;...", or "". */
static const char *texts(void)
{
    static char text[512];

    *text = '\0';
    for (size_t i = 0; i < expansion.alias_count; ++i) {
        CLEANUP(cleanup_freep) char *content = NULL;

        cr_assert_eq(expansion_txt(&expansion, i, &content), 0);
        if (content)
            strcat(strcat(text, content), ";");
    }
    return text;
}

Test(expansion, tells_each_target_once_if_that_is_wanted)
{
    see("ALIAS", "b.example", 60);
    see("ALIAS", "not a name..", 60);
    see("ALIAS", "A.example.", 50);
    see("ALIAS", "B.Example", 40);
    cr_expect_str_eq(texts(), "");
    cr_expect(expansion_is_empty(&expansion));
    expansion.with_txt = true;
    cr_expect_str_eq(texts(), "\"ALIAS for b.example\";\"ALIAS for a.example\";");
    cr_expect_eq(expansion_txt_ttl(&expansion), 40);
    cr_expect(!expansion_is_empty(&expansion));
    see("txt", "\"own\"", 70);
    cr_expect_eq(expansion_txt_ttl(&expansion), 70);
    see("CNAME", "c.example", 60);
    cr_expect_str_eq(texts(), "");
}

Test(expansion, is_empty_where_no_target_can_be_told)
{
    see("ALIAS", "", 60);
    expansion.with_txt = true;
    cr_expect_str_eq(texts(), "");
    cr_expect(expansion_is_empty(&expansion));
}

Test(expansion, leaves_out_what_is_too_much_for_an_answer)
{
    know("a.example", "192.0.2.1 192.0.2.3 192.0.2.5", "2001:db8::1 2001:db8::2", 60);
    know("b.example", "192.0.2.2", "", 60);
    see("ALIAS", "b.example", 60);
    see("ALIAS", "a.example", 60);
    expansion.max_addresses = 3;
    resolve();
    cr_expect_a("192.0.2.1 192.0.2.2 192.0.2.3 ttl=60");
    cr_expect_aaaa("2001:db8::1 2001:db8::2 ttl=60");
    expansion.max_addresses = 4;
    resolve();
    cr_expect_a("192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.5 ttl=60");
}
