#include "method-traits.h"

static const struct pdns_method_traits unknown = {.writes = true};

/* Those that aren't here read, and fail without a result. */
static const struct pdns_method_traits traits[PDNS_METHODS] = {
    [PDNS_METHOD_SET_DOMAIN_METADATA] = {.writes = true},
    [PDNS_METHOD_ADD_DOMAIN_KEY] = {.writes = true},
    [PDNS_METHOD_REMOVE_DOMAIN_KEY] = {.writes = true},
    [PDNS_METHOD_ACTIVATE_DOMAIN_KEY] = {.writes = true},
    [PDNS_METHOD_DEACTIVATE_DOMAIN_KEY] = {.writes = true},
    [PDNS_METHOD_PUBLISH_DOMAIN_KEY] = {.writes = true},
    [PDNS_METHOD_UNPUBLISH_DOMAIN_KEY] = {.writes = true},
    [PDNS_METHOD_SET_TSIG_KEY] = {.writes = true},
    [PDNS_METHOD_DELETE_TSIG_KEY] = {.writes = true},
    [PDNS_METHOD_GET_UPDATED_MASTERS] = {.failure = PDNS_FAILS_AS_EMPTY_LIST},
    [PDNS_METHOD_GET_UNFRESH_SLAVE_INFOS] = {.failure = PDNS_FAILS_AS_EMPTY_LIST},
    [PDNS_METHOD_SET_NOTIFIED] = {.failure = PDNS_FAILS_AS_FALSE, .writes = true},
    [PDNS_METHOD_SET_STALE] = {.failure = PDNS_FAILS_AS_FALSE, .writes = true},
    [PDNS_METHOD_SET_FRESH] = {.failure = PDNS_FAILS_AS_FALSE, .writes = true},
    [PDNS_METHOD_SUPER_MASTER_BACKEND] = {.failure = PDNS_FAILS_AS_FALSE},
    [PDNS_METHOD_CREATE_SLAVE_DOMAIN] = {.writes = true},
    [PDNS_METHOD_START_TRANSACTION] = {.writes = true, .is_of_transaction = true},
    [PDNS_METHOD_COMMIT_TRANSACTION] = {.writes = true, .is_of_transaction = true},
    /* Takes back what isn't in the database yet. */
    [PDNS_METHOD_ABORT_TRANSACTION] = {.is_of_transaction = true},
    [PDNS_METHOD_FEED_RECORD] = {.writes = true, .is_of_transaction = true},
    [PDNS_METHOD_FEED_ENTS] = {.writes = true, .is_of_transaction = true},
    [PDNS_METHOD_FEED_ENTS3] = {.writes = true, .is_of_transaction = true},
    [PDNS_METHOD_REPLACE_RRSET] = {.writes = true, .is_of_transaction = true},
};

const struct pdns_method_traits *pdns_method_traits(enum pdns_method method)
{
    return (unsigned)method < PDNS_METHODS ? &traits[method] : &unknown;
}

void pdns_reply_failure(struct pdns_reply *reply, enum pdns_method method, const char *message)
{
    pdns_reply_clear(reply);
    switch (pdns_method_traits(method)->failure) {
    case PDNS_FAILS_WITHOUT_RESULT:
        pdns_reply_error(reply, message);
        break;
    case PDNS_FAILS_AS_EMPTY_LIST:
        pdns_reply_array_begin(reply);
        pdns_reply_array_end(reply);
        break;
    case PDNS_FAILS_AS_FALSE:
        pdns_reply_false_with_log(reply, message);
        break;
    }
}
