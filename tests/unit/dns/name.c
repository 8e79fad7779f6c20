#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "util/cleanup.h"

static void assert_canonical(const char *text, const char *expected)
{
    char actual[NAME_TEXT_SIZE];

    cr_assert_eq(name_canonicalize(text, actual), 0, "refused: '%s'", text);
    cr_assert_str_eq(actual, expected);
}

static void assert_invalid(const char *text)
{
    char actual[NAME_TEXT_SIZE] = "untouched";

    cr_assert_eq(name_canonicalize(text, actual), NAME_E_INVALID, "taken: '%s'", text);
    cr_assert_str_eq(actual, "untouched");
}

/* `count` labels of `length` times `character`, with dots between. */
static char *labels(size_t count, size_t length, const char *character)
{
    char *text = calloc(1, count * (length * strlen(character) + 1) + 1);

    for (size_t i = 0; i < count; ++i) {
        for (size_t j = 0; j < length; ++j)
            strcat(text, character);
        if (i + 1 < count)
            strcat(text, ".");
    }
    return text;
}

Test(name, case_and_trailing_dot_do_not_matter)
{
    assert_canonical("WWW.Example.COM.", "www.example.com");
    assert_canonical("www.example.com", "www.example.com");
    assert_canonical("*.example.com", "*.example.com");
    assert_canonical("_SIP._tcp.example.com", "_sip._tcp.example.com");
}

Test(name, root_is_the_empty_text)
{
    assert_canonical("", "");
    assert_canonical(".", "");
}

Test(name, escapes_are_written_as_powerdns_does)
{
    assert_canonical("a\\.b.example", "a\\.b.example");
    assert_canonical("a\\046b.example", "a\\.b.example");
    assert_canonical("a\\\\b.example", "a\\\\b.example");
    assert_canonical("a\\092b.example", "a\\\\b.example");
    assert_canonical("\\065\\b.example", "ab.example");
    assert_canonical("a b.example", "a\\032b.example");
    assert_canonical("a\\ b.example", "a\\032b.example");
    assert_canonical("a\\000b.example", "a\\000b.example");
    assert_canonical("a\\@b.example", "a@b.example");
    assert_canonical("\xc3\x84.example", "\\195\\132.example");
    assert_canonical("\\127\\255.example", "\\127\\255.example");
    assert_canonical("example\\.", "example\\.");
}

Test(name, only_ascii_has_a_case)
{
    assert_canonical("\\192.example", "\\192.example");
    assert_canonical("@[`{.example", "@[`{.example");
    assert_canonical("AZaz.example", "azaz.example");
}

Test(name, broken_names_are_refused)
{
    assert_invalid("..");
    assert_invalid(".example");
    assert_invalid("a..example");
    assert_invalid("example..");
    assert_invalid("a\\");
    assert_invalid("a\\1");
    assert_invalid("a\\12.example");
    assert_invalid("a\\256.example");
    assert_invalid("a\\999.example");
}

Test(name, labels_are_63_octets_at_most)
{
    char *longest = labels(1, 63, "a");
    char *escaped = labels(1, 63, "\\000");
    char *too_long = labels(1, 64, "a");
    char *too_long_escaped = labels(1, 64, "\\000");

    assert_canonical(longest, longest);
    assert_canonical(escaped, escaped);
    assert_invalid(too_long);
    assert_invalid(too_long_escaped);
    free(longest);
    free(escaped);
    free(too_long);
    free(too_long_escaped);
}

Test(name, names_are_255_octets_at_most)
{
    /* 127 labels of one octet are 254 octets and the root's. */
    char *longest = labels(127, 1, "a");
    char *too_long = labels(128, 1, "a");
    /* Four of 63 are 256 and the root's. */
    char *four = labels(4, 63, "\\000");

    assert_canonical(longest, longest);
    assert_invalid(too_long);
    assert_invalid(four);
    free(longest);
    free(too_long);
    free(four);
}

Test(name, the_longest_text_fits)
{
    char text[NAME_TEXT_SIZE * 2] = "";
    char *label = labels(1, 63, "\\255");
    char *last = labels(1, 61, "\\255");

    for (int i = 0; i < 3; ++i) {
        strcat(text, label);
        strcat(text, ".");
    }
    strcat(text, last);
    cr_assert_lt(strlen(text), NAME_TEXT_SIZE);
    assert_canonical(text, text);
    strcat(text, "\\255");
    assert_invalid(text);
    free(label);
    free(last);
}

Test(name, endless_text_is_refused)
{
    char *text = labels(5000, 3, "a");

    assert_invalid(text);
    free(text);
}

static void assert_folded(const char *text, const char *expected)
{
    char actual[NAME_TEXT_SIZE];

    cr_assert_eq(name_fold(text, actual), 0);
    cr_assert_str_eq(actual, expected);
}

Test(name, fold_lowers_and_drops_the_dot_and_nothing_else)
{
    assert_folded("WWW.Example.COM.", "www.example.com");
    assert_folded(".", "");
    assert_folded("", "");
    assert_folded("a\\065.B.", "a\\065.b");
    assert_folded("a..B", "a..b");
    assert_folded("\xc3\x84", "\xc3\x84");
}

Test(name, fold_keeps_an_escaped_dot_at_the_end)
{
    assert_folded("a\\.", "a\\.");
    assert_folded("a\\\\.", "a\\\\");
    assert_folded("a\\\\\\.", "a\\\\\\.");
    assert_folded("\\.", "\\.");
}

Test(name, fold_refuses_what_does_not_fit)
{
    char text[NAME_TEXT_SIZE + 3], folded[NAME_TEXT_SIZE];

    memset(text, 'a', sizeof(text));
    text[NAME_TEXT_SIZE - 1] = '\0';
    assert_folded(text, text);
    text[NAME_TEXT_SIZE - 1] = '.';
    text[NAME_TEXT_SIZE] = '\0';
    cr_assert_eq(name_fold(text, folded), 0);
    cr_assert_eq(strlen(folded), NAME_TEXT_SIZE - 1);
    text[NAME_TEXT_SIZE - 1] = 'a';
    cr_assert_eq(name_fold(text, folded), NAME_E_INVALID);
    text[NAME_TEXT_SIZE] = 'a';
    text[NAME_TEXT_SIZE + 1] = '.';
    text[NAME_TEXT_SIZE + 2] = '\0';
    cr_assert_eq(name_fold(text, folded), NAME_E_INVALID);
}

Test(name, content_is_a_name_with_white_space_around_it)
{
    char actual[NAME_TEXT_SIZE] = "untouched";

    cr_expect_eq(name_canonicalize_content(" \t", actual), NAME_E_INVALID);
    cr_expect_eq(name_canonicalize_content("", actual), NAME_E_INVALID);
    cr_expect_eq(name_canonicalize_content("a..b", actual), NAME_E_INVALID);
    cr_expect_str_eq(actual, "untouched");
    cr_assert_eq(name_canonicalize_content("\t WWW.example.\r\n", actual), 0);
    cr_expect_str_eq(actual, "www.example");
    cr_assert_eq(name_canonicalize_content("a\\ ", actual), 0);
    cr_expect_str_eq(actual, "a\\032");
}

Test(name, content_may_be_as_long_as_a_name)
{
    CLEANUP(cleanup_freep) char *text = labels(3, 63, "\\097");
    CLEANUP(cleanup_freep) char *longest = NULL;
    CLEANUP(cleanup_freep) char *longer = NULL;
    char actual[NAME_TEXT_SIZE];

    cr_assert_geq(asprintf(&longest, "%s.%.*s.", text, 4 * 61, text), 0);
    cr_assert_geq(asprintf(&longer, "%s.%s.%s.", text, text, text), 0);
    cr_expect_eq(name_canonicalize_content(longest, actual), 0);
    cr_expect_eq(name_canonicalize_content(longer, actual), NAME_E_INVALID);
}
