#include <criterion/criterion.h>
#include <string.h>

#include "model.h"

/*
 * Which empty non-terminals are ours, and what becomes of them and of the others. How to read what
 * is expected: model_render() in model.h.
 */

#define OPT_OUT "1 1 1 ab"
#define NSEC3   "1 0 1 ab"

static struct model model;

static void set(const char *nsec3, const char *rows)
{
    model_init(&model, "example", nsec3 ? ORDERING_NSEC3 : ORDERING_NSEC, nsec3);
    model_add_all(&model, rows);
}

/* Marks all empty non-terminals. */
static void mark(enum zone_tree_mark mark)
{
    for (size_t i = 0; i < model.count; ++i)
        model.rows[i].mark = model.rows[i].is_null ? mark : ZONE_TREE_MARK_NONE;
}

/* Removes the first row of this name. */
static void drop(const char *name)
{
    size_t i = 0;

    while (i < model.count && strcmp(model.rows[i].name, name) != 0)
        ++i;
    cr_assert_lt(i, model.count);
    --model.count;
    memmove(&model.rows[i], &model.rows[i + 1], (model.count - i) * sizeof(model.rows[0]));
}

Test(ordering_marks, ours_goes_with_what_was_below_it)
{
    set(NULL, "example SOA; x.a.b.example A; y.b.example A");
    model_expect(&model, "example SOA 1 []; x.a.b.example A 1 [b a x]; y.b.example A 1 [b y]; "
                         "b.example - 1 - +; a.b.example - 1 - +; ");
    drop("x.a.b.example");
    model_expect(&model, "example SOA 1 []; y.b.example A 1 [b y]; b.example - 1 - +; ");
    drop("y.b.example");
    model_expect(&model, "example SOA 1 []; ");
}

Test(ordering_marks, ours_goes_when_a_record_comes_to_its_name)
{
    set(NSEC3, "example SOA; x.a.example A");
    model_expect(&model, "example SOA 1 #; x.a.example A 1 #; a.example - 1 # +; ");
    model_add(&model, "a.example", "TXT");
    model_expect(&model, "example SOA 1 #; x.a.example A 1 #; a.example TXT 1 #; ");
}

Test(ordering_marks, ours_is_kept_while_it_is_needed)
{
    set(NULL, "example SOA; x.a.example A; y.a.example A");
    model_settle(&model);
    int64_t id = model.last_id;
    drop("x.a.example");
    model_expect(&model, "example SOA 1 []; y.a.example A 1 [a y]; a.example - 1 - +; ");
    cr_expect_eq(model.last_id, id, "made anew");
}

Test(ordering_marks, one_without_a_mark_is_taken_over_if_something_is_below)
{
    set(NSEC3, "example SOA; x.b.a.example A; b.a.example -; a.example -");
    model_expect(&model, "example SOA 1 #; x.b.a.example A 1 #; b.a.example - 1 # +; "
                         "a.example - 1 # +; ");
    drop("x.b.a.example");
    model_expect(&model, "example SOA 1 #; ");
}

Test(ordering_marks, one_without_a_mark_is_taken_over_and_goes_if_a_record_is_at_its_name)
{
    set(NULL, "example SOA; a.example A; a.example -; example -");
    model_expect(&model, "example SOA 1 []; a.example A 1 [a]; ");
}

Test(ordering_marks, one_that_stands_alone_is_somebodys_own)
{
    set(NULL, "example SOA; a.example -");
    model_expect(&model, "example SOA 1 []; a.example - 1 - ~; ");
    set(NSEC3, "example SOA; a.example -");
    model_expect(&model, "example SOA 1 #; a.example - 1 # ~; ");
    set(OPT_OUT, "example SOA; a.example -");
    model_expect(&model, "example SOA 1 #; a.example - 1 # ~; ");
}

Test(ordering_marks, somebodys_own_makes_the_names_above_exist)
{
    set(NSEC3, "example SOA; a.b.c.example -; c.example -");
    model_expect(&model, "example SOA 1 #; a.b.c.example - 1 # ~; c.example - 1 # +; "
                         "b.c.example - 1 # +; ");
}

Test(ordering_marks, somebodys_own_stays_whatever_comes)
{
    set(NULL, "example SOA; a.example -");
    model_expect(&model, "example SOA 1 []; a.example - 1 - ~; ");
    model_add(&model, "a.example", "A");
    model_expect(&model, "example SOA 1 []; a.example - 1 [a] ~; a.example A 1 [a]; ");
    drop("a.example");
    drop("a.example");
    struct model_row *row = model_add(&model, "a.example", "-");
    row->mark = ZONE_TREE_MARK_FOREIGN;
    model_add(&model, "x.a.example", "A");
    model_expect(&model, "example SOA 1 []; a.example - 1 - ~; x.a.example A 1 [a x]; ");
    drop("x.a.example");
    model_expect(&model, "example SOA 1 []; a.example - 1 - ~; ");
}

Test(ordering_marks, somebodys_own_stands_in_for_ours)
{
    set(NULL, "example SOA; x.a.example A; a.example -; a.example -");
    model.rows[2].mark = ZONE_TREE_MARK_ADDED;
    model.rows[3].mark = ZONE_TREE_MARK_FOREIGN;
    model_expect(&model, "example SOA 1 []; x.a.example A 1 [a x]; a.example - 1 - ~; ");
}

Test(ordering_marks, of_several_of_ours_the_oldest_stays)
{
    set(NULL, "example SOA; x.a.example A; a.example -; a.example -; a.example -");
    mark(ZONE_TREE_MARK_ADDED);
    model.rows[2].id = 99;
    model_expect(&model, "example SOA 1 []; x.a.example A 1 [a x]; a.example - 1 - +; ");
    cr_expect_eq(model.rows[2].id, 4);
}

Test(ordering_marks, ours_that_nothing_needs_goes_at_the_first_time)
{
    set(NSEC3, "example SOA; a.b.example -; b.example -; c.example -");
    mark(ZONE_TREE_MARK_ADDED);
    model_expect(&model, "example SOA 1 #; ");
}

Test(ordering_marks, hash_comes_and_goes_with_the_place_in_the_chain)
{
    set(OPT_OUT, "example SOA; d.u.example NS");
    model_expect(&model, "example SOA 1 #; d.u.example NS 0 -; u.example - 0 - +#; ");
    model_add(&model, "d.u.example", "DS");
    model_expect(&model, "example SOA 1 #; d.u.example NS 0 #; u.example - 0 # +; "
                         "d.u.example DS 1 #; ");
    model.count -= 1;
    model_expect(&model, "example SOA 1 #; d.u.example NS 0 -; u.example - 0 - +#; ");
    model.rules.nsec3.flags = 0;
    model_expect(&model, "example SOA 1 #; d.u.example NS 0 #; u.example - 1 # +; ");
    model.rules.denial = ORDERING_NSEC;
    model_expect(&model, "example SOA 1 []; d.u.example NS 0 [u d]; u.example - 0 - +; ");
}

Test(ordering_marks, hash_follows_the_salt)
{
    set(OPT_OUT, "example SOA; d.u.example NS");
    model_settle(&model);
    cr_assert_eq(nsec3_parse("1 1 1 cd", &model.rules.nsec3), 0);
    model_expect(&model, "example SOA 1 #; d.u.example NS 0 -; u.example - 0 - +#; ");
}

Test(ordering_marks, somebodys_own_has_a_hash_as_well)
{
    set(OPT_OUT, "example SOA; d.u.example NS; u.example -");
    mark(ZONE_TREE_MARK_FOREIGN);
    model_expect(&model, "example SOA 1 #; d.u.example NS 0 -; u.example - 0 - ~#; ");
}

Test(ordering_marks, names_in_another_form_have_no_mark)
{
    set(NULL, "example SOA; A.example -; x.B.example -; y.b.example A");
    mark(ZONE_TREE_MARK_ADDED);
    model_expect(&model, "example SOA 1 []; A.example - 1 -; x.B.example - 1 -; "
                         "y.b.example A 1 [b y]; b.example - 1 - +; ");
}

Test(ordering_marks, one_that_powerdns_does_not_see_is_no_substitute)
{
    set(NULL, "example SOA; x.a.example A; a.example -; b.example -");
    model.rows[2].is_readable = false;
    model.rows[3].is_readable = false;
    model_expect(&model, "example SOA 1 []; x.a.example A 1 [a x]; a.example - 1 - ~; "
                         "b.example - 1 - ~; a.example - 1 - +; ");
}

Test(ordering_marks, one_below_a_delegation_is_not_authoritative)
{
    set(NSEC3, "example SOA; d.example NS; a.d.example -; b.c.d.example -");
    model_expect(&model, "example SOA 1 #; d.example NS 0 #; a.d.example - 0 - ~; "
                         "b.c.d.example - 0 - ~; c.d.example - 0 - +; ");
}
