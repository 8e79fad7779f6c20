#include "store/ordernames.h"

#include <criterion/criterion.h>
#include <stdio.h>

#include "fixture.h"

TestSuite(ordernames, .init = fixture_set_up, .fini = fixture_tear_down);

/* What NSEC ordering data look like: the apex, a delegation's name, names at two depths. */
static void insert_nsec(void)
{
    fixture_execute("UPDATE records SET ordername = '' WHERE name = 'example.com';"
                    "INSERT INTO records(domain_id, name, type, content, ordername) VALUES"
                    "(1, 'a.example.com', 'A', '192.0.2.1', 'a'),"
                    "(1, 'x.a.example.com', 'A', '192.0.2.1', 'a x'),"
                    "(1, 'y.x.a.example.com', 'A', '192.0.2.1', 'a x y'),"
                    "(1, 'glue.example.com', 'A', '192.0.2.1', NULL),"
                    "(1, 'd\\.o\\032t.z.example.com', 'A', '192.0.2.1', 'z d\\.o\\032t')");
}

static void insert_nsec3(void)
{
    fixture_execute("UPDATE records SET ordername = 'hhhh' WHERE name = 'example.com';"
                    "INSERT INTO records(domain_id, name, type, content, ordername) VALUES"
                    "(1, 'first.example.com', 'A', '192.0.2.1', '1111'),"
                    "(1, 'last.example.com', 'A', '192.0.2.1', 'vvvv')");
}

/* "unhashed|before|after" */
static const char *find(const char *qname)
{
    CLEANUP(ordernames_neighbours_deinit) struct ordernames_neighbours found = {0};
    static char text[512];

    int r = ordernames_find(fixture.db, FIXTURE_ZONE, qname, &found);
    if (r != 0)
        return r == ORDERNAMES_E_NONE ? "none" : "failed";
    snprintf(text, sizeof(text), "%s|%s|%s", found.unhashed, found.before, found.after);
    return text;
}

Test(ordernames, name_that_exists_is_its_own_before)
{
    insert_nsec();
    cr_expect_str_eq(find("x.a."), "x.a.example.com|x.a|y.x.a");
    cr_expect_str_eq(find("x.a"), "x.a.example.com|x.a|y.x.a");
}

Test(ordernames, name_that_does_not_exist_lies_between)
{
    insert_nsec();
    cr_expect_str_eq(find("b.a."), "a.example.com|a|x.a");
    cr_expect_str_eq(find("q.y.x.a."), "y.x.a.example.com|y.x.a|d\\.o\\032t.z");
}

Test(ordernames, apex_is_the_first)
{
    insert_nsec();
    cr_expect_str_eq(find("."), "example.com||a");
    cr_expect_str_eq(find(""), "example.com||a");
    cr_expect_str_eq(find("0"), "example.com||a");
}

Test(ordernames, after_the_last_comes_the_apex)
{
    insert_nsec();
    cr_expect_str_eq(find("zz."), "d\\.o\\032t.z.example.com|d\\.o\\032t.z|");
}

Test(ordernames, escaped_dot_is_no_separator)
{
    insert_nsec();
    cr_expect_str_eq(find("d\\.o\\032t.z."), "d\\.o\\032t.z.example.com|d\\.o\\032t.z|");
}

Test(ordernames, hashes_go_round_in_both_directions)
{
    insert_nsec3();
    cr_expect_str_eq(find("hhhh."), "example.com|hhhh|vvvv");
    cr_expect_str_eq(find("kkkk."), "example.com|hhhh|vvvv");
    cr_expect_str_eq(find("vvvw."), "last.example.com|vvvv|1111");
    cr_expect_str_eq(find("0000."), "last.example.com|vvvv|1111");
}

Test(ordernames, zone_with_the_apex_only_points_to_itself)
{
    fixture_execute("UPDATE records SET ordername = ''");
    cr_expect_str_eq(find("a."), "example.com||");
}

Test(ordernames, nsec_zone_without_ordering_data_gets_the_apex)
{
    cr_expect_str_eq(find("a."), "||");
    cr_expect_str_eq(find("."), "||");
}

Test(ordernames, nsec3_zone_without_ordering_data_has_none)
{
    fixture_execute("INSERT INTO domainmetadata(domain_id, kind, content)"
                    " VALUES (1, 'NSEC3PARAM', '1 0 0 -')");
    cr_expect_str_eq(find("1111."), "none");
}

Test(ordernames, disabled_rows_have_no_place)
{
    insert_nsec();
    fixture_execute("UPDATE records SET disabled = 1 WHERE name = 'x.a.example.com'");
    cr_expect_str_eq(find("x.a."), "a.example.com|a|y.x.a");
}

Test(ordernames, other_zones_have_no_place)
{
    insert_nsec();
    fixture_execute("INSERT INTO domains(id, name, type) VALUES (2, 'b.example', 'NATIVE');"
                    "INSERT INTO records(domain_id, name, type, ordername)"
                    " VALUES (2, 'aa.b.example', 'A', 'aa')");
    cr_expect_str_eq(find("aa."), "y.x.a.example.com|y.x.a|d\\.o\\032t.z");
}
