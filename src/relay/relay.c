#include "relay/relay.h"

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backend-protocol/method-traits.h"
#include "relay/call-method.h"
#include "relay/link.h"
#include "relay/options.h"
#include "relay/pieces.h"
#include "util/clock.h"
#include "util/integer.h"
#include "util/log.h"

enum {
    STATUS_FAILED = 1,
    STATUS_BAD_ARGUMENTS = 2,
};

enum {
    RELAY_E_END = 1,    /* PowerDNS has gone */
    RELAY_E_BROKEN = 2, /* a reply that was begun can't be ended (logged) */
    CALL_E_FAILED = 3,  /* answer with the call's message */
    CALL_E_LOST = 4,    /* the connection, before the reply came */
};

struct relay {
    struct relay_options options;
    struct pieces requests;
    struct link link;
    struct pdns_reply reply; /* to a call that failed */
    /* One was begun on the connection, or on one that was lost since, and nobody was told yet. */
    bool is_in_transaction;
};

struct call {
    enum pdns_method method;
    const struct pdns_method_traits *traits;
    struct piece request; /* the first piece */
    int64_t limit_ms;     /* of silence */
    int64_t deadline;     /* for the first of the reply; it may be twice as long in coming whole */
    bool is_taken;        /* all of the request was taken from PowerDNS */
    bool is_made;         /* all of it was sent to the daemon */
    char message[512];    /* CALL_E_FAILED */
};

__attribute__((format(printf, 2, 3))) static int fail(struct call *call, const char *format, ...)
{
    int used = snprintf(call->message, sizeof(call->message),
                        "relay: %s: ", pdns_method_name(call->method));
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(call->message + used, sizeof(call->message) - used, format, arguments);
    va_end(arguments);
    return CALL_E_FAILED;
}

/* For the end of a message. */
static const char *doubt(const struct call *call)
{
    return call->is_made && call->traits->writes ? "; it may have been done" : "";
}

static int fail_silent(struct call *call)
{
    return fail(call, "the daemon was silent for %lld ms%s", (long long)call->limit_ms,
                doubt(call));
}

/* Whatever comes from now on on this connection would be taken for the next reply. */
static int give_up(struct relay *relay, struct call *call, int r)
{
    link_close(&relay->link);
    if (r == -EAGAIN)
        return fail_silent(call);
    if (r == -ETIMEDOUT)
        return fail(call, "the daemon's reply was not there after %lld ms%s",
                    (long long)(2 * call->limit_ms), doubt(call));
    return fail(call, "the connection to the daemon was lost%s%s", r < 0 ? ": " : "",
                r < 0 ? strerror(-r) : "");
}

static int write_out(const char *data, size_t size)
{
    while (size > 0) {
        ssize_t n = write(STDOUT_FILENO, data, size);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EPIPE)
            return RELAY_E_END;
        if (n < 0) {
            log_error("relay: standard output: %m");
            return -errno;
        }
        data += n;
        size -= n;
    }
    return 0;
}

static int write_reply(struct relay *relay)
{
    int r = pdns_reply_end(&relay->reply);

    return r < 0 ? r : write_out(relay->reply.data, relay->reply.size);
}

static int next_request(struct relay *relay, struct piece *ret)
{
    int r = pieces_next(&relay->requests, ret);

    if (r < 0)
        log_error("relay: standard input: %s", strerror(-r));
    return r == PIECES_E_END ? RELAY_E_END : r;
}

/* A new connection that takes what is left of the call's time. */
static int open_link(struct relay *relay, struct call *call)
{
    int r = link_open(&relay->link, call->deadline);

    if (r == LINK_E_REFUSED)
        return fail(call, "the daemon refuses the options of the connection string");
    if (r == -EAGAIN)
        return fail_silent(call);
    if (r < 0)
        return fail(call, "no connection to the daemon at %s within %lld ms: %s", relay->link.path,
                    (long long)call->limit_ms, strerror(-r));
    return 0;
}

/* Sends the first piece, on a new connection if there is none or the old one turns out to be gone.
 * That can do no harm: without the last byte it is no call. But inside a transaction, which is gone
 * with its connection, no call means what it would have: replaceRRSet would be done at once. */
static int send_first(struct relay *relay, struct call *call)
{
    int64_t timeout_ms = call->limit_ms;
    int r;

    for (;;) {
        if (!link_is_open(&relay->link)) {
            if (relay->is_in_transaction && call->method != PDNS_METHOD_START_TRANSACTION)
                return fail(call, "the transaction was lost with its connection");
            r = open_link(relay, call);
            if (r)
                return r;
            timeout_ms = integer_max(call->deadline - clock_steady_ms(), 1);
        }
        r = link_set_timeout(&relay->link, timeout_ms);
        if (r == 0)
            r = link_send(&relay->link, call->request.data, call->request.size);
        if (r == 0)
            return 0;
        if (r == -EAGAIN || clock_steady_ms() >= call->deadline)
            return give_up(relay, call, r);
        link_close(&relay->link);
    }
}

/* The rest of a long request, which PowerDNS and the daemon may take their time for. */
static int send_rest(struct relay *relay, struct call *call)
{
    struct piece piece = call->request;
    int r = link_set_timeout(&relay->link, call->limit_ms);

    while (r == 0 && !piece.ends) {
        r = next_request(relay, &piece);
        if (r)
            return r;
        call->is_taken = piece.ends;
        r = link_send(&relay->link, piece.data, piece.size);
    }
    call->deadline = clock_steady_ms() + call->limit_ms;
    return r < 0 ? give_up(relay, call, r) : 0;
}

/* The call is made, and the first piece of its reply is there. Nothing of that has been passed on
 * yet: one that comes bit by bit must not keep PowerDNS waiting for ever. */
static int ask(struct relay *relay, struct call *call, struct piece *ret)
{
    int r;

    r = send_first(relay, call);
    if (r == 0 && !call->request.ends)
        r = send_rest(relay, call);
    if (r)
        return r;
    call->is_made = true;
    r = link_receive(&relay->link, call->limit_ms, call->deadline + call->limit_ms, ret);
    if (r == 0)
        return 0;
    if (r == -EAGAIN || r == -ETIMEDOUT)
        return give_up(relay, call, r);
    link_close(&relay->link);
    return CALL_E_LOST;
}

/* Whether the call can be made a second time: it changes nothing, and all of it is still there. */
static bool is_repeatable(const struct call *call)
{
    return call->request.ends && !call->traits->writes && !call->traits->is_of_transaction;
}

static int ask_again_if_lost(struct relay *relay, struct call *call, struct piece *ret)
{
    int r = ask(relay, call, ret);

    if (r == CALL_E_LOST && is_repeatable(call))
        r = ask(relay, call, ret);
    if (r == CALL_E_LOST)
        return fail(call, "the connection to the daemon was lost before it answered%s",
                    doubt(call));
    return r;
}

/* PowerDNS has a part of the reply and waits for the rest. At its end what it has must not be JSON
 * by chance, or it would take that for the reply, and the relay for one that still runs. */
static int break_off(struct call *call, int r)
{
    log_error("relay: %s: the reply broke off: %s; ending, for PowerDNS to start another",
              pdns_method_name(call->method),
              r == -EAGAIN        ? "the daemon was silent for too long"
              : r == PIECES_E_END ? "the connection to the daemon was lost"
                                  : strerror(-r));
    write_out("\1", 1);
    return RELAY_E_BROKEN;
}

static int pass_on(struct relay *relay, struct call *call, struct piece piece)
{
    int r = write_out(piece.data, piece.size);

    if (r == 0 && !piece.ends)
        r = link_set_timeout(&relay->link, call->limit_ms);
    while (r == 0 && !piece.ends) {
        r = pieces_next(&relay->link.replies, &piece);
        if (r)
            return break_off(call, r);
        r = write_out(piece.data, piece.size);
    }
    if (r == 0 && pieces_has_more(&relay->link.replies)) {
        log_error("relay: %s: the daemon said more than the reply: connecting anew",
                  pdns_method_name(call->method));
        link_close(&relay->link);
    }
    return r;
}

/* PowerDNS has to be rid of its whole request before it reads a reply: it would not survive a child
 * that ends now. */
static int take_rest(struct relay *relay, struct call *call)
{
    struct piece piece;
    int r;

    while (!call->is_taken) {
        r = next_request(relay, &piece);
        if (r)
            return r;
        call->is_taken = piece.ends;
    }
    return 0;
}

static int answer_failure(struct relay *relay, struct call *call)
{
    static struct log_limit limit = LOG_LIMIT(10, 10000);
    int r;

    log_write_limited(&limit, LOG_LEVEL_ERROR, "%s", call->message);
    r = take_rest(relay, call);
    if (r)
        return r;
    if (call->traits->failure == PDNS_FAILS_WITHOUT_RESULT)
        relay->is_in_transaction = false;
    pdns_reply_failure(&relay->reply, call->method, call->message);
    return write_reply(relay);
}

/* Answered here: the daemon is told at the first call, within that call's time, and if it refuses
 * that call fails. A failure now would end PowerDNS's communicator, whatever it wants to ask. */
static int take_initialize(struct relay *relay, const struct call *call)
{
    link_set_initialize(&relay->link, call->request.data, call->request.size);
    pdns_reply_clear(&relay->reply);
    pdns_reply_bool(&relay->reply, true);
    return write_reply(relay);
}

static void begin(const struct relay *relay, struct call *call)
{
    call->method = call_method(&call->request);
    call->traits = pdns_method_traits(call->method);
    call->limit_ms = call->traits->is_of_transaction || call->method == PDNS_METHODS
                         ? relay->options.write_timeout_ms
                         : relay->options.timeout_ms;
    call->deadline = clock_steady_ms() + call->limit_ms;
    call->is_taken = call->request.ends;
    call->is_made = false;
}

static void note_transaction(struct relay *relay, enum pdns_method method)
{
    if (method == PDNS_METHOD_START_TRANSACTION)
        relay->is_in_transaction = true;
    if (method == PDNS_METHOD_COMMIT_TRANSACTION || method == PDNS_METHOD_ABORT_TRANSACTION)
        relay->is_in_transaction = false;
}

static int serve_call(struct relay *relay)
{
    struct call call;
    struct piece reply;
    int r;

    r = next_request(relay, &call.request);
    if (r)
        return r;
    begin(relay, &call);
    if (call.method == PDNS_METHOD_INITIALIZE && call.request.ends)
        return take_initialize(relay, &call);
    r = ask_again_if_lost(relay, &call, &reply);
    if (r == CALL_E_FAILED)
        return answer_failure(relay, &call);
    if (r)
        return r;
    note_transaction(relay, call.method);
    return pass_on(relay, &call, reply);
}

static int serve(const struct relay_options *options)
{
    static struct relay relay; /* too large for a stack */
    int r;

    relay.options = *options;
    pieces_init(&relay.requests, STDIN_FILENO);
    link_init(&relay.link, options->socket);
    do {
        r = serve_call(&relay);
    } while (r == 0);
    pdns_reply_deinit(&relay.reply);
    link_close(&relay.link);
    return r == RELAY_E_END ? EXIT_SUCCESS : STATUS_FAILED;
}

/* Those that are meant for the daemon, by `pkill pdns-aliasd` say, would take answers away for good
 * (relay.h); the relay ends with PowerDNS. */
static void ignore_signals(void)
{
    static const int ignored[] = {SIGPIPE, SIGHUP, SIGINT, SIGTERM};

    for (size_t i = 0; i < sizeof(ignored) / sizeof(*ignored); ++i)
        signal(ignored[i], SIG_IGN);
}

int relay_run(char *const *arguments)
{
    struct relay_options options;
    int r = relay_options_parse(arguments, &options);

    if (r == RELAY_OPTIONS_E_HELP) {
        relay_options_print_help();
        return EXIT_SUCCESS;
    }
    if (r)
        return STATUS_BAD_ARGUMENTS;
    ignore_signals();
    return serve(&options);
}
