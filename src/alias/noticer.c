#include "alias/noticer.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "alias/local.h"
#include "dns/name.h"
#include "store/changes.h"
#include "store/metadata.h"
#include "store/records.h"
#include "util/clock.h"
#include "util/integer.h"
#include "util/log.h"
#include "util/thread.h"

#define POLL_MS 100

/* After a failure that is no lock's; the connection is made anew then. */
#define RETRY_MS 1000

/* Of the walk through all zones, between two looks at what has changed. */
#define WALK_SLICE_MS    50

#define WALK_INTERVAL_MS (1800 * INT64_C(1000))

/* Rests so many times as long as it has worked. */
#define REST_FACTOR 9
#define REST_MAX_MS 5000

/* Of one zone's rows as many are gone through as this takes: the others' come next. 100,000 that
 * lead out of our zones take less. */
#define ZONE_MS 5000

/* How long an external writer's lock is waited for, where readers have to. */
#define BUSY_MS 5000

static struct log_limit slow_limit = LOG_LIMIT(5, 60000);

struct noticer {
    struct database_config config;
    struct targets *targets;
    const atomic_int *hops_max;
    pthread_t thread;
    pthread_mutex_t lock; /* for `ending` alone */
    pthread_cond_t ending;
    atomic_bool is_ending; /* cancels what runs on the connection */

    /* the thread's */
    struct database *db;
    struct changes_version version; /* when was last looked at */
    bool is_behind;                 /* look, whatever the version */
    bool are_noted;                 /* there are counters */
    struct changes_counters counters;
    bool is_walking;
    bool walks_again; /* once it has come to the end */
    int64_t walked;   /* the id of the last zone that the walk has come by */
    int64_t walk_at;  /* when the next walk is due */
};

/* The names outside of our zones that an ALIAS row leads to. 0 or negative. */
static int notice_row(struct noticer *noticer, struct local *local, const struct records_row *row)
{
    const struct local_answer *answer;
    char target[NAME_TEXT_SIZE];

    if (name_canonicalize_content(row->content, target) != 0)
        return 0; /* said when it is asked for */
    const struct chain_row way = {
        .owner = row->name, .target = target, .families = CHAIN_FAMILIES, .ttl = UINT32_MAX};
    int r = local_follow(local, &way, row->domain_id, &answer);
    for (size_t i = 0; r == 0 && i < answer->count; ++i)
        r = targets_notice(noticer->targets, answer->questions[i].target, row->domain_id);
    return r;
}

static int notice_rows(struct noticer *noticer, int64_t zone_id, struct records_cursor *cursor)
{
    CLEANUP(local_deinit) struct local local = {.db = noticer->db, .hops_max = *noticer->hops_max};
    int64_t until = clock_steady_ms() + ZONE_MS;
    bool is_presigned = false;
    bool is_first = true;
    struct records_row row;
    int r;

    while ((r = records_next(cursor, &row)) == 0) {
        if (clock_steady_ms() >= until) {
            log_write_limited(&slow_limit, LOG_LEVEL_WARNING,
                              "zone with domain_id %" PRId64 ": its ALIAS rows take longer than %d "
                              "ms to follow, the rest is resolved when it is asked for",
                              zone_id, ZONE_MS);
            return 0;
        }
        if (is_first)
            r = metadata_is_presigned(noticer->db, zone_id, &is_presigned);
        is_first = false;
        if (r < 0 || is_presigned)
            return r;
        r = notice_row(noticer, &local, &row);
        if (r < 0)
            return r;
    }
    return r == RECORDS_E_END ? 0 : r;
}

static int notice_zone(struct noticer *noticer, int64_t zone_id)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};

    int r = records_list_aliases(noticer->db, zone_id, &cursor);
    if (r == 0)
        r = notice_rows(noticer, zone_id, &cursor);
    return r;
}

static void start_walk(struct noticer *noticer)
{
    noticer->walks_again = noticer->is_walking && noticer->walked != INT64_MIN;
    if (noticer->is_walking)
        return;
    noticer->is_walking = true;
    noticer->walked = INT64_MIN;
    noticer->walk_at = clock_steady_ms() + WALK_INTERVAL_MS;
}

/* Whether there is no use in going on to the next zone: a lock that others hold, or the end. Other
 * failures, which were logged, don't keep other zones from their turn. */
static bool is_hopeless(int r)
{
    return r == -EBUSY || r == -EINTR;
}

/* The next zone. 0; CHANGES_E_END; negative. */
static int walk_zone(struct noticer *noticer)
{
    int64_t zone_id;

    int r = changes_next_zone(noticer->db, noticer->walked, &zone_id);
    if (r != 0)
        return r;
    r = notice_zone(noticer, zone_id);
    if (is_hopeless(r))
        return r;
    noticer->walked = zone_id;
    return 0;
}

static int walk(struct noticer *noticer)
{
    int64_t until = clock_steady_ms() + WALK_SLICE_MS;
    int r = 0;

    while (r == 0 && clock_steady_ms() < until)
        r = walk_zone(noticer);
    if (r != CHANGES_E_END)
        return r;
    noticer->is_walking = false;
    if (noticer->walks_again)
        start_walk(noticer);
    return 0;
}

/* Both lists are in the order of the ids. What isn't in `before` is new. */
static int notice_changed_zones(struct noticer *noticer, const struct changes_counters *before,
                                const struct changes_counters *now)
{
    size_t old = 0;

    for (size_t i = 0; i < now->count; ++i) {
        const struct changes_counter *counter = &now->items[i];
        int r = 0;

        while (old < before->count && before->items[old].zone_id < counter->zone_id)
            ++old;
        if (old == before->count || before->items[old].zone_id != counter->zone_id ||
            before->items[old].changes != counter->changes)
            r = notice_zone(noticer, counter->zone_id);
        if (is_hopeless(r))
            return r;
    }
    return 0;
}

/* The new counters replace the old ones only when all that has changed was noticed. */
static int look_at_counters(struct noticer *noticer)
{
    CLEANUP(changes_counters_deinit) struct changes_counters counters = {0};

    int r = changes_list_counters(noticer->db, &counters);
    if (r == 0)
        r = notice_changed_zones(noticer, &noticer->counters, &counters);
    if (r < 0)
        return r;

    struct changes_counters old = noticer->counters;

    noticer->counters = counters;
    counters = old;
    return 0;
}

static int look(struct noticer *noticer)
{
    struct changes_version version;

    int r = changes_version(noticer->db, &version);
    if (r < 0)
        return r;
    bool has_moved =
        version.data != noticer->version.data || version.schema != noticer->version.schema;
    if (!has_moved && !noticer->is_behind)
        return 0;
    noticer->is_behind = true;
    bool were_noted = noticer->are_noted;
    r = changes_are_noted(noticer->db, &noticer->are_noted);
    if (r == 0 && were_noted && noticer->are_noted)
        r = look_at_counters(noticer);
    else if (r == 0 && noticer->are_noted)
        r = changes_list_counters(noticer->db, &noticer->counters);
    if (r < 0)
        return r;
    if (!were_noted || !noticer->are_noted)
        start_walk(noticer);
    noticer->version = version;
    noticer->is_behind = false;
    return 0;
}

static void close_database(struct noticer *noticer)
{
    database_free(noticer->db);
    noticer->db = NULL;
    changes_counters_deinit(&noticer->counters);
    noticer->are_noted = false;
    noticer->is_walking = false;
}

static int open_database(struct noticer *noticer)
{
    noticer->is_behind = true;
    return database_open(&noticer->config, &noticer->db);
}

static int work(struct noticer *noticer)
{
    int r = 0;

    if (noticer->db && database_is_replaced(noticer->db))
        close_database(noticer);
    if (!noticer->db)
        r = open_database(noticer);
    if (r == 0)
        r = look(noticer);
    if (r == 0 && clock_steady_ms() >= noticer->walk_at)
        start_walk(noticer);
    if (r == 0 && noticer->is_walking)
        r = walk(noticer);
    if (r < 0 && r != -EBUSY)
        close_database(noticer);
    return r;
}

static void wait_for(struct noticer *noticer, int64_t ms)
{
    int64_t until = clock_steady_ms() + ms;
    int64_t left;

    pthread_mutex_lock(&noticer->lock);
    while (!noticer->is_ending && (left = until - clock_steady_ms()) > 0)
        clock_condition_wait(&noticer->ending, &noticer->lock, left);
    pthread_mutex_unlock(&noticer->lock);
}

static void *run(void *userdata)
{
    struct noticer *noticer = userdata;

    while (!noticer->is_ending) {
        int64_t begin = clock_steady_ms();
        int r = work(noticer);
        int64_t rest = integer_min(REST_MAX_MS, REST_FACTOR * (clock_steady_ms() - begin));

        /* What has failed has waited, for a lock, rather than worked. */
        wait_for(noticer, r < 0 ? RETRY_MS : integer_max(POLL_MS, rest));
    }
    close_database(noticer);
    return NULL;
}

static int start_thread(struct noticer *noticer)
{
    int r = thread_start(&noticer->thread, run, noticer);

    if (r < 0)
        log_error("%s: can't start the thread that notices ALIAS rows", noticer->config.path);
    return r;
}

static void free_all(struct noticer *noticer)
{
    pthread_cond_destroy(&noticer->ending);
    pthread_mutex_destroy(&noticer->lock);
    free(noticer);
}

int noticer_start(const struct database_config *config, struct targets *targets,
                  const atomic_int *hops_max, struct noticer **ret)
{
    struct noticer *noticer = calloc(1, sizeof(*noticer));

    if (!noticer)
        return -ENOMEM;
    noticer->config = *config;
    noticer->config.read_only = true;
    noticer->config.busy_timeout_ms = BUSY_MS;
    noticer->config.deadline = 0;
    noticer->config.is_cancelled = &noticer->is_ending;
    noticer->targets = targets;
    noticer->hops_max = hops_max;
    noticer->walk_at = clock_steady_ms();
    pthread_mutex_init(&noticer->lock, NULL);
    clock_condition_init(&noticer->ending);
    int r = start_thread(noticer);
    if (r < 0) {
        free_all(noticer);
        return r;
    }
    *ret = noticer;
    return 0;
}

void noticer_free(struct noticer *noticer)
{
    if (!noticer)
        return;
    pthread_mutex_lock(&noticer->lock);
    noticer->is_ending = true;
    pthread_cond_signal(&noticer->ending);
    pthread_mutex_unlock(&noticer->lock);
    pthread_join(noticer->thread, NULL);
    free_all(noticer);
}
