#include "upkeep/ordering.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "model.h"

/*
 * What is expected was read from DNSSECKeeper::rectifyZone (pdns/dbdnsseckeeper.cc in 4.7); most of
 * it was seen to be what pdnsutil 4.7.3 writes. How to read it: model_render() in model.h.
 */

#define OPT_OUT "1 1 1 ab"
#define NSEC3   "1 0 1 ab"

static struct model model;

static void set(const char *zone, enum ordering_denial denial, const char *nsec3, const char *rows)
{
    model_init(&model, zone, denial, nsec3);
    model_add_all(&model, rows);
}

static const char zone_rows[] = "example SOA; example NS; www.example A; x.a.b.example A;"
                                " *.w.example TXT; d.example NS; ns.d.example A;"
                                " s.example NS; s.example DS; i.u.example NS";

Test(ordering, unsigned_zone_has_auth_and_empty_non_terminals)
{
    set("example", ORDERING_UNSIGNED, NULL, zone_rows);
    model_expect(&model, "example SOA 1 -; example NS 1 -; www.example A 1 -; x.a.b.example A 1 -; "
                         "*.w.example TXT 1 -; d.example NS 0 -; ns.d.example A 0 -; "
                         "s.example NS 0 -; s.example DS 1 -; i.u.example NS 0 -; "
                         "b.example - 1 - +; a.b.example - 1 - +; w.example - 1 - +; "
                         "u.example - 0 - +; ");
}

Test(ordering, nsec_zone_has_relative_names_with_their_labels_turned_around)
{
    set("example", ORDERING_NSEC, NULL, zone_rows);
    model_expect(&model, "example SOA 1 []; example NS 1 []; www.example A 1 [www]; "
                         "x.a.b.example A 1 [b a x]; *.w.example TXT 1 [w *]; "
                         "d.example NS 0 [d]; ns.d.example A 0 -; "
                         "s.example NS 0 [s]; s.example DS 1 [s]; i.u.example NS 0 [u i]; "
                         "b.example - 1 - +; a.b.example - 1 - +; w.example - 1 - +; "
                         "u.example - 0 - +; ");
}

Test(ordering, nsec3_zone_has_hashes_and_its_empty_non_terminals_too)
{
    set("example", ORDERING_NSEC3, NSEC3, zone_rows);
    model_expect(&model, "example SOA 1 #; example NS 1 #; www.example A 1 #; "
                         "x.a.b.example A 1 #; *.w.example TXT 1 #; "
                         "d.example NS 0 #; ns.d.example A 0 -; "
                         "s.example NS 0 #; s.example DS 1 #; i.u.example NS 0 #; "
                         "b.example - 1 # +; a.b.example - 1 # +; w.example - 1 # +; "
                         "u.example - 1 # +; ");
}

/* Those above nothing but insecure delegations aren't in the chain, and are marked with their hash.
 */
Test(ordering, opt_out_leaves_insecure_delegations_out_of_the_chain)
{
    set("example", ORDERING_NSEC3, OPT_OUT, zone_rows);
    model_expect(&model, "example SOA 1 #; example NS 1 #; www.example A 1 #; "
                         "x.a.b.example A 1 #; *.w.example TXT 1 #; "
                         "d.example NS 0 -; ns.d.example A 0 -; "
                         "s.example NS 0 #; s.example DS 1 #; i.u.example NS 0 -; "
                         "b.example - 1 # +; a.b.example - 1 # +; w.example - 1 # +; "
                         "u.example - 0 - +#; ");
}

Test(ordering, narrow_zone_has_no_chain)
{
    set("example", ORDERING_NSEC3, NSEC3, zone_rows);
    model.rules.is_narrow = true;
    model_expect(&model, "example SOA 1 -; example NS 1 -; www.example A 1 -; x.a.b.example A 1 -; "
                         "*.w.example TXT 1 -; d.example NS 0 -; ns.d.example A 0 -; "
                         "s.example NS 0 -; s.example DS 1 -; i.u.example NS 0 -; "
                         "b.example - 1 - +; a.b.example - 1 - +; w.example - 1 - +; "
                         "u.example - 1 - +; ");
}

Test(ordering, narrow_opt_out_zone_has_no_chain_and_no_hashes)
{
    set("example", ORDERING_NSEC3, OPT_OUT, "example SOA; x.a.example A; i.u.example NS");
    model.rules.is_narrow = true;
    model_expect(&model, "example SOA 1 -; x.a.example A 1 -; i.u.example NS 0 -; "
                         "a.example - 1 - +; u.example - 0 - +; ");
}

Test(ordering, any_flag_is_opt_out)
{
    set("example", ORDERING_NSEC3, "1 2 1 ab", "example SOA; d.example NS");
    model_expect(&model, "example SOA 1 #; d.example NS 0 -; ");
}

Test(ordering, secure_delegation_puts_what_is_above_it_into_the_chain)
{
    set("example", ORDERING_NSEC3, OPT_OUT, "example SOA; s.u.example NS; s.u.example DS");
    model_expect(&model, "example SOA 1 #; s.u.example NS 0 #; s.u.example DS 1 #; "
                         "u.example - 0 # +; ");
}

Test(ordering, other_records_at_a_delegation_are_not_authoritative)
{
    static const char rows[] = "example SOA; d.example NS; d.example A; d.example AAAA;"
                               " d.example TXT; d.example a";

    set("example", ORDERING_NSEC, NULL, rows);
    model_expect(&model, "example SOA 1 []; d.example NS 0 [d]; d.example A 0 -; d.example AAAA 0 "
                         "-; d.example TXT 0 [d]; d.example a 0 [d]; ");
    set("example", ORDERING_NSEC3, OPT_OUT, rows);
    model_expect(&model, "example SOA 1 #; d.example NS 0 -; d.example A 0 -; d.example AAAA 0 -; "
                         "d.example TXT 0 #; d.example a 0 #; ");
}

Test(ordering, below_a_delegation_nothing_is_authoritative)
{
    static const char rows[] = "example SOA; d.example NS; ns.deep.d.example A; t.d.example TXT;"
                               " e.d.example NS; e.d.example DS";

    set("example", ORDERING_NSEC, NULL, rows);
    model_expect(&model, "example SOA 1 []; d.example NS 0 [d]; ns.deep.d.example A 0 -; "
                         "t.d.example TXT 0 [d t]; e.d.example NS 0 [d e]; e.d.example DS 1 [d e]; "
                         "deep.d.example - 0 - +; ");
    set("example", ORDERING_NSEC3, NSEC3, rows);
    model_expect(&model, "example SOA 1 #; d.example NS 0 #; ns.deep.d.example A 0 -; "
                         "t.d.example TXT 0 -; e.d.example NS 0 -; e.d.example DS 1 -; "
                         "deep.d.example - 0 - +; ");
    set("example", ORDERING_NSEC3, OPT_OUT, rows);
    model_expect(&model, "example SOA 1 #; d.example NS 0 -; ns.deep.d.example A 0 -; "
                         "t.d.example TXT 0 -; e.d.example NS 0 -; e.d.example DS 1 -; "
                         "deep.d.example - 0 - +; ");
}

Test(ordering, delegation_written_as_a_number_is_one)
{
    set("example", ORDERING_NSEC3, OPT_OUT, "example SOA; d.example TYPE2; ns.d.example A");
    model_expect(&model, "example SOA 1 #; d.example TYPE2 0 -; ns.d.example A 0 -; ");
}

Test(ordering, ds_without_a_delegation_is_a_record_as_others)
{
    set("example", ORDERING_NSEC, NULL, "example SOA; s.example DS");
    model_expect(&model, "example SOA 1 []; s.example DS 1 [s]; ");
}

Test(ordering, what_is_wrong_is_put_right)
{
    set("example", ORDERING_NSEC, NULL, "example SOA; a.example A; b.example A; c.example A");
    for (int i = 1; i < 4; ++i) {
        model.rows[i].has_ordername = true;
        strcpy(model.rows[i].ordername, i == 1 ? "wrong" : i == 2 ? "b" : "C");
    }
    model.rows[0].auth = 0;
    model.rows[2].auth = -1;
    cr_expect_eq(model_settle(&model), 4);
    cr_expect_str_eq(model_render(&model), "example SOA 1 []; a.example A 1 [a]; "
                                           "b.example A 1 [b]; c.example A 1 [c]; ");
}

Test(ordering, zone_that_is_in_order_is_left_alone)
{
    set("example", ORDERING_NSEC3, OPT_OUT, zone_rows);
    cr_expect_gt(model_settle(&model), 0);
    cr_expect_eq(model_settle(&model), 0);
}

Test(ordering, change_of_denial_changes_every_row)
{
    set("example", ORDERING_NSEC, NULL, "example SOA; a.example A; x.b.example A");
    model_expect(&model,
                 "example SOA 1 []; a.example A 1 [a]; x.b.example A 1 [b x]; b.example - 1 - +; ");
    model.rules.denial = ORDERING_NSEC3;
    model_expect(&model,
                 "example SOA 1 #; a.example A 1 #; x.b.example A 1 #; b.example - 1 # +; ");
    model.rules.denial = ORDERING_UNSIGNED;
    model_expect(&model,
                 "example SOA 1 -; a.example A 1 -; x.b.example A 1 -; b.example - 1 - +; ");
}

Test(ordering, zone_without_a_soa_that_is_found_is_none)
{
    static const char *const zones[] = {"",
                                        "www.example A",
                                        "www.example SOA",
                                        "EXAMPLE SOA",
                                        "example. SOA",
                                        "example NS; example.net SOA"};

    for (size_t i = 0; i < sizeof(zones) / sizeof(zones[0]); ++i) {
        set("example", ORDERING_NSEC, NULL, zones[i]);
        cr_expect_eq(model_judge(&model), ORDERING_E_NO_APEX, "'%s'", zones[i]);
    }
    set("example", ORDERING_NSEC, NULL, "example SOA");
    cr_expect_eq(model_judge(&model), 0);
    model.rows[0].is_readable = false;
    cr_expect_eq(model_judge(&model), ORDERING_E_NO_APEX);
}

/* They can't be found by their names, but make the names above them exist. */
Test(ordering, rows_with_names_in_another_form_are_left_alone)
{
    set("example", ORDERING_NSEC, NULL,
        "example SOA; X.a.example A; www.example. A; \\098.example A; D.example NS; ns.d.example A");
    model_expect(&model, "example SOA 1 []; X.a.example A 1 -; www.example. A 1 -; "
                         "\\098.example A 1 -; D.example NS 1 -; ns.d.example A 0 -; "
                         "a.example - 1 - +; ");
}

Test(ordering, names_outside_of_the_zone_are_left_alone)
{
    static const char rows[] = "example SOA 1 []; a.b.example.net A 1 -; notexample A 1 -; "
                               "a..example A 1 -; a\\.example A 1 -; ";

    set("example", ORDERING_NSEC, NULL,
        "example SOA; a.b.example.net A; notexample A; a..example A; a\\.example A");
    model_expect(&model, rows);
    cr_expect_eq(model.count, 5);
}

Test(ordering, rows_that_powerdns_does_not_see_make_no_names)
{
    set("example", ORDERING_NSEC, NULL,
        "example SOA; x.a.example A; d.example NS; b.d.example A; b.d.example TXT");
    model.rows[1].is_readable = false;
    model.rows[2].is_readable = false;
    model.rows[4].is_readable = false;
    model_expect(&model, "example SOA 1 []; x.a.example A 1 -; d.example NS 1 -; "
                         "b.d.example A 1 [d b]; b.d.example TXT 1 [d b]; d.example - 1 - +; ");
}

/* PowerDNS takes them for empty non-terminals, and so isn't given another. */
Test(ordering, rows_of_unknown_types_are_no_records)
{
    set("example", ORDERING_NSEC3, NSEC3,
        "example SOA; odd.example NOSUCH; up.example NOSUCH; x.up.example A");
    model_expect(&model, "example SOA 1 #; odd.example NOSUCH 1 -; up.example NOSUCH 1 #; "
                         "x.up.example A 1 #; ");
}

Test(ordering, root_zone_is_a_zone_as_others)
{
    set("", ORDERING_NSEC, NULL, ". SOA; . NS; com NS; a.b A");
    model_expect(&model, ". SOA 1 []; . NS 1 []; com NS 0 [com]; a.b A 1 [b a]; b - 1 - +; ");
    set("", ORDERING_NSEC3, OPT_OUT, ". SOA; com NS; a.b NS");
    model_expect(&model, ". SOA 1 #; com NS 0 -; a.b NS 0 -; b - 0 - +#; ");
}

Test(ordering, dot_with_a_backslash_is_no_border_between_labels)
{
    set("example", ORDERING_NSEC, NULL, "example SOA; a\\.b.example A; x.c\\.d.example A");
    model_expect(&model, "example SOA 1 []; a\\.b.example A 1 [a\\.b]; "
                         "x.c\\.d.example A 1 [c\\.d x]; c\\.d.example - 1 - +; ");
}

Test(ordering, zone_of_several_labels_has_no_empty_non_terminals_above_it)
{
    set("a.b.example", ORDERING_NSEC, NULL, "a.b.example SOA; x.y.a.b.example A");
    model_expect(&model,
                 "a.b.example SOA 1 []; x.y.a.b.example A 1 [y x]; y.a.b.example - 1 - +; ");
}

Test(ordering, names_of_255_octets_are_put_in_order)
{
    char labels[4][4 * 63 + 1] = {"", "", "", ""}; /* their octets written as four characters */
    char name[NAME_TEXT_SIZE];
    char expected[4 * NAME_TEXT_SIZE];

    for (int i = 0; i < 4; ++i) {
        for (int j = 0; j < (i == 0 ? 53 : 63); ++j)
            strcat(labels[i], "\\255");
    }
    snprintf(name, sizeof(name), "%s.%s.%s.%s.example", labels[0], labels[1], labels[2], labels[3]);
    set("example", ORDERING_NSEC, NULL, "example SOA");
    model_add(&model, name, "A");
    snprintf(expected, sizeof(expected),
             "example SOA 1 []; %s A 1 [%s %s %s %s]; %s.example - 1 - +; %s.%s.example - 1 - +; "
             "%s.%s.%s.example - 1 - +; ",
             name, labels[3], labels[2], labels[1], labels[0], labels[3], labels[2], labels[3],
             labels[1], labels[2], labels[3]);
    model_expect(&model, expected);
    model.rules.denial = ORDERING_NSEC3;
    model_settle(&model);
    cr_expect_eq(model.count, 5);
    cr_expect_eq(strlen(model.rows[1].ordername), NSEC3_TEXT_SIZE - 1);
}
