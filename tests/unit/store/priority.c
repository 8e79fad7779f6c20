#include "store/priority.h"

#include <criterion/criterion.h>

Test(priority, applies_to_mx_and_srv_however_they_are_written)
{
    static const char *const types[] = {"MX",      "mx",      "SRV", "Srv", "TYPE15",    "type33",
                                        "TYPE033", "TYPE15x", "#15", "#33", "TYPE65551", "#65569"};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); ++i)
        cr_expect(priority_applies(types[i]), "%s", types[i]);
}

Test(priority, applies_to_no_other_type)
{
    static const char *const types[] = {"",      "A", "MXX",   "M",  "NAPTR",   "KX", "TYPE",
                                        "TYPE1", "#", "TYP15", "15", "TYPE150", "#1"};

    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); ++i)
        cr_expect_not(priority_applies(types[i]), "%s", types[i]);
}

Test(priority, is_taken_off_the_content)
{
    static const struct {
        const char *content;
        const char *rest;
        uint32_t priority;
    } cases[] = {
        {"10 mail.example.com", "mail.example.com", 10},
        {"0 mail.example.com", "mail.example.com", 0},
        {"10\t \nmail.example.com", "mail.example.com", 10},
        {"10mail.example.com", "mail.example.com", 10},
        {"007 x", "x", 7},
        {"1 2 3 host", "2 3 host", 1},
        {"2147483647 x", "x", 2147483647},
        {"10 ", "", 10},
        {"10", "10", 0},
        {"99999999999", "99999999999", 0},
        {"mail.example.com", "mail.example.com", 0},
        {" 10 mail", "10 mail", 0},
        {"-1 mail", "-1 mail", 0},
        {"", "", 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        const char *rest = NULL;
        uint32_t priority = 4711;
        cr_assert_eq(priority_split(cases[i].content, &rest, &priority), 0, "'%s'",
                     cases[i].content);
        cr_expect_str_eq(rest, cases[i].rest, "'%s': '%s'", cases[i].content, rest);
        cr_expect_eq(priority, cases[i].priority, "'%s': %u", cases[i].content, priority);
    }
}

Test(priority, beyond_31_bits_is_none)
{
    static const char *const contents[] = {"2147483648 x", "4294967295 x", "4294967296 x",
                                           "99999999999999999999999 x"};

    for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); ++i) {
        const char *rest = "untouched";
        uint32_t priority = 4711;
        cr_expect_eq(priority_split(contents[i], &rest, &priority), PRIORITY_E_INVALID, "'%s'",
                     contents[i]);
        cr_expect_str_eq(rest, "untouched");
        cr_expect_eq(priority, 4711);
    }
}
