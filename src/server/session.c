#include "server/session.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "backend-protocol/request.h"
#include "server/dispatch.h"
#include "server/handover.h"
#include "store/transaction.h"
#include "util/clock.h"
#include "util/log.h"

/* How often the path of the zone database is looked at, to see a file that was put in its place. */
#define REPLACEMENT_CHECK_MS 250

static void close_database(struct session *session)
{
    database_free(session->database);
    session->database = NULL;
    session->is_in_transaction = false;
}

static bool database_was_replaced(struct session *session)
{
    int64_t now = clock_steady_ms();

    if (now - session->checked_at < REPLACEMENT_CHECK_MS)
        return false;
    session->checked_at = now;
    return database_is_replaced(session->database);
}

static int open_database(struct session *session)
{
    struct database_config config = session->shared->database;
    int r;

    config.deadline = session->deadline;
    config.is_cancelled = &session->is_cut_off;
    r = database_open(&config, &session->database);
    if (r < 0)
        return r;
    session->checked_at = clock_steady_ms();
    return 0;
}

int session_open(struct session *session, struct database **ret)
{
    int r;

    /* A transaction ends with the file that it was begun on. */
    if (session->database && !session->is_in_transaction && database_was_replaced(session)) {
        log_info("another file is at %s now: opening it", session->shared->database.path);
        close_database(session);
    }
    if (!session->database) {
        r = open_database(session);
        if (r < 0)
            return r;
    }
    *ret = session->database;
    return 0;
}

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -errno;
        data += n;
        size -= n;
    }
    return 0;
}

static void handle_line(struct session *session, const char *line, size_t size)
{
    __attribute__((cleanup(pdns_request_deinit))) struct pdns_request request = {0};
    struct pdns_request_error error;
    int r;

    r = pdns_request_decode(line, size, &request, &error);
    if (r < 0) {
        dispatch_refusal(session, PDNS_METHODS, "out of memory");
        return;
    }
    if (r == PDNS_REQUEST_E_INVALID) {
        dispatch_refusal(session, error.method, error.message);
        return;
    }
    session->method = request.method;
    r = dispatch(session, &request);
    /* What the database failed at may be mended by opening it anew; a lock is only waited for. */
    if (r < 0 && r != -EBUSY && session->database && *database_error(session->database))
        close_database(session);
    session->is_in_transaction = session->database && transaction_is_open(session->database);
}

static int read_and_handle(struct session *session)
{
    char message[128];
    const char *line;
    size_t size;
    int r;

    session->reader.limit = session->shared->max_request_size;
    r = line_reader_next(&session->reader, &line, &size);
    pdns_reply_clear(&session->reply);
    session->method = PDNS_METHODS;
    session->deadline = clock_steady_ms() + session->shared->answer_deadline_ms;
    if (session->database)
        database_set_deadline(session->database, session->deadline);
    if (r == 0)
        handle_line(session, line, size);
    if (r != LINE_READER_E_TOO_LONG)
        return r;
    snprintf(message, sizeof(message), "the request is longer than %zu bytes",
             session->reader.limit);
    dispatch_refusal(session, PDNS_METHODS, message);
    return 0;
}

/* A reply that is too large for the memory there is becomes a short one that says so. */
static int end_reply(struct session *session)
{
    int r = pdns_reply_end(&session->reply);

    if (r == 0)
        return 0;
    dispatch_refusal(session, session->method, "out of memory");
    return pdns_reply_end(&session->reply);
}

/* One call. 0; LINE_READER_E_END, _HALTED; negative: the connection can't go on. */
static int serve_call(struct session *session)
{
    int r;

    r = read_and_handle(session);
    if (r == 0)
        r = end_reply(session);
    return r ? r : write_all(session->fd, session->reply.data, session->reply.size);
}

void session_init(struct session *session, const struct session_shared *shared, int fd, bool is_raw)
{
    *session = (struct session){
        .shared = shared,
        .fd = fd,
        .is_raw = is_raw,
        .is_kept = shared->keeps_connections,
    };
    line_reader_init(&session->reader, fd, shared->max_request_size);
}

void session_deinit(struct session *session)
{
    close_database(session);
    pdns_reply_deinit(&session->reply);
    line_reader_deinit(&session->reader);
}

void session_cut_off(struct session *session)
{
    session->is_cut_off = true;
    shutdown(session->fd, SHUT_RDWR);
}

bool session_can_be_handed_over(const struct session *session)
{
    return session->is_kept && !session->is_in_transaction;
}

static void keep_connection(struct session *session)
{
    if (session->is_kept && handover_keep(session->fd, session->is_raw) < 0)
        session->is_kept = false;
}

/* Closing is not enough: the service manager's copy would keep the connection open. */
static void end_connection(struct session *session)
{
    shutdown(session->fd, SHUT_RDWR);
    if (session->is_kept)
        handover_forget(session->fd, session->is_raw);
}

/* The view is in the name that the connection is kept under. */
void session_set_view(struct session *session, bool is_raw)
{
    if (is_raw == session->is_raw)
        return;
    if (session->is_kept)
        handover_forget(session->fd, session->is_raw);
    session->is_raw = is_raw;
    keep_connection(session);
}

void session_serve(struct session *session)
{
    int r;

    keep_connection(session);
    do {
        r = serve_call(session);
    } while (r == 0);
    /* A peer that went away without waiting for its answer is no news. */
    if (r < 0 && r != -EPIPE && r != -ECONNRESET)
        log_warning("connection ended: %s", strerror(-r));
    if (r != LINE_READER_E_HALTED || !session_can_be_handed_over(session))
        end_connection(session);
    /* In the session's own thread: it may take its time. */
    close_database(session);
}
