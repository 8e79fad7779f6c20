#include "alias/targets.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "alias/announcement.h"
#include "alias/keeping.h"
#include "alias/table.h"
#include "alias/upstream.h"
#include "util/clock.h"

#define HOUR_MS (3600 * INT64_C(1000))

/* A failing target is tried again in the background as long as somebody wanted it within this time,
 * and one of which nothing is known is forgotten after it. */
#define INTEREST_MS HOUR_MS

/* What one tick does at most, so that it never holds the lock for long: at 10 ticks a second
 * 100,000 failing targets are looked through in 10 s, and all targets in 100 s. */
#define TICK_STARTS  100
#define TICK_RETRIES 1000
#define TICK_SWEEPS  100

struct targets {
    pthread_mutex_t lock;
    pthread_cond_t ended; /* a resolution has, or the daemon is to */
    struct alias_config config;
    targets_start_fn start;
    void *userdata;
    struct fallback *fallback; /* borrowed */
    struct table table;
    struct table_entries lists[TABLE_LISTS]; /* FLYING in the order of their start */
    struct upstream upstream;
    bool is_shutting_down;
};

int targets_new(const struct alias_config *config, targets_start_fn start, void *userdata,
                struct targets **ret)
{
    struct targets *targets = calloc(1, sizeof(*targets));
    pthread_condattr_t attributes;

    if (!targets)
        return -ENOMEM;
    pthread_mutex_init(&targets->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&targets->ended, &attributes);
    pthread_condattr_destroy(&attributes);
    targets->config = *config;
    targets->start = start;
    targets->userdata = userdata;
    table_init(&targets->table);
    for (size_t i = 0; i < TABLE_LISTS; ++i)
        TAILQ_INIT(&targets->lists[i]);
    *ret = targets;
    return 0;
}

void targets_free(struct targets *targets)
{
    table_deinit(&targets->table);
    pthread_cond_destroy(&targets->ended);
    pthread_mutex_destroy(&targets->lock);
    free(targets);
}

void targets_configure(struct targets *targets, const struct alias_config *config)
{
    pthread_mutex_lock(&targets->lock);
    targets->config = *config;
    pthread_mutex_unlock(&targets->lock);
}

size_t targets_count(struct targets *targets)
{
    pthread_mutex_lock(&targets->lock);
    size_t count = targets->table.count;
    pthread_mutex_unlock(&targets->lock);
    return count;
}

void targets_shutdown(struct targets *targets)
{
    pthread_mutex_lock(&targets->lock);
    targets->is_shutting_down = true;
    pthread_cond_broadcast(&targets->ended);
    pthread_mutex_unlock(&targets->lock);
}

int targets_load(void *userdata, const struct fallback_entry *stored)
{
    struct targets *targets = userdata;
    struct table_target *target;

    pthread_mutex_lock(&targets->lock);
    int r = table_ensure(&targets->table, stored->target, &target);
    if (r == 0 && target->entries[stored->family].state.knowledge == STATE_NOTHING)
        r = keeping_restore(stored, &targets->config, clock_steady_ms(), clock_wall_s(),
                            &target->entries[stored->family]);
    pthread_mutex_unlock(&targets->lock);
    return r;
}

/* Everything below to the next call of pthread_mutex_lock() runs with the lock held. */

static void put_in_list(struct targets *targets, struct table_entry *entry)
{
    const struct state *state = &entry->state;
    enum table_list list = TABLE_LIST_NONE;

    if (state->in_flight && !state->is_overdue)
        list = TABLE_LIST_FLYING;
    else if (!state->in_flight && state->failures > 0)
        list = TABLE_LIST_FAILING;
    if (entry->list == list)
        return;
    if (entry->list != TABLE_LIST_NONE)
        TAILQ_REMOVE(&targets->lists[entry->list], entry, link);
    if (list != TABLE_LIST_NONE)
        TAILQ_INSERT_TAIL(&targets->lists[list], entry, link);
    entry->list = list;
}

/* Takes in what a resolution brought. */
static void end(struct targets *targets, struct table_entry *entry, int64_t now,
                struct outcome *outcome, struct announcement *announcement)
{
    struct state *state = &entry->state;
    struct announcement_before before = {
        .knowledge = state->knowledge,
        .failures = state->failures,
        .same_addresses = address_set_equal(&state->addresses, &outcome->addresses),
    };

    state_end(state, &targets->config, now, outcome);
    ++entry->ends;
    put_in_list(targets, entry);
    if (outcome->kind == OUTCOME_FAILURE) {
        if (before.failures == 0)
            announcement_failing(announcement, entry, now);
        keeping_store_failure(targets->fallback, entry, clock_wall_s());
    } else {
        announcement_learned(announcement, entry, &before);
        keeping_store_answer(targets->fallback, entry, clock_wall_s());
        upstream_heard(&targets->upstream);
    }
    pthread_cond_broadcast(&targets->ended);
}

static void start(struct targets *targets, struct table_entry *entry, int64_t now,
                  struct announcement *announcement)
{
    struct outcome outcome = {.kind = OUTCOME_FAILURE, .reason = "could not be started"};

    state_start(&entry->state, now);
    put_in_list(targets, entry);
    if (targets->start(targets->userdata, entry->target->name, entry->family) < 0)
        end(targets, entry, now, &outcome, announcement);
}

static bool is_other_family_overdue(const struct table_entry *entry)
{
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        const struct table_entry *other = &entry->target->entries[i];

        if (other != entry && other->state.in_flight && other->state.is_overdue)
            return true;
    }
    return false;
}

static void count_if_overdue(struct targets *targets, struct table_entry *entry, int64_t now,
                             struct announcement *announcement)
{
    if (!state_overdue(&entry->state, &targets->config, now))
        return;
    put_in_list(targets, entry);
    if (!is_other_family_overdue(entry))
        upstream_silent(&targets->upstream, now);
    if (entry->state.failures > 1)
        return;
    announcement_failing(announcement, entry, now);
    keeping_store_failure(targets->fallback, entry, clock_wall_s());
}

/* Finds out what is known, and starts what is due. */
static int begin(struct targets *targets, struct targets_question *question, int64_t now,
                 struct announcement *announcement)
{
    struct table_target *target;
    struct table_entry *entry;

    int r = table_ensure(&targets->table, question->target, &target);
    if (r < 0)
        return r;
    entry = &target->entries[question->family];
    entry->asked_at = now;
    if (state_drop_if_old(&entry->state, &targets->config, now))
        keeping_remove(targets->fallback, entry);

    struct state_advice advice = state_advise(&entry->state, &targets->config, now,
                                              upstream_is_failing(&targets->upstream, now));

    question->entry = entry;
    question->ends = entry->ends;
    question->wait_until = advice.wait_until;
    if (advice.start)
        start(targets, entry, now, announcement);
    return 0;
}

static bool has_to_wait(const struct targets_question *question, int64_t now)
{
    const struct table_entry *entry = question->entry;

    return entry->state.in_flight && entry->ends == question->ends && now < question->wait_until;
}

/* The steady clock counts while the machine sleeps, which no condition variable can wait for; so
 * only the remainder is handed over. */
static void wait_ms(struct targets *targets, int64_t remainder)
{
    struct timespec until;

    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += remainder / 1000;
    until.tv_nsec += remainder % 1000 * 1000000;
    if (until.tv_nsec >= 1000000000) {
        ++until.tv_sec;
        until.tv_nsec -= 1000000000;
    }
    pthread_cond_timedwait(&targets->ended, &targets->lock, &until);
}

/* Entries stay where they are meanwhile: what was asked for a moment ago isn't forgotten. */
static void wait_for_all(struct targets *targets, const struct targets_question *questions,
                         size_t count)
{
    while (!targets->is_shutting_down) {
        int64_t now = clock_steady_ms();
        int64_t until = now;

        for (size_t i = 0; i < count; ++i) {
            if (has_to_wait(&questions[i], now) && questions[i].wait_until > until)
                until = questions[i].wait_until;
        }
        if (until == now)
            return;
        wait_ms(targets, until - now);
    }
}

static uint32_t bounded(uint32_t ttl, const struct alias_config *config)
{
    if (ttl < config->ttl_min)
        return config->ttl_min;
    return ttl > config->ttl_max ? config->ttl_max : ttl;
}

static int answer(struct targets *targets, struct targets_question *question, int64_t now)
{
    const struct state *state = &question->entry->state;
    const struct alias_config *config = &targets->config;
    uint32_t row_ttl = question->row_ttl;

    question->freshness = state_freshness(state, now);
    if (question->freshness == STATE_IS_FRESH)
        question->ttl = bounded(row_ttl < state->ttl ? row_ttl : state->ttl, config);
    else
        question->ttl = row_ttl < config->stale_ttl ? row_ttl : config->stale_ttl;
    return address_set_copy(&state->addresses, &question->addresses);
}

static int ask(struct targets *targets, struct targets_question *questions, size_t count,
               bool may_wait, struct announcement *announcement)
{
    int64_t now = clock_steady_ms();
    int r = 0;

    for (size_t i = 0; i < count && r == 0; ++i)
        r = begin(targets, &questions[i], now, announcement);
    if (r == 0 && may_wait)
        wait_for_all(targets, questions, count);
    now = clock_steady_ms();
    for (size_t i = 0; i < count && r == 0; ++i) {
        count_if_overdue(targets, questions[i].entry, now, announcement);
        r = answer(targets, &questions[i], now);
    }
    return r;
}

static void count_overdue(struct targets *targets, int64_t now, struct announcement *announcement)
{
    struct table_entry *entry, *next;

    for (entry = TAILQ_FIRST(&targets->lists[TABLE_LIST_FLYING]); entry; entry = next) {
        next = TAILQ_NEXT(entry, link);
        if (now - entry->state.started_at < targets->config.resolve_timeout_ms)
            return;
        count_if_overdue(targets, entry, now, announcement);
    }
}

static void retry(struct targets *targets, int64_t now, struct announcement *announcement)
{
    struct table_entries *failing = &targets->lists[TABLE_LIST_FAILING];
    struct table_entry *first = TAILQ_FIRST(failing);
    int starts = 0;

    for (int i = 0; i < TICK_RETRIES && starts < TICK_STARTS; ++i) {
        struct table_entry *entry = TAILQ_FIRST(failing);

        if (!entry || (i > 0 && entry == first))
            return;
        TAILQ_REMOVE(failing, entry, link);
        TAILQ_INSERT_TAIL(failing, entry, link);
        if (now < entry->state.retry_at || now - entry->asked_at > INTEREST_MS)
            continue;
        if (entry == first)
            first = NULL;
        start(targets, entry, now, announcement);
        ++starts;
    }
}

/* Whether nothing would be lost with it. */
static bool is_forgettable(const struct table_entry *entry, int64_t now)
{
    return entry->state.knowledge == STATE_NOTHING && !entry->state.in_flight &&
           now - entry->asked_at > INTEREST_MS;
}

static void sweep_target(struct targets *targets, struct table_target *target, int64_t now)
{
    bool is_needed = false;

    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        struct table_entry *entry = &target->entries[i];

        if (state_drop_if_old(&entry->state, &targets->config, now))
            keeping_remove(targets->fallback, entry);
        is_needed = is_needed || !is_forgettable(entry, now);
    }
    if (is_needed)
        return;
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        struct table_entry *entry = &target->entries[i];

        if (entry->list != TABLE_LIST_NONE)
            TAILQ_REMOVE(&targets->lists[entry->list], entry, link);
    }
    table_remove(&targets->table, target);
}

/* Looks at the next `count` targets, in turn, for what has become too old. */
static void sweep(struct targets *targets, size_t count, int64_t now)
{
    for (size_t i = 0; i < count && !TAILQ_EMPTY(&targets->table.all); ++i) {
        struct table_target *target = TAILQ_FIRST(&targets->table.all);

        TAILQ_REMOVE(&targets->table.all, target, link);
        TAILQ_INSERT_TAIL(&targets->table.all, target, link);
        sweep_target(targets, target, now);
    }
}

void targets_set_fallback(struct targets *targets, struct fallback *fallback)
{
    pthread_mutex_lock(&targets->lock);
    targets->fallback = fallback;
    sweep(targets, targets->table.count, clock_steady_ms());
    pthread_mutex_unlock(&targets->lock);
}

void targets_question_deinit(struct targets_question *question)
{
    address_set_deinit(&question->addresses);
}

int targets_ask(struct targets *targets, struct targets_question *questions, size_t count,
                bool may_wait)
{
    struct announcement announcement = {0};

    pthread_mutex_lock(&targets->lock);
    int r = ask(targets, questions, count, may_wait, &announcement);
    pthread_mutex_unlock(&targets->lock);
    announcement_write(&announcement);
    return r;
}

void targets_resolved(struct targets *targets, const char *target, enum dns_family family,
                      struct outcome *outcome)
{
    struct announcement announcement = {0};

    pthread_mutex_lock(&targets->lock);
    struct table_target *found = table_find(&targets->table, target);
    if (found && found->entries[family].state.in_flight)
        end(targets, &found->entries[family], clock_steady_ms(), outcome, &announcement);
    pthread_mutex_unlock(&targets->lock);
    address_set_deinit(&outcome->addresses);
    announcement_write(&announcement);
}

void targets_tick(struct targets *targets)
{
    struct announcement announcement = {0};

    pthread_mutex_lock(&targets->lock);
    int64_t now = clock_steady_ms();
    count_overdue(targets, now, &announcement);
    if (!targets->is_shutting_down)
        retry(targets, now, &announcement);
    sweep(targets, TICK_SWEEPS, now);
    pthread_mutex_unlock(&targets->lock);
    announcement_write(&announcement);
}
