#include "methods.h"

#include <strings.h>

static void decode_initialize(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.initialize.options =
        pdns_parameters_options(p, &ret->parameters.initialize.count);
}

static void decode_lookup(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.lookup.qtype = pdns_parameters_string(p, "qtype");
    ret->parameters.lookup.qname = pdns_parameters_string(p, "qname");
    ret->parameters.lookup.remote = pdns_parameters_string_or(p, "remote", "");
    ret->parameters.lookup.local = pdns_parameters_string_or(p, "local", "");
    ret->parameters.lookup.real_remote = pdns_parameters_string_or(p, "real-remote", "");
    ret->parameters.lookup.zone_id = pdns_parameters_integer_or(p, "zone-id", -1);
    ret->parameters.lookup.include_disabled = false;
}

static void decode_api_lookup(const struct pdns_parameters *p, struct pdns_request *ret)
{
    decode_lookup(p, ret);
    ret->parameters.lookup.include_disabled = pdns_parameters_bool_or(p, "include-disabled", false);
}

static void decode_list(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.list.zonename = pdns_parameters_string(p, "zonename");
    ret->parameters.list.domain_id = pdns_parameters_integer_or(p, "domain_id", -1);
    ret->parameters.list.include_disabled = pdns_parameters_bool_or(p, "include_disabled", false);
}

static void decode_before_and_after(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.before_and_after.id = pdns_parameters_integer(p, "id");
    ret->parameters.before_and_after.qname = pdns_parameters_string(p, "qname");
}

static void decode_name(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.name.name = pdns_parameters_string(p, "name");
    ret->parameters.name.ip = "";
}

static void decode_is_master(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.name.name = pdns_parameters_string(p, "name");
    ret->parameters.name.ip = pdns_parameters_string(p, "ip");
}

static void decode_get_metadata(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.metadata.name = pdns_parameters_string(p, "name");
    ret->parameters.metadata.kind = pdns_parameters_string(p, "kind");
}

static void decode_set_metadata(const struct pdns_parameters *p, struct pdns_request *ret)
{
    decode_get_metadata(p, ret);
    ret->parameters.metadata.value =
        pdns_parameters_strings(p, "value", &ret->parameters.metadata.value_count);
}

static void decode_add_key(const struct pdns_parameters *p, struct pdns_request *ret)
{
    struct pdns_parameters key;

    ret->parameters.add_key.name = pdns_parameters_string(p, "name");
    key = pdns_parameters_object(p, "key");
    ret->parameters.add_key.flags = pdns_parameters_uint32(&key, "flags");
    ret->parameters.add_key.active = pdns_parameters_bool(&key, "active");
    ret->parameters.add_key.published = pdns_parameters_bool_or(&key, "published", true);
    ret->parameters.add_key.content = pdns_parameters_string(&key, "content");
}

static void decode_key(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.key.name = pdns_parameters_string(p, "name");
    ret->parameters.key.id = pdns_parameters_integer(p, "id");
}

static void decode_set_tsig_key(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.set_tsig_key.name = pdns_parameters_string(p, "name");
    ret->parameters.set_tsig_key.algorithm = pdns_parameters_string(p, "algorithm");
    ret->parameters.set_tsig_key.content = pdns_parameters_string(p, "content");
}

static void decode_nothing(const struct pdns_parameters *p, struct pdns_request *ret)
{
}

static void decode_set_notified(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.domain.id = pdns_parameters_integer(p, "id");
    ret->parameters.domain.serial = pdns_parameters_uint32(p, "serial");
}

static void decode_domain(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.domain.id = pdns_parameters_integer(p, "id");
}

static void decode_record(const struct pdns_parameters *p, void *ret)
{
    struct pdns_request_record *record = ret;

    record->qtype = pdns_parameters_string(p, "qtype");
    record->qname = pdns_parameters_string(p, "qname");
    record->content = pdns_parameters_string(p, "content");
    record->ttl = pdns_parameters_wrapped_uint32(p, "ttl");
    record->auth = pdns_parameters_bool_or(p, "auth", true);
    record->ordername = pdns_parameters_string_or(p, "ordername", NULL);
}

static void decode_super_master(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.super_master.ip = pdns_parameters_string(p, "ip");
    ret->parameters.super_master.domain = pdns_parameters_string(p, "domain");
    ret->parameters.super_master.nsset =
        pdns_parameters_objects(p, "nsset", sizeof(struct pdns_request_record), decode_record,
                                &ret->parameters.super_master.count);
}

static void decode_create_slave(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.create_slave.ip = pdns_parameters_string(p, "ip");
    ret->parameters.create_slave.domain = pdns_parameters_string(p, "domain");
    ret->parameters.create_slave.nameserver = pdns_parameters_string_or(p, "nameserver", "");
    ret->parameters.create_slave.account = pdns_parameters_string_or(p, "account", "");
}

static void decode_replace_rrset(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.replace_rrset.domain_id = pdns_parameters_integer(p, "domain_id");
    ret->parameters.replace_rrset.qname = pdns_parameters_string(p, "qname");
    ret->parameters.replace_rrset.qtype = pdns_parameters_string(p, "qtype");
    ret->parameters.replace_rrset.trxid = pdns_parameters_integer(p, "trxid");
    ret->parameters.replace_rrset.rrset =
        pdns_parameters_objects(p, "rrset", sizeof(struct pdns_request_record), decode_record,
                                &ret->parameters.replace_rrset.count);
}

static void decode_feed_record(const struct pdns_parameters *p, struct pdns_request *ret)
{
    struct pdns_parameters record = pdns_parameters_object(p, "rr");

    decode_record(&record, &ret->parameters.feed_record.rr);
    ret->parameters.feed_record.trxid = pdns_parameters_integer(p, "trxid");
}

static void decode_nonterm(const struct pdns_parameters *p, void *ret)
{
    struct pdns_nonterm *nonterm = ret;

    nonterm->name = pdns_parameters_string(p, "nonterm");
    nonterm->auth = pdns_parameters_bool_or(p, "auth", true);
}

static void decode_feed_ents(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.feed_ents.domain_id = pdns_parameters_integer(p, "domain_id");
    ret->parameters.feed_ents.trxid = pdns_parameters_integer(p, "trxid");
    ret->parameters.feed_ents.nonterm =
        pdns_parameters_objects(p, "nonterm", sizeof(struct pdns_nonterm), decode_nonterm,
                                &ret->parameters.feed_ents.count);
}

static void decode_feed_ents3(const struct pdns_parameters *p, struct pdns_request *ret)
{
    decode_feed_ents(p, ret);
    ret->parameters.feed_ents.domain = pdns_parameters_string(p, "domain");
    ret->parameters.feed_ents.times = pdns_parameters_uint32(p, "times");
    ret->parameters.feed_ents.salt = pdns_parameters_bytes(p, "salt");
    ret->parameters.feed_ents.narrow = pdns_parameters_bool(p, "narrow");
}

static void decode_start_transaction(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.transaction.domain = pdns_parameters_string(p, "domain");
    ret->parameters.transaction.domain_id = pdns_parameters_integer(p, "domain_id");
    ret->parameters.transaction.trxid = pdns_parameters_integer(p, "trxid");
}

static void decode_end_transaction(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.transaction.trxid = pdns_parameters_integer(p, "trxid");
}

static void decode_direct_backend_cmd(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.direct_backend_cmd.query = pdns_parameters_string(p, "query");
}

static void decode_search_records(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.search_records.pattern = pdns_parameters_string(p, "pattern");
    ret->parameters.search_records.max_results = pdns_parameters_integer(p, "maxResults");
}

static void decode_get_all_domains(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.get_all_domains.include_disabled =
        pdns_parameters_bool_or(p, "include_disabled", false);
}

static void decode_calculate_soa_serial(const struct pdns_parameters *p, struct pdns_request *ret)
{
    ret->parameters.calculate_soa_serial.domain = pdns_parameters_string(p, "domain");
}

/* clang-format off */
const struct pdns_method_entry pdns_methods[PDNS_METHODS] = {
    [PDNS_METHOD_INITIALIZE]              = {"initialize",           decode_initialize},
    [PDNS_METHOD_LOOKUP]                  = {"lookup",               decode_lookup},
    [PDNS_METHOD_API_LOOKUP]              = {"APILookup",            decode_api_lookup},
    [PDNS_METHOD_LIST]                    = {"list",                 decode_list},
    [PDNS_METHOD_GET_BEFORE_AND_AFTER_NAMES_ABSOLUTE] = {
        "getBeforeAndAfterNamesAbsolute", decode_before_and_after},
    [PDNS_METHOD_GET_ALL_DOMAIN_METADATA] = {"getAllDomainMetadata", decode_name},
    [PDNS_METHOD_GET_DOMAIN_METADATA]     = {"getDomainMetadata",    decode_get_metadata},
    [PDNS_METHOD_SET_DOMAIN_METADATA]     = {"setDomainMetadata",    decode_set_metadata},
    [PDNS_METHOD_GET_DOMAIN_KEYS]         = {"getDomainKeys",        decode_name},
    [PDNS_METHOD_ADD_DOMAIN_KEY]          = {"addDomainKey",         decode_add_key},
    [PDNS_METHOD_REMOVE_DOMAIN_KEY]       = {"removeDomainKey",      decode_key},
    [PDNS_METHOD_ACTIVATE_DOMAIN_KEY]     = {"activateDomainKey",    decode_key},
    [PDNS_METHOD_DEACTIVATE_DOMAIN_KEY]   = {"deactivateDomainKey",  decode_key},
    [PDNS_METHOD_PUBLISH_DOMAIN_KEY]      = {"publishDomainKey",     decode_key},
    [PDNS_METHOD_UNPUBLISH_DOMAIN_KEY]    = {"unpublishDomainKey",   decode_key},
    [PDNS_METHOD_GET_TSIG_KEY]            = {"getTSIGKey",           decode_name},
    [PDNS_METHOD_SET_TSIG_KEY]            = {"setTSIGKey",           decode_set_tsig_key},
    [PDNS_METHOD_DELETE_TSIG_KEY]         = {"deleteTSIGKey",        decode_name},
    [PDNS_METHOD_GET_TSIG_KEYS]           = {"getTSIGKeys",          decode_nothing},
    [PDNS_METHOD_GET_DOMAIN_INFO]         = {"getDomainInfo",        decode_name},
    [PDNS_METHOD_SET_NOTIFIED]            = {"setNotified",          decode_set_notified},
    [PDNS_METHOD_SET_STALE]               = {"setStale",             decode_domain},
    [PDNS_METHOD_SET_FRESH]               = {"setFresh",             decode_domain},
    [PDNS_METHOD_SUPER_MASTER_BACKEND]    = {"superMasterBackend",   decode_super_master},
    [PDNS_METHOD_CREATE_SLAVE_DOMAIN]     = {"createSlaveDomain",    decode_create_slave},
    [PDNS_METHOD_REPLACE_RRSET]           = {"replaceRRSet",         decode_replace_rrset},
    [PDNS_METHOD_FEED_RECORD]             = {"feedRecord",           decode_feed_record},
    [PDNS_METHOD_FEED_ENTS]               = {"feedEnts",             decode_feed_ents},
    [PDNS_METHOD_FEED_ENTS3]              = {"feedEnts3",            decode_feed_ents3},
    [PDNS_METHOD_START_TRANSACTION]       = {"startTransaction",     decode_start_transaction},
    [PDNS_METHOD_COMMIT_TRANSACTION]      = {"commitTransaction",    decode_end_transaction},
    [PDNS_METHOD_ABORT_TRANSACTION]       = {"abortTransaction",     decode_end_transaction},
    [PDNS_METHOD_DIRECT_BACKEND_CMD]      = {"directBackendCmd",     decode_direct_backend_cmd},
    [PDNS_METHOD_SEARCH_RECORDS]          = {"searchRecords",        decode_search_records},
    [PDNS_METHOD_GET_ALL_DOMAINS]         = {"getAllDomains",        decode_get_all_domains},
    [PDNS_METHOD_GET_UPDATED_MASTERS]     = {"getUpdatedMasters",    decode_nothing},
    [PDNS_METHOD_GET_UNFRESH_SLAVE_INFOS] = {"getUnfreshSlaveInfos", decode_nothing},
    [PDNS_METHOD_CALCULATE_SOA_SERIAL]    = {"calculateSOASerial",   decode_calculate_soa_serial},
    [PDNS_METHOD_IS_MASTER]               = {"isMaster",             decode_is_master},
};
/* clang-format on */

enum pdns_method pdns_methods_find(const char *name)
{
    for (unsigned i = 0; i < PDNS_METHODS; i++)
        if (strcasecmp(pdns_methods[i].name, name) == 0)
            return (enum pdns_method)i;
    return PDNS_METHODS;
}
