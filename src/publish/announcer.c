#include "publish/announcer.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "publish/announcer-queue.h"
#include "publish/control-socket.h"
#include "util/counter.h"
#include "util/log.h"
#include "util/thread.h"

/* PowerDNS answers within milliseconds. But it takes one command after the other, and looks a zone
 * that is to be notified up in its backends, of which we are one. */
#define TIMEOUT_MS 2000

#define TRIES      2

/* One PowerDNS. */
struct channel {
    struct announcer *announcer;
    const char *path;
    pthread_t thread;
    pthread_mutex_t lock; /* for `queue` and `changed` alone */
    pthread_cond_t changed;
    struct announcer_queue queue;
    struct log_limit undelivered;
    struct log_limit refused;
};

struct announcer {
    struct counter purges;
    struct counter notifies;
    struct counter failures;
    atomic_bool is_ending;
    int wake_fd;          /* an eventfd, raised at the end and never lowered */
    size_t channel_count; /* whose threads run */
    struct channel channels[];
};

static const char *hint(int error)
{
    switch (error) {
    case ENOENT:
    case ECONNREFUSED:
        return " (is PowerDNS running, and is that its control socket?)";
    case EACCES:
        return " (it belongs to the user that PowerDNS runs as: run as that user, or have PowerDNS "
               "make it writable for our group, by setgid in pdns.conf or by UMask= in its unit)";
    case ENODATA:
        return " (PowerDNS hung up without an answer)";
    default:
        return "";
    }
}

static void log_undelivered(struct channel *channel, const char *line, int r)
{
    log_write_limited(&channel->undelivered, LOG_LEVEL_WARNING, "%s: can't be told '%.200s': %s%s",
                      channel->path, line, strerror(-r), hint(-r));
}

/* pdns/dynhandler.cc: how many entries were forgotten; 'Added to queue', or what is wrong. */
static bool is_success(const struct announcer_queue_command *command, const char *answer)
{
    if (command->kind == ANNOUNCER_QUEUE_PURGE)
        return answer[strspn(answer, "0123456789")] == '\0';
    return strncmp(answer, "Added", strlen("Added")) == 0;
}

static void judge(struct channel *channel, const struct announcer_queue_command *command,
                  const char *answer)
{
    struct announcer *announcer = channel->announcer;

    if (!is_success(command, answer)) {
        counter_add(&announcer->failures, 1);
        log_write_limited(&channel->refused, LOG_LEVEL_WARNING,
                          "%s: PowerDNS answers '%.200s' with '%.200s'", channel->path,
                          command->line, answer);
        return;
    }
    log_debug("%s: '%.1000s': %s", channel->path, command->line, answer);
    counter_add(command->kind == ANNOUNCER_QUEUE_PURGE ? &announcer->purges : &announcer->notifies,
                command->count);
}

static void deliver(struct channel *channel, const struct announcer_queue_command *command)
{
    struct announcer *announcer = channel->announcer;
    char answer[CONTROL_SOCKET_ANSWER_SIZE];
    int r = -ETIMEDOUT;

    for (int i = 0; i < TRIES && r == -ETIMEDOUT; ++i)
        r = control_socket_ask(channel->path, command->line, TIMEOUT_MS, announcer->wake_fd,
                               answer);
    if (r == -ECANCELED)
        return;
    if (r < 0) {
        counter_add(&announcer->failures, 1);
        log_undelivered(channel, command->line, r);
        return;
    }
    judge(channel, command, answer);
}

/* Waits for it. Whether there is one: else this is the end. */
static bool next_command(struct channel *channel, struct announcer_queue_command *ret)
{
    struct announcer *announcer = channel->announcer;

    pthread_mutex_lock(&channel->lock);
    while (!announcer->is_ending && announcer_queue_is_empty(&channel->queue))
        pthread_cond_wait(&channel->changed, &channel->lock);
    bool has_one = !announcer->is_ending && announcer_queue_take(&channel->queue, ret) == 0;
    pthread_mutex_unlock(&channel->lock);
    return has_one;
}

static void *run(void *userdata)
{
    struct channel *channel = userdata;
    struct announcer_queue_command command;

    while (next_command(channel, &command))
        deliver(channel, &command);
    return NULL;
}

static void channel_deinit(struct channel *channel)
{
    announcer_queue_deinit(&channel->queue);
    pthread_cond_destroy(&channel->changed);
    pthread_mutex_destroy(&channel->lock);
}

static int channel_start(struct channel *channel, struct announcer *announcer, const char *path)
{
    *channel = (struct channel){
        .announcer = announcer,
        .path = path,
        .undelivered = LOG_LIMIT(1, 60000),
        .refused = LOG_LIMIT(5, 60000),
    };
    announcer_queue_init(&channel->queue);
    pthread_mutex_init(&channel->lock, NULL);
    pthread_cond_init(&channel->changed, NULL);
    int r = thread_start(&channel->thread, run, channel);
    if (r < 0) {
        log_error("%s: can't start the thread for it", path);
        channel_deinit(channel);
    }
    return r;
}

static int make_announcer(size_t socket_count, struct announcer **ret)
{
    struct announcer *announcer =
        calloc(1, sizeof(*announcer) + socket_count * sizeof(announcer->channels[0]));

    if (!announcer)
        return -ENOMEM;
    announcer->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (announcer->wake_fd < 0) {
        int r = -errno;

        log_error("can't make an eventfd: %m");
        free(announcer);
        return r;
    }
    *ret = announcer;
    return 0;
}

int announcer_start(const char *const *sockets, struct announcer **ret)
{
    CLEANUP(announcer_freep) struct announcer *announcer = NULL;
    size_t count = 0;

    while (sockets[count])
        ++count;
    int r = make_announcer(count, &announcer);
    for (size_t i = 0; i < count && r == 0; ++i) {
        r = channel_start(&announcer->channels[i], announcer, sockets[i]);
        if (r == 0)
            ++announcer->channel_count;
    }
    if (r < 0)
        return r;
    *ret = TAKE(announcer);
    return 0;
}

static void change(struct announcer *announcer,
                   void (*change_queue)(struct announcer_queue *queue, const char *name),
                   const char *name)
{
    for (size_t i = 0; i < announcer->channel_count; ++i) {
        struct channel *channel = &announcer->channels[i];

        pthread_mutex_lock(&channel->lock);
        change_queue(&channel->queue, name);
        pthread_cond_signal(&channel->changed);
        pthread_mutex_unlock(&channel->lock);
    }
}

void announcer_purge_zone(struct announcer *announcer, const char *zone)
{
    change(announcer, announcer_queue_purge_zone, zone);
}

void announcer_purge_name(struct announcer *announcer, const char *name)
{
    change(announcer, announcer_queue_purge_name, name);
}

void announcer_notify(struct announcer *announcer, const char *zone)
{
    change(announcer, announcer_queue_notify, zone);
}

void announcer_look(const struct announcer *announcer, struct announcer_figures *ret)
{
    *ret = (struct announcer_figures){.purges = counter_read(&announcer->purges),
                                      .notifies = counter_read(&announcer->notifies),
                                      .failures = counter_read(&announcer->failures)};
}

static void wake_up(struct channel *channel)
{
    pthread_mutex_lock(&channel->lock);
    pthread_cond_signal(&channel->changed);
    pthread_mutex_unlock(&channel->lock);
}

void announcer_free(struct announcer *announcer)
{
    if (!announcer)
        return;
    /* In this order: else a thread that is woken would begin its next command. */
    announcer->is_ending = true;
    (void)!eventfd_write(announcer->wake_fd, 1);
    for (size_t i = 0; i < announcer->channel_count; ++i)
        wake_up(&announcer->channels[i]);
    for (size_t i = 0; i < announcer->channel_count; ++i) {
        pthread_join(announcer->channels[i].thread, NULL);
        channel_deinit(&announcer->channels[i]);
    }
    close(announcer->wake_fd);
    free(announcer);
}
