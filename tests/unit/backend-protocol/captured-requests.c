/* Every method that PowerDNS 4.7.3 sends, as it sent it: captured-requests.jsonl, made by
 * ./capture. */

#include "request.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TRXID_MIN 1700000000 /* trxid is the time of the capture */

static struct pdns_request request;
static char *line;
static FILE *file;

static void open_captured(void)
{
    file = fopen(CAPTURED_REQUESTS, "r");
    cr_assert_not_null(file, "%s is missing", CAPTURED_REQUESTS);
}

static void close_captured(void)
{
    pdns_request_deinit(&request);
    free(line);
    fclose(file);
}

TestSuite(captured_requests, .init = open_captured, .fini = close_captured);

/* Decodes the line of that method. */
static void decode(enum pdns_method method)
{
    struct pdns_request_error error;
    size_t capacity = 0;
    char start[64];
    ssize_t size;

    snprintf(start, sizeof(start), "{\"method\": \"%s\",", pdns_method_name(method));
    while ((size = getline(&line, &capacity, file)) >= 0) {
        if (strncmp(line, start, strlen(start)) != 0)
            continue;
        cr_assert_eq(pdns_request_decode(line, (size_t)size, &request, &error), 0, "%s",
                     error.message);
        cr_assert_eq(request.method, method);
        return;
    }
    cr_assert_fail("nothing captured for %s", pdns_method_name(method));
}

static void assert_record(const struct pdns_request_record *record, const char *qname,
                          const char *qtype, const char *content, uint32_t ttl)
{
    cr_assert_str_eq(record->qname, qname);
    cr_assert_str_eq(record->qtype, qtype);
    cr_assert_str_eq(record->content, content);
    cr_assert_eq(record->ttl, ttl);
    cr_assert(record->auth);
    cr_assert_null(record->ordername);
}

Test(captured_requests, initialize)
{
    static const char *const expected[][2] = {
        {"path", "remote.sock"}, {"timeout", "5000"}, {"view", "raw"}};

    decode(PDNS_METHOD_INITIALIZE);
    cr_assert_eq(request.parameters.initialize.count, 3);
    for (size_t i = 0; i < 3; i++) {
        cr_assert_str_eq(request.parameters.initialize.options[i].name, expected[i][0]);
        cr_assert_str_eq(request.parameters.initialize.options[i].value, expected[i][1]);
    }
}

Test(captured_requests, lookup)
{
    decode(PDNS_METHOD_LOOKUP);
    cr_assert_str_eq(request.parameters.lookup.qtype, "SOA");
    cr_assert_str_eq(request.parameters.lookup.qname, "example.com.");
    cr_assert_str_eq(request.parameters.lookup.remote, "0.0.0.0");
    cr_assert_str_eq(request.parameters.lookup.local, "0.0.0.0");
    cr_assert_str_eq(request.parameters.lookup.real_remote, "0.0.0.0/0");
    cr_assert_eq(request.parameters.lookup.zone_id, -1);
    cr_assert_not(request.parameters.lookup.include_disabled);
}

Test(captured_requests, list)
{
    decode(PDNS_METHOD_LIST);
    cr_assert_str_eq(request.parameters.list.zonename, "example.com.");
    cr_assert_eq(request.parameters.list.domain_id, 1);
    cr_assert_not(request.parameters.list.include_disabled);
}

Test(captured_requests, getBeforeAndAfterNamesAbsolute)
{
    decode(PDNS_METHOD_GET_BEFORE_AND_AFTER_NAMES_ABSOLUTE);
    cr_assert_eq(request.parameters.before_and_after.id, 1);
    cr_assert_str_eq(request.parameters.before_and_after.qname, "nothing.");
}

Test(captured_requests, getAllDomainMetadata)
{
    decode(PDNS_METHOD_GET_ALL_DOMAIN_METADATA);
    cr_assert_str_eq(request.parameters.name.name, "example.com.");
}

Test(captured_requests, getDomainMetadata)
{
    decode(PDNS_METHOD_GET_DOMAIN_METADATA);
    cr_assert_str_eq(request.parameters.metadata.name, "example.com.");
    cr_assert_str_eq(request.parameters.metadata.kind, "X-NOTE");
}

Test(captured_requests, setDomainMetadata)
{
    decode(PDNS_METHOD_SET_DOMAIN_METADATA);
    cr_assert_str_eq(request.parameters.metadata.name, "hashed.example.");
    cr_assert_str_eq(request.parameters.metadata.kind, "NSEC3PARAM");
    cr_assert_eq(request.parameters.metadata.value_count, 1);
    cr_assert_str_eq(request.parameters.metadata.value[0], "1 0 1 00ab80ff22");
}

Test(captured_requests, getDomainKeys)
{
    decode(PDNS_METHOD_GET_DOMAIN_KEYS);
    cr_assert_str_eq(request.parameters.name.name, "example.com.");
}

Test(captured_requests, addDomainKey)
{
    static const char start[] = "Private-key-format: v1.2\nAlgorithm: 13 (ECDSAP256SHA256)\n";

    decode(PDNS_METHOD_ADD_DOMAIN_KEY);
    cr_assert_str_eq(request.parameters.add_key.name, "example.com.");
    cr_assert_eq(request.parameters.add_key.flags, 257);
    cr_assert(request.parameters.add_key.active);
    cr_assert(request.parameters.add_key.published);
    cr_assert_eq(strncmp(request.parameters.add_key.content, start, strlen(start)), 0);
}

static void assert_key_method(enum pdns_method method)
{
    decode(method);
    cr_assert_str_eq(request.parameters.key.name, "example.com.");
    cr_assert_eq(request.parameters.key.id, 1);
}

Test(captured_requests, removeDomainKey)
{
    assert_key_method(PDNS_METHOD_REMOVE_DOMAIN_KEY);
}

Test(captured_requests, activateDomainKey)
{
    assert_key_method(PDNS_METHOD_ACTIVATE_DOMAIN_KEY);
}

Test(captured_requests, deactivateDomainKey)
{
    assert_key_method(PDNS_METHOD_DEACTIVATE_DOMAIN_KEY);
}

Test(captured_requests, publishDomainKey)
{
    assert_key_method(PDNS_METHOD_PUBLISH_DOMAIN_KEY);
}

Test(captured_requests, unpublishDomainKey)
{
    assert_key_method(PDNS_METHOD_UNPUBLISH_DOMAIN_KEY);
}

Test(captured_requests, getTSIGKey)
{
    decode(PDNS_METHOD_GET_TSIG_KEY);
    cr_assert_str_eq(request.parameters.name.name, "transfer.");
}

Test(captured_requests, setTSIGKey)
{
    decode(PDNS_METHOD_SET_TSIG_KEY);
    cr_assert_str_eq(request.parameters.set_tsig_key.name, "transfer.");
    cr_assert_str_eq(request.parameters.set_tsig_key.algorithm, "hmac-sha256.");
    cr_assert_eq(strlen(request.parameters.set_tsig_key.content), 88);
}

Test(captured_requests, deleteTSIGKey)
{
    decode(PDNS_METHOD_DELETE_TSIG_KEY);
    cr_assert_str_eq(request.parameters.name.name, "transfer.");
}

Test(captured_requests, getTSIGKeys)
{
    decode(PDNS_METHOD_GET_TSIG_KEYS);
}

Test(captured_requests, getDomainInfo)
{
    decode(PDNS_METHOD_GET_DOMAIN_INFO);
    cr_assert_str_eq(request.parameters.name.name, "example.com.");
}

Test(captured_requests, setNotified)
{
    decode(PDNS_METHOD_SET_NOTIFIED);
    cr_assert_eq(request.parameters.domain.id, 1);
    cr_assert_eq(request.parameters.domain.serial, 7);
}

Test(captured_requests, setFresh)
{
    decode(PDNS_METHOD_SET_FRESH);
    cr_assert_geq(request.parameters.domain.id, 2);
}

Test(captured_requests, superMasterBackend)
{
    decode(PDNS_METHOD_SUPER_MASTER_BACKEND);
    cr_assert_str_eq(request.parameters.super_master.ip, "127.0.0.53");
    cr_assert_str_eq(request.parameters.super_master.domain, "offered.example.");
    cr_assert_eq(request.parameters.super_master.count, 1);
    assert_record(&request.parameters.super_master.nsset[0], "offered.example.", "NS",
                  "ns.offered.example", 300);
}

Test(captured_requests, createSlaveDomain)
{
    decode(PDNS_METHOD_CREATE_SLAVE_DOMAIN);
    cr_assert_str_eq(request.parameters.create_slave.ip, "127.0.0.53");
    cr_assert_str_eq(request.parameters.create_slave.domain, "offered.example.");
    cr_assert_str_eq(request.parameters.create_slave.nameserver, "ns.offered.example.");
    cr_assert_str_eq(request.parameters.create_slave.account, "somebody");
}

Test(captured_requests, replaceRRSet)
{
    decode(PDNS_METHOD_REPLACE_RRSET);
    cr_assert_eq(request.parameters.replace_rrset.domain_id, 1);
    cr_assert_str_eq(request.parameters.replace_rrset.qname, "www.example.com.");
    cr_assert_str_eq(request.parameters.replace_rrset.qtype, "A");
    cr_assert_gt(request.parameters.replace_rrset.trxid, TRXID_MIN);
    cr_assert_eq(request.parameters.replace_rrset.count, 2);
    assert_record(&request.parameters.replace_rrset.rrset[0], "www.example.com.", "A", "192.0.2.7",
                  600);
    assert_record(&request.parameters.replace_rrset.rrset[1], "www.example.com.", "A", "192.0.2.8",
                  600);
}

Test(captured_requests, feedRecord)
{
    decode(PDNS_METHOD_FEED_RECORD);
    cr_assert_gt(request.parameters.feed_record.trxid, TRXID_MIN);
    assert_record(&request.parameters.feed_record.rr, "secondary.example.", "SOA",
                  "ns.secondary.example hostmaster.secondary.example 7 3600 600 86400 300", 300);
}

Test(captured_requests, feedEnts)
{
    decode(PDNS_METHOD_FEED_ENTS);
    cr_assert_eq(request.parameters.feed_ents.domain_id, 2);
    cr_assert_gt(request.parameters.feed_ents.trxid, TRXID_MIN);
    cr_assert_eq(request.parameters.feed_ents.count, 2);
    cr_assert_str_eq(request.parameters.feed_ents.nonterm[0].name, "b.secondary.example.");
    cr_assert_str_eq(request.parameters.feed_ents.nonterm[1].name, "y.secondary.example.");
    cr_assert(request.parameters.feed_ents.nonterm[1].auth);
}

/* The salt is sent as raw bytes, one of them NUL, others no UTF-8. */
Test(captured_requests, feedEnts3)
{
    decode(PDNS_METHOD_FEED_ENTS3);
    cr_assert_eq(request.parameters.feed_ents.domain_id, 3);
    cr_assert_gt(request.parameters.feed_ents.trxid, TRXID_MIN);
    cr_assert_eq(request.parameters.feed_ents.count, 2);
    cr_assert_str_eq(request.parameters.feed_ents.nonterm[0].name, "b.hashed.example.");
    cr_assert_str_eq(request.parameters.feed_ents.domain, "hashed.example.");
    cr_assert_eq(request.parameters.feed_ents.times, 1);
    cr_assert_not(request.parameters.feed_ents.narrow);
    cr_assert_eq(request.parameters.feed_ents.salt.size, 5);
    cr_assert_arr_eq(request.parameters.feed_ents.salt.data, "\x00\xab\x80\xff\x22", 5);
}

Test(captured_requests, startTransaction)
{
    decode(PDNS_METHOD_START_TRANSACTION);
    cr_assert_str_eq(request.parameters.transaction.domain, "example.com.");
    cr_assert_eq(request.parameters.transaction.domain_id, -1);
    cr_assert_gt(request.parameters.transaction.trxid, TRXID_MIN);
}

Test(captured_requests, commitTransaction)
{
    decode(PDNS_METHOD_COMMIT_TRANSACTION);
    cr_assert_gt(request.parameters.transaction.trxid, TRXID_MIN);
}

Test(captured_requests, abortTransaction)
{
    decode(PDNS_METHOD_ABORT_TRANSACTION);
    cr_assert_gt(request.parameters.transaction.trxid, TRXID_MIN);
}

Test(captured_requests, directBackendCmd)
{
    decode(PDNS_METHOD_DIRECT_BACKEND_CMD);
    cr_assert_str_eq(request.parameters.direct_backend_cmd.query, "ping");
}

Test(captured_requests, searchRecords)
{
    decode(PDNS_METHOD_SEARCH_RECORDS);
    cr_assert_str_eq(request.parameters.search_records.pattern, "www*");
    cr_assert_eq(request.parameters.search_records.max_results, 10);
}

Test(captured_requests, getAllDomains)
{
    decode(PDNS_METHOD_GET_ALL_DOMAINS);
    cr_assert_not(request.parameters.get_all_domains.include_disabled);
}

Test(captured_requests, getUpdatedMasters)
{
    decode(PDNS_METHOD_GET_UPDATED_MASTERS);
}

Test(captured_requests, getUnfreshSlaveInfos)
{
    decode(PDNS_METHOD_GET_UNFRESH_SLAVE_INFOS);
}
