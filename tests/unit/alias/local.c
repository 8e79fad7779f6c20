#include "alias/local.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "../store/fixture.h"
#include "alias/expansion.h"
#include "fake-resolver.h"
#include "util/cleanup.h"

static struct fake_resolver fake;
static struct local local;
static struct expansion expansion;
static const bool both[DNS_FAMILIES] = {true, true};

static void set_up(void)
{
    fixture_set_up();
    fake_resolver_init(&fake, &fake_resolver_config);
    local = (struct local){.db = fixture.db, .hops_max = 16};
    expansion = (struct expansion){0};
}

static void tear_down(void)
{
    expansion_deinit(&expansion);
    local_deinit(&local);
    fake_resolver_deinit(&fake);
    fixture_tear_down();
}

TestSuite(local, .init = set_up, .fini = tear_down, .timeout = 60);

static void insert(const char *values)
{
    char sql[4096];

    snprintf(sql, sizeof(sql), "INSERT INTO records(domain_id, name, type, content, ttl) VALUES %s",
             values);
    fixture_execute(sql);
}

/* A row at "a.example.com" or another name of that zone. */
static void see_at(const char *owner, const char *type, const char *content, uint32_t ttl)
{
    struct records_row row = {
        .domain_id = 1, .name = owner, .type = type, .content = content, .ttl = ttl};
    bool is_alias;

    cr_assert_eq(expansion_see(&expansion, &row, &is_alias), 0);
}

static void see(const char *type, const char *content, uint32_t ttl)
{
    see_at("a.example.com", type, content, ttl);
}

/* What is asked of the resolver, as "NAME FAMILY TTL;". */
static const char *questions(void)
{
    CLEANUP(cleanup_freep) struct targets_question *asked = NULL;
    static char text[8192];
    size_t used = 0;
    size_t count;

    *text = '\0';
    cr_assert_eq(expansion_follow(&expansion, &local, both), 0);
    cr_assert_eq(expansion_questions(&expansion, both, &asked, &count), 0);
    for (size_t i = 0; i < count; ++i)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "%s %s %u;", asked[i].target,
                                 dns_family_name(asked[i].family), asked[i].row_ttl);
    return text;
}

/* What is answered, as "ADDRESS TTL;". */
static const char *answers(void)
{
    static char text[1024];
    char address[ADDRESS_TEXT_SIZE];
    size_t used = 0;

    *text = '\0';
    cr_assert_eq(expansion_follow(&expansion, &local, both), 0);
    cr_assert_eq(
        expansion_resolve(&expansion, local.db, fake.targets, both, fake_resolver_patience()), 0);
    for (size_t family = 0; family < DNS_FAMILIES; ++family) {
        const struct expansion_family *found = &expansion.families[family];
        for (size_t i = 0; i < found->addresses.count; ++i) {
            address_to_text(&found->addresses.items[i], family, address);
            used +=
                (size_t)snprintf(text + used, sizeof(text) - used, "%s %u;", address, found->ttl);
        }
    }
    return text;
}

Test(local, target_of_somebody_else_is_asked_as_it_is)
{
    see("ALIAS", "web.test", 60);
    cr_expect_str_eq(questions(), "web.test A 60;web.test AAAA 60;");
}

Test(local, own_target_is_answered_without_a_resolver)
{
    insert("(1, 'web.example.com', 'A', '192.0.2.1', 50), (1, 'web.example.com', 'AAAA',"
           " '2001:db8::1', 90)");
    see("ALIAS", "web.example.com", 60);
    cr_expect_str_eq(answers(), "192.0.2.1 50;2001:db8::1 60;");
    cr_expect_eq(fake_resolver_started(&fake), 0);
    cr_expect(!expansion_is_empty(&expansion));
}

Test(local, target_behind_a_cname_is_asked_by_its_own_name)
{
    insert("(1, 'c.example.com', 'CNAME', 'd.example.com', 50), (1, 'd.example.com', 'CNAME',"
           " 'web.test', 40)");
    see("ALIAS", "c.example.com", 60);
    cr_expect_str_eq(questions(), "web.test A 40;web.test AAAA 40;");
}

Test(local, own_and_other_addresses_are_merged)
{
    insert("(1, 'pool.example.com', 'ALIAS', 'quick-b.test', 200), (1, 'pool.example.com', 'ALIAS',"
           " 'one.example.com', 200), (1, 'one.example.com', 'A', '192.0.2.9', 150),"
           " (1, 'one.example.com', 'A', '192.0.2.1', 150)");
    see("ALIAS", "pool.example.com", 250);
    cr_expect_str_eq(answers(), "192.0.2.1 150;192.0.2.9 150;");
    cr_expect_eq(fake_resolver_started_of(&fake, "quick-b.test", DNS_FAMILY_A), 1);
}

Test(local, name_without_an_address_is_empty_and_not_asked)
{
    insert("(1, 'txt.example.com', 'TXT', '\"x\"', 50)");
    see("ALIAS", "txt.example.com", 60);
    see("ALIAS", "none.example.com", 60);
    cr_expect_str_eq(answers(), "");
    cr_expect(expansion_is_empty(&expansion));
    cr_expect_eq(fake_resolver_started(&fake), 0);
}

Test(local, loop_leads_to_nothing_and_is_logged)
{
    insert("(1, 'b.example.com', 'CNAME', 'a.example.com', 50), (1, 'a.example.com', 'ALIAS',"
           " 'b.example.com', 50)");
    see("ALIAS", "b.example.com", 60);
    fixture_log_start();
    cr_expect_str_eq(answers(), "");
    cr_expect(fixture_logged("ALIAS at a.example.com (domain_id 1): a loop, which leads to "
                             "nothing: a.example.com -> b.example.com -> a.example.com"));
    cr_expect_eq(fake_resolver_started(&fake), 0);
}

Test(local, other_row_answers_beside_a_loop)
{
    insert("(1, 'b.example.com', 'ALIAS', 'b.example.com', 50), (1, 'c.example.com', 'A',"
           " '192.0.2.1', 50)");
    see("ALIAS", "b.example.com", 60);
    see("ALIAS", "c.example.com", 60);
    cr_expect_str_eq(answers(), "192.0.2.1 50;");
}

/* A way that comes back to one owner doesn't come back to another: what is found for the one isn't
 * taken for the other. */
Test(local, loop_of_one_owner_is_none_of_another)
{
    insert("(1, 'a.example.com', 'ALIAS', 'b.example.com', 50), (1, 'a.example.com', 'ALIAS',"
           " 'web.test', 50), (1, 'b.example.com', 'ALIAS', 'a.example.com', 50)");
    see("ALIAS", "b.example.com", 60);
    cr_expect_str_eq(questions(), "");
    expansion_reset(&expansion);
    see_at("x.example.com", "ALIAS", "b.example.com", 60);
    cr_expect_str_eq(questions(), "web.test A 50;web.test AAAA 50;");
}

Test(local, more_than_16_hops_lead_to_nothing)
{
    char row[128];

    for (int i = 1; i <= 16; ++i) {
        snprintf(row, sizeof(row), "(1, 'n%d.example.com', 'CNAME', 'n%d.example.com', 50)", i,
                 i + 1);
        insert(row);
    }
    insert("(1, 'n17.example.com', 'A', '192.0.2.1', 50)");
    see("ALIAS", "n2.example.com", 60);
    cr_expect_str_eq(answers(), "192.0.2.1 50;");
    expansion_reset(&expansion);
    see("ALIAS", "n1.example.com", 60);
    fixture_log_start();
    cr_expect_str_eq(answers(), "");
    cr_expect(
        fixture_logged("more hops than alias-hops-max, which lead to nothing: a.example.com -> "
                       "n1.example.com -> n2.example.com -> "));
}

Test(local, row_beside_it_decides_for_which_family_it_is_followed)
{
    insert("(1, 'b.example.com', 'ALIAS', 'a.example.com', 50), (1, 'b.example.com', 'A',"
           " '192.0.2.1', 50), (1, 'a.example.com', 'ALIAS', 'b.example.com', 50),"
           " (1, 'a.example.com', 'AAAA', '2001:db8::1', 50)");
    see("ALIAS", "b.example.com", 60);
    see("AAAA", "2001:db8::1", 60);
    fixture_log_start();
    cr_expect_str_eq(answers(), "192.0.2.1 50;");
    cr_expect(!fixture_logged("a loop"));
}

Test(local, target_is_read_once_in_a_call)
{
    insert("(1, 'web.example.com', 'A', '192.0.2.1', 50)");
    see("ALIAS", "web.example.com", 60);
    cr_expect_str_eq(answers(), "192.0.2.1 50;");
    fixture_execute("DELETE FROM records WHERE type = 'A'");
    cr_expect_str_eq(answers(), "192.0.2.1 50;");
    expansion_reset(&expansion);
    local_deinit(&local);
    see("ALIAS", "web.example.com", 60);
    cr_expect_str_eq(answers(), "");
}

Test(local, failure_of_the_store_is_no_answer)
{
    see("ALIAS", "web.example.com", 60);
    atomic_store(&fixture.is_cancelled, true);
    cr_expect_eq(expansion_follow(&expansion, &local, both), -EINTR);
}

/* `alias-deny` is one word from now on, as long as the test lasts. */
static void deny(const char *word)
{
    static struct ranges ranges;
    struct alias_config config = fake_resolver_config;

    cr_assert_eq(ranges_add(&ranges, word), 0);
    config.deny = &ranges;
    targets_configure(fake.targets, &config);
}

static void insert_mixed(void)
{
    insert("(1, 'mixed.example.com', 'A', '192.0.2.1', 50), (1, 'mixed.example.com', 'A',"
           " '10.0.0.1', 50), (1, 'mixed.example.com', 'AAAA', 'fd00::1', 50)");
    see("ALIAS", "mixed.example.com", 60);
}

Test(local, own_addresses_that_are_denied_are_dropped)
{
    deny("private");
    insert("(1, 'lan.example.com', 'A', '10.0.0.1', 50)");
    see("ALIAS", "lan.example.com", 60);
    cr_expect_str_eq(answers(), "");
    cr_expect(expansion_is_empty(&expansion));
    deny("192.168.0.0/16");
    insert("(1, 'two.example.com', 'A', '192.168.0.1', 20), (1, 'two.example.com', 'A',"
           " '198.18.0.1', 20)");
    see("ALIAS", "two.example.com", 60);
    cr_expect_str_eq(answers(), "198.18.0.1 20;");
}

Test(local, own_addresses_that_the_zone_allows_are_answered)
{
    deny("10.0.0.0/8");
    insert_mixed();
    cr_expect_str_eq(answers(), "192.0.2.1 50;fd00::1 50;");
    fixture_execute("INSERT INTO domainmetadata(domain_id, kind, content)"
                    " VALUES (1, 'X-ALIAS-ALLOW', '10.0.0.1')");
    cr_expect_str_eq(answers(), "10.0.0.1 50;192.0.2.1 50;fd00::1 50;");
    cr_expect_str_eq(answers(), "10.0.0.1 50;192.0.2.1 50;fd00::1 50;", "nothing is used up");
}

Test(local, own_addresses_are_bounded_in_number)
{
    insert_mixed();
    expansion.max_addresses = 1;
    cr_expect_str_eq(answers(), "10.0.0.1 50;fd00::1 50;");
}

/* Bounds. */

Test(local, follows_a_bounded_number_of_rows_at_a_name_whatever_their_order)
{
    char target[32], expected[64];

    fixture_log_start();

    for (int i = 0; i < 100; ++i) {
        snprintf(target, sizeof(target), "t%02d.test", i * 37 % 100);
        see("ALIAS", target, 60);
    }
    const char *text = questions();
    cr_expect_eq(expansion.alias_count, EXPANSION_ALIASES_MAX);
    snprintf(expected, sizeof(expected), "t%02d.test", EXPANSION_ALIASES_MAX - 1);
    cr_expect(strncmp(text, "t00.test A 60;", 14) == 0, "%s", text);
    cr_expect_not_null(strstr(text, expected), "%s", text);
    cr_expect(fixture_logged("100 rows, all but the 64 whose targets come first"));
}

/* A name of 100 labels. */
static const char *deep(int number)
{
    static char text[256];
    size_t used = 0;

    for (int i = 0; i < 98; ++i)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "a.");
    snprintf(text + used, sizeof(text) - used, "n%d.example.com", number);
    return text;
}

Test(local, looks_for_a_bounded_number_of_labels_for_the_rows_at_a_name)
{
    for (int i = 0; i < 30; ++i)
        see("ALIAS", deep(i), 60);
    fixture_log_start();
    cr_expect_str_eq(questions(), "");
    cr_expect(local.labels > LOCAL_LABELS_MAX - 102 && local.labels <= LOCAL_LABELS_MAX, "%zu",
              local.labels);
    cr_expect(fixture_logged("it branches to too many names, not all were followed"));
    expansion_reset(&expansion);
    see_at("b.example.com", "ALIAS", "outside.test", 60);
    cr_expect_str_eq(questions(), "outside.test A 60;outside.test AAAA 60;");
}
