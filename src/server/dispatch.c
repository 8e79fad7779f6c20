#include "server/dispatch.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "backend-protocol/method-traits.h"
#include "server/methods.h"
#include "server/session.h"
#include "util/log.h"

static const method_fn handlers[PDNS_METHODS] = {
    [PDNS_METHOD_INITIALIZE] = method_initialize,
    [PDNS_METHOD_LOOKUP] = method_lookup,
    [PDNS_METHOD_API_LOOKUP] = method_api_lookup,
    [PDNS_METHOD_LIST] = method_list,
    [PDNS_METHOD_SEARCH_RECORDS] = method_search_records,
    [PDNS_METHOD_GET_BEFORE_AND_AFTER_NAMES_ABSOLUTE] = method_get_before_and_after,
    [PDNS_METHOD_GET_ALL_DOMAIN_METADATA] = method_get_all_domain_metadata,
    [PDNS_METHOD_GET_DOMAIN_METADATA] = method_get_domain_metadata,
    [PDNS_METHOD_SET_DOMAIN_METADATA] = method_set_domain_metadata,
    [PDNS_METHOD_GET_DOMAIN_KEYS] = method_get_domain_keys,
    [PDNS_METHOD_ADD_DOMAIN_KEY] = method_add_domain_key,
    [PDNS_METHOD_REMOVE_DOMAIN_KEY] = method_remove_domain_key,
    [PDNS_METHOD_ACTIVATE_DOMAIN_KEY] = method_activate_domain_key,
    [PDNS_METHOD_DEACTIVATE_DOMAIN_KEY] = method_deactivate_domain_key,
    [PDNS_METHOD_PUBLISH_DOMAIN_KEY] = method_publish_domain_key,
    [PDNS_METHOD_UNPUBLISH_DOMAIN_KEY] = method_unpublish_domain_key,
    [PDNS_METHOD_GET_TSIG_KEY] = method_get_tsig_key,
    [PDNS_METHOD_SET_TSIG_KEY] = method_set_tsig_key,
    [PDNS_METHOD_DELETE_TSIG_KEY] = method_delete_tsig_key,
    [PDNS_METHOD_GET_TSIG_KEYS] = method_get_tsig_keys,
    [PDNS_METHOD_GET_DOMAIN_INFO] = method_get_domain_info,
    [PDNS_METHOD_GET_ALL_DOMAINS] = method_get_all_domains,
    [PDNS_METHOD_GET_UPDATED_MASTERS] = method_get_updated_masters,
    [PDNS_METHOD_GET_UNFRESH_SLAVE_INFOS] = method_get_unfresh_slave_infos,
    [PDNS_METHOD_SET_NOTIFIED] = method_set_notified,
    [PDNS_METHOD_SET_STALE] = method_set_stale,
    [PDNS_METHOD_SET_FRESH] = method_set_fresh,
    [PDNS_METHOD_SUPER_MASTER_BACKEND] = method_super_master_backend,
    [PDNS_METHOD_CREATE_SLAVE_DOMAIN] = method_create_slave_domain,
    [PDNS_METHOD_START_TRANSACTION] = method_start_transaction,
    [PDNS_METHOD_COMMIT_TRANSACTION] = method_commit_transaction,
    [PDNS_METHOD_ABORT_TRANSACTION] = method_abort_transaction,
    [PDNS_METHOD_FEED_RECORD] = method_feed_record,
    [PDNS_METHOD_FEED_ENTS] = method_feed_ents,
    [PDNS_METHOD_FEED_ENTS3] = method_feed_ents3,
    [PDNS_METHOD_REPLACE_RRSET] = method_replace_rrset,
    [PDNS_METHOD_CALCULATE_SOA_SERIAL] = method_calculate_soa_serial,
    [PDNS_METHOD_IS_MASTER] = method_is_master,
    [PDNS_METHOD_DIRECT_BACKEND_CMD] = method_direct_backend_cmd,
};

static struct log_limit refusal_limit = LOG_LIMIT(10, 10000);

void dispatch_refusal(struct session *session, enum pdns_method method, const char *message)
{
    log_write_limited(&refusal_limit, LOG_LEVEL_ERROR, "request refused: %s", message);
    pdns_reply_failure(&session->reply, method, message);
}

int dispatch(struct session *session, const struct pdns_request *request)
{
    const char *name = pdns_method_name(request->method);
    char message[512];
    const char *reason;
    int r;

    if (pdns_method_traits(request->method)->writes && session->shared->database.read_only) {
        snprintf(message, sizeof(message), "%s: the zone database is read-only (zone-upkeep=no)",
                 name);
        dispatch_refusal(session, request->method, message);
        return 0;
    }
    r = handlers[request->method](session, request);
    if (r >= 0)
        return 0;
    /* What has gone out can't be taken back: the session ends the connection. */
    if (session->reply.passed_on > 0)
        return r;
    /* It was logged where it was found. */
    reason = session->database ? database_error(session->database) : "";
    snprintf(message, sizeof(message), "%s failed: %s", name, *reason ? reason : strerror(-r));
    pdns_reply_failure(&session->reply, request->method, message);
    return r;
}
