#include "server/dispatch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "server/methods.h"
#include "server/session.h"
#include "util/log.h"

/*
 * How a call fails. Without a `result` PowerDNS answers SERVFAIL; but inside its communicator
 * thread the same ends pdns_server, so the calls that it makes there get a result that changes
 * nothing (backend-protocol/README.md, "What a reply means").
 */
enum failure_reply {
    FAILS_WITHOUT_RESULT,
    FAILS_AS_EMPTY_LIST,
    FAILS_AS_FALSE,
};

struct method {
    method_fn handle; /* NULL: not supported yet */
    enum failure_reply failure;
};

static const struct method methods[PDNS_METHODS] = {
    [PDNS_METHOD_INITIALIZE] = {.handle = method_initialize},
    [PDNS_METHOD_LOOKUP] = {.handle = method_lookup},
    [PDNS_METHOD_API_LOOKUP] = {.handle = method_api_lookup},
    [PDNS_METHOD_LIST] = {.handle = method_list},
    [PDNS_METHOD_SEARCH_RECORDS] = {.handle = method_search_records},
    [PDNS_METHOD_GET_BEFORE_AND_AFTER_NAMES_ABSOLUTE] = {.handle = method_get_before_and_after},
    [PDNS_METHOD_GET_ALL_DOMAIN_METADATA] = {.handle = method_get_all_domain_metadata},
    [PDNS_METHOD_GET_DOMAIN_METADATA] = {.handle = method_get_domain_metadata},
    [PDNS_METHOD_GET_DOMAIN_KEYS] = {.handle = method_get_domain_keys},
    [PDNS_METHOD_GET_TSIG_KEY] = {.handle = method_get_tsig_key},
    [PDNS_METHOD_GET_TSIG_KEYS] = {.handle = method_get_tsig_keys},
    [PDNS_METHOD_GET_DOMAIN_INFO] = {.handle = method_get_domain_info},
    [PDNS_METHOD_GET_ALL_DOMAINS] = {.handle = method_get_all_domains},
    [PDNS_METHOD_GET_UPDATED_MASTERS] = {.handle = method_get_updated_masters,
                                         .failure = FAILS_AS_EMPTY_LIST},
    [PDNS_METHOD_GET_UNFRESH_SLAVE_INFOS] = {.handle = method_get_unfresh_slave_infos,
                                             .failure = FAILS_AS_EMPTY_LIST},
    [PDNS_METHOD_SET_NOTIFIED] = {.failure = FAILS_AS_FALSE},
    [PDNS_METHOD_SET_STALE] = {.failure = FAILS_AS_FALSE},
    [PDNS_METHOD_SET_FRESH] = {.failure = FAILS_AS_FALSE},
    [PDNS_METHOD_DIRECT_BACKEND_CMD] = {.handle = method_direct_backend_cmd},
};

static struct log_limit refusal_limit = LOG_LIMIT(10, 10000);

static void reply_failure(struct session *session, enum pdns_method method, const char *message)
{
    struct pdns_reply *reply = &session->reply;

    pdns_reply_clear(reply);
    switch (method == PDNS_METHODS ? FAILS_WITHOUT_RESULT : methods[method].failure) {
    case FAILS_WITHOUT_RESULT:
        pdns_reply_error(reply, message);
        break;
    case FAILS_AS_EMPTY_LIST:
        pdns_reply_array_begin(reply);
        pdns_reply_array_end(reply);
        break;
    case FAILS_AS_FALSE:
        pdns_reply_false_with_log(reply, message);
        break;
    }
}

void dispatch_refusal(struct session *session, enum pdns_method method, const char *message)
{
    log_write_limited(&refusal_limit, LOG_LEVEL_ERROR, "request refused: %s", message);
    reply_failure(session, method, message);
}

int dispatch(struct session *session, const struct pdns_request *request)
{
    const struct method *method = &methods[request->method];
    const char *name = pdns_method_name(request->method);
    char message[512];
    const char *reason;
    int r;

    if (!method->handle) {
        snprintf(message, sizeof(message), "%s: not supported yet", name);
        dispatch_refusal(session, request->method, message);
        return 0;
    }
    r = method->handle(session, request);
    if (r >= 0)
        return 0;
    /* It was logged where it was found. */
    reason = session->database ? database_error(session->database) : "";
    snprintf(message, sizeof(message), "%s failed: %s", name, *reason ? reason : strerror(-r));
    reply_failure(session, request->method, message);
    return r;
}
