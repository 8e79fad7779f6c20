#include "resolve/resolver.h"

#include <errno.h>
#include <event2/event.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <unbound-event.h>
#include <unbound.h>
#include <unistd.h>

#include "resolve/engine.h"
#include "resolve/unbound-log.h"
#include "resolve/verdict.h"
#include "util/cleanup.h"
#include "util/clock-step.h"
#include "util/clock.h"
#include "util/log.h"

#define CLASS_IN 1

/* Requests started before the event loop gets its turn again: many may be answered on the spot,
 * from libunbound's cache. */
#define START_BATCH 128

struct request {
    TAILQ_ENTRY(request) link; /* of resolver.queue, then of generation.requests */
    struct resolver *resolver;
    struct generation *generation;
    enum dns_family family;
    int id;      /* libunbound's, for ub_cancel() */
    bool *ended; /* while it is being started: set when it is answered before that returns */
    char target[];
};

TAILQ_HEAD(request_list, request);

/* A libunbound context and what it is resolving. */
struct generation {
    TAILQ_ENTRY(generation) link;
    struct ub_ctx *context;
    struct request_list requests;
};

struct resolver {
    struct event_base *base;
    resolver_done_fn done;
    void *userdata;
    resolver_renew_fn renew;      /* may be NULL */
    atomic_bool is_to_forget;     /* before the next start */
    struct clock_step clock_step; /* since the last start */

    struct generation *current;
    TAILQ_HEAD(, generation) retired;
    struct event *reap; /* frees retired generations that have ended */

    int wake_fd;
    struct event *wake; /* starts what is queued */
    atomic_size_t pending;
    pthread_mutex_t lock;      /* guards: */
    struct request_list queue; /* not empty: wake_fd is readable, or start_queued() is running */
};

static void generation_free(struct generation *generation)
{
    struct request *request;

    TAILQ_FOREACH(request, &generation->requests, link)
    ub_cancel(generation->context, request->id);
    ub_ctx_delete(generation->context);
    while ((request = TAILQ_FIRST(&generation->requests))) {
        TAILQ_REMOVE(&generation->requests, request, link);
        free(request);
    }
    free(generation);
}

static int generation_new(struct event_base *base, const struct resolver_config *config,
                          struct generation **ret)
{
    CLEANUP(cleanup_freep) struct generation *generation = calloc(1, sizeof(*generation));
    int r;

    if (!generation)
        return -ENOMEM;
    TAILQ_INIT(&generation->requests);
    r = engine_new(base, config, &generation->context);
    if (r < 0)
        return r;
    *ret = TAKE(generation);
    return 0;
}

/* The end of a request: takes it out of the books, calls back, frees it. */
static void finish(struct request *request, struct outcome *outcome)
{
    struct resolver *resolver = request->resolver;
    struct generation *generation = request->generation;

    TAILQ_REMOVE(&generation->requests, request, link);
    if (request->ended)
        *request->ended = true;
    if (generation != resolver->current && TAILQ_EMPTY(&generation->requests))
        event_active(resolver->reap, EV_TIMEOUT, 0);
    atomic_fetch_sub(&resolver->pending, 1);
    resolver->done(resolver->userdata, request->target, request->family, outcome);
    outcome_deinit(outcome);
    free(request);
}

static void on_answer(void *userdata, int rcode, void *packet, int size, int security,
                      char *why_bogus, int was_ratelimited)
{
    struct request *request = userdata;
    struct verdict_answer answer = {
        .rcode = rcode,
        .packet = packet,
        .size = (size_t)size,
        .security = security,
        .why_bogus = why_bogus,
    };
    struct outcome outcome;

    if (was_ratelimited)
        verdict_failure(&outcome, "rate-limited by libunbound");
    else
        verdict_of(&answer, request->family, &outcome);
    finish(request, &outcome);
}

static void start(struct resolver *resolver, struct request *request)
{
    struct generation *generation = resolver->current;
    struct outcome outcome;
    bool ended = false;
    int id = 0, error;

    request->generation = generation;
    request->ended = &ended;
    TAILQ_INSERT_TAIL(&generation->requests, request, link);
    error = ub_resolve_event(generation->context, *request->target ? request->target : ".",
                             dns_family_type(request->family), CLASS_IN, request, on_answer, &id);
    if (ended)
        return;
    request->ended = NULL;
    request->id = id;
    if (error != 0) {
        verdict_failure(&outcome, "libunbound: %s", ub_strerror(error));
        finish(request, &outcome);
    }
}

/* Also where nothing but the clock speaks for it: what libunbound has of some seconds, it would
 * have for as long as that was set back. */
static void renew_if_needed(struct resolver *resolver)
{
    int64_t shift = clock_step_look(&resolver->clock_step, clock_steady_ms(), clock_wall_s());

    if ((atomic_exchange(&resolver->is_to_forget, false) || shift != 0) && resolver->renew)
        resolver->renew(resolver->userdata, shift);
}

static struct request *take_queued(struct resolver *resolver)
{
    struct request *request;

    pthread_mutex_lock(&resolver->lock);
    request = TAILQ_FIRST(&resolver->queue);
    if (request)
        TAILQ_REMOVE(&resolver->queue, request, link);
    pthread_mutex_unlock(&resolver->lock);
    return request;
}

static void wake_up(struct resolver *resolver)
{
    /* Fails only when the counter would overflow: readable then, too. */
    (void)!eventfd_write(resolver->wake_fd, 1);
}

static void start_queued(evutil_socket_t fd, short what, void *userdata)
{
    struct resolver *resolver = userdata;
    struct request *request;
    eventfd_t count;

    (void)!eventfd_read(fd, &count);
    for (int i = 0; i < START_BATCH; ++i) {
        request = take_queued(resolver);
        if (!request)
            return;
        renew_if_needed(resolver);
        start(resolver, request);
    }
    wake_up(resolver);
}

static void reap_retired(evutil_socket_t fd, short what, void *userdata)
{
    struct resolver *resolver = userdata;
    struct generation *generation, *next;

    for (generation = TAILQ_FIRST(&resolver->retired); generation; generation = next) {
        next = TAILQ_NEXT(generation, link);
        if (!TAILQ_EMPTY(&generation->requests))
            continue;
        TAILQ_REMOVE(&resolver->retired, generation, link);
        generation_free(generation);
        unbound_log_attach(resolver->current->context);
    }
}

static int create_events(struct resolver *resolver)
{
    resolver->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (resolver->wake_fd < 0) {
        log_error("can't make an eventfd: %m");
        return -errno;
    }
    resolver->wake =
        event_new(resolver->base, resolver->wake_fd, EV_READ | EV_PERSIST, start_queued, resolver);
    resolver->reap = event_new(resolver->base, -1, 0, reap_retired, resolver);
    if (!resolver->wake || !resolver->reap || event_add(resolver->wake, NULL) < 0)
        return -ENOMEM;
    return 0;
}

CLEANUP_DEFINE(struct resolver *, resolver_free)

int resolver_new(struct event_base *base, const struct resolver_config *config,
                 resolver_done_fn done, void *userdata, struct resolver **ret)
{
    CLEANUP(resolver_freep) struct resolver *resolver = calloc(1, sizeof(*resolver));
    int r;

    if (!resolver)
        return -ENOMEM;
    resolver->base = base;
    resolver->done = done;
    resolver->userdata = userdata;
    resolver->wake_fd = -1;
    TAILQ_INIT(&resolver->retired);
    TAILQ_INIT(&resolver->queue);
    pthread_mutex_init(&resolver->lock, NULL);
    r = create_events(resolver);
    if (r == 0)
        r = generation_new(base, config, &resolver->current);
    if (r < 0)
        return r;
    *ret = TAKE(resolver);
    return 0;
}

void resolver_free(struct resolver *resolver)
{
    struct generation *generation;
    struct request *request;

    if (!resolver)
        return;
    while ((generation = TAILQ_FIRST(&resolver->retired))) {
        TAILQ_REMOVE(&resolver->retired, generation, link);
        generation_free(generation);
    }
    if (resolver->current)
        generation_free(resolver->current);
    while ((request = take_queued(resolver)))
        free(request);
    if (resolver->wake)
        event_free(resolver->wake);
    if (resolver->reap)
        event_free(resolver->reap);
    if (resolver->wake_fd >= 0)
        close(resolver->wake_fd);
    pthread_mutex_destroy(&resolver->lock);
    free(resolver);
}

int resolver_reconfigure(struct resolver *resolver, const struct resolver_config *config)
{
    struct generation *generation;
    int r = generation_new(resolver->base, config, &generation);

    /* A context that came to nothing has taken the log with it. */
    if (r < 0) {
        unbound_log_attach(resolver->current->context);
        return r;
    }
    TAILQ_INSERT_TAIL(&resolver->retired, resolver->current, link);
    resolver->current = generation;
    event_active(resolver->reap, EV_TIMEOUT, 0);
    return 0;
}

int resolver_request(struct resolver *resolver, const char *target, enum dns_family family)
{
    size_t size = strlen(target) + 1;
    struct request *request = calloc(1, sizeof(*request) + size);
    bool was_empty;

    if (!request)
        return -ENOMEM;
    request->resolver = resolver;
    request->family = family;
    memcpy(request->target, target, size);

    atomic_fetch_add(&resolver->pending, 1);
    pthread_mutex_lock(&resolver->lock);
    was_empty = TAILQ_EMPTY(&resolver->queue);
    TAILQ_INSERT_TAIL(&resolver->queue, request, link);
    pthread_mutex_unlock(&resolver->lock);
    if (was_empty)
        wake_up(resolver);
    return 0;
}

void resolver_set_renewal(struct resolver *resolver, resolver_renew_fn renew)
{
    resolver->renew = renew;
}

void resolver_forget(struct resolver *resolver)
{
    atomic_store(&resolver->is_to_forget, true);
}

size_t resolver_pending(struct resolver *resolver)
{
    return atomic_load(&resolver->pending);
}

int resolver_check(const struct resolver_config *config)
{
    struct event_base *base = event_base_new();
    struct generation *generation;
    int r;

    if (!base)
        return -ENOMEM;
    r = generation_new(base, config, &generation);
    if (r == 0)
        generation_free(generation);
    event_base_free(base);
    return r;
}
