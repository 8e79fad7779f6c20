#include "dns/rdata-field.h"

#include <criterion/criterion.h>
#include <string.h>

/* Reads one field; `rest` is what is left then, if it was read. */
static void expect_field(enum rdata_field field, const char *content, int outcome, const char *rest)
{
    struct rdata_reader reader;

    rdata_reader_init(&reader, content, strlen(content));
    cr_expect_eq(rdata_reader_read(&reader, field), outcome, "'%s'", content);
    if (outcome != 0)
        return;
    size_t left = (size_t)(reader.end - reader.at);
    cr_expect(left == strlen(rest) && memcmp(reader.at, rest, left) == 0, "'%s': left '%.*s'",
              content, (int)left, reader.at);
}

static void expect_doubt(enum rdata_field field, const char *content, bool is_doubtful)
{
    struct rdata_reader reader;

    rdata_reader_init(&reader, content, strlen(content));
    cr_assert_eq(rdata_reader_read(&reader, field), 0, "'%s'", content);
    cr_expect_eq(reader.doubt != NULL, is_doubtful, "'%s'", content);
}

Test(rdata_field, blanks_around_the_content_do_not_count)
{
    expect_field(RDATA_FIELD_NUMBER8, " \t\r\n7 \t\r\n", 0, "");
    expect_field(RDATA_FIELD_NUMBER8, "", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_NUMBER8, " \t", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_NUMBER8, "\v7", RDATA_FIELD_E_BAD, "");
}

Test(rdata_field, numbers_end_where_their_digits_end)
{
    expect_field(RDATA_FIELD_NUMBER8, "255 x", 0, " x");
    expect_field(RDATA_FIELD_NUMBER8, "256", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_NUMBER16, "10mail", 0, "mail");
    expect_field(RDATA_FIELD_NUMBER16, "65536", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_NUMBER32, "004294967295", 0, "");
    expect_field(RDATA_FIELD_NUMBER32, "4294967296", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_NUMBER32, "18446744073709551617", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_NUMBER32, "-1", RDATA_FIELD_E_BAD, "");
}

Test(rdata_field, ipv4_addresses_end_at_a_blank_or_a_comma)
{
    expect_field(RDATA_FIELD_IPV4, "192.0.2.1", 0, "");
    expect_field(RDATA_FIELD_IPV4, "192.0.2.1,x", 0, ",x");
    expect_field(RDATA_FIELD_IPV4, "001.002.003.004 x", 0, " x");
    expect_field(RDATA_FIELD_IPV4, "256.0.2.1", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_IPV4, "192.0.2", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_IPV4, "192.0.2.", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_IPV4, "192..2.1", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_IPV4, "192.0.2.1.", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_IPV4, "192.0.2.1/24", RDATA_FIELD_E_BAD, "");
}

Test(rdata_field, ipv6_addresses_end_where_their_characters_end)
{
    expect_field(RDATA_FIELD_IPV6, "::", 0, "");
    expect_field(RDATA_FIELD_IPV6, "2001:DB8::1%eth0", 0, "%eth0");
    expect_field(RDATA_FIELD_IPV6, "::ffff:192.0.2.1", 0, "");
    expect_field(RDATA_FIELD_IPV6, "0000:0000:0000:0000:0000:ffff:255.255.255.255", 0, "");
    expect_field(RDATA_FIELD_IPV6, "0000:0000:0000:0000:0000:ffff:255.255.255.2555",
                 RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_IPV6, "1::2::3", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_IPV6, "192.0.2.1", RDATA_FIELD_E_BAD, "");
}

Test(rdata_field, names_end_at_a_blank_but_not_at_a_carriage_return)
{
    expect_field(RDATA_FIELD_NAME, "a.b. c", 0, " c");
    expect_field(RDATA_FIELD_NAME, "a\tb", 0, "\tb");
    expect_field(RDATA_FIELD_NAME, "a\rb", 0, "");
    expect_field(RDATA_FIELD_NAME, ". c", 0, " c");
    expect_field(RDATA_FIELD_NAME, ".a", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_NAME, "a..b", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_NAME, "a..", RDATA_FIELD_E_BAD, "");
}

Test(rdata_field, backslashes_in_names_stand_before_three_digits_or_one_character)
{
    expect_field(RDATA_FIELD_NAME, "a\\.b", 0, "");
    expect_field(RDATA_FIELD_NAME, "a\\046b", 0, "");
    expect_field(RDATA_FIELD_NAME, "a\\999", 0, "");
    expect_field(RDATA_FIELD_NAME, "a\\12", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_NAME, "a\\1x3", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_NAME, "a\\", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_NAME, ".a\\b", 0, "");
}

Test(rdata_field, a_name_with_a_nul_is_doubtful)
{
    struct rdata_reader reader;

    rdata_reader_init(&reader, "a\0b", 3);
    cr_expect_eq(rdata_reader_read(&reader, RDATA_FIELD_NAME), RDATA_FIELD_E_DOUBTFUL);
    cr_expect_not_null(reader.doubt);
}

Test(rdata_field, texts_stand_in_quotes)
{
    expect_field(RDATA_FIELD_TEXT, "\"a b\"c", 0, "c");
    expect_field(RDATA_FIELD_TEXT, "\"a\\\"\" x", 0, " x");
    expect_field(RDATA_FIELD_TEXT, "\"a\\123\"", 0, "");
    expect_field(RDATA_FIELD_TEXT, "\"a\\12\"", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_TEXT, "\"a", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_TEXT, "\"a\\\"", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_TEXT, "\"", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_TEXT, "abc123", 0, "");
    expect_field(RDATA_FIELD_TEXT, "a b", RDATA_FIELD_E_DOUBTFUL, "");
    expect_field(RDATA_FIELD_TEXT, "", 0, "");
    expect_doubt(RDATA_FIELD_TEXT, "\"\\255\"", false);
    expect_doubt(RDATA_FIELD_TEXT, "\"\\256\"", true);
}

Test(rdata_field, texts_go_on_to_the_end)
{
    expect_field(RDATA_FIELD_TEXTS, "", 0, "");
    expect_field(RDATA_FIELD_TEXTS, "\"a\" \"b\"\"c\"\t\"d\"", 0, "");
    expect_field(RDATA_FIELD_TEXTS, "\"a\" \"b", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_TEXTS, "\"a\" b-", RDATA_FIELD_E_DOUBTFUL, "");
}

Test(rdata_field, words_end_at_a_space_only)
{
    expect_field(RDATA_FIELD_WORD, "issue x", 0, " x");
    expect_field(RDATA_FIELD_WORD, "is\tsue x", 0, " x");
    expect_doubt(RDATA_FIELD_WORD, "issue", false);
}

Test(rdata_field, hexadecimal_passes_over_what_is_no_digit_and_no_letter)
{
    expect_field(RDATA_FIELD_HEX, "ab CD-ef", 0, "");
    expect_field(RDATA_FIELD_HEX, "ag", RDATA_FIELD_E_BAD, "");
    expect_field(RDATA_FIELD_HEX, "0x00", RDATA_FIELD_E_BAD, "");
    expect_doubt(RDATA_FIELD_HEX, "ab cd", false);
    expect_doubt(RDATA_FIELD_HEX, "abc", true);
}

Test(rdata_field, base64_goes_as_far_as_it_goes)
{
    expect_field(RDATA_FIELD_BASE64, "AAAA!", 0, "!");
    expect_doubt(RDATA_FIELD_BASE64, "AAAA AA==", false);
    expect_doubt(RDATA_FIELD_BASE64, "AAA=", false);
    expect_doubt(RDATA_FIELD_BASE64, "AAAAA", true);
    expect_doubt(RDATA_FIELD_BASE64, "A===", true);
    expect_doubt(RDATA_FIELD_BASE64, "AA=A", true);
    expect_doubt(RDATA_FIELD_BASE64, "AA\tAA", true);
}
