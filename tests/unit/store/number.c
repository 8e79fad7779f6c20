#include "store/number.h"

#include <criterion/criterion.h>

Test(number, is_read_as_powerdns_reads_it)
{
    static const struct {
        const char *text;
        int outcome;
        uint32_t value;
    } cases[] = {
        {"", 0, 0},
        {"0", 0, 0},
        {"4294967295", 0, 4294967295},
        {" 12 ", 0, 12},
        {"12abc", 0, 12},
        {"60.9", 0, 60},
        {"+5", 0, 5},
        {"4294967296", NUMBER_E_INVALID, 0},
        {"99999999999999999999", NUMBER_E_INVALID, 0},
        {"-1", NUMBER_E_INVALID, 0},
        {"abc", NUMBER_E_INVALID, 0},
        {" ", NUMBER_E_INVALID, 0},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        uint32_t value = 0;
        cr_expect_eq(number_parse(cases[i].text, &value), cases[i].outcome, "'%s'", cases[i].text);
        cr_expect_eq(value, cases[i].value, "'%s'", cases[i].text);
    }
}

Test(number, soa_has_seven_fields)
{
    struct number_soa soa;

    cr_assert_eq(number_parse_soa("  a.b\tc.d  2024010101 100 1 1 1", &soa), 0);
    cr_expect_eq(soa.serial, 2024010101);
    cr_expect_eq(soa.refresh, 100);
    cr_expect_eq(number_parse_soa("a.b c.d 1 2 3 4 5 6", &soa), 0);
    cr_expect_eq(number_parse_soa("a.b c.d 1 2 3 4", &soa), NUMBER_E_INVALID);
    cr_expect_eq(number_parse_soa("a.b c.d x 2 3 4 5", &soa), NUMBER_E_INVALID);
    cr_expect_eq(number_parse_soa("", &soa), NUMBER_E_INVALID);
}
