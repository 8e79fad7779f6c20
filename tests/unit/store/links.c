#include "store/links.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "fixture.h"
#include "store/records.h"

TestSuite(links, .init = fixture_set_up, .fini = fixture_tear_down);

/* Adds "(domain_id, name, type, content, ttl), ..." to the records. */
static void insert(const char *values)
{
    char sql[4096];

    snprintf(sql, sizeof(sql), "INSERT INTO records(domain_id, name, type, content, ttl) VALUES %s",
             values);
    fixture_execute(sql);
}

static void add_zone(int id, const char *name)
{
    char sql[256];

    snprintf(sql, sizeof(sql), "INSERT INTO domains(id, name, type) VALUES (%d, '%s', 'NATIVE')",
             id, name);
    fixture_execute(sql);
}

static size_t write_addresses(const struct chain_links *links, enum dns_family family, char *text,
                              size_t size)
{
    const struct chain_addresses *found = &links->addresses[family];
    char address[ADDRESS_TEXT_SIZE];
    size_t used = 0;

    for (size_t i = 0; i < found->set.count; ++i) {
        address_to_text(&found->set.items[i], family, address);
        used += (size_t)snprintf(text + used, size - used, "%s %u;", address, found->ttl);
    }
    return used;
}

/* "ADDRESS TTL;" of each address, "-> NAME TTL FAMILIES;" of each target, "outside;". */
static const char *find(const char *name)
{
    CLEANUP(chain_links_deinit) struct chain_links links = {0};
    static char text[1024];
    size_t used = 0;

    *text = '\0';
    cr_assert_eq(links_find(fixture.db, name, &links), 0);
    for (size_t i = 0; i < DNS_FAMILIES; ++i)
        used += write_addresses(&links, i, text + used, sizeof(text) - used);
    for (size_t i = 0; i < links.count; ++i)
        used += (size_t)snprintf(text + used, sizeof(text) - used, "-> %s %u %u;",
                                 links.targets[i].name, links.targets[i].ttl, links.families);
    snprintf(text + used, sizeof(text) - used, "%s", links.outside ? "outside;" : "");
    return text;
}

#define expect(name, expected) cr_expect_str_eq(find(name), expected, "%s", find(name))

Test(links, name_of_no_zone_is_outside)
{
    expect("www.example.org", "outside;");
    expect("com", "outside;");
    expect("", "outside;");
}

Test(links, name_that_is_not_there_has_nothing)
{
    expect("none.example.com", "");
}

Test(links, addresses_come_with_the_smallest_ttl)
{
    insert("(1, 'www.example.com', 'A', '192.0.2.2', 60), (1, 'www.example.com', 'a', '192.0.2.1',"
           " 30), (1, 'www.example.com', 'AAAA', '2001:db8::1', 90),"
           " (1, 'www.example.com', 'TXT', '\"x\"', 5)");
    expect("www.example.com", "192.0.2.1 30;192.0.2.2 30;2001:db8::1 90;");
}

Test(links, alias_leads_on_for_the_families_without_addresses)
{
    insert("(1, 'www.example.com', 'ALIAS', 'A.test.', 60), (1, 'www.example.com', 'alias',"
           " 'b.test', 70), (1, 'www.example.com', 'A', '192.0.2.1', 80)");
    expect("www.example.com", "192.0.2.1 80;-> a.test 60 2;-> b.test 70 2;");
}

Test(links, cname_wins_wherever_it_stands)
{
    insert("(1, 'www.example.com', 'A', '192.0.2.1', 80), (1, 'www.example.com', 'ALIAS', 'a.test',"
           " 60), (1, 'www.example.com', 'CNAME', 'b.test', 70)");
    expect("www.example.com", "-> b.test 70 3;");
}

Test(links, disabled_and_unreadable_rows_do_not_count)
{
    insert("(1, 'www.example.com', 'A', '192.0.2.1', 80), (1, 'www.example.com', 'A', '192.0.2.2',"
           " 'soon'), (1, 'www.example.com', 'A', 'none', 60)");
    expect("www.example.com", "192.0.2.1 80;");
    fixture_execute("UPDATE records SET disabled = 1 WHERE content = '192.0.2.1'");
    expect("www.example.com", "");
}

Test(links, alias_of_a_presigned_zone_leads_nowhere)
{
    insert("(1, 'www.example.com', 'ALIAS', 'a.test', 60), (1, 'www.example.com', 'AAAA',"
           " '2001:db8::1', 60)");
    fixture_execute("INSERT INTO domainmetadata(domain_id, kind, content) VALUES"
                    " (1, 'PRESIGNED', '1')");
    expect("www.example.com", "2001:db8::1 60;");
}

Test(links, wildcard_stands_for_names_that_are_not_there)
{
    insert("(1, '*.example.com', 'A', '192.0.2.1', 60), (1, '*.w.example.com', 'CNAME', 'b.test',"
           " 70), (1, 'x.example.com', 'TXT', '\"x\"', 60), (1, 'ent.example.com', NULL, NULL,"
           " NULL)");
    expect("a.b.example.com", "192.0.2.1 60;");
    expect("a.b.w.example.com", "-> b.test 70 3;");
    expect("x.example.com", "");
    expect("a.x.example.com", "");
    expect("ent.example.com", "");
    expect("a.ent.example.com", "");
    expect("*.w.example.com", "-> b.test 70 3;");
}

Test(links, name_below_a_delegation_is_outside)
{
    insert("(1, 'sub.example.com', 'NS', 'ns.sub.example.com', 60), (1, 'ns.sub.example.com', 'A',"
           " '192.0.2.1', 60)");
    expect("sub.example.com", "outside;");
    expect("ns.sub.example.com", "outside;");
    expect("a.b.sub.example.com", "outside;");
    expect("example.com", "");
}

Test(links, dname_leads_on_what_is_below_it)
{
    insert("(1, 'd.example.com', 'DNAME', 'Other.test.', 60), (1, 'there.d.example.com', 'A',"
           " '192.0.2.1', 70), (1, 'r.example.com', 'DNAME', '.', 80)");
    expect("a.b.d.example.com", "-> a.b.other.test 60 3;");
    expect("a\\.b.d.example.com", "-> a\\.b.other.test 60 3;");
    expect("there.d.example.com", "192.0.2.1 70;");
    expect("d.example.com", "");
    expect("a.r.example.com", "-> a 80 3;");
}

/* RFC 6672 2.2: of more than 255 octets. */
Test(links, dname_that_makes_a_name_too_long_leads_nowhere)
{
    char label[64], sql[512], name[512];

    memset(label, 'a', 63);
    label[63] = '\0';
    snprintf(sql, sizeof(sql), "(1, 'd.example.com', 'DNAME', '%s.%s.test', 60)", label, label);
    insert(sql);
    snprintf(name, sizeof(name), "%s.%s.d.example.com", label, label);
    expect(name, "");
    expect(name + 64,
           (snprintf(sql, sizeof(sql), "-> %s.%s.%s.test 60 3;", label, label, label), sql));
}

Test(links, longest_zone_with_an_soa_answers)
{
    add_zone(2, "Sub.example.com");
    insert("(1, 'www.sub.example.com', 'A', '192.0.2.1', 60), (2, 'www.sub.example.com', 'A',"
           " '192.0.2.2', 60), (2, 'own.sub.example.com', 'A', '192.0.2.3', 60)");
    expect("www.sub.example.com", "192.0.2.1 60;");
    insert("(2, 'sub.example.com', 'SOA', 'ns h 1 2 3 4 5', 60)");
    expect("www.sub.example.com", "192.0.2.2 60;");
    expect("own.sub.example.com", "192.0.2.3 60;");
    expect("none.sub.example.com", "");
}

/* What isn't there may be in the zone that we don't have yet. */
Test(links, zone_without_soa_denies_nothing)
{
    add_zone(2, "sub.example.com");
    expect("www.sub.example.com", "outside;");
    expect("www.example.com", "");
    add_zone(3, "other.test");
    insert("(3, 'www.other.test', 'A', '192.0.2.1', 60)");
    expect("www.other.test", "outside;");
    fixture_execute("UPDATE records SET disabled = 1 WHERE type = 'SOA'");
    expect("www.example.com", "outside;");
}

Test(links, root_zone_has_all_names)
{
    add_zone(2, ".");
    insert("(2, '.', 'SOA', 'ns h 1 2 3 4 5', 60), (2, 'a.b', 'A', '192.0.2.1', 60),"
           " (2, 'org', 'NS', 'ns.org', 60), (2, '.', 'AAAA', '2001:db8::1', 60)");
    expect("a.b", "192.0.2.1 60;");
    expect("c.b", "");
    expect("www.org", "outside;");
    expect("", "2001:db8::1 60;");
    insert("(2, '*', 'A', '192.0.2.9', 60)");
    expect("c.d", "192.0.2.9 60;");
}

/* Only PowerDNS can run it; a name beside an ALIAS could lead back to us. */
Test(links, lua_row_is_outside)
{
    insert("(1, 'l.example.com', 'LUA', 'A \"x\"', 60), (1, 'm.example.com', 'LUA', 'A \"x\"', 60),"
           " (1, 'm.example.com', 'ALIAS', 'b.test', 60), (1, 'n.example.com', 'LUA', 'A \"x\"',"
           " 60), (1, 'n.example.com', 'A', '192.0.2.1', 60)");
    expect("l.example.com", "outside;");
    expect("m.example.com", "-> b.test 60 3;");
    expect("n.example.com", "192.0.2.1 60;outside;");
}

Test(links, failure_is_passed_on)
{
    CLEANUP(chain_links_deinit) struct chain_links links = {0};

    atomic_store(&fixture.is_cancelled, true);
    cr_expect_eq(links_find(fixture.db, "www.example.com", &links), -EINTR);
    cr_expect_eq(links.outside, 0);
}

/* As a lookup does at its first ALIAS row. */
Test(links, snapshot_begun_while_a_row_is_read_is_that_rows)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    struct records_row row;

    insert("(1, 'a.example.com', 'ALIAS', 'b.example.com', 60), (1, 'b.example.com', 'A',"
           " '192.0.2.1', 60)");
    cr_assert_eq(records_lookup(fixture.db, "a.example.com", "ANY", 1, &cursor), 0);
    cr_assert_eq(records_next(&cursor, &row), 0);
    cr_assert_eq(database_begin_reading(fixture.db), 0);
    cr_assert_eq(records_next(&cursor, &row), RECORDS_E_END);
    fixture_execute("DELETE FROM records WHERE name = 'b.example.com'");
    expect("b.example.com", "192.0.2.1 60;");
    database_end_reading(fixture.db);
    expect("b.example.com", "");
}
