#include "server/readings.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "util/hash.h"

static struct readings readings;
static const struct commit_mark mark = {"one"};
static const struct readings_rules rules = {.limit = 1024 * 1024, .hops_max = 16};

static void set_up(void)
{
    readings_begin(&readings, &mark, &rules);
}

static void tear_down(void)
{
    readings_clear(&readings);
}

TestSuite(readings, .init = set_up, .fini = tear_down);

static struct readings_key key(const char *qname)
{
    return (struct readings_key){.qname = qname, .qtype = "ANY", .zone_id = 1};
}

static const struct reading *keep(const struct readings_key *of, const char *rows)
{
    struct expansion expansion = {0};
    struct local local = {0};

    return readings_keep(&readings, of, rows, strlen(rows), &expansion, &local);
}

static void keep_name(const char *qname, const char *rows)
{
    struct readings_key of = key(qname);

    cr_assert(keep(&of, rows));
}

/* "-": nothing. */
static const char *find(const struct readings_key *of)
{
    const struct reading *reading = readings_find(&readings, of);
    static char text[64];

    snprintf(text, sizeof(text), "%.*s", reading ? (int)reading->rows_size : 1,
             reading ? reading->rows : "-");
    return text;
}

static const char *find_name(const char *qname)
{
    struct readings_key of = key(qname);

    return find(&of);
}

Test(readings, are_found_by_all_of_the_key)
{
    struct readings_key other_zone = {"a.example.", "ANY", 2};
    struct readings_key other_type = {"a.example.", "SOA", 1};

    keep_name("a.example.", "rows");
    cr_expect_str_eq(find_name("a.example."), "rows");
    cr_expect_str_eq(find_name("A.example."), "-");
    cr_expect_str_eq(find_name("b.example."), "-");
    cr_expect_str_eq(find_name("a.example.A"), "-");
    cr_expect_str_eq(find(&other_zone), "-");
    cr_expect_str_eq(find(&other_type), "-");
    cr_assert(keep(&other_zone, "two"));
    cr_assert(keep(&other_type, ""));
    cr_expect_str_eq(find_name("a.example."), "rows");
    cr_expect_str_eq(find(&other_zone), "two");
    cr_expect_str_eq(find(&other_type), "");
    cr_expect_null(readings_find(&readings, &other_type)->expansion);
}

Test(readings, are_forgotten_at_another_mark_and_by_other_rules)
{
    static const struct commit_mark other = {"two"};
    static const struct readings_rules others[] = {
        {.limit = 1024 * 1024, .hops_max = 17},
        {.limit = 1024 * 1024, .hops_max = 16, .with_txt = true},
        {.limit = 2 * 1024 * 1024, .hops_max = 16},
    };

    keep_name("a.example.", "rows");
    readings_begin(&readings, &mark, &rules);
    cr_expect_str_eq(find_name("a.example."), "rows");
    readings_begin(&readings, &other, &rules);
    cr_expect_str_eq(find_name("a.example."), "-");
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); ++i) {
        readings_begin(&readings, &mark, &rules);
        keep_name("a.example.", "rows");
        readings_begin(&readings, &mark, &others[i]);
        cr_expect_str_eq(find_name("a.example."), "-");
    }
}

/* Keeps names of some 250 octets each until `limit` has been filled several times over; how many of
 * them are found afterwards. */
static size_t fill(size_t limit, const char *asked_for_now_and_then)
{
    const struct readings_rules bounded = {.limit = limit};
    size_t found = 0;
    char name[64], rows[100];

    memset(rows, 'r', sizeof(rows) - 1);
    rows[sizeof(rows) - 1] = '\0';
    readings_begin(&readings, &mark, &bounded);
    if (asked_for_now_and_then)
        keep_name(asked_for_now_and_then, "always");
    for (size_t i = 0; i < limit / 50; ++i) {
        snprintf(name, sizeof(name), "n%zu.example.", i);
        keep_name(name, rows);
        if (asked_for_now_and_then && i % 100 == 0)
            cr_assert_str_eq(find_name(asked_for_now_and_then), "always");
    }
    for (size_t i = 0; i < limit / 50; ++i) {
        snprintf(name, sizeof(name), "n%zu.example.", i);
        struct readings_key of = key(name);
        found += readings_find(&readings, &of) != NULL;
    }
    return found;
}

Test(readings, are_bounded)
{
    size_t limit = 256 * 1024;
    size_t found = fill(limit, NULL);

    cr_expect_geq(found, limit / 2 / 300, "%zu", found);
    cr_expect_leq(found, limit / 200, "%zu", found);
}

/* All names in a bucket or two: such can be made, of whatever hash. */
Test(readings, are_few_where_names_collide)
{
    const struct readings_rules tiny = {.limit = 64 * 1024};
    size_t found = 0;
    char name[64];

    readings_begin(&readings, &mark, &tiny);
    for (int i = 0; i < 20000; ++i) {
        struct readings_key of = key(name);
        snprintf(name, sizeof(name), "n%d.", i);
        uint32_t hash = hash_octets(HASH_START, name, strlen(name) + 1);
        hash = hash_octets(hash, "ANY", 3);
        hash = hash_octets(hash, &of.zone_id, sizeof(of.zone_id));
        if (hash % (tiny.limit / 2 / 512 + 1) == 7 && keep(&of, ""))
            ++found;
    }
    cr_expect_eq(found, 16, "%zu", found);
    keep_name("another.example.", "rows");
    cr_expect_str_eq(find_name("another.example."), "rows");
}

Test(readings, keep_what_is_asked_for_again_and_again)
{
    fill(256 * 1024, "always.example.");
}

Test(readings, leave_out_what_is_large)
{
    struct readings_key large = key("large.example.");
    static char rows[1024 * 1024 / 2 / 16 + 1];

    memset(rows, 'r', sizeof(rows) - 1);
    cr_expect_null(keep(&large, rows));
    rows[sizeof(rows) / 2] = '\0';
    cr_expect(keep(&large, rows));
}

/* A name with ALIAS rows whose targets were followed. */
static void see(struct expansion *expansion, struct local *local)
{
    struct records_row row = {.domain_id = 1,
                              .name = "a.example",
                              .type = "ALIAS",
                              .content = "web.test",
                              .ttl = 60,
                              .auth = true};
    bool is_alias;

    *expansion = (struct expansion){0};
    *local = (struct local){.hops_max = 16};
    cr_assert_eq(expansion_see(expansion, &row, &is_alias), 0);
    local->answers = calloc(1, sizeof(*local->answers));
    local->answers->target = strdup("web.test");
    expansion->aliases[0].answer = local->answers;
}

Test(readings, take_over_alias_rows_and_lend_them)
{
    struct readings_key of = key("a.example.");
    struct expansion expansion, borrowed;
    struct local local;

    see(&expansion, &local);
    cr_assert(readings_keep(&readings, &of, "", 0, &expansion, &local));
    cr_expect_eq(expansion.alias_count, 0);
    cr_expect_null(local.answers);
    for (int i = 0; i < 2; ++i) {
        const struct reading *reading = readings_find(&readings, &of);
        expansion_borrow(reading->expansion, &borrowed);
        cr_assert_eq(borrowed.alias_count, 1);
        cr_expect_str_eq(borrowed.aliases[0].target, "web.test");
        cr_expect_str_eq(borrowed.aliases[0].answer->target, "web.test");
        cr_expect_str_eq(borrowed.owner, "a.example");
        cr_assert_eq(address_set_add(&borrowed.families[0].addresses, &(struct address){{1}}), 0);
        expansion_give_back(&borrowed);
    }
}

Test(readings, take_nothing_that_they_do_not_keep)
{
    static const struct readings_rules small = {.limit = 64};
    struct readings_key of = key("a.example.");
    struct expansion expansion;
    struct local local;

    see(&expansion, &local);
    readings_begin(&readings, &mark, &small);
    cr_assert_null(readings_keep(&readings, &of, "", 0, &expansion, &local));
    cr_expect_eq(expansion.alias_count, 1);
    cr_expect_not_null(local.answers);
    expansion_deinit(&expansion);
    local_deinit(&local);
}
