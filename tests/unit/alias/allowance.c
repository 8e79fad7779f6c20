#include "alias/allowance.h"

#include <criterion/criterion.h>
#include <string.h>

#include "util/cleanup.h"

static void add(struct address_set *set, const char *text)
{
    struct address address;

    cr_assert_eq(address_from_text(text, DNS_FAMILY_A, &address), 0);
    cr_assert_eq(address_set_add(set, &address), 0);
}

/* What is answered where 192.0.2.1 (TTL 30) is known and 10.0.0.1 and 127.0.0.1 (TTL 60) were
 * denied, and how many addresses still are. */
static const struct {
    const char *allowed;
    bool is_alone;
    const char *answer;
    uint32_t ttl;
    size_t denied;
} cases[] = {
    {"none", false, "192.0.2.1", 30, 2},
    {"192.0.2.0/24", true, "192.0.2.1", 30, 2},
    {"10.0.0.0/8", false, "10.0.0.1 192.0.2.1", 30, 1},
    {"0.0.0.0/0", false, "10.0.0.1 127.0.0.1 192.0.2.1", 30, 0},
    {"10.0.0.0/8", true, "10.0.0.1", 60, 1},
    {"0.0.0.0/0", true, "10.0.0.1 127.0.0.1", 60, 0},
    {"::/0", true, "192.0.2.1", 30, 2},
};

Test(allowance, gives_back_what_is_allowed)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        CLEANUP(ranges_deinit) struct ranges allowed = {0};
        struct targets_question question = {
            .ttl = 30, .denied_ttl = 60, .is_denied_alone = cases[i].is_alone};
        char answer[128];

        add(&question.addresses, "192.0.2.1");
        add(&question.denied, "10.0.0.1");
        add(&question.denied, "127.0.0.1");
        cr_assert_eq(ranges_add(&allowed, cases[i].allowed), 0);
        cr_assert_eq(allowance_apply(&allowed, &question), 0);
        address_set_to_text(&question.addresses, DNS_FAMILY_A, answer, sizeof(answer));
        cr_expect_str_eq(answer, cases[i].answer, "case %zu: %s", i, answer);
        cr_expect_eq(question.ttl, cases[i].ttl, "case %zu: %u", i, question.ttl);
        cr_expect_eq(question.denied.count, cases[i].denied, "case %zu", i);
        targets_question_deinit(&question);
    }
}
