#include "server/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>

#include "backend-protocol/method-traits.h"
#include "backend-protocol/request.h"
#include "server/dispatch.h"
#include "server/handover.h"
#include "store/transaction.h"
#include "util/clock.h"
#include "util/log.h"

/* How often the path of the zone database is looked at, to see a file that was put in its place. */
#define REPLACEMENT_CHECK_MS 250

/* Nothing of a reply was taken for so long: the peer hangs. A list is read from the database while
 * it is sent, and who doesn't take it would keep its snapshot, and the WAL, for ever. PowerDNS is
 * slow with long replies, but not that slow: reckoned from the times in backend-protocol/README.md,
 * it takes a part's worth in 5 s once it has 20 MB. */
#define SEND_TIMEOUT_S 10

/* The connection ends with a reply that has no end; what LINE_READER_E_.. are beside. */
enum {
    CALL_E_BROKEN = 16,
};

static void close_database(struct session *session)
{
    readings_clear(&session->readings);
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

static int write_all(int fd, const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = send(fd, data, size, MSG_NOSIGNAL);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return errno == EAGAIN ? -ETIMEDOUT : -errno;
        data += n;
        size -= n;
    }
    return 0;
}

/* A reply that is too large for the memory there is becomes a short one that says so, unless a part
 * of it is gone. */
static int send_reply(struct session *session)
{
    int r = pdns_reply_end(&session->reply);

    if (r < 0 && session->reply.passed_on == 0) {
        dispatch_refusal(session, session->method, "out of memory");
        r = pdns_reply_end(&session->reply);
    }
    return r ? r : write_all(session->fd, session->reply.data, session->reply.size);
}

static void keep_connection(struct session *session)
{
    if (session->is_kept && handover_keep(session->fd, session->is_raw) < 0)
        session->is_kept = false;
}

/* The service manager has no copy until the reply is whole: should this process be killed, the peer
 * is to see the end, and not the next process, which knows nothing of the rest. */
static int send_part(void *userdata, const char *data, size_t size)
{
    struct session *session = userdata;

    if (session->reply.passed_on == size && session->is_kept)
        handover_forget(session->fd, session->is_raw);
    return write_all(session->fd, data, size);
}

/* A list goes out in parts only where it may fail in the middle, which would end pdns_server's
 * communicator, and where who reads it keeps nobody from writing: its snapshot lasts as long as the
 * peer takes. */
static void choose_sink(struct session *session)
{
    bool may_break = pdns_method_traits(session->method)->failure == PDNS_FAILS_WITHOUT_RESULT;
    bool has_parts = may_break && database_has_wal(session->database);

    pdns_reply_set_sink(&session->reply, has_parts ? send_part : NULL, session);
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
    choose_sink(session);
    *ret = session->database;
    return 0;
}

static const char *describe(struct session *session, int failure)
{
    if (session->is_cut_off)
        return "cut off";
    switch (failure) {
    case -ETIMEDOUT:
        return "the peer has taken nothing for too long";
    case -EPIPE:
    case -ECONNRESET:
        return "the peer has closed the connection";
    default:
        return session->database && *database_error(session->database)
                   ? database_error(session->database)
                   : strerror(-failure);
    }
}

static void report_broken(struct session *session, const struct pdns_request *request, int failure)
{
    static struct log_limit limit = LOG_LIMIT(10, 10000);
    bool is_list = request->method == PDNS_METHOD_LIST;

    log_write_limited(&limit, LOG_LEVEL_ERROR,
                      "%s%s%.255s: connection ended after %" PRIu64 " bytes of the reply: %s",
                      pdns_method_name(request->method), is_list ? " of " : "",
                      is_list ? request->parameters.list.zonename : "", session->reply.passed_on,
                      describe(session, failure));
}

/* As serve_call(). */
static int carry_out(struct session *session, const struct pdns_request *request)
{
    int failure, r;

    session->method = request->method;
    failure = dispatch(session, request);
    r = failure < 0 && session->reply.passed_on > 0 ? failure : 0;
    if (r < 0)
        report_broken(session, request, r);
    /* What the database failed at may be mended by opening it anew; a lock is only waited for. */
    if (failure < 0 && failure != -EBUSY && session->database && *database_error(session->database))
        close_database(session);
    session->is_in_transaction = session->database && transaction_is_open(session->database);
    if (r < 0)
        return CALL_E_BROKEN;
    r = send_reply(session);
    if (session->reply.passed_on == 0)
        return r;
    if (r < 0) {
        report_broken(session, request, r);
        return CALL_E_BROKEN;
    }
    keep_connection(session);
    return 0;
}

static int handle_line(struct session *session, const char *line, size_t size)
{
    __attribute__((cleanup(pdns_request_deinit))) struct pdns_request request = {0};
    struct pdns_request_error error;
    int r;

    r = pdns_request_decode(line, size, &request, &error);
    if (r == 0)
        return carry_out(session, &request);
    if (r == PDNS_REQUEST_E_INVALID)
        dispatch_refusal(session, error.method, error.message);
    else
        dispatch_refusal(session, PDNS_METHODS, "out of memory");
    return send_reply(session);
}

static int refuse_line(struct session *session)
{
    char message[128];

    snprintf(message, sizeof(message), "the request is longer than %zu bytes",
             session->reader.limit);
    dispatch_refusal(session, PDNS_METHODS, message);
    return send_reply(session);
}

/* One call. 0; LINE_READER_E_END, _HALTED; CALL_E_BROKEN; negative: the connection can't go on. */
static int serve_call(struct session *session)
{
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
    if (r == LINE_READER_E_TOO_LONG)
        return refuse_line(session);
    return r ? r : handle_line(session, line, size);
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
    const struct timeval timeout = {.tv_sec = SEND_TIMEOUT_S};
    int r;

    setsockopt(session->fd, SOL_SOCKET, SO_SNDTIMEO, &timeout, sizeof(timeout));
    keep_connection(session);
    do {
        r = serve_call(session);
    } while (r == 0);
    /* A peer that went away without waiting for its answer is no news. */
    if (r < 0 && r != -EPIPE && r != -ECONNRESET)
        log_warning("connection ended: %s", describe(session, r));
    if (r != LINE_READER_E_HALTED || !session_can_be_handed_over(session))
        end_connection(session);
    /* In the session's own thread: it may take its time. */
    close_database(session);
}
