#include "dns/txt.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"

static const struct {
    const char *text, *content;
} cases[] = {
    {"ALIAS for host.example", "\"ALIAS for host.example\""},
    {"", "\"\""},
    {"say \"it\"", "\"say \\\"it\\\"\""},
    {"a\\.b", "\"a\\\\.b\""},
    {"a\\000b", "\"a\\\\000b\""},
    {";$()@ ~", "\";$()@ ~\""},
    {"\t\x7f\xff", "\"\\009\\127\\255\""},
};

Test(txt, is_quoted)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        CLEANUP(cleanup_freep) char *content = txt_content(cases[i].text);

        cr_assert_not_null(content);
        cr_expect_str_eq(content, cases[i].content, "%s", content);
    }
}

/* Octets of the text count, not the characters that they are written with. */
static void assert_strings(size_t length, int octet, size_t strings)
{
    char text[1100];
    size_t quotes = 0;

    memset(text, octet, length);
    text[length] = '\0';
    CLEANUP(cleanup_freep) char *content = txt_content(text);
    cr_assert_not_null(content);
    for (const char *p = content; *p; ++p)
        quotes += *p == '"' && (p == content || p[-1] != '\\');
    cr_expect_eq(quotes, 2 * strings, "%zu times %d: %zu quotes", length, octet, quotes);
}

Test(txt, is_cut_into_strings_of_255_octets)
{
    static const int octets[] = {'a', 0xff, '"'};

    for (size_t i = 0; i < sizeof(octets) / sizeof(octets[0]); ++i) {
        assert_strings(1, octets[i], 1);
        assert_strings(255, octets[i], 1);
        assert_strings(256, octets[i], 2);
        assert_strings(510, octets[i], 2);
        assert_strings(511, octets[i], 3);
        assert_strings(1050, octets[i], 5);
    }
}
