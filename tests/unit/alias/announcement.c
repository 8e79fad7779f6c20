#include "alias/announcement.h"

#include <criterion/criterion.h>
#include <string.h>

static struct address addresses[1];

static void set_up(void)
{
    log_set_level(LOG_LEVEL_INFO);
}

TestSuite(announcement, .init = set_up);

/* The lines about a target that was that, and of which this is learned now. */
static struct announcement learn(enum state_knowledge before, unsigned failures,
                                 enum state_knowledge now)
{
    static struct table_target target = {.name = "web.test"};
    struct table_entry entry = {.target = &target, .family = DNS_FAMILY_A};
    const struct announcement_before was = {.knowledge = before, .failures = failures};
    struct announcement announcement = {0};

    entry.state.knowledge = now;
    if (now == STATE_ADDRESSES) {
        entry.state.addresses.items = addresses;
        entry.state.addresses.count = 1;
    } else {
        strcpy(entry.state.reason, "NXDOMAIN");
    }
    announcement_learned(&announcement, &entry, &was);
    return announcement;
}

static void assert_only(const struct announcement *announcement, const char *words)
{
    cr_assert_eq(announcement->count, 1);
    cr_assert(strstr(announcement->lines[0].text, words), "%s", announcement->lines[0].text);
}

Test(announcement, end_of_failing_without_an_address_tells_why_in_one_line)
{
    static const enum state_knowledge before[] = {STATE_NOTHING, STATE_ADDRESSES, STATE_EMPTY};

    for (size_t i = 0; i < sizeof(before) / sizeof(before[0]); ++i) {
        struct announcement announcement = learn(before[i], 2, STATE_EMPTY);

        assert_only(&announcement, "web.test. A: answers again: no address (NXDOMAIN)");
        cr_assert_eq(announcement.lines[0].level, LOG_LEVEL_NOTICE);
    }
}

Test(announcement, end_of_failing_with_addresses_tells_how_many)
{
    struct announcement announcement = learn(STATE_NOTHING, 2, STATE_ADDRESSES);

    assert_only(&announcement, "answers again (1 addresses)");
}

Test(announcement, addresses_that_are_gone_without_a_failure_are_told)
{
    struct announcement announcement = learn(STATE_ADDRESSES, 0, STATE_EMPTY);

    assert_only(&announcement, "has no address any more (NXDOMAIN)");
}
