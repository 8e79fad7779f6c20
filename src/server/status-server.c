#include "server/status-server.h"

#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/event.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "server/figures.h"
#include "util/log.h"

/* Of a request: neither path nor headers are long, and there is no body. */
#define HEADERS_MAX 8192
#define TIMEOUT_S   10

/* Until the address is tried again. */
#define RETRY_S 5

/* As in listener.c; also how often is looked whether others have ended, where there are too many.
 */
#define ACCEPT_PAUSE_MS 100

/* Those beyond stay in the kernel's queue. */
#define CONNECTIONS_MAX 32

struct status_server {
    struct evhttp *http;
    struct event *retry;
    struct evconnlistener *listener;                  /* evhttp's; NULL until there is one */
    struct event *resume;                             /* accepts again, once there is room */
    struct bufferevent *connections[CONNECTIONS_MAX]; /* a reference to each */
    size_t count;
    char *address;
    const struct figures *figures;
    bool has_failed; /* which was said */
};

static void write_metrics(const struct figures *figures, FILE *out)
{
    figures_write(figures, FIGURES_FULL, out);
}

static const struct page {
    const char *path;
    const char *type;
    void (*write)(const struct figures *figures, FILE *out);
} pages[] = {
    {"/metrics", "text/plain; version=0.0.4; charset=utf-8", write_metrics},
    {"/status", "text/plain; charset=utf-8", figures_summarize},
    {"/", "text/plain; charset=utf-8", figures_summarize},
};

static const struct page *find_page(const char *path)
{
    for (size_t i = 0; path && i < sizeof(pages) / sizeof(pages[0]); ++i) {
        if (strcmp(path, pages[i].path) == 0)
            return &pages[i];
    }
    return NULL;
}

static int parse(const char *address, struct sockaddr_storage *ret)
{
    int size = sizeof(*ret);

    *ret = (struct sockaddr_storage){0};
    if (evutil_parse_sockaddr_port(address, (struct sockaddr *)ret, &size) != 0)
        return -EINVAL;
    return ((struct sockaddr_in *)ret)->sin_port == 0 ? -EINVAL : 0; /* the same place in IPv6's */
}

int status_server_check(const char *address)
{
    struct sockaddr_storage parsed;
    int r = parse(address, &parsed);

    if (r < 0)
        log_error("status-address: expected ADDR:PORT or [V6]:PORT, found '%s'", address);
    return r;
}

static void add_header(struct evhttp_request *request, const char *name, const char *value)
{
    evhttp_add_header(evhttp_request_get_output_headers(request), name, value);
}

/* A short answer that says no more than its status does. */
static void refuse(struct evhttp_request *request, int status, const char *reason)
{
    struct evbuffer *body = evhttp_request_get_output_buffer(request);

    add_header(request, "Content-Type", "text/plain; charset=utf-8");
    evbuffer_add_printf(body, "%s\n", reason);
    evhttp_send_reply(request, status, reason, NULL);
}

static void send_page(struct evhttp_request *request, const struct page *page,
                      const struct figures *figures)
{
    CLEANUP(cleanup_freep) char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    if (out)
        page->write(figures, out);
    if (!out || fclose(out) != 0 ||
        evbuffer_add(evhttp_request_get_output_buffer(request), text, size) < 0) {
        refuse(request, HTTP_SERVUNAVAIL, "out of memory");
        return;
    }
    add_header(request, "Content-Type", page->type);
    add_header(request, "Cache-Control", "no-store");
    evhttp_send_reply(request, HTTP_OK, "OK", NULL);
}

static void on_request(struct evhttp_request *request, void *userdata)
{
    struct status_server *server = userdata;
    const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
    const struct page *page = find_page(uri ? evhttp_uri_get_path(uri) : NULL);
    enum evhttp_cmd_type method = evhttp_request_get_command(request);

    if (!page) {
        refuse(request, HTTP_NOTFOUND, "Not Found");
    } else if (method != EVHTTP_REQ_GET && method != EVHTTP_REQ_HEAD) {
        add_header(request, "Allow", "GET, HEAD");
        refuse(request, HTTP_BADMETHOD, "Method Not Allowed");
    } else {
        send_page(request, page, server->figures);
    }
}

/* By hand: evhttp's own binding doesn't say why it failed, and has the port shared by all who ask
 * for it. */
static evutil_socket_t bind_and_listen(const char *address)
{
    struct sockaddr_storage parsed;
    evutil_socket_t fd;
    int yes = 1;

    if (parse(address, &parsed) < 0)
        return -1;
    fd = socket(parsed.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        return -1;
    setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes));
    if (bind(fd, (struct sockaddr *)&parsed, sizeof(parsed)) == 0 && listen(fd, 16) == 0)
        return fd;
    yes = errno;
    evutil_closesocket(fd);
    errno = yes;
    return -1;
}

/* evhttp (2.1) doesn't count its connections, nor tell of their end. But it lets go of them by
 * bufferevent_free(), which takes the callbacks away; the socket is closed then, and what we hold
 * is memory. */
static bool has_ended(struct bufferevent *connection)
{
    bufferevent_event_cb on_event;

    bufferevent_getcb(connection, NULL, NULL, &on_event, NULL);
    return !on_event;
}

static void drop_ended(struct status_server *server)
{
    size_t kept = 0;

    for (size_t i = 0; i < server->count; ++i) {
        if (has_ended(server->connections[i]))
            bufferevent_decref(server->connections[i]);
        else
            server->connections[kept++] = server->connections[i];
    }
    server->count = kept;
}

static void look_again_soon(struct status_server *server)
{
    static const struct timeval pause = {.tv_usec = ACCEPT_PAUSE_MS * 1000};

    event_add(server->resume, &pause);
}

static void on_room(evutil_socket_t fd, short what, void *userdata)
{
    struct status_server *server = userdata;

    drop_ended(server);
    if (server->count < CONNECTIONS_MAX)
        evconnlistener_enable(server->listener);
    else
        look_again_soon(server);
}

static void pause_when_full(struct status_server *server)
{
    static struct log_limit limit = LOG_LIMIT(1, 60000);

    if (server->count < CONNECTIONS_MAX)
        return;
    log_write_limited(&limit, LOG_LEVEL_WARNING,
                      "status-address: %d connections at a time, others have to wait",
                      CONNECTIONS_MAX);
    evconnlistener_disable(server->listener);
    look_again_soon(server);
}

/* evhttp has just accepted one. */
static struct bufferevent *make_connection(struct event_base *base, void *userdata)
{
    struct status_server *server = userdata;
    struct bufferevent *connection = bufferevent_socket_new(base, -1, 0);

    drop_ended(server);
    if (!connection || server->count == CONNECTIONS_MAX)
        return connection;
    bufferevent_incref(connection);
    server->connections[server->count++] = connection;
    pause_when_full(server);
    return connection;
}

static void on_resume(evutil_socket_t fd, short what, void *listener)
{
    evconnlistener_enable(listener);
}

/* `userdata` is evhttp's. The listener is there for as long as the event loop goes on. */
static void on_accept_error(struct evconnlistener *listener, void *userdata)
{
    static const struct timeval pause = {.tv_usec = ACCEPT_PAUSE_MS * 1000};
    static struct log_limit limit = LOG_LIMIT(1, 10000);

    log_write_limited(&limit, LOG_LEVEL_ERROR, "status-address: accepting a connection failed: %m");
    if (event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, on_resume, listener,
                        &pause) == 0)
        evconnlistener_disable(listener);
}

static int accept_from(struct status_server *server, evutil_socket_t fd)
{
    struct evhttp_bound_socket *bound = evhttp_accept_socket_with_handle(server->http, fd);

    if (!bound)
        return -1;
    server->listener = evhttp_bound_socket_get_listener(bound);
    evconnlistener_set_error_cb(server->listener, on_accept_error);
    return 0;
}

static void listen_or_try_again(struct status_server *server)
{
    static const struct timeval pause = {.tv_sec = RETRY_S};
    evutil_socket_t fd = bind_and_listen(server->address);

    if (fd >= 0 && accept_from(server, fd) == 0) {
        log_info("metrics at http://%s/metrics", server->address);
        return;
    }
    if (!server->has_failed)
        log_error("status-address: %s: %s; no metrics until that works", server->address,
                  strerror(errno));
    server->has_failed = true;
    if (fd >= 0)
        evutil_closesocket(fd);
    event_add(server->retry, &pause);
}

static void on_retry(evutil_socket_t fd, short what, void *userdata)
{
    listen_or_try_again(userdata);
}

/* All methods that there are come to on_request(). */
static void set_up(struct status_server *server)
{
    evhttp_set_max_headers_size(server->http, HEADERS_MAX);
    evhttp_set_max_body_size(server->http, 0);
    evhttp_set_timeout(server->http, TIMEOUT_S);
    evhttp_set_allowed_methods(server->http, UINT16_MAX);
    evhttp_set_bevcb(server->http, make_connection, server);
    evhttp_set_gencb(server->http, on_request, server);
}

int status_server_start(struct event_base *base, const char *address, const struct figures *figures,
                        struct status_server **ret)
{
    CLEANUP(status_server_freep) struct status_server *server = NULL;

    if (status_server_check(address) < 0)
        return -EINVAL;
    server = calloc(1, sizeof(*server));
    if (!server)
        return -ENOMEM;
    server->figures = figures;
    server->address = strdup(address);
    server->http = evhttp_new(base);
    server->retry = event_new(base, -1, 0, on_retry, server);
    server->resume = event_new(base, -1, 0, on_room, server);
    if (!server->address || !server->http || !server->retry || !server->resume)
        return -ENOMEM;
    set_up(server);
    listen_or_try_again(server);
    *ret = TAKE(server);
    return 0;
}

void status_server_free(struct status_server *server)
{
    if (!server)
        return;
    if (server->http)
        evhttp_free(server->http);
    drop_ended(server);
    if (server->retry)
        event_free(server->retry);
    if (server->resume)
        event_free(server->resume);
    free(server->address);
    free(server);
}
