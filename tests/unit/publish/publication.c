#include "publish/publication.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "../store/fixture.h"
#include "alias/targets-orders.h"
#include "dns/family.h"
#include "store/changes.h"
#include "util/log.h"

/* A primary zone, example.com, whose serial is 7. www and alias lead to web.target.test, both to
 * both.target.test as well. */

static struct alias_config config = {
    .resolve_timeout_ms = 500,
    .answer_deadline_ms = 1000,
    .stale_ttl = 30,
    .max_stale = 3 * 86400,
    .ttl_min = 5,
    .ttl_max = 3600,
    .negative_ttl_max = 300,
    .retry_min = 1,
    .retry_max = 300,
    .publish_min = 60,
};

static struct targets *targets;
static struct publication_rules rules;
static struct hashes lacking;

static int do_nothing(void *userdata, const char *target, enum dns_family family)
{
    return 0;
}

/* What is resolved is told by resolve(). */
static void set_up(void)
{
    bool was_changed;

    fixture_set_up();
    log_set_level(LOG_LEVEL_WARNING);
    cr_assert_eq(changes_install(fixture.db, &was_changed), 0);
    fixture_execute("UPDATE domains SET type = 'MASTER', notified_serial = 7;"
                    "INSERT INTO records(domain_id, name, type, content, ttl) VALUES"
                    " (1, 'host.example.com', 'A', '192.0.2.7', 60),"
                    " (1, 'host.example.com', 'A', '192.0.2.8', 60),"
                    " (1, 'www.example.com', 'ALIAS', 'web.target.test', 300),"
                    " (1, 'both.example.com', 'ALIAS', 'web.target.test', 300),"
                    " (1, 'both.example.com', 'ALIAS', 'both.target.test', 300)");
    cr_assert_eq(targets_new(&config, do_nothing, NULL, &targets), 0);
    rules = (struct publication_rules){
        .targets = targets, .auto_serial = true, .hops_max = 16, .lacking = &lacking};
}

static void tear_down(void)
{
    targets_free(targets);
    hashes_deinit(&lacking);
    fixture_tear_down();
}

TestSuite(publication, .init = set_up, .fini = tear_down, .timeout = 60);

/* As if asked for, so that there is a resolution that can end. */
static void resolve(const char *target, const char *a)
{
    struct targets_question question = {.target = target, .row_ttl = 60};
    struct outcome outcome = {.kind = a ? OUTCOME_ADDRESSES : OUTCOME_EMPTY, .ttl = 60};
    struct address address;

    targets_forget(targets, target);
    cr_assert_eq(targets_ask(targets, &question, 1, 0), 0);
    targets_question_deinit(&question);
    if (a) {
        cr_assert_eq(address_from_text(a, DNS_FAMILY_A, &address), 0);
        cr_assert_eq(address_set_add(&outcome.addresses, &address), 0);
    }
    targets_resolved(targets, target, DNS_FAMILY_A, &outcome);
}

static uint32_t serial(void)
{
    uint32_t value = 0;

    cr_assert_eq(sscanf(fixture_query("SELECT content FROM records WHERE type = 'SOA'"),
                        "ns1.example.com h.example.com %u", &value),
                 1);
    return value;
}

/* One look at the zone, which is left in `last` for the test. */
static struct publication last;

/* What became of it. */
static int settle(void)
{
    struct publication *publications[] = {&last};
    int outcome = -1;

    publication_decide(&last, &rules);
    cr_assert_eq(publication_settle(fixture.db, publications, 1, &outcome), 0);
    return outcome;
}

static void look(void)
{
    publication_deinit(&last);
    last = (struct publication){0};
    cr_assert_eq(publication_read(fixture.db, 1, &rules, &last), 0);
    cr_assert_eq(settle(), 0);
}

static void expect(uint32_t expected, bool is_news, const char *what)
{
    look();
    cr_expect_eq(serial(), expected, "%s: serial %u", what, serial());
    cr_expect_eq(last.is_news, is_news, "%s: %s", what, is_news ? "no news" : "news");
}

static void publish_first(void)
{
    resolve("web.target.test", "192.0.2.1");
    resolve("both.target.test", "192.0.2.2");
    expect(7, false, "secondaries have it already");
}

Test(publication, what_is_there_is_recorded_and_stays)
{
    publish_first();
    expect(7, false, "nothing has changed");
    expect(7, false, "nor now");
}

Test(publication, a_zone_that_nobody_was_told_of_is_news_once)
{
    fixture_execute("UPDATE domains SET notified_serial = NULL");
    expect(7, true, "new");
    expect(7, false, "told");
}

static const char *const edits[] = {
    "INSERT INTO records(domain_id, name, type, content, ttl)"
    " VALUES (1, 'new.example.com', 'TXT', '\"new\"', 60)",
    "DELETE FROM records WHERE content = '192.0.2.7'",
    "UPDATE records SET content = '192.0.2.9' WHERE content = '192.0.2.8'",
    "UPDATE records SET ttl = 61 WHERE content = '192.0.2.9'",
    "UPDATE records SET name = 'other.example.com' WHERE content = '192.0.2.9'",
    "UPDATE records SET disabled = 1 WHERE content = '192.0.2.9'",
    "UPDATE records SET content = 'both.target.test' WHERE name = 'www.example.com'",
    "UPDATE records SET ttl = 301 WHERE name = 'www.example.com'",
    "UPDATE records SET content = replace(content, '10800', '10801') WHERE type = 'SOA'",
    "INSERT INTO cryptokeys(domain_id, flags, active, published, content)"
    " VALUES (1, 257, 1, 1, 'key')",
    "INSERT INTO domainmetadata(domain_id, kind, content) VALUES (1, 'NSEC3PARAM', '1 0 0 -')",
    "INSERT INTO domainmetadata(domain_id, kind, content) VALUES (1, 'X-ALIAS-TXT', '1')",
    "INSERT INTO domainmetadata(domain_id, kind, content) VALUES (1, 'PUBLISH-CDS', '2')",
    "INSERT INTO domainmetadata(domain_id, kind, content) VALUES (1, 'PUBLISH-CDNSKEY', '1')",
};

Test(publication, every_edit_raises_the_serial_by_one)
{
    publish_first();
    for (size_t i = 0; i < sizeof(edits) / sizeof(edits[0]); ++i) {
        fixture_execute(edits[i]);
        expect(8 + i, true, edits[i]);
        cr_expect(last.content.has_other_rows, "%s", edits[i]);
        expect(8 + i, false, "and that is all");
    }
}

Test(publication, what_is_no_change_to_secondaries_raises_nothing)
{
    publish_first();
    fixture_execute("DELETE FROM records WHERE content = '192.0.2.7';"
                    "INSERT INTO records(domain_id, name, type, content, ttl)"
                    " VALUES (1, 'host.example.com', 'A', '192.0.2.7', 60)");
    expect(7, false, "another order");
    fixture_execute("UPDATE records SET ordername = 'x', auth = 1");
    expect(7, false, "ordering data");
    fixture_execute(
        "INSERT INTO records(domain_id, name, type) VALUES (1, 'ent.example.com', NULL)");
    expect(7, false, "an empty non-terminal");
    fixture_execute("INSERT INTO records(domain_id, name, type, content, ttl, disabled)"
                    " VALUES (1, 'off.example.com', 'A', '192.0.2.7', 60, 1)");
    expect(7, false, "a row that is off");
}

Test(publication, a_row_twice_is_not_none)
{
    static const char same[] = "INSERT INTO records(domain_id, name, type, content, ttl) VALUES"
                               " (1, 'same.example.com', 'A', '192.0.2.1', 60)";

    publish_first();
    fixture_execute(same);
    expect(8, true, "once");
    fixture_execute(same);
    expect(9, true, "twice");
}

Test(publication, an_editor_who_raises_the_serial_is_left_alone)
{
    publish_first();
    fixture_execute("UPDATE records SET content = replace(content, ' 7 ', ' 100 ')"
                    " WHERE type = 'SOA'; DELETE FROM records WHERE content = '192.0.2.7'");
    expect(100, true, "raised by the editor");
    expect(100, false, "told");
}

Test(publication, an_editor_who_raced_us_does_not_leave_secondaries_behind)
{
    publish_first();
    fixture_execute("UPDATE records SET ttl = 61 WHERE content = '192.0.2.8'");
    expect(8, true, "ours");
    fixture_execute("UPDATE records SET ttl = 62 WHERE content = '192.0.2.8';"
                    "UPDATE records SET content = replace(content, ' 8 ', ' 8 ')"
                    " WHERE type = 'SOA'");
    expect(9, true, "the same serial, other rows");
    fixture_execute("UPDATE records SET ttl = 63 WHERE content = '192.0.2.8';"
                    "UPDATE records SET content = replace(content, ' 9 ', ' 3 ')"
                    " WHERE type = 'SOA'");
    expect(10, true, "an older serial, other rows");
}

Test(publication, a_serial_set_back_is_nothing_until_something_changes)
{
    publish_first();
    fixture_execute("UPDATE records SET content = replace(content, ' 7 ', ' 5 ')"
                    " WHERE type = 'SOA'");
    expect(5, false, "secondaries have what there is");
    fixture_execute("UPDATE records SET ttl = 61 WHERE content = '192.0.2.8'");
    expect(8, true, "newer than what they have");
}

Test(publication, serials_go_on_beyond_their_end)
{
    fixture_execute("UPDATE records SET content = replace(content, ' 7 ', ' 4294967295 ')"
                    " WHERE type = 'SOA'");
    publication_deinit(&last);
    look();
    fixture_execute("UPDATE records SET ttl = 61 WHERE content = '192.0.2.8'");
    expect(1, true, "RFC 1982");
}

Test(publication, other_addresses_raise_the_serial_and_name_their_owners)
{
    publish_first();
    resolve("both.target.test", "192.0.2.3");
    expect(8, true, "another address");
    cr_expect_not(last.content.has_other_rows);
    cr_assert_eq(last.content.owner_count, 1);
    cr_expect_str_eq(last.content.owners[0], "both.example.com");
    resolve("web.target.test", "192.0.2.4");
    expect(9, true, "another address");
    cr_expect_eq(last.content.owner_count, 2);
    resolve("web.target.test", NULL);
    resolve("both.target.test", NULL);
    expect(10, true, "none any more");
    expect(10, false, "and that is all");
}

Test(publication, what_is_unknown_counts_as_what_it_was)
{
    publish_first();
    targets_forget(targets, "web.target.test");
    targets_forget(targets, "both.target.test");
    expect(7, false, "the answers are lost");
    resolve("web.target.test", "192.0.2.1");
    resolve("both.target.test", "192.0.2.2");
    expect(7, false, "and here again");
    targets_forget(targets, "web.target.test");
    targets_forget(targets, "both.target.test");
    fixture_execute("UPDATE records SET ttl = 61 WHERE content = '192.0.2.8'");
    expect(8, true, "a row");
    resolve("web.target.test", "192.0.2.1");
    resolve("both.target.test", "192.0.2.2");
    expect(8, false, "as they were before the row changed");
    resolve("web.target.test", "192.0.2.5");
    expect(9, true, "not as they were");
}

static void transfer_without(const char *target)
{
    cr_assert_eq(hashes_add(&lacking, content_question(target, DNS_FAMILY_A)), 0);
    hashes_sort(&lacking);
}

Test(publication, what_a_transfer_lacked_is_news_when_it_is_known_again)
{
    publish_first();
    targets_forget(targets, "web.target.test");
    targets_forget(targets, "both.target.test");
    transfer_without("web.target.test");
    transfer_without("both.target.test");
    expect(7, false, "no change, but secondaries lack it");
    cr_expect(last.content.has_lost);
    hashes_deinit(&lacking);
    expect(7, false, "and that is all");
    cr_expect_not(last.content.has_lost);
    resolve("web.target.test", "192.0.2.1");
    resolve("both.target.test", "192.0.2.2");
    expect(8, true, "they get it back");
}

Test(publication, what_a_transfer_lacked_and_is_known_by_now_is_news)
{
    publish_first();
    transfer_without("both.target.test");
    expect(8, true, "it came a moment later");
    cr_expect_eq(last.content.owner_count, 1);
    hashes_deinit(&lacking);
    expect(8, false, "and that is all");
}

Test(publication, what_is_never_known_is_no_news_however_often_it_lacks)
{
    publish_first();
    resolve("web.target.test", "192.0.2.1");
    cr_assert_eq(hashes_add(&lacking, content_question("web.target.test", DNS_FAMILY_AAAA)), 0);
    for (int i = 0; i < 3; ++i)
        expect(7, false, "the other family has no answer, and never had");
    cr_expect_not(last.content.has_lost);
}

Test(publication, what_lacks_is_noted_with_the_serial_that_secondaries_have)
{
    publish_first();
    fixture_execute("UPDATE records SET content = replace(content, ' 7 ', ' 5 ')"
                    " WHERE type = 'SOA'");
    targets_forget(targets, "web.target.test");
    transfer_without("web.target.test");
    expect(5, false, "set back by somebody");
    hashes_deinit(&lacking);
    resolve("web.target.test", "192.0.2.1");
    expect(8, true, "newer than what they have");
}

Test(publication, one_of_two_targets_that_is_unknown_hides_no_change_of_the_other)
{
    publish_first();
    targets_forget(targets, "web.target.test");
    expect(7, false, "taken for what it was");
    resolve("both.target.test", "192.0.2.3");
    expect(8, true, "the other one");
    cr_expect_eq(last.content.owner_count, 1);
    resolve("web.target.test", "192.0.2.1");
    expect(8, false, "what it was");
}

Test(publication, what_is_still_to_be_resolved_is_expected)
{
    expect(7, false, "nothing is known");
    cr_expect(last.content.is_expecting);
    resolve("web.target.test", "192.0.2.1");
    resolve("both.target.test", "192.0.2.2");
    look();
    cr_expect(last.content.is_expecting, "the other family");
}

Test(publication, what_becomes_known_is_news)
{
    expect(7, false, "nothing is known");
    resolve("web.target.test", "192.0.2.1");
    expect(8, true, "some is");
    cr_expect_eq(last.content.owner_count, 2, "%zu", last.content.owner_count);
}

Test(publication, many_owners_are_counted_and_not_listed)
{
    fixture_execute("WITH RECURSIVE number(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM number"
                    " WHERE n < 60) INSERT INTO records(domain_id, name, type, content, ttl)"
                    " SELECT 1, 'n' || n || '.example.com', 'ALIAS', 'web.target.test', 60"
                    " FROM number");
    publish_first();
    resolve("web.target.test", "192.0.2.4");
    expect(8, true, "another address");
    cr_expect_gt(last.content.owner_count, CONTENT_OWNERS_MAX);
}

Test(publication, nothing_is_asked_for)
{
    expect(7, false, "first");
    struct targets_question question = {.target = "web.target.test", .row_ttl = 60};
    cr_assert_eq(targets_peek(targets, &question, 1), 0);
    cr_expect_not(question.is_resolving, "the noticer's business, and the schedule's");
    targets_question_deinit(&question);
}

Test(publication, serials_are_left_alone_if_that_is_wanted)
{
    publish_first();
    rules.auto_serial = false;
    fixture_execute("UPDATE records SET ttl = 61 WHERE content = '192.0.2.8'");
    expect(7, false, "by the setting");
    fixture_execute("INSERT INTO domainmetadata(domain_id, kind, content)"
                    " VALUES (1, 'X-AUTO-SERIAL', '1')");
    expect(8, true, "but for this zone");
    rules.auto_serial = true;
    fixture_execute("UPDATE domainmetadata SET content = '0';"
                    "UPDATE records SET ttl = 62 WHERE content = '192.0.2.8'");
    expect(8, false, "by metadata");
    fixture_execute("UPDATE records SET content = replace(content, ' 8 ', ' 9 ')"
                    " WHERE type = 'SOA'");
    expect(9, true, "the editor's own is told");
}

Test(publication, what_changed_while_serials_were_left_alone_is_published_afterwards)
{
    publish_first();
    rules.auto_serial = false;
    fixture_execute("UPDATE records SET ttl = 61 WHERE content = '192.0.2.8'");
    expect(7, false, "left alone");
    rules.auto_serial = true;
    expect(8, true, "not any more");
}

Test(publication, a_presigned_zone_is_left_alone)
{
    fixture_execute("INSERT INTO domainmetadata(domain_id, kind, content)"
                    " VALUES (1, 'PRESIGNED', '1'), (1, 'SOA-EDIT', 'INCEPTION-EPOCH')");
    expect(7, false, "first");
    fixture_execute("UPDATE records SET ttl = 61 WHERE content = '192.0.2.8'");
    expect(7, false, "its SOA is signed");
    cr_expect_eq(last.content.names.count, 0, "ALIAS rows aren't expanded");
    fixture_execute("UPDATE records SET content = replace(content, ' 7 ', ' 8 ')"
                    " WHERE type = 'SOA'");
    expect(8, true, "transferred anew");
}

Test(publication, soa_edit_is_reckoned_with)
{
    fixture_execute("INSERT INTO domainmetadata(domain_id, kind, content)"
                    " VALUES (1, 'SOA-EDIT', 'INCEPTION-EPOCH')");
    publish_first();
    fixture_execute("UPDATE records SET ttl = 61 WHERE content = '192.0.2.8'");
    look();
    cr_expect_gt(serial(), 1700000000u, "%u: above what was shown", serial());
    cr_expect(last.is_news);
    uint32_t before = serial();
    fixture_execute("UPDATE records SET ttl = 62 WHERE content = '192.0.2.8'");
    expect(before + 1, true, "a counter from there on");
}

Test(publication, only_primary_zones_with_an_soa_are_published)
{
    fixture_execute("UPDATE domains SET type = 'NATIVE'");
    cr_expect_eq(publication_read(fixture.db, 1, &rules, &last), PUBLICATION_E_NONE);
    fixture_execute("UPDATE domains SET type = 'MASTER'; DELETE FROM records WHERE type = 'SOA'");
    cr_expect_eq(publication_read(fixture.db, 1, &rules, &last), PUBLICATION_E_NONE);
    cr_expect_eq(publication_read(fixture.db, 99, &rules, &last), PUBLICATION_E_NONE);
}

Test(publication, our_own_writing_is_no_change_to_others)
{
    int64_t before, after;

    publish_first();
    fixture_execute("UPDATE records SET ttl = 61 WHERE content = '192.0.2.8'");
    cr_assert_eq(changes_count(fixture.db, 1, &before), 0);
    expect(8, true, "raised");
    cr_assert_eq(changes_count(fixture.db, 1, &after), 0);
    cr_expect_eq(after, before);
}

Test(publication, what_was_changed_meanwhile_is_to_be_looked_at_again)
{
    publish_first();
    fixture_execute("UPDATE records SET ttl = 61 WHERE content = '192.0.2.8'");
    publication_deinit(&last);
    last = (struct publication){0};
    cr_assert_eq(publication_read(fixture.db, 1, &rules, &last), 0);
    fixture_execute("UPDATE records SET content = replace(content, ' 7 ', ' 70 ')"
                    " WHERE type = 'SOA'");
    cr_expect_eq(settle(), PUBLICATION_E_CHANGED);
    cr_expect_eq(serial(), 70, "nothing was written");
    expect(70, true, "the editor's");
}

/* Those from `begin` on are zones begin + 1 and so on. */
static void read_again(struct publication *all, int begin, int end)
{
    for (int i = begin; i < end; ++i) {
        publication_deinit(&all[i]);
        all[i] = (struct publication){0};
        cr_assert_eq(publication_read(fixture.db, i + 1, &rules, &all[i]), 0);
        publication_decide(&all[i], &rules);
    }
}

/* Zone 1 has changed, zone 2 is changed meanwhile, zone 3 was settled before, zone 4 is new. */
Test(publication, zones_that_are_settled_together_have_outcomes_of_their_own)
{
    struct publication all[4] = {0};
    struct publication *publications[] = {&all[2], &all[0], &all[1], &all[3]};
    struct publication *before[] = {&all[1], &all[2]};
    int outcomes[4] = {-1, -1, -1, -1};

    publish_first();
    fixture_execute("INSERT INTO domains(id, name, type) VALUES (2, 'b.test', 'MASTER'),"
                    " (3, 'c.test', 'MASTER'), (4, 'd.test', 'MASTER');"
                    "INSERT INTO records(domain_id, name, type, content) SELECT id, name, 'SOA',"
                    " 'ns.x h.x 1 1 1 1 1' FROM domains WHERE id > 1");
    read_again(all, 1, 3);
    cr_assert_eq(publication_settle(fixture.db, before, 2, outcomes), 0);
    fixture_execute("UPDATE records SET ttl = 61 WHERE domain_id IN (1, 2) AND type <> 'ALIAS'");
    read_again(all, 0, 4);
    fixture_execute("UPDATE records SET ttl = 62 WHERE domain_id = 2");
    cr_assert_eq(publication_settle(fixture.db, publications, 4, outcomes), 0);
    cr_expect_eq(outcomes[0], 0);
    cr_expect_eq(outcomes[1], 0);
    cr_expect_eq(outcomes[2], PUBLICATION_E_CHANGED);
    cr_expect_eq(outcomes[3], 0);
    cr_expect(all[0].is_raised && !all[1].is_raised && !all[2].is_raised && !all[3].is_raised);
    cr_expect(all[0].is_news && !all[1].is_news && !all[2].is_news && all[3].is_news);
    cr_expect_str_eq(fixture_query("SELECT domain_id, serial FROM aliasd_published"),
                     "1|8;2|1;3|1;4|1;");
    for (int i = 0; i < 4; ++i)
        publication_deinit(&all[i]);
}

Test(publication, targets_of_an_alias_are_known_by_their_hashes)
{
    publish_first();
    const struct hashes *names = &last.content.names;
    cr_expect_eq(names->count, 4, "%zu: two, and the names above", names->count);
    cr_expect(hashes_have(names, content_name("web.target.test")));
    cr_expect(hashes_have(names, content_name("target.test")));
    cr_expect_not(hashes_have(names, content_name("none.target.test")));
    cr_expect_not(last.content.leads_inside);
}

Test(publication, what_leads_through_our_own_zones_is_told)
{
    fixture_execute("INSERT INTO records(domain_id, name, type, content, ttl) VALUES"
                    " (1, 'inside.example.com', 'ALIAS', 'host.example.com', 60)");
    publish_first();
    cr_expect(last.content.leads_inside);
    fixture_execute("UPDATE records SET content = '192.0.2.9' WHERE content = '192.0.2.8'");
    expect(8, true, "rows and addresses");
    cr_expect_eq(last.content.owner_count, 1);
    cr_expect_str_eq(last.content.owners[0], "inside.example.com");
}
