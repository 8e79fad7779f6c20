#include "dns/labels.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

static void expect_wire(const char *name, const char *wire, size_t size)
{
    unsigned char actual[LABELS_WIRE_SIZE];

    cr_assert_eq(labels_to_wire(name, actual), size, "size of '%s'", name);
    cr_expect_arr_eq(actual, wire, size, "'%s'", name);
}

/* Without the NUL that C puts behind: the root's octet is in the text. */
#define EXPECT_WIRE(name, wire) expect_wire(name, wire, sizeof(wire) - 1)

static void expect_reversed(const char *text, char from, char to, const char *expected)
{
    CLEANUP(cleanup_freep) char *actual = labels_reverse(text, from, to);

    cr_assert_not_null(actual);
    cr_expect_str_eq(actual, expected);
}

Test(labels, parent_is_the_name_one_label_shorter)
{
    cr_expect_str_eq(labels_parent("a.b.example"), "b.example");
    cr_expect_str_eq(labels_parent("*.example"), "example");
    cr_expect_str_eq(labels_parent("example"), "");
    cr_expect_str_eq(labels_parent(""), "");
}

Test(labels, parent_points_into_the_name)
{
    const char *name = "a.b.example";

    cr_expect_eq(labels_parent(name), name + 2);
}

Test(labels, dot_with_a_backslash_separates_nothing)
{
    cr_expect_str_eq(labels_parent("a\\.b.example"), "example");
    cr_expect_str_eq(labels_parent("\\.\\..example"), "example");
    cr_expect_str_eq(labels_parent("example\\."), "");
    cr_expect_str_eq(labels_parent("a\\\\.b.example"), "b.example");
    cr_expect_str_eq(labels_parent("a\\\\\\.b.example"), "example");
    cr_expect_str_eq(labels_parent("\\046.example"), "example");
}

Test(labels, wire_form_has_lengths_and_the_root)
{
    EXPECT_WIRE("", "\0");
    EXPECT_WIRE("example", "\7example\0");
    EXPECT_WIRE("www.example.com", "\3www\7example\3com\0");
    EXPECT_WIRE("*.a", "\1*\1a\0");
}

Test(labels, wire_form_has_one_octet_for_each_escape)
{
    EXPECT_WIRE("a\\.b.c", "\3a.b\1c\0");
    EXPECT_WIRE("a\\\\.c", "\2a\\\1c\0");
    EXPECT_WIRE("\\000\\255\\032.c", "\3\0\377 \1c\0");
    EXPECT_WIRE("\\\"", "\1\"\0");
}

Test(labels, longest_name_fills_the_wire_form)
{
    unsigned char wire[LABELS_WIRE_SIZE];
    char name[NAME_TEXT_SIZE] = "";

    for (int label = 0; label < 4; ++label) {
        for (int i = 0; i < (label < 3 ? 63 : 61); ++i)
            strcat(name, "\\255");
        strcat(name, label < 3 ? "." : "");
    }
    cr_assert_eq(labels_to_wire(name, wire), LABELS_WIRE_SIZE);
    cr_expect_eq(wire[0], 63);
    cr_expect_eq(wire[1], 255);
    cr_expect_eq(wire[192], 61);
    cr_expect_eq(wire[254], 0);
}

Test(labels, reversed_are_joined_by_the_other_separator)
{
    expect_reversed("a.b", '.', ' ', "b a");
    expect_reversed("one.two.three", '.', ' ', "three two one");
    expect_reversed("three two one", ' ', '.', "one.two.three");
    expect_reversed("a", '.', ' ', "a");
    expect_reversed("", '.', ' ', "");
}

Test(labels, reversing_drops_the_separator_at_the_end)
{
    expect_reversed("a.b.", '.', ' ', "b a");
    expect_reversed("a.", '.', ' ', "a");
    expect_reversed(".", '.', ' ', "");
}

Test(labels, reversing_keeps_escapes_together)
{
    expect_reversed("a\\.b.c", '.', ' ', "c a\\.b");
    expect_reversed("a\\\\.b", '.', ' ', "b a\\\\");
    expect_reversed("a\\032b.c", '.', ' ', "c a\\032b");
}
