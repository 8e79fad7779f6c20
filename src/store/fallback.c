#include "store/fallback.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>

#include "store/fallback-file.h"
#include "store/fallback-queue.h"
#include "util/clock.h"
#include "util/log.h"
#include "util/thread.h"

/* What is learned within this time is written together; a crash of the machine loses no more. */
#define BATCH_DELAY_MS 1000

/* Or as many as this: a transaction's size. */
#define BATCH_ITEMS 2000

/* After a failure, doubling. */
#define RETRY_FIRST_MS 1000
#define RETRY_LAST_MS  16000

/* How long the end of the daemon may be delayed by writing. */
#define FINISH_MS 3000

struct fallback {
    pthread_t thread;
    pthread_mutex_t lock; /* the queue, `is_ending` and `figures`; all else is the thread's */
    pthread_cond_t changed;
    struct fallback_queue queue;
    bool is_ending;
    struct fallback_figures figures;
    struct fallback_file file;
    int retry_ms; /* 0: writing works */
};

/* With the lock held, until then at most. */
static void wait_until(struct fallback *fallback, int64_t until)
{
    clock_condition_wait(&fallback->changed, &fallback->lock, until - clock_steady_ms());
}

/* With the lock held: until there is a batch to write, or the end has come. What was never loaded
 * is as urgent as a batch. */
static void wait_for_batch(struct fallback *fallback)
{
    while (!fallback->is_ending && fallback->queue.count == 0 && !fallback->file.loaded)
        pthread_cond_wait(&fallback->changed, &fallback->lock);

    int64_t until = clock_steady_ms() + BATCH_DELAY_MS;

    while (!fallback->is_ending && fallback->queue.count < BATCH_ITEMS && clock_steady_ms() < until)
        wait_until(fallback, until);
}

/* With the lock held. */
static void wait_after_failure(struct fallback *fallback)
{
    int64_t until = clock_steady_ms() + fallback->retry_ms;

    while (!fallback->is_ending && clock_steady_ms() < until)
        wait_until(fallback, until);
}

/* Says once that it doesn't work, and once that it does again. */
static void note(struct fallback *fallback, int r)
{
    if (r == 0) {
        if (fallback->retry_ms > 0)
            log_notice("%s: the fallback database works again", fallback->file.path);
        fallback->retry_ms = 0;
    } else if (fallback->retry_ms == 0) {
        log_error("%s: can't use the fallback database, answers are kept in memory only until it "
                  "works again: %s",
                  fallback->file.path, fallback->file.error);
        fallback->retry_ms = RETRY_FIRST_MS;
    } else if (r == -EBUSY) {
        fallback->retry_ms = RETRY_FIRST_MS; /* locks go by themselves */
    } else if (fallback->retry_ms < RETRY_LAST_MS) {
        fallback->retry_ms *= 2;
    }
}

/* With the lock held, but not while writing. 0 or negative. */
static int write_batch(struct fallback *fallback)
{
    struct fallback_items batch = TAILQ_HEAD_INITIALIZER(batch);

    size_t before = fallback->queue.count;
    fallback_queue_take(&fallback->queue, BATCH_ITEMS, &batch);
    size_t taken = before - fallback->queue.count;
    pthread_mutex_unlock(&fallback->lock);
    int r = fallback_file_write(&fallback->file, &batch);
    note(fallback, r);
    pthread_mutex_lock(&fallback->lock);
    if (r < 0)
        fallback_queue_put_back(&fallback->queue, &batch);
    fallback->figures.failures += r < 0;
    fallback->figures.written += r < 0 ? 0 : taken;
    fallback_items_free(&batch);
    return r;
}

/* With the lock held: writes what is left. */
static void finish(struct fallback *fallback)
{
    int64_t until = clock_steady_ms() + FINISH_MS;
    int r = 0;

    fallback->file.loaded = NULL; /* nobody needs it any more */
    while (r == 0 && fallback->queue.count > 0 && clock_steady_ms() < until)
        r = write_batch(fallback);
    if (fallback->queue.count > 0)
        log_error("%s: %zu answers could not be written before the end", fallback->file.path,
                  fallback->queue.count);
}

static void *write_behind(void *userdata)
{
    struct fallback *fallback = userdata;

    pthread_mutex_lock(&fallback->lock);
    for (;;) {
        wait_for_batch(fallback);
        if (fallback->is_ending)
            break;
        if (write_batch(fallback) < 0)
            wait_after_failure(fallback);
    }
    finish(fallback);
    pthread_mutex_unlock(&fallback->lock);
    return NULL;
}

static int start_thread(struct fallback *fallback)
{
    int r = thread_start(&fallback->thread, write_behind, fallback);

    if (r < 0)
        log_error("%s: can't start the writing thread", fallback->file.path);
    return r;
}

static void free_all(struct fallback *fallback)
{
    fallback_file_deinit(&fallback->file);
    fallback_queue_deinit(&fallback->queue);
    pthread_cond_destroy(&fallback->changed);
    pthread_mutex_destroy(&fallback->lock);
    free(fallback);
}

static struct fallback *make(const char *path, fallback_entry_fn loaded, void *userdata)
{
    struct fallback *fallback = calloc(1, sizeof(*fallback));

    if (!fallback)
        return NULL;
    pthread_mutex_init(&fallback->lock, NULL);
    clock_condition_init(&fallback->changed);
    fallback_queue_init(&fallback->queue);
    if (fallback_file_init(&fallback->file, path, loaded, userdata) == 0)
        return fallback;
    free_all(fallback);
    return NULL;
}

int fallback_open(const char *path, fallback_entry_fn loaded, void *userdata, struct fallback **ret)
{
    struct fallback *fallback = make(path, loaded, userdata);

    if (!fallback)
        return -ENOMEM;
    int r = fallback_file_open(&fallback->file);
    if (r != -ENOMEM) {
        note(fallback, r);
        fallback->figures.failures += r < 0;
        r = start_thread(fallback);
    }
    if (r < 0) {
        free_all(fallback);
        return r;
    }
    *ret = fallback;
    return 0;
}

void fallback_free(struct fallback *fallback)
{
    if (!fallback)
        return;
    pthread_mutex_lock(&fallback->lock);
    fallback->is_ending = true;
    pthread_cond_signal(&fallback->changed);
    pthread_mutex_unlock(&fallback->lock);
    pthread_join(fallback->thread, NULL);
    free_all(fallback);
}

void fallback_look(struct fallback *fallback, struct fallback_figures *ret)
{
    pthread_mutex_lock(&fallback->lock);
    *ret = fallback->figures;
    ret->queued = fallback->queue.count;
    pthread_mutex_unlock(&fallback->lock);
}

static int enqueue(struct fallback *fallback, const struct fallback_entry *entry, bool is_removal)
{
    struct fallback_item *item = fallback_item_new(entry, is_removal);

    if (!item)
        return -ENOMEM;
    pthread_mutex_lock(&fallback->lock);
    size_t before = fallback->queue.count;
    int r = fallback_queue_put(&fallback->queue, item);
    size_t after = fallback->queue.count;
    if (before != after && (after == 1 || after == BATCH_ITEMS))
        pthread_cond_signal(&fallback->changed);
    pthread_mutex_unlock(&fallback->lock);
    return r;
}

int fallback_store(struct fallback *fallback, const struct fallback_entry *entry)
{
    return enqueue(fallback, entry, false);
}

int fallback_remove(struct fallback *fallback, const char *target, enum dns_family family)
{
    struct fallback_entry entry = {.target = target, .family = family};

    return enqueue(fallback, &entry, true);
}
