#include "upkeep/zone-tree.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "dns/name.h"

static void add(struct zone_tree *tree, const char *name, const char *type)
{
    const struct zone_tree_row row = {.is_readable = true, .auth = 1};

    cr_assert_eq(zone_tree_add(tree, &row, name, type), 0);
}

/* NULL: no such node. */
static const struct zone_tree_node *find(const struct zone_tree *tree, const char *name)
{
    for (uint32_t i = 0; i < tree->node_count; ++i) {
        if (strcmp(tree->nodes[i].name, name) == 0)
            return &tree->nodes[i];
    }
    return NULL;
}

static uint32_t flags(const struct zone_tree *tree, const char *name)
{
    const struct zone_tree_node *node = find(tree, name);

    cr_assert_not_null(node, "%s", name);
    return node->flags;
}

static const char *parent(const struct zone_tree *tree, const char *name)
{
    const struct zone_tree_node *node = find(tree, name);

    cr_assert_not_null(node, "%s", name);
    cr_assert_neq(node->parent, ZONE_TREE_NONE);
    cr_assert_lt(node->parent, node - tree->nodes, "a parent comes before its children");
    return tree->nodes[node->parent].name;
}

Test(zone_tree, names_up_to_the_apex_are_nodes)
{
    CLEANUP(zone_tree_deinit) struct zone_tree tree;

    cr_assert_eq(zone_tree_init(&tree, "example"), 0);
    cr_expect_eq(tree.node_count, 1);
    cr_expect_str_eq(tree.nodes[0].name, "example");
    cr_expect_eq(tree.nodes[0].parent, ZONE_TREE_NONE);
    add(&tree, "x.a.b.example", "A");
    add(&tree, "y.b.example", "A");
    add(&tree, "example", "SOA");
    cr_expect_eq(tree.node_count, 5);
    cr_expect_str_eq(parent(&tree, "x.a.b.example"), "a.b.example");
    cr_expect_str_eq(parent(&tree, "a.b.example"), "b.example");
    cr_expect_str_eq(parent(&tree, "b.example"), "example");
    cr_expect_str_eq(parent(&tree, "y.b.example"), "b.example");
    cr_expect_eq(flags(&tree, "a.b.example"), 0);
}

Test(zone_tree, names_outside_of_the_zone_are_left_out)
{
    static const char *const names[] = {
        "example.net", "www.example.net", "notexample",   "", ".", "exampl",
        "a\\.example", "a..example",      "a\\1b.example"};
    CLEANUP(zone_tree_deinit) struct zone_tree tree;

    cr_assert_eq(zone_tree_init(&tree, "example"), 0);
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); ++i) {
        add(&tree, names[i], "A");
        cr_expect_eq(tree.row_count, 0, "'%s'", names[i]);
    }
    cr_expect_eq(tree.node_count, 1);
}

Test(zone_tree, everything_is_inside_of_the_root_zone)
{
    CLEANUP(zone_tree_deinit) struct zone_tree tree;

    cr_assert_eq(zone_tree_init(&tree, ""), 0);
    add(&tree, ".", "SOA");
    add(&tree, "a.b", "A");
    cr_expect_eq(tree.node_count, 3);
    cr_expect_str_eq(parent(&tree, "b"), "");
    cr_expect(flags(&tree, "") & ZONE_TREE_SOA);
}

Test(zone_tree, names_are_compared_without_regard_to_case_and_escapes)
{
    CLEANUP(zone_tree_deinit) struct zone_tree tree;

    cr_assert_eq(zone_tree_init(&tree, "example"), 0);
    add(&tree, "a\\.b.example", "A");
    add(&tree, "A\\046B.EXAMPLE.", "TXT");
    cr_expect_eq(tree.node_count, 2);
    cr_expect_str_eq(parent(&tree, "a\\.b.example"), "example");
    cr_expect(tree.rows[0].is_exact);
    cr_expect_not(tree.rows[1].is_exact);
    cr_expect_eq(tree.rows[0].next, 1);
    cr_expect_eq(tree.rows[1].next, ZONE_TREE_NONE);
}

Test(zone_tree, rows_of_a_name_hang_together_in_the_order_they_come)
{
    CLEANUP(zone_tree_deinit) struct zone_tree tree;

    cr_assert_eq(zone_tree_init(&tree, "example"), 0);
    add(&tree, "a.example", "A");
    add(&tree, "b.example", "A");
    add(&tree, "a.example", "TXT");
    add(&tree, "a.example", "MX");
    cr_expect_eq(find(&tree, "a.example")->rows, 0);
    cr_expect_eq(tree.rows[0].next, 2);
    cr_expect_eq(tree.rows[2].next, 3);
    cr_expect_eq(tree.rows[3].next, ZONE_TREE_NONE);
    cr_expect_eq(find(&tree, "b.example")->rows, 1);
    cr_expect_eq(find(&tree, "example")->rows, ZONE_TREE_NONE);
}

Test(zone_tree, flags_say_what_is_at_a_name)
{
    static const struct {
        const char *type;
        uint32_t flags;
    } cases[] = {
        {"A", ZONE_TREE_REAL | ZONE_TREE_NOT_NS},
        {"NS", ZONE_TREE_REAL | ZONE_TREE_NS},
        {"ns", ZONE_TREE_REAL | ZONE_TREE_NS},
        {"TYPE2", ZONE_TREE_REAL | ZONE_TREE_NS},
        {"DS", ZONE_TREE_REAL | ZONE_TREE_NOT_NS | ZONE_TREE_DS},
        {"#43", ZONE_TREE_REAL | ZONE_TREE_NOT_NS | ZONE_TREE_DS},
        {"SOA", ZONE_TREE_REAL | ZONE_TREE_NOT_NS | ZONE_TREE_SOA},
        {NULL, ZONE_TREE_ENT},
        {"", 0},
        {"NOSUCH", 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        CLEANUP(zone_tree_deinit) struct zone_tree tree;
        cr_assert_eq(zone_tree_init(&tree, "example"), 0);
        add(&tree, "a.example", cases[i].type);
        cr_expect_eq(flags(&tree, "a.example"), cases[i].flags, "%s", cases[i].type);
    }
}

Test(zone_tree, apex_is_no_delegation)
{
    CLEANUP(zone_tree_deinit) struct zone_tree tree;

    cr_assert_eq(zone_tree_init(&tree, "example"), 0);
    add(&tree, "example", "NS");
    cr_expect_eq(flags(&tree, "example"), ZONE_TREE_REAL);
}

Test(zone_tree, soa_in_capitals_is_not_found)
{
    CLEANUP(zone_tree_deinit) struct zone_tree tree;

    cr_assert_eq(zone_tree_init(&tree, "example"), 0);
    add(&tree, "EXAMPLE", "SOA");
    cr_expect_eq(flags(&tree, "example") & ZONE_TREE_SOA, 0);
    add(&tree, "example", "soa");
    cr_expect_neq(flags(&tree, "example") & ZONE_TREE_SOA, 0);
}

Test(zone_tree, rows_that_powerdns_does_not_see_say_nothing)
{
    CLEANUP(zone_tree_deinit) struct zone_tree tree;
    const struct zone_tree_row row = {.id = 7, .is_readable = false};

    cr_assert_eq(zone_tree_init(&tree, "example"), 0);
    cr_assert_eq(zone_tree_add(&tree, &row, "a.example", "NS"), 0);
    cr_expect_eq(flags(&tree, "a.example"), 0);
    cr_expect_eq(tree.rows[0].id, 7);
}

Test(zone_tree, only_empty_non_terminals_of_others_speak_for_themselves)
{
    CLEANUP(zone_tree_deinit) struct zone_tree tree;
    const struct zone_tree_row ours = {.mark = ZONE_TREE_MARK_ADDED, .is_readable = true};
    const struct zone_tree_row foreign = {.mark = ZONE_TREE_MARK_FOREIGN, .is_readable = true};

    cr_assert_eq(zone_tree_init(&tree, "example"), 0);
    cr_assert_eq(zone_tree_add(&tree, &ours, "a.example", NULL), 0);
    cr_assert_eq(zone_tree_add(&tree, &foreign, "b.example", NULL), 0);
    cr_assert_eq(zone_tree_add(&tree, &foreign, "C.example", NULL), 0);
    cr_expect_eq(flags(&tree, "a.example"), 0);
    cr_expect_eq(flags(&tree, "b.example"), ZONE_TREE_ENT);
    cr_expect_eq(flags(&tree, "c.example"), 0);
}

Test(zone_tree, types_that_are_looked_for_by_name_are_told_from_others)
{
    static const char *const types[] = {"A",     "AAAA", "NS",  "DS",    "a",
                                        "TYPE1", "ns",   "TXT", "NOSUCH"};
    CLEANUP(zone_tree_deinit) struct zone_tree tree;

    cr_assert_eq(zone_tree_init(&tree, "example"), 0);
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); ++i) {
        add(&tree, "a.example", types[i]);
        cr_expect_eq(tree.rows[i].is_type_exact, i < 4, "%s", types[i]);
        cr_expect_not(tree.rows[i].is_null);
    }
}

Test(zone_tree, texts_are_copied)
{
    CLEANUP(zone_tree_deinit) struct zone_tree tree;
    char name[] = "a.example", ordername[] = "a", hash[] = "h", type[] = "NS";
    const struct zone_tree_row row = {.ordername = ordername, .hash = hash, .is_readable = true};

    cr_assert_eq(zone_tree_init(&tree, "example"), 0);
    cr_assert_eq(zone_tree_add(&tree, &row, name, type), 0);
    name[0] = ordername[0] = hash[0] = type[0] = 'x';
    cr_expect_str_eq(tree.nodes[1].name, "a.example");
    cr_expect_str_eq(tree.rows[0].ordername, "a");
    cr_expect_str_eq(tree.rows[0].hash, "h");
    cr_expect_eq(tree.rows[0].type, 2);
}

Test(zone_tree, many_names_are_found_again)
{
    enum { COUNT = 5000 };
    CLEANUP(zone_tree_deinit) struct zone_tree tree;
    char name[64];

    cr_assert_eq(zone_tree_init(&tree, "example"), 0);
    for (int round = 0; round < 2; ++round) {
        for (int i = 0; i < COUNT; ++i) {
            snprintf(name, sizeof(name), "n%d.m%d.example", i, i % 100);
            add(&tree, name, "A");
        }
    }
    cr_expect_eq(tree.node_count, 1 + 100 + COUNT);
    cr_expect_eq(tree.row_count, 2 * COUNT);
}

Test(zone_tree, deepest_name_has_a_node_for_each_label)
{
    CLEANUP(zone_tree_deinit) struct zone_tree tree;
    char name[NAME_TEXT_SIZE] = "";

    for (int i = 0; i < 127; ++i)
        strcat(name, i == 0 ? "a" : ".a");
    cr_assert_eq(zone_tree_init(&tree, ""), 0);
    add(&tree, name, "A");
    cr_expect_eq(tree.node_count, 128);
    strcat(name, ".a");
    add(&tree, name, "A");
    cr_expect_eq(tree.node_count, 128, "more than 255 octets are no name");
}
