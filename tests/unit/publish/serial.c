#include "publish/serial.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <time.h>

/* Wednesday 2026-11-25 12:00 UTC; the week began on Thursday the 19th. */
#define NOW       INT64_C(1795608000)
#define INCEPTION INT64_C(1795046400)
#define WEEK      (7 * 86400)

/* Until when serials of 32 bits have not come half round from 1. */
#define YEAR_2038 INT64_C(2145916800)

static void set_up(void)
{
    setenv("TZ", "UTC", 1);
    tzset();
}

TestSuite(serial, .init = set_up);

static const char *const kinds[] = {
    "", "NONE", "INCREMENT-WEEKS", "INCEPTION-INCREMENT", "INCEPTION-EPOCH", "EPOCH", "INCEPTION",
};

#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

Test(serial, newer_is_up_to_half_round)
{
    cr_expect(serial_is_newer(1, 0));
    cr_expect(serial_is_newer(0, UINT32_MAX));
    cr_expect(serial_is_newer(0x7fffffff, 0));
    cr_expect(serial_is_newer(44, 0x8000002d));
    cr_expect_not(serial_is_newer(0, 0));
    cr_expect_not(serial_is_newer(0, 1));
    cr_expect_not(serial_is_newer(UINT32_MAX, 0));
    cr_expect_not(serial_is_newer(0x80000000, 0));
    cr_expect_not(serial_is_newer(0, 0x80000000));
    cr_expect_not(serial_is_newer(0x80000001, 0));
}

Test(serial, next_goes_on_in_the_style_that_is_there)
{
    static const struct {
        uint32_t serial;
        uint32_t next;
    } cases[] = {
        /* Counters */
        {0, 1},
        {1, 2},
        {1700000000, 1700000001},
        {1989123101, 1989123102},
        {2100010101, 2100010102},
        {UINT32_MAX, 1},
        /* No dates */
        {2026000101, 2026000102},
        {2026130101, 2026130102},
        {2026010001, 2026010002},
        {2026023001, 2026023002},
        {2023022901, 2023022902},
        /* Dates */
        {1990010100, 2026112501},
        {2024022901, 2026112501},
        {2026112499, 2026112501},
        {2026112500, 2026112501},
        {2026112501, 2026112502},
        {2026112599, 2026112600},
        /* In the future */
        {2026112600, 2026112601},
        {2026113099, 2026120100},
        {2026123199, 2027010100},
        {2028022899, 2028022900},
        {2028022999, 2028030100},
        {2099123198, 2099123199},
        {2099123199, 2100010100},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        uint32_t next = serial_next(cases[i].serial, NOW);
        cr_expect_eq(next, cases[i].next, "%u: %u", cases[i].serial, next);
    }
}

Test(serial, today_is_of_the_local_time)
{
    setenv("TZ", "XXX-13", 1);
    tzset();
    cr_expect_eq(serial_next(2026112499, NOW), 2026112601);
    cr_expect_eq(serial_shown(0, "INCEPTION-INCREMENT", NOW), 2026111901);
    setenv("TZ", "XXX+13", 1);
    tzset();
    cr_expect_eq(serial_next(2026112399, NOW), 2026112401);
    cr_expect_eq(serial_shown(0, "INCEPTION-INCREMENT", NOW), 2026111801);
}

/* Compared with a pdns_server 4.7.3, too. */
Test(serial, shown_is_what_powerdns_makes_of_it)
{
    static const struct {
        const char *kind;
        uint32_t serial;
        uint32_t shown;
    } cases[] = {
        {"", 7, 7},
        {"NONE", 7, 7},
        {"INCEPTION", 7, 7},
        {"INCEPTION-WEEK", 7, 7},
        {"whatever", 7, 7},
        {"EPOCH", 7, NOW},
        {"EPOCH", UINT32_MAX, NOW},
        {"INCREMENT-WEEKS", 7, 7 + INCEPTION / WEEK},
        {"increment-Weeks", UINT32_MAX, INCEPTION / WEEK - 1},
        {"INCEPTION-EPOCH", 7, INCEPTION},
        {"INCEPTION-EPOCH", INCEPTION - 1, INCEPTION},
        {"INCEPTION-EPOCH", INCEPTION, INCEPTION},
        {"INCEPTION-EPOCH", INCEPTION + 1, INCEPTION + 1},
        {"INCEPTION-EPOCH", 2026112501, 2026112501},
        {"INCEPTION-INCREMENT", 7, 2026111901},
        {"INCEPTION-INCREMENT", 2026111899, 2026111901},
        {"INCEPTION-INCREMENT", 2026111900, 2026111902},
        {"INCEPTION-INCREMENT", 2026111901, 2026111902},
        {"INCEPTION-INCREMENT", 2026111902, 2026111903},
        {"inception-increment", 2026112199, 2026112200},
        {"INCEPTION-INCREMENT", 2026112200, 2026112200},
        {"INCEPTION-INCREMENT", 2026112501, 2026112501},
        {"INCEPTION-INCREMENT", UINT32_MAX, UINT32_MAX},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        uint32_t shown = serial_shown(cases[i].serial, cases[i].kind, NOW);
        cr_expect_eq(shown, cases[i].shown, "%u with %s: %u", cases[i].serial, cases[i].kind,
                     shown);
    }
}

Test(serial, raise_is_the_next_one_where_it_is_seen)
{
    cr_expect_eq(serial_raise(7, "", NOW), 8);
    cr_expect_eq(serial_raise(7, "EPOCH", NOW), 8);
    cr_expect_eq(serial_raise(7, "INCREMENT-WEEKS", NOW), 8);
    cr_expect_eq(serial_raise(2026112401, "INCEPTION-INCREMENT", NOW), 2026112501);
    cr_expect_eq(serial_raise(INCEPTION, "INCEPTION-EPOCH", NOW), INCEPTION + 1);
}

Test(serial, raise_goes_above_what_would_hide_it)
{
    cr_expect_eq(serial_raise(7, "INCEPTION-EPOCH", NOW), INCEPTION + 1);
    cr_expect_eq(serial_raise(7, "INCEPTION-INCREMENT", NOW), 2026111902);
    /* On the day of the inception, and on the last on which one is added */
    cr_expect_eq(serial_raise(2026111900, "INCEPTION-INCREMENT", INCEPTION), 2026111903);
    cr_expect_eq(serial_raise(2026112199, "INCEPTION-INCREMENT", INCEPTION + 2 * 86400 + 1),
                 2026112201);
}

/* Numbers that look like what there is: small, random, dates, near the ends. */
static uint32_t some_serial(int64_t now)
{
    switch (random() % 6) {
    case 0:
        return (uint32_t)(random() % 1000);
    case 1:
        return (uint32_t)(now - now % WEEK + random() % 200 - 100);
    case 2:
        return UINT32_MAX - (uint32_t)(random() % 3);
    case 3:
        return (uint32_t)random() * 2 + (uint32_t)(random() % 2);
    default:
        return serial_next(1990010100, now - random() % (20 * 86400)) - 1 +
               (uint32_t)(random() % 3 == 0 ? 99 - random() % 3 : random() % 5);
    }
}

Test(serial, raise_is_newer_and_shown_as_newer)
{
    srandom(5);
    for (int i = 0; i < 300000; ++i) {
        const char *kind = kinds[(size_t)random() % KINDS];
        int64_t now = random() % YEAR_2038;
        uint32_t base = some_serial(now);
        uint32_t raised = serial_raise(base, kind, now);
        uint32_t shown = serial_shown(base, kind, now);
        uint32_t shown_raised = serial_shown(raised, kind, now);

        cr_assert(serial_is_newer(raised, base), "%u with '%s' at %jd: raised to %u", base, kind,
                  (intmax_t)now, raised);
        cr_assert_neq(raised, 0);
        if (kind == kinds[5])
            continue;
        cr_assert(serial_is_newer(shown_raised, shown), "%u with '%s' at %jd: %u, %u after %u",
                  base, kind, (intmax_t)now, raised, shown_raised, shown);
    }
}

/* Nor does time alone make it older. */
Test(serial, raise_again_and_again_is_newer_each_time)
{
    srandom(6);
    for (int i = 0; i < 2000; ++i) {
        const char *kind = kinds[(size_t)random() % (KINDS - 2)];
        int64_t now = NOW + random() % WEEK;
        uint32_t serial = some_serial(now);

        for (int step = 0; step < 300; ++step) {
            uint32_t shown = serial_shown(serial, kind, now);

            now += random() % (3 * 3600);
            serial = serial_raise(serial, kind, now);
            cr_assert(serial_is_newer(serial_shown(serial, kind, now), shown),
                      "'%s': step %d to %u at %jd", kind, step, serial, (intmax_t)now);
        }
    }
}
