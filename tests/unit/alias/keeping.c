#include "alias/keeping.h"

#include <criterion/criterion.h>
#include <string.h>

static const struct alias_config config = {
    .max_stale = 1000, .ttl_min = 5, .ttl_max = 3600, .negative_ttl_max = 300, .grace = 5};

static const int64_t now = 50000; /* the machine is up since 50 s */
static const int64_t wall_now = 1700000000;

static struct address_set one_address(void)
{
    static struct address address = {{192, 0, 2, 1}};

    return (struct address_set){.items = &address, .count = 1};
}

/* Times are relative to wall_now. What becomes of it: whether it is fresh, and for how many seconds
 * more; stale: since how many. */
static const struct {
    const char *name;
    bool is_empty;
    uint32_t ttl;
    int64_t resolved_at, fresh_until;
    uint32_t expected_ttl;
    int64_t expected_remaining;
    int64_t expected_age; /* since it was resolved */
} cases[] = {
    {"fresh for the rest", false, 60, -20, 40, 60, 40, 20},
    {"just expired", false, 60, -60, 0, 60, 0, 60},
    {"long expired", false, 60, -760, -700, 60, -700, 760},
    {"older than max_stale", false, 60, -5060, -5000, 60, -5000, 5060},
    {"never longer than its TTL", false, 60, -20, 100000, 60, 40, 20},
    {"never longer than the ceiling of today", false, 86400, -600, 85800, 3600, 3000, 600},
    {"nor than that for emptiness", true, 3600, -100, 3500, 300, 200, 100},
    {"resolved in the future: expired just now", false, 60, 500, 560, 60, 0, 0},
    {"far in the future", false, 60, 1000000000, 1000000060, 60, 0, 0},
    {"fresh until before it was resolved", false, 60, -20, -30, 60, -30, 20},
    {"empty and fresh", true, 60, -20, 40, 60, 40, 20},
};

Test(keeping, restores_ages_across_the_clocks)
{
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i) {
        struct table_target target = {.name = "host.example"};
        struct table_entry entry = {.target = &target};
        struct fallback_entry stored = {
            .target = "host.example",
            .is_empty = cases[i].is_empty,
            .addresses = cases[i].is_empty ? (struct address_set){0} : one_address(),
            .ttl = cases[i].ttl,
            .resolved_at = wall_now + cases[i].resolved_at,
            .fresh_until = wall_now + cases[i].fresh_until,
            .last_error = "",
        };

        cr_assert_eq(keeping_restore(&stored, &config, now, wall_now, &entry), 0);
        cr_expect_eq(entry.state.knowledge, cases[i].is_empty ? STATE_EMPTY : STATE_ADDRESSES);
        cr_expect_eq(entry.state.ttl, cases[i].expected_ttl, "%s: ttl %u", cases[i].name,
                     entry.state.ttl);
        cr_expect_eq(entry.state.fresh_until, now + cases[i].expected_remaining * 1000,
                     "%s: fresh for %ld ms", cases[i].name, (long)(entry.state.fresh_until - now));
        cr_expect_eq(entry.state.resolved_at, now - cases[i].expected_age * 1000, "%s",
                     cases[i].name);
        cr_expect_eq(entry.state.failures, 0, "%s", cases[i].name);
        state_deinit(&entry.state);
    }
}

/* What was stale before the restart doesn't become fresh by it. */
Test(keeping, gives_a_grace_to_what_is_fresh_only)
{
    static const int64_t remaining[] = {1, 0, -1};

    for (size_t i = 0; i < 3; ++i) {
        struct table_target target = {.name = "host.example"};
        struct table_entry entry = {.target = &target};
        struct fallback_entry stored = {
            .target = "host.example",
            .is_empty = true,
            .ttl = 60,
            .resolved_at = wall_now + remaining[i] - 60,
            .fresh_until = wall_now + remaining[i],
            .last_error = "",
        };

        cr_assert_eq(keeping_restore(&stored, &config, now, wall_now, &entry), 0);
        cr_expect_eq(entry.state.grace_until - entry.state.fresh_until, i == 0 ? 5000 : 0);
    }
}

Test(keeping, restores_the_last_error_as_information_only)
{
    struct table_target target = {.name = "host.example"};
    struct table_entry entry = {.target = &target};
    struct fallback_entry stored = {.target = "host.example",
                                    .is_empty = true,
                                    .ttl = 60,
                                    .resolved_at = wall_now - 100,
                                    .fresh_until = wall_now - 40,
                                    .last_error = "SERVFAIL",
                                    .last_error_at = wall_now - 10};

    cr_assert_eq(keeping_restore(&stored, &config, now, wall_now, &entry), 0);
    cr_assert_str_eq(entry.state.reason, "SERVFAIL");
    cr_assert_eq(entry.state.failures, 0);
    cr_assert(state_advise(&entry.state, &config, now, false).start);
}

Test(keeping, keeps_the_newer_reason_of_what_is_failing)
{
    struct table_target target = {.name = "host.example"};
    struct table_entry entry = {.target = &target, .state = {.failures = 2, .reason = "newer"}};
    struct fallback_entry stored = {
        .target = "host.example",
        .addresses = one_address(),
        .ttl = 60,
        .resolved_at = wall_now - 20,
        .fresh_until = wall_now + 40,
        .last_error = "older",
        .last_error_at = wall_now - 10,
    };

    cr_assert_eq(keeping_restore(&stored, &config, now, wall_now, &entry), 0);
    cr_assert_str_eq(entry.state.reason, "newer");
    cr_assert_eq(entry.state.knowledge, STATE_ADDRESSES);
    cr_assert_eq(entry.kept_error, table_hash("older"));
    state_deinit(&entry.state);
}

/* An entry whose answer came at wall_now, by the clock of then. */
static struct table_entry learned(const struct table_target *target)
{
    struct table_entry entry = {.target = (struct table_target *)target,
                                .state = {.knowledge = STATE_EMPTY, .ttl = 60}};

    keeping_store_answer(NULL, &entry, wall_now);
    return entry;
}

Test(keeping, what_was_learned_here_follows_the_clock)
{
    struct table_target target = {.name = "host.example"};
    struct table_entry entry = learned(&target);

    keeping_follow_clock(NULL, &entry, 86400, wall_now + 86400);
    keeping_follow_clock(NULL, &entry, 86400, wall_now + 86400);
    cr_assert_eq(entry.wall_resolved_at, wall_now + 86400);
    cr_assert_eq(entry.wall_fresh_until, wall_now + 86400 + 60);
    keeping_follow_clock(NULL, &entry, -100, wall_now);
    cr_assert_eq(entry.wall_resolved_at, wall_now - 100);
    keeping_follow_clock(NULL, &entry, -2 * wall_now, wall_now);
    cr_assert_eq(entry.wall_resolved_at, 0, "no time before 1970 can be read again");
}

Test(keeping, what_was_restored_keeps_its_times)
{
    struct table_target target = {.name = "host.example"};
    struct table_entry entry = {.target = &target};
    struct fallback_entry stored = {.target = "host.example",
                                    .is_empty = true,
                                    .ttl = 60,
                                    .resolved_at = wall_now,
                                    .fresh_until = wall_now + 60,
                                    .last_error = ""};

    cr_assert_eq(keeping_restore(&stored, &config, now, 100, &entry), 0);
    keeping_follow_clock(NULL, &entry, wall_now - 100, wall_now);
    cr_assert_eq(entry.wall_resolved_at, wall_now);
}

static struct range everything = {.family = DNS_FAMILY_A};
static const struct ranges all = {.items = &everything, .count = 1};

/* One whose only answer, of wall_now, `alias-deny` drops. */
static struct table_entry denied(const struct table_target *target)
{
    struct table_entry entry = {.target = (struct table_target *)target,
                                .state = {.is_denied = true,
                                          .failures = 1,
                                          .denied = {.is_alone = true,
                                                     .ttl = 60,
                                                     .resolved_at = now,
                                                     .fresh_until = now + 60000}}};
    struct address address = {{192, 0, 2, 1}};

    cr_assert_eq(address_set_add(&entry.state.denied.addresses, &address), 0);
    keeping_store_denied(NULL, &entry, wall_now);
    return entry;
}

Test(keeping, what_was_denied_here_follows_the_clock)
{
    struct table_target target = {.name = "host.example"};
    struct table_entry entry = denied(&target);

    cr_assert_eq(entry.wall_resolved_at, wall_now);
    cr_assert_eq(entry.wall_fresh_until, wall_now + 60);
    keeping_follow_clock(NULL, &entry, 86400, wall_now + 86400);
    cr_assert_eq(entry.wall_fresh_until, wall_now + 86400 + 60);
    state_deinit(&entry.state);
}

Test(keeping, what_is_denied_beside_an_older_answer_leaves_its_times)
{
    struct table_target target = {.name = "host.example"};
    struct table_entry entry = denied(&target);

    entry.state.knowledge = STATE_EMPTY;
    keeping_store_denied(NULL, &entry, wall_now + 500);
    cr_assert_eq(entry.wall_resolved_at, wall_now);
    state_deinit(&entry.state);
}

Test(keeping, what_is_parted_has_the_times_of_its_answer)
{
    struct table_target target = {.name = "host.example"};
    struct table_entry entry = denied(&target);

    keeping_store_parted(NULL, &entry, now + 20000, wall_now + 1020);
    cr_assert(entry.is_own);
    cr_assert_eq(entry.wall_resolved_at, wall_now + 1000, "by the clock of now");
    cr_assert_eq(entry.wall_fresh_until, wall_now + 1060);
    state_deinit(&entry.state);
}

Test(keeping, what_was_restored_and_is_parted_keeps_its_times)
{
    struct alias_config denying = config;
    struct table_target target = {.name = "host.example"};
    struct table_entry entry = {.target = &target};
    struct fallback_entry stored = {.target = "host.example",
                                    .addresses = one_address(),
                                    .ttl = 60,
                                    .resolved_at = wall_now - 20,
                                    .fresh_until = wall_now + 40,
                                    .last_error = ""};

    denying.deny = &all;
    cr_assert_eq(keeping_restore(&stored, &config, now, wall_now, &entry), 0);
    cr_assert_eq(state_part(&entry.state, &denying, now), STATE_E_CHANGED);
    cr_assert(state_denied_is_fresh(&entry.state, now + 39999));
    cr_assert(!state_denied_is_fresh(&entry.state, now + 45000));
    keeping_store_parted(NULL, &entry, now, 100);
    cr_assert_eq(entry.wall_resolved_at, wall_now - 20);
    cr_assert(!entry.is_own);
    cr_assert_eq(state_part(&entry.state, &config, now), STATE_E_CHANGED);
    keeping_store_parted(NULL, &entry, now, 100);
    cr_assert_eq(entry.wall_resolved_at, wall_now - 20);
    state_deinit(&entry.state);
}
