#include "alias/targets-status.h"

#include <sched.h>

#include "alias/targets-entry.h"
#include "util/clock.h"
#include "util/integer.h"

/* So many targets are visited before others may have the lock. */
#define TURN_TARGETS (TARGETS_STATUS_TURN / DNS_FAMILIES)

/* Lets others have the lock for a moment. */
static void rest_for_a_moment(struct targets *targets, targets_rest_fn rest, void *userdata)
{
    pthread_mutex_unlock(&targets->lock);
    if (rest)
        rest(userdata);
    sched_yield();
    pthread_mutex_lock(&targets->lock);
}

void targets_walk(struct targets *targets, targets_visit_fn visit, targets_rest_fn rest,
                  void *userdata)
{
    struct table_target *target, *next;
    size_t done = 0;

    pthread_mutex_lock(&targets->lock);
    for (target = TAILQ_FIRST(&targets->table.made); target; target = next) {
        visit(targets, target, userdata);
        if (++done % TURN_TARGETS == 0) {
            /* It must not go meanwhile. */
            ++target->entries[0].askers;
            rest_for_a_moment(targets, rest, userdata);
            --target->entries[0].askers;
        }
        next = TAILQ_NEXT(target, in_order);
    }
    pthread_mutex_unlock(&targets->lock);
    if (rest)
        rest(userdata);
}

/* Seconds, rounded up: what is due in 0.1 s isn't due. */
static int64_t seconds_until(int64_t at, int64_t now)
{
    return integer_max(0, (at - now + MS_PER_S - 1) / MS_PER_S);
}

static int64_t next_of(const struct state *state, const struct alias_config *config, int64_t now)
{
    if (state_is_coming(state))
        return 0;
    if (state->failures > 0)
        return seconds_until(state->retry_at, now);

    int64_t at = state_refresh_at(state, config, now);

    if (at == STATE_FAR)
        at = state->fresh_until;
    return state->knowledge == STATE_NOTHING ? TARGETS_STATUS_NONE : seconds_until(at, now);
}

struct reader {
    targets_status_fn fn;
    targets_pause_fn pause;
    void *userdata;
};

static void read_target(struct targets *targets, struct table_target *target, void *userdata)
{
    const struct reader *reader = userdata;
    int64_t now = clock_steady_ms();

    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        const struct state *state = &target->entries[i].state;
        bool is_alone = state->knowledge == STATE_NOTHING;
        int64_t resolved_at = is_alone ? state->denied.resolved_at : state->resolved_at;
        struct targets_status status = {
            .target = target->name,
            .family = i,
            .status = status_of(state, now),
            .addresses = &state->addresses,
            .age = state_knows(state) ? (now - resolved_at) / MS_PER_S : TARGETS_STATUS_NONE,
            .ttl = is_alone ? state->denied.ttl : state->ttl,
            .next = next_of(state, &targets->config, now),
            .failures = state->failures,
            .reason = state->reason,
        };

        reader->fn(reader->userdata, &status);
    }
}

static void pause_reading(void *userdata)
{
    const struct reader *reader = userdata;

    reader->pause(reader->userdata);
}

void targets_status_all(struct targets *targets, targets_status_fn fn, targets_pause_fn pause,
                        void *userdata)
{
    targets_walk(targets, read_target, pause_reading, &(struct reader){fn, pause, userdata});
}

int targets_status_of(struct targets *targets, const char *target, targets_status_fn fn,
                      void *userdata)
{
    pthread_mutex_lock(&targets->lock);
    struct table_target *found = table_find(&targets->table, target);
    if (found)
        read_target(targets, found, &(struct reader){.fn = fn, .userdata = userdata});
    pthread_mutex_unlock(&targets->lock);
    return found ? 0 : TARGETS_E_UNKNOWN;
}

void targets_status_count(struct targets *targets, size_t ret[DNS_FAMILIES][STATUSES])
{
    pthread_mutex_lock(&targets->lock);
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        ret[i][STATUS_UNKNOWN] = targets->table.count;
        for (size_t j = STATUS_UNKNOWN + 1; j < STATUSES; ++j) {
            ret[i][j] = targets->statuses[i][j];
            ret[i][STATUS_UNKNOWN] -= ret[i][j];
        }
    }
    pthread_mutex_unlock(&targets->lock);
}

const struct counters *targets_counters(const struct targets *targets)
{
    return &targets->counters;
}
