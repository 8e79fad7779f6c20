#include "alias/targets-orders.h"

#include <errno.h>
#include <stdlib.h>

#include "alias/targets-limits.h"
#include "util/clock.h"

/* Everything static runs with the lock held. */

/* Starts a resolution, beside one that is under way, and fills in what targets_wait() wants. */
static void begin(struct targets *targets, struct table_entry *entry, int64_t deadline,
                  struct targets_question *question, struct announcement *announcement)
{
    int64_t now = clock_steady_ms();

    entry->state.asked_at = now;
    *question =
        (struct targets_question){.entry = entry, .ends = entry->ends, .wait_until = deadline};
    ++entry->askers;
    targets_entry_start(targets, entry, COUNTERS_ORDERED, now, announcement);
}

static int refresh(struct targets *targets, const char *const *names, size_t count,
                   int64_t deadline, struct targets_question *questions,
                   struct announcement *announcement)
{
    size_t begun = 0;
    int r = targets->is_shutting_down ? -ESHUTDOWN : 0;

    for (size_t i = 0; i < count && r == 0; ++i) {
        struct table_target *target;

        r = targets_limits_ensure(targets, names[i], &target);
        for (size_t family = 0; family < DNS_FAMILIES && r == 0; ++family)
            begin(targets, &target->entries[family], deadline, &questions[begun++], announcement);
    }
    if (r == 0)
        targets_wait(targets, questions, begun, deadline);
    while (begun > 0)
        --questions[--begun].entry->askers;
    return r;
}

int targets_refresh(struct targets *targets, const char *const *names, size_t count,
                    int64_t deadline)
{
    CLEANUP(cleanup_freep) struct targets_question *questions = NULL;
    struct announcement announcement = {0};

    questions = calloc(count * DNS_FAMILIES, sizeof(*questions));
    if (!questions)
        return -ENOMEM;
    pthread_mutex_lock(&targets->lock);
    int r = refresh(targets, names, count, deadline, questions, &announcement);
    pthread_mutex_unlock(&targets->lock);
    announcement_write(&announcement);
    return r;
}

static void refresh_target(struct targets *targets, struct table_target *target, void *userdata)
{
    size_t *count = userdata;

    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        struct table_entry *entry = &target->entries[i];

        if (entry->status == STATUS_UNKNOWN)
            continue;
        targets_entry_refresh(targets, entry);
        ++*count;
    }
}

size_t targets_refresh_all(struct targets *targets)
{
    size_t count = 0;

    targets_walk(targets, refresh_target, NULL, &count);
    return count;
}

int targets_forget(struct targets *targets, const char *name)
{
    struct announcement announcement = {0};

    pthread_mutex_lock(&targets->lock);
    int64_t now = clock_steady_ms();
    struct table_target *target = table_find(&targets->table, name);
    for (size_t i = 0; target && i < DNS_FAMILIES; ++i)
        targets_entry_forget(targets, &target->entries[i], now, &announcement);
    pthread_mutex_unlock(&targets->lock);
    announcement_write(&announcement);
    return target ? 0 : TARGETS_E_UNKNOWN;
}
