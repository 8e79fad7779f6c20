#include "server/status-text.h"

#include <criterion/criterion.h>
#include <string.h>

static char *line_of(const struct targets_status *status)
{
    static char text[1024];
    FILE *out = fmemopen(text, sizeof(text), "w");

    status_text_line(out, status);
    cr_assert_eq(fclose(out), 0);
    return text;
}

static void assert_line(const struct targets_status *status, const char *expected)
{
    cr_assert_str_eq(line_of(status), expected);
}

static const struct address_set none;

Test(status_text, a_target_with_addresses)
{
    struct address items[] = {{{192, 0, 2, 1}}, {{192, 0, 2, 200}}};
    struct address_set set = {items, 2};

    assert_line(
        &(struct targets_status){.target = "www.example",
                                 .family = DNS_FAMILY_A,
                                 .status = STATUS_FRESH,
                                 .addresses = &set,
                                 .age = 12,
                                 .ttl = 300,
                                 .next = 288,
                                 .reason = ""},
        "www.example                              A      fresh          12    300    288        0 "
        "192.0.2.1,192.0.2.200 -\n");
}

Test(status_text, a_failure_with_nothing_to_serve)
{
    assert_line(
        &(struct targets_status){.target = "",
                                 .family = DNS_FAMILY_AAAA,
                                 .status = STATUS_FAILING,
                                 .addresses = &none,
                                 .age = TARGETS_STATUS_NONE,
                                 .next = 4,
                                 .failures = 3,
                                 .reason = "no answer within 500 ms"},
        ".                                        AAAA   failing         -      -      4        3 "
        "-               no answer within 500 ms\n");
}

/* Whatever a column holds: lines are taken apart at blanks. */
Test(status_text, columns_are_words_and_a_line_is_one)
{
    char name[200], *text, *position, *word;
    struct address items[] = {{{0x20, 1, 0xd, 0xb8}}};
    struct address_set set = {items, 1};
    size_t words = 0;

    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    text = line_of(&(struct targets_status){.target = name,
                                            .family = DNS_FAMILY_AAAA,
                                            .status = STATUS_RESOLVING,
                                            .addresses = &set,
                                            .age = 1234567890123,
                                            .ttl = UINT32_MAX,
                                            .next = 1234567890123,
                                            .failures = 4294967295,
                                            .reason = "a\nb\x1b\xff"});
    position = text;
    while ((word = strsep(&position, " ")))
        words += *word != '\0';
    cr_assert_eq(words, 9);
    text = line_of(&(struct targets_status){
        .target = name, .addresses = &none, .age = 1, .reason = "a\nb\x1b\xff"});
    cr_assert_eq(strchr(text, '\n') - text, (ptrdiff_t)strlen(text) - 1);
    cr_assert(strstr(text, " a?b??\n"));
}
