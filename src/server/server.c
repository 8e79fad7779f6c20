#include "server/server.h"

#include <errno.h>
#include <event2/event.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "alias/noticer.h"
#include "alias/targets.h"
#include "build-config.h"
#include "dns/ranges.h"
#include "resolve/resolver.h"
#include "server/accounts.h"
#include "server/event-log.h"
#include "server/figures.h"
#include "server/handoff.h"
#include "server/handover.h"
#include "server/listener.h"
#include "server/readiness.h"
#include "server/session.h"
#include "server/sessions.h"
#include "server/setup.h"
#include "server/status-server.h"
#include "store/fallback.h"
#include "upkeep/upkeep.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/integer.h"
#include "util/log.h"

/* How long sessions may take to end at SIGTERM, with the default settings longer than any answer
 * takes; then how long those may that still wait for a resolution, and are told that it fails. */
#define STOP_GRACE_MS   3000
#define STOP_FAILING_MS 1000

/* Until a new context that couldn't be made is tried again: at first, and at most. */
#define RENEWAL_PAUSE_MS     1000
#define RENEWAL_PAUSE_MAX_MS 60000

/* A context of libunbound's that remembers nothing, wanted and not made yet. */
struct renewal {
    bool is_wanted;
    bool retries_targets; /* as well, once it is made */
    int64_t tried_at;     /* steady ms; this and the next where a try has failed */
    int64_t pause;        /* ms, from then to the next; 0: none has failed */
};

struct server {
    const struct settings *settings;
    server_reload_fn reload;
    void *reload_userdata;

    struct handover handover;
    struct listener *listener;
    struct event_base *base;
    struct resolver *resolver;
    struct renewal renewal;
    struct ranges denied[2]; /* alias-deny: in force, and being tried */
    unsigned denied_in_force;
    struct targets *targets;
    struct fallback *fallback;
    struct noticer *noticer;
    struct handoff *handoff;     /* NULL where handoff-address isn't set */
    struct announcer *announcer; /* these three: NULL where the zone database is read-only */
    struct publisher *publisher;
    struct upkeep *upkeep;
    struct sessions *sessions;
    struct session_shared shared;
    struct figures figures;
    struct figures_lookups lookups;
    struct status_server *status; /* NULL unless it is wanted */
    struct event *tick;
    struct event *hangup;
    struct event *termination;
    struct event *interrupt;
    struct event *stopping;
    int64_t stop_by; /* steady ms: sessions that haven't ended then wait no longer */
};

static int start_resolution(void *userdata, const char *target, enum dns_family family)
{
    struct server *server = userdata;

    return resolver_request(server->resolver, target, family);
}

static void on_resolved(void *userdata, const char *target, enum dns_family family,
                        struct outcome *outcome)
{
    struct server *server = userdata;

    targets_resolved(server->targets, target, family, outcome);
    handoff_wake(server->handoff);
}

/* The ranges of `alias-deny` are put in force by apply_settings(). */
static int try_denied(struct server *server, const struct settings *settings)
{
    int r = ranges_read_denied((const char *const *)settings->alias_deny,
                               &server->denied[!server->denied_in_force]);

    return r > 0 ? -EINVAL : r;
}

/* A new context each time, also if no setting has changed: the files that are named may have. */
static int try_settings(void *userdata, const struct settings *candidate)
{
    struct server *server = userdata;
    struct resolver_config resolver = setup_resolver(candidate);
    int r;

    r = try_denied(server, candidate);
    if (r == 0)
        r = resolver_reconfigure(server->resolver, &resolver);
    if (r < 0)
        return r;
    server->renewal = (struct renewal){0};
    targets_retry_all(server->targets);
    return 0;
}

/* If it fails (a file that a setting names has become unreadable) that was logged, the old context
 * goes on, and the tick tries again. */
static void renew_if_due(struct server *server)
{
    struct renewal *renewal = &server->renewal;
    int64_t now = clock_steady_ms();

    if (!renewal->is_wanted || now < renewal->tried_at + renewal->pause)
        return;
    struct resolver_config resolver = setup_resolver(server->settings);
    if (resolver_reconfigure(server->resolver, &resolver) < 0) {
        renewal->pause =
            integer_min(integer_max(RENEWAL_PAUSE_MS, 2 * renewal->pause), RENEWAL_PAUSE_MAX_MS);
        renewal->tried_at = now;
        return;
    }
    if (renewal->pause > 0)
        log_notice("libunbound's cache is given up now, which had failed");
    if (renewal->retries_targets)
        targets_retry_all(server->targets);
    *renewal = (struct renewal){0};
}

/* libunbound's cache is of no use any more. Who wants it given up isn't to wait for long because it
 * has failed for long. */
static void renew_resolver(void *userdata, int64_t clock_shift)
{
    struct server *server = userdata;

    if (clock_shift != 0)
        log_notice("the wall clock was set %s by %" PRId64 " s: libunbound's cache is given up",
                   clock_shift > 0 ? "forward" : "back",
                   clock_shift > 0 ? clock_shift : -clock_shift);
    server->renewal.is_wanted = true;
    server->renewal.retries_targets = server->renewal.retries_targets || clock_shift != 0;
    server->renewal.pause = integer_min(server->renewal.pause, RENEWAL_PAUSE_MS);
    renew_if_due(server);
}

static void on_tick(evutil_socket_t fd, short what, void *userdata)
{
    struct server *server = userdata;

    renew_if_due(server);
    targets_tick(server->targets);
}

static void apply_settings(struct server *server)
{
    const struct settings *settings = server->settings;
    struct ranges *denied_before = &server->denied[server->denied_in_force];
    struct alias_config alias;

    server->denied_in_force = !server->denied_in_force;
    alias = setup_alias(settings, &server->denied[server->denied_in_force]);
    log_set_level(settings->loglevel);
    server->shared.lookup_memory_max = settings->lookup_memory_max * 1024 * 1024;
    server->shared.max_request_size = settings->max_request_size * 1024 * 1024;
    server->shared.answer_deadline_ms = settings->answer_deadline;
    server->shared.alias_addresses_max = settings->alias_addresses_max;
    server->shared.alias_hops_max = settings->alias_hops_max;
    server->shared.alias_txt = settings->alias_txt;
    server->shared.auto_serial = settings->auto_serial;
    server->shared.publish_delay_ms = settings->publish_delay;
    if (server->sessions)
        sessions_set_maximum(server->sessions, settings->max_sessions);
    if (server->targets)
        targets_configure(server->targets, &alias);
    ranges_deinit(denied_before);
}

static void reread_settings(struct server *server)
{
    readiness_reloading();
    if (server->reload(server->reload_userdata, try_settings, server) == 0) {
        apply_settings(server);
        publisher_review(server->publisher);
        log_notice("settings reread");
    } else {
        log_error("SIGHUP: the settings are not usable; the old ones stay in force");
    }
    readiness_ready();
}

static void on_hangup(evutil_socket_t number, short what, void *userdata)
{
    reread_settings(userdata);
}

/* Sessions end by themselves while the loop goes on, so that what they wait for can still come. */
static void on_stopping(evutil_socket_t fd, short what, void *userdata)
{
    struct server *server = userdata;
    int64_t now = clock_steady_ms();

    if (now >= server->stop_by)
        targets_shutdown(server->targets);
    /* As long as there are sessions PowerDNS may ask about what they say. */
    bool has_ended =
        sessions_ask_to_end(server->sessions) == 0 && handoff_end(server->handoff) == 0;
    if (has_ended || now >= server->stop_by + STOP_FAILING_MS)
        event_base_loopbreak(server->base);
}

static void begin_to_stop(struct server *server)
{
    static const struct timeval interval = {.tv_usec = SESSIONS_WAKE_INTERVAL_MS * 1000};

    readiness_stopping();
    listener_free(server->listener);
    server->listener = NULL;
    server->stop_by = clock_steady_ms() + STOP_GRACE_MS;
    event_add(server->stopping, &interval);
    on_stopping(-1, 0, server);
}

/* The second time there is no waiting. */
static void on_termination(evutil_socket_t number, short what, void *userdata)
{
    struct server *server = userdata;

    log_notice("ending: %s", number == SIGTERM ? "SIGTERM" : "SIGINT");
    if (server->listener)
        begin_to_stop(server);
    else
        event_base_loopbreak(server->base);
}

/* The zone database has to be there and usable at start, where somebody sees the message. */
static int try_database(const struct server *server)
{
    CLEANUP(database_freep) struct database *db = NULL;

    return database_open(&server->shared.database, &db);
}

/* With nothing known, and nothing resolved before the loop's first tick. */
static int make_targets(struct server *server)
{
    struct alias_config alias =
        setup_alias(server->settings, &server->denied[server->denied_in_force]);

    return targets_new(&alias, start_resolution, server, &server->targets);
}

static int make_resolution(struct server *server)
{
    struct resolver_config resolver = setup_resolver(server->settings);
    int r = 0;

    if (*server->settings->fallback_db) {
        r = fallback_open(server->settings->fallback_db, targets_load, server->targets,
                          &server->fallback);
        if (r == 0)
            targets_set_fallback(server->targets, server->fallback);
    }
    if (r == 0)
        r = resolver_new(server->base, &resolver, on_resolved, server, &server->resolver);
    if (r < 0)
        return r;
    resolver_set_renewal(server->resolver, renew_resolver);
    return noticer_start(&server->shared.database, server->targets, &server->shared.alias_hops_max,
                         &server->noticer);
}

static int make_publisher(struct server *server)
{
    struct publisher_config config = {
        .targets = server->targets,
        .delay_ms = &server->shared.publish_delay_ms,
        .hops_max = &server->shared.alias_hops_max,
        .auto_serial = &server->shared.auto_serial,
        .alias_txt = &server->shared.alias_txt,
    };
    int r = announcer_start((const char *const *)server->settings->pdns_control_socket,
                            &server->announcer);

    config.announcer = server->announcer;
    return r == 0 ? publisher_new(&config, &server->publisher) : r;
}

/* A replica leaves it all to the one who writes. */
static int start_upkeep(struct server *server)
{
    if (!server->settings->zone_upkeep)
        return 0;
    int r = make_publisher(server);
    if (r == 0)
        r = upkeep_start(&server->shared.database, server->publisher, &server->upkeep);
    return r;
}

static int make_sessions(struct server *server)
{
    server->shared.targets = server->targets;
    server->shared.resolver = server->resolver;
    server->shared.upkeep = server->upkeep;
    server->shared.figures = &server->figures;
    server->shared.lookups = &server->lookups;
    server->shared.keeps_connections = server->handover.is_on;
    int r = sessions_new(&server->shared, server->settings->max_sessions, &server->sessions);
    if (r < 0)
        return r;
    server->figures = (struct figures){
        .targets = server->targets,
        .fallback = server->fallback,
        .upkeep = server->upkeep,
        .publisher = server->publisher,
        .announcer = server->announcer,
        .lookups = &server->lookups,
        .sessions = server->sessions,
        .started_at = clock_wall_s(),
    };
    return 0;
}

static int make_events(struct server *server)
{
    static const struct timeval interval = {.tv_usec = TARGETS_TICK_MS * 1000};
    struct event_base *base = server->base;

    server->hangup = evsignal_new(base, SIGHUP, on_hangup, server);
    server->termination = evsignal_new(base, SIGTERM, on_termination, server);
    server->interrupt = evsignal_new(base, SIGINT, on_termination, server);
    server->stopping = event_new(base, -1, EV_PERSIST, on_stopping, server);
    server->tick = event_new(base, -1, EV_PERSIST, on_tick, server);
    if (!server->hangup || !server->termination || !server->interrupt || !server->stopping ||
        !server->tick)
        return -ENOMEM;
    if (event_add(server->hangup, NULL) < 0 || event_add(server->termination, NULL) < 0 ||
        event_add(server->interrupt, NULL) < 0 || event_add(server->tick, &interval) < 0)
        return -ENOMEM;
    return listener_start(server->listener, server->base, server->sessions);
}

static int start_status_server(struct server *server)
{
    const char *address = server->settings->status_address;

    return *address ? status_server_start(server->base, address, &server->figures, &server->status)
                    : 0;
}

static int make_listener(struct server *server)
{
    int passed = server->handover.listener;

    server->handover.listener = -1;
    return passed >= 0 ? listener_adopt(passed, &server->listener)
                       : listener_new(server->settings, &server->listener);
}

/* Goes on where the process before this one was. */
static void take_connections_over(struct server *server)
{
    struct handover *handover = &server->handover;

    for (size_t i = 0; i < handover->count; ++i) {
        sessions_start(server->sessions, handover->connections[i].fd,
                       handover->connections[i].is_raw);
        handover->connections[i].fd = -1;
    }
    if (handover->count > 0)
        log_notice("%zu connections taken over", handover->count);
}

static int make_handoff(struct server *server)
{
    if (!*server->settings->handoff_address)
        return 0;
    server->shared.hands_off = true;
    return handoff_new(server->settings->handoff_address, &server->handoff);
}

static int start_handoff(struct server *server)
{
    if (!server->handoff)
        return 0;
    return handoff_start(server->handoff, server->base, server->targets,
                         &server->shared.answer_deadline_ms, &server->shared.alias_addresses_max);
}

static int start(struct server *server)
{
    int r;

    signal(SIGPIPE, SIG_IGN);
    event_log_attach();
    server->shared.database = setup_database(server->settings);
    r = handover_take(&server->handover);
    /* First of all the socket: that refuses a second daemon before it touches anything. */
    if (r == 0)
        r = make_listener(server);
    if (r == 0)
        r = make_handoff(server);
    if (r == 0)
        r = accounts_drop_privileges(server->settings);
    if (r == 0)
        r = try_database(server);
    if (r)
        return r;
    server->base = event_base_new();
    if (!server->base)
        return -ENOMEM;
    r = make_targets(server);
    if (r == 0)
        r = start_upkeep(server);
    if (r == 0)
        r = make_resolution(server);
    if (r == 0)
        r = make_sessions(server);
    if (r == 0)
        r = start_handoff(server);
    if (r == 0)
        r = start_status_server(server);
    if (r == 0)
        r = make_events(server);
    if (r == 0)
        take_connections_over(server);
    return r;
}

static void free_event(struct event *event)
{
    if (event)
        event_free(event);
}

static void clean_up(struct server *server)
{
    listener_free(server->listener);
    handover_deinit(&server->handover);
    status_server_free(server->status);
    if (server->targets)
        targets_shutdown(server->targets);
    if (server->sessions)
        sessions_cut_off(server->sessions);
    sessions_free(server->sessions);
    noticer_free(server->noticer); /* the last to close has to be one that can write the WAL back */
    upkeep_free(server->upkeep);
    publisher_free(server->publisher);
    announcer_free(server->announcer);
    handoff_free(server->handoff);
    server->handoff = NULL;
    resolver_free(server->resolver);
    if (server->targets)
        targets_set_fallback(server->targets, NULL);
    fallback_free(server->fallback);
    targets_freep(&server->targets);
    for (size_t i = 0; i < sizeof(server->denied) / sizeof(server->denied[0]); ++i)
        ranges_deinit(&server->denied[i]);
    free_event(server->tick);
    free_event(server->hangup);
    free_event(server->termination);
    free_event(server->interrupt);
    free_event(server->stopping);
    if (server->base)
        event_base_free(server->base);
}

static int serve(struct server *server)
{
    log_notice("pdns-aliasd " PACKAGE_VERSION " ready: %s serves %s",
               listener_path(server->listener), server->settings->zones_db);
    readiness_ready();
    if (event_base_dispatch(server->base) < 0) {
        log_error("the event loop failed: %m");
        return -EIO;
    }
    return 0;
}

int server_run(const struct settings *settings, server_reload_fn reload, void *userdata)
{
    struct server server = {
        .settings = settings,
        .reload = reload,
        .reload_userdata = userdata,
        .handover = {.listener = -1},
    };
    int r;

    r = try_denied(&server, settings);
    if (r == 0) {
        apply_settings(&server);
        r = start(&server);
    }
    if (r < 0)
        log_error("pdns-aliasd can't start: %s", strerror(-r));
    else
        r = serve(&server);
    clean_up(&server);
    if (r == 0)
        log_notice("ended");
    return r == -EINVAL ? SERVER_E_SETTINGS : r;
}
