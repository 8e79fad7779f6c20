#include "alias/targets-watch.h"

#include "alias/targets-entry.h"
#include "util/clock.h"
#include "util/integer.h"

/* Everything below to the next call of pthread_mutex_lock() runs with the lock held. */

/* The smallest TTL that was seen lately; any, if none was. */
static uint32_t expected_ttl(const struct table_target *target, int64_t now)
{
    return now - target->expected_at < TARGETS_WATCH_TTL_MS ? target->expected_ttl : UINT32_MAX;
}

static int begin(struct targets *targets, struct table_target *target,
                 const bool wanted[DNS_FAMILIES], struct targets_watch *watch,
                 struct announcement *announcement)
{
    int64_t now = clock_steady_ms();
    int r = 0;

    for (size_t i = 0; i < DNS_FAMILIES && r == 0; ++i) {
        struct targets_question *question = &watch->questions[watch->count];

        if (!wanted[i])
            continue;
        *question = (struct targets_question){
            .target = target->name, .family = i, .row_ttl = expected_ttl(target, now)};
        r = targets_question_begin(targets, question, now, announcement);
        watch->count += r == 0;
    }
    return r;
}

static void let_go(struct targets_watch *watch)
{
    for (size_t i = 0; i < watch->count; ++i)
        --watch->questions[i].entry->askers;
}

static bool is_pending(const struct targets *targets, const struct targets_watch *watch,
                       int64_t now, int64_t *ret_until)
{
    int64_t until = now;

    if (targets->is_shutting_down || now >= watch->deadline)
        return false;
    for (size_t i = 0; i < watch->count; ++i) {
        if (targets_question_has_to_wait(&watch->questions[i], now))
            until = integer_max(until, watch->questions[i].wait_until);
    }
    *ret_until = integer_min(until, watch->deadline);
    return until > now;
}

static int answer(struct targets *targets, struct targets_watch *watch, int64_t now,
                  struct announcement *announcement)
{
    int r = 0;

    for (size_t i = 0; i < watch->count && r == 0; ++i)
        r = targets_question_answer(targets, &watch->questions[i], now, announcement);
    let_go(watch);
    return r;
}

int targets_watch_begin(struct targets *targets, const char *target,
                        const bool wanted[DNS_FAMILIES], int64_t deadline,
                        struct targets_watch *ret)
{
    struct announcement announcement = {0};
    struct table_target *found;
    int r = TARGETS_WATCH_E_UNKNOWN;

    *ret = (struct targets_watch){.deadline = deadline};
    pthread_mutex_lock(&targets->lock);
    found = table_find(&targets->table, target);
    if (found)
        r = begin(targets, found, wanted, ret, &announcement);
    if (r != 0)
        let_go(ret);
    pthread_mutex_unlock(&targets->lock);
    announcement_write(&announcement);
    return r;
}

int targets_watch_look(struct targets *targets, struct targets_watch *watch, int64_t *ret_until)
{
    struct announcement announcement = {0};
    int64_t now = clock_steady_ms();
    int r = TARGETS_WATCH_E_PENDING;

    pthread_mutex_lock(&targets->lock);
    if (!is_pending(targets, watch, now, ret_until))
        r = answer(targets, watch, now, &announcement);
    pthread_mutex_unlock(&targets->lock);
    announcement_write(&announcement);
    if (r != TARGETS_WATCH_E_PENDING)
        targets_count_lookups(targets, watch->questions, watch->count, r);
    return r;
}

void targets_watch_cancel(struct targets *targets, struct targets_watch *watch)
{
    pthread_mutex_lock(&targets->lock);
    let_go(watch);
    pthread_mutex_unlock(&targets->lock);
}

void targets_watch_deinit(struct targets_watch *watch)
{
    for (size_t i = 0; i < watch->count; ++i)
        targets_question_deinit(&watch->questions[i]);
}

void targets_watch_expect(struct targets *targets, const char *target, uint32_t row_ttl)
{
    pthread_mutex_lock(&targets->lock);
    int64_t now = clock_steady_ms();
    struct table_target *found = table_find(&targets->table, target);
    if (found) {
        found->expected_ttl = integer_min(row_ttl, expected_ttl(found, now));
        found->expected_at = now;
    }
    pthread_mutex_unlock(&targets->lock);
}
