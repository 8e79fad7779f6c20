#include "alias/prefetch.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>

#include "fake-resolver.h"
#include "slack.h"
#include "util/clock.h"

static struct fake_resolver fake;
static struct prefetch prefetch;
static struct expansion expansion;

static void set_up(void)
{
    fake_resolver_init(&fake, &fake_resolver_config);
    prefetch = (struct prefetch){0};
    expansion = (struct expansion){0};
}

static void tear_down(void)
{
    expansion_deinit(&expansion);
    prefetch_deinit(&prefetch);
    fake_resolver_deinit(&fake);
}

TestSuite(prefetch, .init = set_up, .fini = tear_down, .timeout = 60);

static void see(const char *type, const char *content)
{
    struct records_row row = {.name = "www.example", .type = type, .content = content, .ttl = 60};
    bool is_alias;

    cr_assert_eq(expansion_see(&expansion, &row, &is_alias), 0);
}

static void end_of_owner(void)
{
    cr_assert_eq(prefetch_add_expansion(&prefetch, &expansion), 0);
    expansion_reset(&expansion);
}

/* How many are unresolved. */
static size_t wait_until(int64_t deadline)
{
    size_t unresolved = 9999;

    cr_assert_eq(prefetch_wait(&prefetch, fake.targets, deadline, &unresolved), 0);
    return unresolved;
}

Test(prefetch, resolves_nothing_if_there_is_nothing)
{
    end_of_owner();
    cr_assert_eq(wait_until(fake_resolver_patience()), 0);
    cr_assert_eq(fake_resolver_started(&fake), 0);
}

Test(prefetch, resolves_both_families_of_all_owners_together)
{
    char name[32];

    for (int i = 0; i < 100; ++i) {
        snprintf(name, sizeof(name), "quick-%d.example", i);
        see("ALIAS", name);
        end_of_owner();
    }
    cr_assert_eq(wait_until(fake_resolver_patience()), 0);
    cr_assert_eq(fake_resolver_started(&fake), 200);
}

Test(prefetch, leaves_out_families_that_stand_beside)
{
    see("ALIAS", "one.example");
    see("A", "192.0.2.1");
    end_of_owner();
    see("AAAA", "2001:db8::1");
    see("ALIAS", "two.example");
    end_of_owner();
    cr_assert_eq(wait_until(0), 2);
    cr_assert_eq(fake_resolver_started(&fake), 2);
    cr_assert_eq(fake_resolver_started_of(&fake, "one.example", DNS_FAMILY_AAAA), 1);
    cr_assert_eq(fake_resolver_started_of(&fake, "two.example", DNS_FAMILY_A), 1);
}

Test(prefetch, leaves_out_what_a_cname_makes_irrelevant)
{
    see("ALIAS", "one.example");
    see("CNAME", "other.example");
    end_of_owner();
    int64_t before = clock_steady_ms();
    cr_assert_eq(wait_until(fake_resolver_patience()), 0);
    cr_assert_lt(clock_steady_ms() - before, slack(100));
    cr_assert_eq(fake_resolver_started(&fake), 0);
}

Test(prefetch, asks_once_for_a_target_of_many_owners)
{
    for (int i = 0; i < 50; ++i) {
        see("ALIAS", i % 2 ? "one.example" : "TWO.example");
        end_of_owner();
    }
    cr_assert_eq(wait_until(0), 4);
    cr_assert_eq(fake_resolver_started(&fake), 4);
}

Test(prefetch, says_how_many_are_still_being_resolved)
{
    see("ALIAS", "quick-one.example");
    see("ALIAS", "silent.example");
    see("ALIAS", "failing.example");
    end_of_owner();
    cr_assert_eq(wait_until(0), 6);
    fake_resolver_answer(&fake, "failing.example", DNS_FAMILY_A, NULL, 0);
    fake_resolver_answer(&fake, "failing.example", DNS_FAMILY_AAAA, NULL, 0);
    cr_assert_eq(wait_until(fake_resolver_patience()), 2);
}

Test(prefetch, waits_no_longer_than_to_the_deadline)
{
    see("ALIAS", "silent.example");
    end_of_owner();
    int64_t before = clock_steady_ms();
    cr_assert_eq(wait_until(before + 100), 2);
    cr_assert_lt(clock_steady_ms() - before, slack(190));
}

Test(prefetch, fails_when_the_daemon_ends)
{
    size_t unresolved = 9999;

    see("ALIAS", "silent.example");
    end_of_owner();
    targets_shutdown(fake.targets);
    cr_assert_eq(prefetch_wait(&prefetch, fake.targets, fake_resolver_patience(), &unresolved),
                 -ESHUTDOWN);
    cr_assert_eq(unresolved, 9999);
}
