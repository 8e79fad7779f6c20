#include "fake-resolver.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "util/clock.h"

const struct alias_config fake_resolver_config = {
    .resolve_timeout_ms = 200,
    .resolve_retries = 1,
    .answer_deadline_ms = 400,
    .stale_ttl = 30,
    .max_stale = 3 * 86400,
    .ttl_min = 1,
    .ttl_max = 3600,
    .negative_ttl_max = 300,
    .retry_min = 1,
    .retry_max = 300,
};

static int note_start(void *userdata, const char *target, enum dns_family family)
{
    struct fake_resolver *fake = userdata;
    int r = 0;

    pthread_mutex_lock(&fake->lock);
    if (fake->is_refusing) {
        r = -EAGAIN;
    } else if (fake->started < FAKE_RESOLVER_STARTS) {
        snprintf(fake->starts[fake->started].target, 64, "%s", target);
        fake->starts[fake->started++].family = family;
    }
    pthread_mutex_unlock(&fake->lock);
    return r;
}

/* The next start, if there is one. */
static bool next_start(struct fake_resolver *fake, char ret_target[64], enum dns_family *ret_family)
{
    bool is_there;

    pthread_mutex_lock(&fake->lock);
    is_there = fake->answered < fake->started;
    if (is_there) {
        memcpy(ret_target, fake->starts[fake->answered].target, 64);
        *ret_family = fake->starts[fake->answered++].family;
    }
    pthread_mutex_unlock(&fake->lock);
    return is_there;
}

static bool is_ending(struct fake_resolver *fake)
{
    pthread_mutex_lock(&fake->lock);
    bool result = fake->is_ending;
    pthread_mutex_unlock(&fake->lock);
    return result;
}

static void *answer_quick_ones(void *userdata)
{
    struct fake_resolver *fake = userdata;

    while (!is_ending(fake)) {
        enum dns_family family;
        char target[64];

        while (next_start(fake, target, &family)) {
            if (strncmp(target, "quick-", 6) == 0)
                fake_resolver_answer(fake, target, family,
                                     family == DNS_FAMILY_A ? "192.0.2.1" : "", 300);
        }
        usleep(1000);
    }
    return NULL;
}

void fake_resolver_init(struct fake_resolver *fake, const struct alias_config *config)
{
    *fake = (struct fake_resolver){0};
    pthread_mutex_init(&fake->lock, NULL);
    cr_assert_eq(targets_new(config, note_start, fake, &fake->targets), 0);
    cr_assert_eq(pthread_create(&fake->thread, NULL, answer_quick_ones, fake), 0);
}

void fake_resolver_deinit(struct fake_resolver *fake)
{
    pthread_mutex_lock(&fake->lock);
    fake->is_ending = true;
    pthread_mutex_unlock(&fake->lock);
    pthread_join(fake->thread, NULL);
    targets_free(fake->targets);
    pthread_mutex_destroy(&fake->lock);
}

int64_t fake_resolver_patience(void)
{
    return clock_steady_ms() + 10000;
}

size_t fake_resolver_started(struct fake_resolver *fake)
{
    pthread_mutex_lock(&fake->lock);
    size_t started = fake->started;
    pthread_mutex_unlock(&fake->lock);
    return started;
}

size_t fake_resolver_started_of(struct fake_resolver *fake, const char *target,
                                enum dns_family family)
{
    size_t count = 0;

    pthread_mutex_lock(&fake->lock);
    for (size_t i = 0; i < fake->started; ++i)
        count += fake->starts[i].family == family && strcmp(fake->starts[i].target, target) == 0;
    pthread_mutex_unlock(&fake->lock);
    return count;
}

void fake_resolver_await(struct fake_resolver *fake, size_t started)
{
    for (int i = 0; i < 5000 && fake_resolver_started(fake) < started; ++i)
        usleep(1000);
    cr_assert_geq(fake_resolver_started(fake), started);
}

void fake_resolver_answer(struct fake_resolver *fake, const char *target, enum dns_family family,
                          const char *addresses, uint32_t ttl)
{
    struct outcome outcome = {.kind = OUTCOME_FAILURE, .ttl = ttl, .reason = "SERVFAIL"};
    char copy[256], *position = copy, *word;

    if (addresses) {
        outcome.kind = *addresses ? OUTCOME_ADDRESSES : OUTCOME_EMPTY;
        snprintf(outcome.reason, sizeof(outcome.reason), "%s", *addresses ? "" : "NODATA");
    }
    snprintf(copy, sizeof(copy), "%s", addresses ? addresses : "");
    while (*copy && (word = strsep(&position, " "))) {
        struct address address;

        cr_assert_eq(address_from_text(word, family, &address), 0);
        cr_assert_eq(address_set_add(&outcome.addresses, &address), 0);
    }
    targets_resolved(fake->targets, target, family, &outcome);
    cr_assert_null(outcome.addresses.items);
}
