#include "alias/targets.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "alias/targets-limits.h"
#include "util/clock.h"
#include "util/integer.h"
#include "util/log.h"

static struct log_limit ending_limit = LOG_LIMIT(1, 1000);

/* So many questions are begun, or answered, and changed targets visited, before others may have the
 * lock. */
#define TURN_QUESTIONS 256

int targets_new(const struct alias_config *config, targets_start_fn start, void *userdata,
                struct targets **ret)
{
    struct targets *targets = calloc(1, sizeof(*targets));

    if (!targets)
        return -ENOMEM;
    pthread_mutex_init(&targets->lock, NULL);
    clock_condition_init(&targets->ended);
    targets->config = *config;
    targets->start = start;
    targets->userdata = userdata;
    table_init(&targets->table);
    targets_limits_init(targets);
    schedule_init(&targets->schedule, clock_steady_ms());
    for (size_t i = 0; i < TABLE_LISTS; ++i)
        TAILQ_INIT(&targets->lists[i]);
    TAILQ_INIT(&targets->changed);
    *ret = targets;
    return 0;
}

void targets_free(struct targets *targets)
{
    table_deinit(&targets->table);
    limits_deinit(&targets->limits);
    pthread_cond_destroy(&targets->ended);
    pthread_mutex_destroy(&targets->lock);
    free(targets);
}

/* What there is no memory for is not to be answered with any more. */
static void give_up(struct targets *targets, struct table_entry *entry, int64_t now,
                    struct announcement *announcement)
{
    state_forget_known(&entry->state);
    targets_entry_schedule(targets, entry, now);
    targets_entry_look(targets, entry, now, announcement);
}

/* With the lock held. */
static void part_all(struct targets *targets, struct announcement *announcement)
{
    int64_t now = clock_steady_ms();
    struct table_target *target;

    TAILQ_FOREACH(target, &targets->table.all, link)
    {
        for (size_t i = 0; i < DNS_FAMILIES; ++i) {
            struct table_entry *entry = &target->entries[i];

            int r = targets_entry_part(targets, entry, now, announcement);
            if (r == STATE_E_CHANGED)
                targets_entry_keep_parted(targets, entry, now);
            else if (r < 0)
                give_up(targets, entry, now, announcement);
        }
    }
}

void targets_configure(struct targets *targets, const struct alias_config *config)
{
    struct announcement announcement = {0};

    pthread_mutex_lock(&targets->lock);
    targets->config = *config;
    part_all(targets, &announcement);
    pthread_mutex_unlock(&targets->lock);
    announcement_write(&announcement);
}

void targets_shutdown(struct targets *targets)
{
    pthread_mutex_lock(&targets->lock);
    targets->is_shutting_down = true;
    pthread_cond_broadcast(&targets->ended);
    pthread_mutex_unlock(&targets->lock);
}

/* What was known before counts as named by a row until the rows have been gone through. */
static int restore(struct targets *targets, const struct fallback_entry *stored,
                   struct table_entry *entry, struct announcement *announcement)
{
    int64_t now = clock_steady_ms();

    if (state_knows(&entry->state))
        return 0;
    int r =
        keeping_restore(stored, &targets->config, now, keeping_wall(&targets->clock, now), entry);
    if (r < 0)
        return r;
    state_name(&entry->state, now);
    r = targets_entry_part(targets, entry, now, announcement);
    if (r < 0)
        give_up(targets, entry, now, announcement);
    targets_entry_schedule(targets, entry, now);
    targets_entry_look(targets, entry, now, announcement);
    return r < 0 ? r : 0;
}

int targets_load(void *userdata, const struct fallback_entry *stored)
{
    struct targets *targets = userdata;
    struct announcement announcement = {0};
    struct table_target *target;
    int r = 0;

    pthread_mutex_lock(&targets->lock);
    bool has_room =
        table_find(&targets->table, stored->target) ||
        targets_limits_may_restore(targets, stored->target, clock_steady_ms(), &announcement);
    if (has_room)
        r = targets_limits_ensure(targets, stored->target, &target);
    if (has_room && r == 0)
        r = restore(targets, stored, &target->entries[stored->family], &announcement);
    pthread_mutex_unlock(&targets->lock);
    announcement_write(&announcement);
    return r;
}

static int notice(struct targets *targets, const char *name, int64_t zone_id, bool is_published)
{
    struct announcement announcement = {0};
    struct table_target *target;
    int r = 0;

    pthread_mutex_lock(&targets->lock);
    int64_t now = clock_steady_ms();
    bool is_of_use = is_published || targets->config.refresh_idle > 0;
    if (is_of_use)
        r = targets_limits_admit(targets, name, zone_id, now, &announcement, &target);
    for (size_t i = 0; is_of_use && i < DNS_FAMILIES && r == 0; ++i) {
        if (is_published)
            state_publish(&target->entries[i].state, now);
        else
            state_name(&target->entries[i].state, now);
        targets_entry_schedule(targets, &target->entries[i], now);
    }
    pthread_mutex_unlock(&targets->lock);
    announcement_write(&announcement);
    return r < 0 ? r : 0;
}

int targets_notice(struct targets *targets, const char *name, int64_t zone_id)
{
    return notice(targets, name, zone_id, false);
}

int targets_publish(struct targets *targets, const char *name, int64_t zone_id)
{
    return notice(targets, name, zone_id, true);
}

/* Lets others have the lock for a moment. */
static void take_turns(struct targets *targets, size_t done)
{
    if (done % TURN_QUESTIONS != TURN_QUESTIONS - 1)
        return;
    pthread_mutex_unlock(&targets->lock);
    sched_yield();
    pthread_mutex_lock(&targets->lock);
}

void targets_take_changed(struct targets *targets, targets_changed_fn visit, void *userdata)
{
    struct table_target *target;

    pthread_mutex_lock(&targets->lock);
    for (size_t i = 0; (target = TAILQ_FIRST(&targets->changed)); ++i) {
        targets_entry_unchange(targets, target);
        visit(userdata, target->name);
        take_turns(targets, i);
    }
    pthread_mutex_unlock(&targets->lock);
}

/* Everything below to the next call of pthread_mutex_lock() runs with the lock held. */

/* What is due is started, or put off, unless the daemon is ending. */
static void advance(struct targets *targets, struct targets_question *question, int64_t now,
                    struct announcement *announcement)
{
    struct table_entry *entry = question->entry;
    int64_t zone_id = question->zone_id;

    if (entry->is_outdated && !targets->is_shutting_down &&
        targets_limits_allow(targets, entry, now, announcement))
        targets_entry_start(targets, entry, COUNTERS_RETRY, now, announcement);
    if (entry->state.is_put_off && !targets->is_shutting_down)
        targets_limits_hurry(targets, entry, zone_id, now, announcement);

    struct state_advice advice = state_advise(&entry->state, &targets->config, now,
                                              upstream_is_failing(&targets->upstream, now));

    question->ends = entry->ends;
    question->wait_until = advice.wait_until;
    if (advice.start && !targets->is_shutting_down)
        targets_limits_start(targets, entry, zone_id, now, announcement);
    else
        targets_entry_schedule(targets, entry, now);
}

int targets_question_begin(struct targets *targets, struct targets_question *question, int64_t now,
                           struct announcement *announcement)
{
    struct table_target *target;

    int r = targets_limits_admit(targets, question->target, question->zone_id, now, announcement,
                                 &target);
    if (r < 0)
        return r;
    question->is_refused = r == TARGETS_LIMITS_E_REFUSED;
    question->entry = &target->entries[question->family];
    question->wait_until = now;
    question->ends = question->entry->ends;
    ++question->entry->askers;
    targets_entry_drop_if_old(targets, question->entry, now, announcement);
    if (r == 0)
        advance(targets, question, now, announcement);
    return 0;
}

bool targets_question_has_to_wait(const struct targets_question *question, int64_t now)
{
    const struct table_entry *entry = question->entry;

    return state_is_awaited(&entry->state) && entry->ends == question->ends &&
           now < question->wait_until;
}

/* Entries stay where they are meanwhile: they have askers. Each
 * question is passed once, however often something ends. */
bool targets_wait(struct targets *targets, const struct targets_question *questions, size_t count,
                  int64_t deadline)
{
    bool has_waited = false;
    size_t passed = 0;

    while (!targets->is_shutting_down) {
        int64_t now = clock_steady_ms();

        while (passed < count && !targets_question_has_to_wait(&questions[passed], now))
            ++passed;
        if (passed == count || now >= deadline)
            break;
        has_waited = true;
        clock_condition_wait(&targets->ended, &targets->lock,
                             integer_min(deadline, questions[passed].wait_until) - now);
    }
    return has_waited;
}

static uint32_t bounded(uint32_t ttl, const struct alias_config *config)
{
    return integer_min(integer_max(ttl, config->ttl_min), config->ttl_max);
}

/* Whether more may be learned of a target of which nothing is known, but not by us any more. */
static bool is_cut_off(const struct targets *targets, const struct state *state)
{
    return targets->is_shutting_down && !state_knows(state) &&
           (state_is_coming(state) || state->failures == 0);
}

/* What was learned while the question was there is news, even if its TTL is 0. */
static enum state_freshness freshness(const struct targets_question *question, int64_t now)
{
    const struct table_entry *entry = question->entry;
    bool is_news = entry->ends != question->ends && entry->state.failures == 0 &&
                   entry->state.knowledge != STATE_NOTHING;

    return is_news ? STATE_IS_FRESH : state_freshness(&entry->state, now);
}

static int answer_denied(const struct state *state, const struct alias_config *config, int64_t now,
                         struct targets_question *question)
{
    uint32_t row_ttl = question->row_ttl;

    question->is_denied_alone = state->denied.is_alone;
    if (state_denied_is_fresh(state, now))
        question->denied_ttl =
            bounded(integer_min(row_ttl, state_denied_ttl(state, config, now)), config);
    else
        question->denied_ttl = integer_min(row_ttl, config->stale_ttl);
    return address_set_copy(&state->denied.addresses, &question->denied);
}

int targets_question_answer(struct targets *targets, struct targets_question *question, int64_t now,
                            struct announcement *announcement)
{
    const struct state *state = &question->entry->state;
    const struct alias_config *config = &targets->config;
    uint32_t row_ttl = question->row_ttl;

    targets_entry_count_if_overdue(targets, question->entry, now, announcement);
    if (is_cut_off(targets, state))
        return -ESHUTDOWN;
    question->freshness = freshness(question, now);
    question->is_resolving = state_is_coming(state);
    question->is_early = targets_question_has_to_wait(question, now);
    question->is_untried = !state_knows(state) && state->failures == 0;
    if (question->freshness == STATE_IS_FRESH)
        question->ttl = bounded(integer_min(row_ttl, state_ttl(state, config, now)), config);
    else
        question->ttl = integer_min(row_ttl, config->stale_ttl);
    int r = address_set_copy(&state->addresses, &question->addresses);
    return r < 0 ? r : answer_denied(state, config, now, question);
}

static int ask(struct targets *targets, struct targets_question *questions, size_t count,
               int64_t deadline, struct announcement *announcement)
{
    size_t begun = 0;
    int r = 0;

    for (size_t i = 0; i < count && r == 0; ++i) {
        r = targets_question_begin(targets, &questions[i], clock_steady_ms(), announcement);
        begun += r == 0;
        take_turns(targets, i);
    }
    int64_t asked_at = clock_steady_ms();
    if (r == 0 && targets_wait(targets, questions, count, deadline))
        histogram_add(&targets->counters.waits, clock_steady_ms() - asked_at);
    for (size_t i = 0; i < count && r == 0; ++i) {
        r = targets_question_answer(targets, &questions[i], clock_steady_ms(), announcement);
        take_turns(targets, i);
    }
    while (begun > 0)
        --questions[--begun].entry->askers;
    return r;
}

void targets_set_fallback(struct targets *targets, struct fallback *fallback)
{
    struct announcement announcement = {0};

    pthread_mutex_lock(&targets->lock);
    targets->fallback = fallback;
    targets_sweep(targets, targets->table.count, clock_steady_ms(), &announcement);
    pthread_mutex_unlock(&targets->lock);
    announcement_write(&announcement);
}

void targets_question_deinit(struct targets_question *question)
{
    address_set_deinit(&question->addresses);
    address_set_deinit(&question->denied);
}

enum counters_lookup targets_outcome(const struct targets_question *question, int r)
{
    if (r < 0)
        return COUNTERS_FAILED;
    if (question->freshness == STATE_IS_UNKNOWN)
        return question->is_denied_alone ? COUNTERS_DENIED : COUNTERS_NOTHING;
    if (question->addresses.count == 0)
        return COUNTERS_EMPTY;
    return question->freshness == STATE_IS_FRESH ? COUNTERS_FRESH : COUNTERS_STALE;
}

void targets_count(struct targets *targets, enum counters_lookup outcome, size_t count)
{
    counter_add(&targets->counters.lookups[outcome], count);
}

void targets_count_lookups(struct targets *targets, const struct targets_question *questions,
                           size_t count, int r)
{
    for (size_t i = 0; i < count; ++i)
        targets_count(targets, targets_outcome(&questions[i], r), 1);
}

int targets_ask(struct targets *targets, struct targets_question *questions, size_t count,
                int64_t deadline)
{
    struct announcement announcement = {0};

    pthread_mutex_lock(&targets->lock);
    int r = ask(targets, questions, count, deadline, &announcement);
    pthread_mutex_unlock(&targets->lock);
    announcement_write(&announcement);
    /* Who doesn't wait has asked before, or asks again; else it is theirs to count. */
    if (deadline > 0)
        targets_count_lookups(targets, questions, count, r);
    if (r == -ESHUTDOWN)
        log_write_limited(&ending_limit, LOG_LEVEL_NOTICE,
                          "ending: an ALIAS target is still being resolved, its lookup fails");
    return r;
}

static int peek(struct targets *targets, struct targets_question *question, int64_t now,
                struct announcement *announcement)
{
    struct table_target *target = table_find(&targets->table, question->target);

    question->freshness = STATE_IS_UNKNOWN;
    if (!target)
        return 0;
    question->entry = &target->entries[question->family];
    question->ends = question->entry->ends;
    question->wait_until = now;
    return targets_question_answer(targets, question, now, announcement);
}

int targets_peek(struct targets *targets, struct targets_question *questions, size_t count)
{
    struct announcement announcement = {0};
    int r = 0;

    pthread_mutex_lock(&targets->lock);
    for (size_t i = 0; i < count && r == 0; ++i)
        r = peek(targets, &questions[i], clock_steady_ms(), &announcement);
    pthread_mutex_unlock(&targets->lock);
    announcement_write(&announcement);
    return r;
}

int targets_deny(struct targets *targets, enum dns_family family, struct address_set *set,
                 struct address_set *ret_denied)
{
    pthread_mutex_lock(&targets->lock);
    int r = ranges_take(targets->config.deny, family, set, ret_denied);
    pthread_mutex_unlock(&targets->lock);
    return r;
}

void targets_resolved(struct targets *targets, const char *target, enum dns_family family,
                      struct outcome *outcome)
{
    struct announcement announcement = {0};

    pthread_mutex_lock(&targets->lock);
    struct table_target *found = table_find(&targets->table, target);
    if (found)
        targets_entry_end(targets, &found->entries[family], clock_steady_ms(), outcome,
                          &announcement);
    pthread_mutex_unlock(&targets->lock);
    address_set_deinit(&outcome->addresses);
    announcement_write(&announcement);
}

void targets_retry_all(struct targets *targets)
{
    static const enum table_list lists[] = {TABLE_LIST_FLYING, TABLE_LIST_OVERDUE,
                                            TABLE_LIST_FAILING};
    struct table_entry *entry, *next;

    pthread_mutex_lock(&targets->lock);
    int64_t now = clock_steady_ms();
    for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); ++i) {
        for (entry = TAILQ_FIRST(&targets->lists[lists[i]]); entry; entry = next) {
            next = TAILQ_NEXT(entry, link);
            targets_entry_outdate(targets, entry, now);
        }
    }
    upstream_forget(&targets->upstream);
    pthread_mutex_unlock(&targets->lock);
}
