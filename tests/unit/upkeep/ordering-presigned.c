#include <criterion/criterion.h>
#include <string.h>

#include "model.h"

/*
 * What is expected was read from CommunicatorClass::suck (pdns/slavecommunicator.cc in 4.7): the
 * rows as a transfer would have left them. How to read it: model_render() in model.h.
 */

#define OPT_OUT "1 1 1 ab"
#define NSEC3   "1 0 1 ab"

static struct model model;

static void set(enum ordering_denial denial, const char *nsec3, const char *rows)
{
    model_init(&model, "example", denial, nsec3);
    model.rules.is_presigned = true;
    model_add_all(&model, rows);
}

static const char zone_rows[] =
    "example SOA; example RRSIG; x.a.example A; x.a.example RRSIG; d.example NS; ns.d.example A;"
    " ns.d.example RRSIG; s.example NS; s.example DS; s.example RRSIG; i.u.example NS";

Test(ordering_presigned, rrsig_rows_are_authoritative_and_in_no_chain)
{
    set(ORDERING_NSEC, NULL, zone_rows);
    model_expect(&model, "example SOA 1 []; example RRSIG 1 -; x.a.example A 1 [a x]; "
                         "x.a.example RRSIG 1 -; d.example NS 0 [d]; ns.d.example A 0 -; "
                         "ns.d.example RRSIG 1 -; s.example NS 0 [s]; s.example DS 1 [s]; "
                         "s.example RRSIG 1 -; i.u.example NS 0 [u i]; "
                         "a.example - 1 - +; u.example - 1 - +; ");
}

Test(ordering_presigned, nsec3_zone_has_hashes)
{
    set(ORDERING_NSEC3, NSEC3, zone_rows);
    model_expect(&model, "example SOA 1 #; example RRSIG 1 -; x.a.example A 1 #; "
                         "x.a.example RRSIG 1 -; d.example NS 0 #; ns.d.example A 0 -; "
                         "ns.d.example RRSIG 1 -; s.example NS 0 #; s.example DS 1 #; "
                         "s.example RRSIG 1 -; i.u.example NS 0 #; "
                         "a.example - 1 # +; u.example - 1 # +; ");
}

Test(ordering_presigned, insecure_delegations_of_an_opt_out_zone_keep_what_they_have)
{
    set(ORDERING_NSEC3, OPT_OUT,
        "example SOA; d.example NS; s.example NS; s.example DS;"
        " i.u.example NS; j.v.example NS");
    model.rows[5].has_ordername = true;
    model_hash(&model, "j.v.example", model.rows[5].ordername);
    model_expect(&model, "example SOA 1 #; d.example NS 0 -; s.example NS 0 #; s.example DS 1 #; "
                         "i.u.example NS 0 -; j.v.example NS 0 #; "
                         "u.example - 0 - +; v.example - 1 # +; ");
}

/* The zone's salt was changed: only a transfer can tell now. */
Test(ordering_presigned, hash_of_another_chain_is_none)
{
    set(ORDERING_NSEC3, OPT_OUT, "example SOA; d.example NS");
    model.rows[1].has_ordername = true;
    model_hash(&model, "d.example", model.rows[1].ordername);
    cr_assert_eq(nsec3_parse("1 1 1 cd", &model.rules.nsec3), 0);
    model_expect(&model, "example SOA 1 #; d.example NS 0 -; ");
}

Test(ordering_presigned, records_at_a_delegation_are_in_no_chain)
{
    set(ORDERING_NSEC, NULL, "example SOA; d.example NS; d.example TXT; d.example NSEC");
    model_expect(&model, "example SOA 1 []; d.example NS 0 [d]; d.example TXT 0 -; "
                         "d.example NSEC 0 -; ");
}

Test(ordering_presigned, below_a_delegation_nothing_is_authoritative_but_ds)
{
    set(ORDERING_NSEC3, NSEC3, "example SOA; d.example NS; a.b.d.example A; c.e.d.example DS");
    model_expect(&model, "example SOA 1 #; d.example NS 0 #; a.b.d.example A 0 -; "
                         "c.e.d.example DS 1 #; b.d.example - 0 - +; e.d.example - 1 # +; ");
}

Test(ordering_presigned, unsigned_rows_have_no_place)
{
    set(ORDERING_UNSIGNED, NULL, "example SOA; d.example NS; x.a.example A");
    model_expect(&model,
                 "example SOA 1 -; d.example NS 0 -; x.a.example A 1 -; a.example - 1 - +; ");
}

Test(ordering_presigned, chain_below_a_delegation_says_nothing_about_it)
{
    set(ORDERING_NSEC3, OPT_OUT, "example SOA; d.example NS; e.d.example NS; e.d.example DS");
    model_expect(&model, "example SOA 1 #; d.example NS 0 -; e.d.example NS 0 #; "
                         "e.d.example DS 1 #; ");
}
