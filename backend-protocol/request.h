#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Requests of PowerDNS's remote backend: one line of JSON -> struct pdns_request
 *
 * Pure: no I/O, no globals. The specification is README.md in this folder; the source of what
 * PowerDNS sends is modules/remotebackend/remotebackend.cc. Names of members are PowerDNS's.
 *
 * Text is NUL-terminated bytes, in no particular encoding: PowerDNS sends what it has, and invalid
 * UTF-8 arrives here as it was sent. Text with a NUL inside is an error, except where the type is
 * struct pdns_bytes. All text belongs to the request and lives until pdns_request_deinit().
 */

enum pdns_method {
    PDNS_METHOD_INITIALIZE,
    PDNS_METHOD_LOOKUP,
    PDNS_METHOD_API_LOOKUP, /* 5.x */
    PDNS_METHOD_LIST,
    PDNS_METHOD_GET_BEFORE_AND_AFTER_NAMES_ABSOLUTE,
    PDNS_METHOD_GET_ALL_DOMAIN_METADATA,
    PDNS_METHOD_GET_DOMAIN_METADATA,
    PDNS_METHOD_SET_DOMAIN_METADATA,
    PDNS_METHOD_GET_DOMAIN_KEYS,
    PDNS_METHOD_ADD_DOMAIN_KEY,
    PDNS_METHOD_REMOVE_DOMAIN_KEY,
    PDNS_METHOD_ACTIVATE_DOMAIN_KEY,
    PDNS_METHOD_DEACTIVATE_DOMAIN_KEY,
    PDNS_METHOD_PUBLISH_DOMAIN_KEY,
    PDNS_METHOD_UNPUBLISH_DOMAIN_KEY,
    PDNS_METHOD_GET_TSIG_KEY,
    PDNS_METHOD_SET_TSIG_KEY,
    PDNS_METHOD_DELETE_TSIG_KEY,
    PDNS_METHOD_GET_TSIG_KEYS,
    PDNS_METHOD_GET_DOMAIN_INFO,
    PDNS_METHOD_SET_NOTIFIED,
    PDNS_METHOD_SET_STALE,
    PDNS_METHOD_SET_FRESH,
    PDNS_METHOD_SUPER_MASTER_BACKEND,
    PDNS_METHOD_CREATE_SLAVE_DOMAIN,
    PDNS_METHOD_REPLACE_RRSET,
    PDNS_METHOD_FEED_RECORD,
    PDNS_METHOD_FEED_ENTS,
    PDNS_METHOD_FEED_ENTS3,
    PDNS_METHOD_START_TRANSACTION,
    PDNS_METHOD_COMMIT_TRANSACTION,
    PDNS_METHOD_ABORT_TRANSACTION,
    PDNS_METHOD_DIRECT_BACKEND_CMD,
    PDNS_METHOD_SEARCH_RECORDS,
    PDNS_METHOD_GET_ALL_DOMAINS,
    PDNS_METHOD_GET_UPDATED_MASTERS,
    PDNS_METHOD_GET_UNFRESH_SLAVE_INFOS,
    PDNS_METHOD_CALCULATE_SOA_SERIAL, /* documented; never sent by 4.7 to 5.1 */
    PDNS_METHOD_IS_MASTER,            /* documented; never sent by 4.7 to 5.1 */
    PDNS_METHODS,
};

struct pdns_bytes {
    const char *data; /* also NUL-terminated, for convenience */
    size_t size;
};

/* One member of `initialize`'s parameters: an option of remote-connection-string. */
struct pdns_option {
    const char *name;
    const char *value;
};

/* A record as PowerDNS sends it, in feedRecord, replaceRRSet and superMasterBackend. */
struct pdns_request_record {
    const char *qtype; /* "" = empty non-terminal */
    const char *qname;
    const char *content;
    uint32_t ttl;
    bool auth;             /* true where not given */
    const char *ordername; /* NULL where null or not given */
};

struct pdns_nonterm {
    const char *name;
    bool auth;
};

struct pdns_request {
    enum pdns_method method;

    /* The parameters of `method`. Methods without any, and those that share, have no member of
     * their own: see the comment of each. */
    union {
        struct {
            const struct pdns_option *options;
            size_t count;
        } initialize;
        struct { /* lookup, APILookup */
            const char *qtype;
            const char *qname;
            const char *remote; /* "" where not given, as the next two */
            const char *local;
            const char *real_remote;
            int64_t zone_id;       /* -1 where not given */
            bool include_disabled; /* APILookup; false where not given */
        } lookup;
        struct {
            const char *zonename;
            int64_t domain_id; /* -1 where not given */
            bool include_disabled;
        } list;
        struct {
            int64_t id;
            const char *qname;
        } before_and_after;
        struct { /* getAllDomainMetadata, getDomainKeys, getTSIGKey, deleteTSIGKey, getDomainInfo,
                    isMaster */
            const char *name;
            const char *ip; /* isMaster only */
        } name;
        struct { /* getDomainMetadata, setDomainMetadata */
            const char *name;
            const char *kind;
            const char *const *value; /* setDomainMetadata only */
            size_t value_count;
        } metadata;
        struct {
            const char *name;
            uint32_t flags;
            bool active;
            bool published; /* true where not given */
            const char *content;
        } add_key;
        struct { /* removeDomainKey, activate.., deactivate.., publish.., unpublishDomainKey */
            const char *name;
            int64_t id;
        } key;
        struct {
            const char *name;
            const char *algorithm;
            const char *content;
        } set_tsig_key;
        struct { /* setNotified, setStale, setFresh */
            int64_t id;
            uint32_t serial; /* setNotified only */
        } domain;
        struct {
            const char *ip;
            const char *domain;
            const struct pdns_request_record *nsset;
            size_t count;
        } super_master;
        struct {
            const char *ip;
            const char *domain;
            const char *nameserver; /* "" where not given */
            const char *account;    /* "" where not given */
        } create_slave;
        struct {
            int64_t domain_id;
            const char *qname;
            const char *qtype;
            int64_t trxid;
            const struct pdns_request_record *rrset;
            size_t count;
        } replace_rrset;
        struct {
            struct pdns_request_record rr;
            int64_t trxid;
        } feed_record;
        struct { /* feedEnts, feedEnts3 */
            int64_t domain_id;
            int64_t trxid;
            const struct pdns_nonterm *nonterm;
            size_t count;
            const char *domain; /* this and the following: feedEnts3 only */
            uint32_t times;
            struct pdns_bytes salt;
            bool narrow;
        } feed_ents;
        struct { /* startTransaction; commit and abort have trxid only */
            const char *domain;
            int64_t domain_id;
            int64_t trxid;
        } transaction;
        struct {
            const char *query;
        } direct_backend_cmd;
        struct {
            const char *pattern;
            int64_t max_results;
        } search_records;
        struct {
            bool include_disabled;
        } get_all_domains;
        struct {
            const char *domain;
        } calculate_soa_serial;
    } parameters;

    /* What the text above points into. */
    struct pdns_request_memory *memory;
};

enum {
    /* The line is no request. The message says why. */
    PDNS_REQUEST_E_INVALID = 1,
};

/* Why a line was refused: "lookup: parameter 'qname' is missing". */
struct pdns_request_error {
    char message[256];
    /* The method, if it could be read, or PDNS_METHODS. */
    enum pdns_method method;
};

/* Decodes one line, with or without its newline. 0; PDNS_REQUEST_E_INVALID; -ENOMEM. Takes up to
 * 256 KiB of stack, for a line that is nothing but nesting. */
int pdns_request_decode(const char *line, size_t size, struct pdns_request *ret,
                        struct pdns_request_error *ret_error);

void pdns_request_deinit(struct pdns_request *request);

/* As PowerDNS spells it: "getAllDomains". */
const char *pdns_method_name(enum pdns_method method);
