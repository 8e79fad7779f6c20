#include "upkeep/upkeep.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "store/changes.h"
#include "store/together.h"
#include "upkeep/batch.h"
#include "util/clock.h"
#include "util/counter.h"
#include "util/log.h"
#include "util/thread.h"

#define POLL_MS 100

/* After a failure that is no lock's; the connection is made anew then. */
#define RETRY_MS 1000

/* Of the walk through all zones, between two looks at what has changed. */
#define SCAN_SLICE_MS 50

/* How long an external writer's lock is waited for. In the end it has to let us in. */
#define BUSY_MS 5000

/* How often changed zones are gone through at once because somebody has written to one meanwhile.
 * One that is written to all the time is left for later: others shall have their turn. */
#define TRIES 3

/* What sessions have done with a zone: edited it; or transferred it, if that lacked something. */
struct news {
    int64_t zone_id;
    struct hashes lacking; /* owned */
};

struct upkeep {
    struct database_config config;
    struct publisher *publisher; /* borrowed */
    pthread_t thread;
    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t changed;
    struct news *told;
    size_t told_count;
    size_t told_capacity;
    atomic_bool is_ending; /* cancels what runs on the connection */

    struct counter zones;
    struct counter failures;

    /* the thread's */
    struct database *db;
    struct changes_version version; /* when was last looked at */
    bool is_behind;                 /* look, whatever the version */
    bool is_new;                    /* nobody has gone through the file's zones yet */
    bool is_scanning;
    int64_t scanned;    /* the id of the last zone that the walk has come by */
    bool is_publishing; /* there is more to be done at once */
    struct batch batch;
};

static void count_failure(struct upkeep *upkeep, int r)
{
    if (r < 0 && !upkeep->is_ending)
        counter_add(&upkeep->failures, 1);
}

/* What all of them have failed with, a lock say, is one failure. */
static void count_outcomes(struct upkeep *upkeep, int r)
{
    const struct batch *batch = &upkeep->batch;

    counter_add(&upkeep->zones, batch->written);
    for (size_t i = 0; i < batch->count; ++i) {
        if (!together_is_hopeless(batch->zones[i].outcome))
            count_failure(upkeep, batch->zones[i].outcome);
    }
    count_failure(upkeep, r);
}

/* The batch of zones above `above`, each with its outcome. 0; CHANGES_E_END; negative. */
static int redo_batch(struct upkeep *upkeep, batch_next *next, int64_t above)
{
    struct batch *batch = &upkeep->batch;

    batch_deinit(batch);
    int end = batch_read(batch, upkeep->db, next, above);
    int r = end < 0 ? end : batch_write(batch, upkeep->db);
    count_outcomes(upkeep, r);
    return end;
}

static int64_t last_of_batch(const struct batch *batch, int64_t otherwise)
{
    return batch->count > 0 ? batch->zones[batch->count - 1].order.zone_id : otherwise;
}

static int make_room(struct upkeep *upkeep)
{
    size_t capacity = upkeep->told_capacity ? 2 * upkeep->told_capacity : 16;
    struct news *grown;

    if (upkeep->told_count < upkeep->told_capacity)
        return 0;
    grown = reallocarray(upkeep->told, capacity, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    upkeep->told = grown;
    upkeep->told_capacity = capacity;
    return 0;
}

/* What the news own is taken, or given up. */
static void tell(struct upkeep *upkeep, struct news *news)
{
    pthread_mutex_lock(&upkeep->lock);
    int r = make_room(upkeep);
    if (r == 0)
        upkeep->told[upkeep->told_count++] = *news;
    pthread_mutex_unlock(&upkeep->lock);
    if (r == 0)
        return;
    log_error("zone with domain_id %" PRId64 ": no memory to have it published before it is looked "
              "at anyway",
              news->zone_id);
    hashes_deinit(&news->lacking);
}

/* What has failed is told once more. */
static int publish_news(struct upkeep *upkeep, struct news *news)
{
    int r;

    if (news->lacking.count == 0)
        r = publisher_edited(upkeep->publisher, upkeep->db, news->zone_id);
    else
        r = publisher_transferred(upkeep->publisher, news->zone_id, &news->lacking);
    if (r < 0)
        tell(upkeep, news);
    else
        hashes_deinit(&news->lacking);
    return r;
}

/* What the batch has put in order, all of it: it won't count as changed any more. 0 or negative, in
 * the first place what there is no use in going on after. */
static int publish_redone(struct upkeep *upkeep)
{
    const struct batch *batch = &upkeep->batch;
    int failure = 0;

    for (size_t i = 0; i < batch->count; ++i) {
        int r = batch->zones[i].outcome;

        if (r == 0) {
            struct news news = {.zone_id = batch->zones[i].order.zone_id};

            r = publish_news(upkeep, &news);
        }
        if (r < 0)
            failure = together_is_hopeless(failure) ? failure : r;
        if (r == CHANGES_E_CHANGED)
            upkeep->is_behind = true;
    }
    return failure;
}

/* A zone that can't be written (somebody's own trigger may refuse it) doesn't keep others from
 * their turn. */
static int redo_changed_zones_once(struct upkeep *upkeep)
{
    int64_t above = INT64_MIN;
    int failure = 0;
    int end;

    upkeep->is_behind = false;
    do {
        end = redo_batch(upkeep, changes_next, above);
        int r = end < 0 ? end : publish_redone(upkeep);
        if (together_is_hopeless(r))
            return r;
        if (r < 0)
            failure = r;
        above = last_of_batch(&upkeep->batch, above);
    } while (end == 0);
    return failure;
}

static int redo_changed_zones(struct upkeep *upkeep)
{
    int r = redo_changed_zones_once(upkeep);

    for (int i = 1; i < TRIES && r == 0 && upkeep->is_behind; ++i)
        r = redo_changed_zones_once(upkeep);
    return r;
}

/* Of the walk: a zone that was never in order has its next turn soon, others when they are changed.
 */
static int see_zone(struct upkeep *upkeep, const struct batch_zone *zone)
{
    int64_t zone_id = zone->order.zone_id;

    if (together_is_hopeless(zone->outcome))
        return zone->outcome;
    if (zone->outcome != 0)
        upkeep->is_behind = true;
    int r = zone->outcome < 0 ? changes_note(upkeep->db, zone_id) : 0;
    return r == 0 ? publisher_see(upkeep->publisher, upkeep->db, zone_id) : r;
}

/* The next zones of the walk. 0; CHANGES_E_END; negative. */
static int scan_batch(struct upkeep *upkeep)
{
    const struct batch *batch = &upkeep->batch;
    int end = redo_batch(upkeep, changes_next_zone, upkeep->scanned);

    for (size_t i = 0; end >= 0 && i < batch->count; ++i) {
        int r = see_zone(upkeep, &batch->zones[i]);
        if (r < 0)
            return r;
        upkeep->scanned = batch->zones[i].order.zone_id;
    }
    return end;
}

/* A slice of the walk through all zones. */
static int scan(struct upkeep *upkeep)
{
    int64_t until = clock_steady_ms() + SCAN_SLICE_MS;
    int r = 0;

    while (r == 0 && clock_steady_ms() < until)
        r = scan_batch(upkeep);
    if (r == CHANGES_E_END) {
        log_info("%s: all zones are in order", upkeep->config.path);
        upkeep->is_scanning = false;
        return 0;
    }
    return r;
}

/* Tables and triggers are made, or made anew. Changes may have been missed until then. */
static int look_at_schema(struct upkeep *upkeep)
{
    bool was_changed;

    int r = changes_install(upkeep->db, &was_changed);
    if (r == 0)
        r = changes_version(upkeep->db, &upkeep->version);
    if (r < 0 || (!upkeep->is_new && !was_changed))
        return r;
    r = changes_catch_up(upkeep->db);
    if (r < 0)
        return r;
    upkeep->is_new = false;
    upkeep->is_scanning = true;
    upkeep->scanned = INT64_MIN;
    return 0;
}

/* Whatever was committed before this call has been seen after it. */
static int look(struct upkeep *upkeep)
{
    struct changes_version version;

    int r = changes_version(upkeep->db, &version);
    if (r < 0)
        return r;
    bool has_moved = version.data != upkeep->version.data;
    if (version.schema != upkeep->version.schema) {
        upkeep->is_behind = true;
        r = look_at_schema(upkeep);
        if (r < 0)
            return r;
    }
    upkeep->version.data = version.data;
    return has_moved || upkeep->is_behind ? redo_changed_zones(upkeep) : 0;
}

static void close_database(struct upkeep *upkeep)
{
    database_free(upkeep->db);
    upkeep->db = NULL;
}

static int open_database(struct upkeep *upkeep)
{
    int r = database_open(&upkeep->config, &upkeep->db);

    if (r < 0)
        return r;
    upkeep->is_behind = true;
    return look_at_schema(upkeep);
}

/* Those that have come since the last time; `ret` is to be freed. */
static size_t take_told(struct upkeep *upkeep, struct news **ret)
{
    pthread_mutex_lock(&upkeep->lock);
    size_t count = upkeep->told_count;
    *ret = upkeep->told;
    upkeep->told = NULL;
    upkeep->told_count = upkeep->told_capacity = 0;
    pthread_mutex_unlock(&upkeep->lock);
    return count;
}

static int publish_told(struct upkeep *upkeep)
{
    CLEANUP(cleanup_freep) struct news *told = NULL;
    size_t count = take_told(upkeep, &told);
    int r = 0;

    for (size_t i = 0; i < count; ++i) {
        if (r < 0)
            tell(upkeep, &told[i]);
        else
            r = publish_news(upkeep, &told[i]);
    }
    return r;
}

static int publish(struct upkeep *upkeep)
{
    int r = publish_told(upkeep);

    if (r == 0)
        r = publisher_work(upkeep->publisher, upkeep->db, &upkeep->is_publishing);
    count_failure(upkeep, r);
    return r;
}

/* All that is to be done. What has failed for one zone doesn't keep others from being published,
 * nor the walk from going on. */
static int work_through(struct upkeep *upkeep)
{
    int failure = look(upkeep);

    if (together_is_hopeless(failure))
        return failure;
    int r = publish(upkeep);
    if (together_is_hopeless(r))
        return r;
    failure = failure < 0 ? failure : r;
    r = upkeep->is_scanning ? scan(upkeep) : 0;
    return failure < 0 ? failure : r;
}

static int work(struct upkeep *upkeep)
{
    int r = 0;

    if (upkeep->db && database_is_replaced(upkeep->db)) {
        upkeep->is_new = true;
        publisher_forget(upkeep->publisher);
        close_database(upkeep);
    }
    if (!upkeep->db) {
        r = open_database(upkeep);
        count_failure(upkeep, r);
    }
    if (r == 0)
        r = work_through(upkeep);
    if (r < 0) {
        upkeep->is_behind = true;
        if (r != -EBUSY)
            close_database(upkeep);
    }
    return r;
}

static void wait_for(struct upkeep *upkeep, int64_t ms)
{
    int64_t until = clock_steady_ms() + ms;
    int64_t left;

    pthread_mutex_lock(&upkeep->lock);
    while (!upkeep->is_ending && (left = until - clock_steady_ms()) > 0)
        clock_condition_wait(&upkeep->changed, &upkeep->lock, left);
    pthread_mutex_unlock(&upkeep->lock);
}

static void *run(void *userdata)
{
    struct upkeep *upkeep = userdata;

    while (!upkeep->is_ending) {
        int r = work(upkeep);
        if (r < 0)
            wait_for(upkeep, RETRY_MS);
        else if (!upkeep->is_scanning && !upkeep->is_publishing)
            wait_for(upkeep, POLL_MS);
    }
    close_database(upkeep);
    return NULL;
}

static int start_thread(struct upkeep *upkeep)
{
    int r = thread_start(&upkeep->thread, run, upkeep);

    if (r < 0)
        log_error("%s: can't start the upkeep thread", upkeep->config.path);
    return r;
}

static void free_all(struct upkeep *upkeep)
{
    pthread_cond_destroy(&upkeep->changed);
    pthread_mutex_destroy(&upkeep->lock);
    batch_deinit(&upkeep->batch);
    for (size_t i = 0; i < upkeep->told_count; ++i)
        hashes_deinit(&upkeep->told[i].lacking);
    free(upkeep->told);
    free(upkeep);
}

int upkeep_start(const struct database_config *config, struct publisher *publisher,
                 struct upkeep **ret)
{
    struct upkeep *upkeep = calloc(1, sizeof(*upkeep));

    if (!upkeep)
        return -ENOMEM;
    upkeep->publisher = publisher;
    upkeep->config = *config;
    upkeep->config.busy_timeout_ms = BUSY_MS;
    upkeep->config.deadline = 0;
    upkeep->config.is_cancelled = &upkeep->is_ending;
    upkeep->is_new = true;
    pthread_mutex_init(&upkeep->lock, NULL);
    clock_condition_init(&upkeep->changed);
    int r = start_thread(upkeep);
    if (r < 0) {
        free_all(upkeep);
        return r;
    }
    *ret = upkeep;
    return 0;
}

void upkeep_tell_edited(struct upkeep *upkeep, int64_t zone_id)
{
    struct news news = {.zone_id = zone_id};

    if (upkeep)
        tell(upkeep, &news);
}

void upkeep_tell_transferred(struct upkeep *upkeep, int64_t zone_id, struct hashes *lacking)
{
    struct news news = {.zone_id = zone_id, .lacking = *lacking};

    *lacking = (struct hashes){0};
    if (upkeep && news.lacking.count > 0)
        tell(upkeep, &news);
    else
        hashes_deinit(&news.lacking);
}

void upkeep_look(const struct upkeep *upkeep, struct upkeep_figures *ret)
{
    *ret = (struct upkeep_figures){.zones = counter_read(&upkeep->zones),
                                   .failures = counter_read(&upkeep->failures)};
}

void upkeep_free(struct upkeep *upkeep)
{
    if (!upkeep)
        return;
    pthread_mutex_lock(&upkeep->lock);
    upkeep->is_ending = true;
    pthread_cond_signal(&upkeep->changed);
    pthread_mutex_unlock(&upkeep->lock);
    pthread_join(upkeep->thread, NULL);
    free_all(upkeep);
}
