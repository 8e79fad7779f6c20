#include "publish/serial.h"

#include <strings.h>
#include <time.h>

#define DAY  86400
#define WEEK (7 * DAY)

/* The first and last year of what is taken for a date. */
#define FIRST_YEAR 1990
#define LAST_YEAR  2099

bool serial_is_newer(uint32_t serial, uint32_t than)
{
    uint32_t distance = serial - than;

    return distance > 0 && distance < UINT32_C(1) << 31;
}

static uint32_t from_date(const struct tm *date, uint32_t number)
{
    return (uint32_t)(date->tm_year + 1900) * 1000000 + (uint32_t)(date->tm_mon + 1) * 10000 +
           (uint32_t)date->tm_mday * 100 + number;
}

/* Of the local date at that time. */
static uint32_t at(int64_t now, uint32_t number)
{
    time_t seconds = now;
    struct tm date;

    localtime_r(&seconds, &date);
    return from_date(&date, number);
}

/* Whether it is a day of the calendar with two digits behind it. */
static bool is_date(uint32_t serial)
{
    int year = (int)(serial / 1000000);
    struct tm date = {
        .tm_year = year - 1900,
        .tm_mon = (int)(serial / 10000 % 100) - 1,
        .tm_mday = (int)(serial / 100 % 100),
    };

    if (year < FIRST_YEAR || year > LAST_YEAR)
        return false;
    timegm(&date);
    return from_date(&date, serial % 100) == serial;
}

/* The day after that of a date, with 00. */
static uint32_t next_day(uint32_t serial)
{
    struct tm date = {
        .tm_year = (int)(serial / 1000000) - 1900,
        .tm_mon = (int)(serial / 10000 % 100) - 1,
        .tm_mday = (int)(serial / 100 % 100) + 1,
    };

    timegm(&date);
    return from_date(&date, 0);
}

static uint32_t next_number(uint32_t serial)
{
    return serial == UINT32_MAX ? 1 : serial + 1;
}

/* A date in the future goes on like a counter, but for the days that no month has. */
uint32_t serial_next(uint32_t serial, int64_t now)
{
    if (!is_date(serial))
        return next_number(serial);
    uint32_t today = at(now, 1);
    if (serial_is_newer(today, serial))
        return today;
    return serial % 100 == 99 ? next_day(serial) : serial + 1;
}

/* The first two numbers of the day on which the week began are kept for the signatures' renewal; up
 * to two days later the serial is shown one higher, so that what was shown then is passed. */
static uint32_t shown_by_inception_increment(uint32_t serial, int64_t inception)
{
    uint32_t first = at(inception, 1);

    if (serial < first - 1)
        return first;
    if (serial < first + 1)
        return first + 1;
    return serial <= at(inception + 2 * DAY, 99) ? serial + 1 : serial;
}

/* Weeks begin on Thursdays, as 1970 did. */
uint32_t serial_shown(uint32_t serial, const char *soa_edit, int64_t now)
{
    int64_t inception = now - now % WEEK;

    if (strcasecmp(soa_edit, "INCEPTION-INCREMENT") == 0)
        return shown_by_inception_increment(serial, inception);
    if (strcasecmp(soa_edit, "INCREMENT-WEEKS") == 0)
        return serial + (uint32_t)(inception / WEEK);
    if (strcasecmp(soa_edit, "EPOCH") == 0)
        return (uint32_t)now;
    if (strcasecmp(soa_edit, "INCEPTION-EPOCH") == 0 && serial < (uint32_t)inception)
        return (uint32_t)inception;
    return serial;
}

bool serial_is_seen_as_newer(uint32_t serial, uint32_t than, const char *soa_edit, int64_t now)
{
    return serial_is_newer(serial, than) && (strcasecmp(soa_edit, "EPOCH") == 0 ||
                                             serial_is_newer(serial_shown(serial, soa_edit, now),
                                                             serial_shown(than, soa_edit, now)));
}

uint32_t serial_raise(uint32_t base, const char *soa_edit, int64_t now)
{
    uint32_t next = serial_next(base, now);
    uint32_t shown = serial_shown(base, soa_edit, now);

    if (serial_is_newer(serial_shown(next, soa_edit, now), shown))
        return next;
    uint32_t above = next_number(shown);
    return serial_is_newer(serial_shown(above, soa_edit, now), shown) ? above : next;
}
