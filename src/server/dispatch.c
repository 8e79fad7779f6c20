#include "server/dispatch.h"

#include <errno.h>
#include <stdbool.h>
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
    method_fn handle;
    enum failure_reply failure;
    bool writes; /* refused where the zone database is read-only */
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
    [PDNS_METHOD_SET_DOMAIN_METADATA] = {.handle = method_set_domain_metadata, .writes = true},
    [PDNS_METHOD_GET_DOMAIN_KEYS] = {.handle = method_get_domain_keys},
    [PDNS_METHOD_ADD_DOMAIN_KEY] = {.handle = method_add_domain_key, .writes = true},
    [PDNS_METHOD_REMOVE_DOMAIN_KEY] = {.handle = method_remove_domain_key, .writes = true},
    [PDNS_METHOD_ACTIVATE_DOMAIN_KEY] = {.handle = method_activate_domain_key, .writes = true},
    [PDNS_METHOD_DEACTIVATE_DOMAIN_KEY] = {.handle = method_deactivate_domain_key, .writes = true},
    [PDNS_METHOD_PUBLISH_DOMAIN_KEY] = {.handle = method_publish_domain_key, .writes = true},
    [PDNS_METHOD_UNPUBLISH_DOMAIN_KEY] = {.handle = method_unpublish_domain_key, .writes = true},
    [PDNS_METHOD_GET_TSIG_KEY] = {.handle = method_get_tsig_key},
    [PDNS_METHOD_SET_TSIG_KEY] = {.handle = method_set_tsig_key, .writes = true},
    [PDNS_METHOD_DELETE_TSIG_KEY] = {.handle = method_delete_tsig_key, .writes = true},
    [PDNS_METHOD_GET_TSIG_KEYS] = {.handle = method_get_tsig_keys},
    [PDNS_METHOD_GET_DOMAIN_INFO] = {.handle = method_get_domain_info},
    [PDNS_METHOD_GET_ALL_DOMAINS] = {.handle = method_get_all_domains},
    [PDNS_METHOD_GET_UPDATED_MASTERS] = {.handle = method_get_updated_masters,
                                         .failure = FAILS_AS_EMPTY_LIST},
    [PDNS_METHOD_GET_UNFRESH_SLAVE_INFOS] = {.handle = method_get_unfresh_slave_infos,
                                             .failure = FAILS_AS_EMPTY_LIST},
    [PDNS_METHOD_SET_NOTIFIED] = {.handle = method_set_notified,
                                  .failure = FAILS_AS_FALSE,
                                  .writes = true},
    [PDNS_METHOD_SET_STALE] = {.handle = method_set_stale,
                               .failure = FAILS_AS_FALSE,
                               .writes = true},
    [PDNS_METHOD_SET_FRESH] = {.handle = method_set_fresh,
                               .failure = FAILS_AS_FALSE,
                               .writes = true},
    [PDNS_METHOD_SUPER_MASTER_BACKEND] = {.handle = method_super_master_backend,
                                          .failure = FAILS_AS_FALSE},
    [PDNS_METHOD_CREATE_SLAVE_DOMAIN] = {.handle = method_create_slave_domain, .writes = true},
    [PDNS_METHOD_START_TRANSACTION] = {.handle = method_start_transaction, .writes = true},
    [PDNS_METHOD_COMMIT_TRANSACTION] = {.handle = method_commit_transaction, .writes = true},
    [PDNS_METHOD_ABORT_TRANSACTION] = {.handle = method_abort_transaction},
    [PDNS_METHOD_FEED_RECORD] = {.handle = method_feed_record, .writes = true},
    [PDNS_METHOD_FEED_ENTS] = {.handle = method_feed_ents, .writes = true},
    [PDNS_METHOD_FEED_ENTS3] = {.handle = method_feed_ents3, .writes = true},
    [PDNS_METHOD_REPLACE_RRSET] = {.handle = method_replace_rrset, .writes = true},
    [PDNS_METHOD_CALCULATE_SOA_SERIAL] = {.handle = method_calculate_soa_serial},
    [PDNS_METHOD_IS_MASTER] = {.handle = method_is_master},
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

    if (method->writes && session->shared->database.read_only) {
        snprintf(message, sizeof(message), "%s: the zone database is read-only (zone-upkeep=no)",
                 name);
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
