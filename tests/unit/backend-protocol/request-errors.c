/* Each kind of line that is refused, and what the message says. */

#include "request.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void assert_refused(const char *line, size_t size, const char *message,
                           enum pdns_method method)
{
    struct pdns_request_error error;
    struct pdns_request request;

    cr_assert_eq(pdns_request_decode(line, size, &request, &error), PDNS_REQUEST_E_INVALID,
                 "accepted: %s", line);
    cr_assert_str_eq(error.message, message);
    cr_assert_eq(error.method, method);
}

Test(request_errors, lines_that_are_no_request)
{
    static const char *const table[][2] = {
        {"", "invalid JSON at column 0: '[' or '{' expected"},
        {"nonsense", "invalid JSON at column 8: '[' or '{' expected"},
        {"{\"method\"}", "invalid JSON at column 10: ':' expected"},
        {"{\"method\":\"list\"", "invalid JSON at column 16: '}' expected"},
        {"{\"method\":\"list\"} {}", "invalid JSON at column 19: end of file expected"},
        {"{\"method\":\"\xe9\xe9\" \"list\"}", "invalid JSON at column 21: '}' expected"},
        {"{\"method\":\"a\tb\"}", "invalid JSON at column 12: control character 0x9"},
        {"{\"method\":99999999999999999999}", "invalid JSON at column 30: too big integer"},
        {"[]", "the request is no JSON object"},
        {"{}", "no 'method'"},
        {"{\"method\":null}", "no 'method'"},
        {"{\"method\":1}", "'method' must be a string"},
        {"{\"method\":\"foo\"}", "unknown method 'foo'"},
        {"{\"method\":\"\"}", "unknown method ''"},
        {"{\"method\":\"f\\n \xe9\"}", "unknown method 'f? ?'"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
        assert_refused(table[i][0], strlen(table[i][0]), table[i][1], PDNS_METHODS);
}

Test(request_errors, parameters_that_are_missing_or_wrong)
{
    static const struct {
        enum pdns_method method;
        const char *parameters;
        const char *message;
    } table[] = {
        {PDNS_METHOD_LOOKUP, "7", "lookup: 'parameters' must be an object"},
        {PDNS_METHOD_LOOKUP, "[1]", "lookup: 'parameters' must be an object"},
        {PDNS_METHOD_LOOKUP, "null", "lookup: parameter 'qtype' is missing"},
        {PDNS_METHOD_LOOKUP, "{\"qtype\":\"A\"}", "lookup: parameter 'qname' is missing"},
        {PDNS_METHOD_LOOKUP, "{\"qtype\":\"A\",\"qname\":null}",
         "lookup: parameter 'qname' is missing"},
        {PDNS_METHOD_LOOKUP, "{\"qtype\":\"A\",\"qname\":5}",
         "lookup: parameter 'qname' must be a string"},
        {PDNS_METHOD_LOOKUP, "{\"qtype\":\"A\",\"qname\":\"a\\u0000b\"}",
         "lookup: parameter 'qname' holds a NUL byte"},
        {PDNS_METHOD_LOOKUP, "{\"qtype\":\"A\",\"qname\":\"a\",\"zone-id\":\"x\"}",
         "lookup: parameter 'zone-id' must be an integer"},
        {PDNS_METHOD_LOOKUP, "{\"qtype\":\"A\",\"qname\":\"a\",\"zone-id\":\"\"}",
         "lookup: parameter 'zone-id' must be an integer"},
        {PDNS_METHOD_LOOKUP, "{\"qtype\":\"A\",\"qname\":\"a\",\"zone-id\":\" 1\"}",
         "lookup: parameter 'zone-id' must be an integer"},
        {PDNS_METHOD_LOOKUP, "{\"qtype\":\"A\",\"qname\":\"a\",\"zone_id\":1.5}",
         "lookup: parameter 'zone-id' must be an integer"},
        {PDNS_METHOD_LOOKUP, "{\"qtype\":\"A\",\"qname\":\"a\",\"zone-id\":1e300}",
         "lookup: parameter 'zone-id' must be an integer"},
        {PDNS_METHOD_LOOKUP,
         "{\"qtype\":\"A\",\"qname\":\"a\",\"zone-id\":\"9223372036854775808\"}",
         "lookup: parameter 'zone-id' must be an integer"},
        {PDNS_METHOD_LOOKUP, "{\"qtype\":\"A\",\"qname\":\"a\",\"zone-id\":true}",
         "lookup: parameter 'zone-id' must be an integer"},
        {PDNS_METHOD_SET_NOTIFIED, "{\"id\":1,\"serial\":-1}",
         "setNotified: parameter 'serial' is out of range"},
        {PDNS_METHOD_SET_NOTIFIED, "{\"id\":1,\"serial\":4294967296}",
         "setNotified: parameter 'serial' is out of range"},
        {PDNS_METHOD_GET_ALL_DOMAINS, "{\"include_disabled\":2}",
         "getAllDomains: parameter 'include_disabled' must be true or false"},
        {PDNS_METHOD_GET_ALL_DOMAINS, "{\"include_disabled\":\"maybe\"}",
         "getAllDomains: parameter 'include_disabled' must be true or false"},
        {PDNS_METHOD_INITIALIZE, "{\"path\":[]}", "initialize: parameter 'path' must be a string"},
        {PDNS_METHOD_ADD_DOMAIN_KEY, "{\"name\":\"a\",\"key\":1}",
         "addDomainKey: parameter 'key' must be an object"},
        {PDNS_METHOD_ADD_DOMAIN_KEY, "{\"name\":\"a\",\"key\":{\"flags\":257}}",
         "addDomainKey: parameter 'key.active' is missing"},
        {PDNS_METHOD_FEED_RECORD, "{\"trxid\":1}", "feedRecord: parameter 'rr' is missing"},
        {PDNS_METHOD_FEED_RECORD,
         "{\"rr\":{\"qtype\":\"A\",\"qname\":\"a\",\"content\":\"\",\"ttl\":4294967296}}",
         "feedRecord: parameter 'rr.ttl' is out of range"},
        {PDNS_METHOD_FEED_ENTS, "{\"domain_id\":1,\"trxid\":1,\"nonterm\":{}}",
         "feedEnts: parameter 'nonterm' must be an array"},
        {PDNS_METHOD_FEED_ENTS, "{\"domain_id\":1,\"trxid\":1,\"nonterm\":[7]}",
         "feedEnts: parameter 'nonterm[0]' must be an object"},
        {PDNS_METHOD_FEED_ENTS,
         "{\"domain_id\":1,\"trxid\":1,\"nonterm\":[{\"nonterm\":\"a\"},{\"auth\":true}]}",
         "feedEnts: parameter 'nonterm[1].nonterm' is missing"},
        {PDNS_METHOD_FEED_ENTS3,
         "{\"domain_id\":1,\"trxid\":1,\"nonterm\":[],\"domain\":\"a\",\"times\":1,\"salt\":1}",
         "feedEnts3: parameter 'salt' must be a string"},
        {PDNS_METHOD_SET_DOMAIN_METADATA, "{\"name\":\"a\",\"kind\":\"K\",\"value\":7}",
         "setDomainMetadata: parameter 'value' must be an array"},
        {PDNS_METHOD_SET_DOMAIN_METADATA, "{\"name\":\"a\",\"kind\":\"K\",\"value\":[\"v\",7]}",
         "setDomainMetadata: parameter 'value[1]' must be a string"},
        {PDNS_METHOD_SET_DOMAIN_METADATA,
         "{\"name\":\"a\",\"kind\":\"K\",\"value\":[\"a\\u0000\"]}",
         "setDomainMetadata: parameter 'value[0]' holds a NUL byte"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        char line[512];
        int size = snprintf(line, sizeof(line), "{\"method\":\"%s\",\"parameters\":%s}\n",
                            pdns_method_name(table[i].method), table[i].parameters);

        assert_refused(line, (size_t)size, table[i].message, table[i].method);
    }
}

Test(request_errors, a_raw_nul_is_no_json)
{
    static const char line[] = "{\"method\":\"li\0st\"}";

    assert_refused(line, sizeof(line) - 1, "invalid JSON at column 13: control character 0x0",
                   PDNS_METHODS);
}

Test(request_errors, long_names_of_methods_are_cut)
{
    char line[4096] = "{\"method\":\"";
    struct pdns_request_error error;
    struct pdns_request request;
    size_t start = strlen(line);

    memset(line + start, 'm', 3000);
    strcpy(line + start + 3000, "\"}");
    cr_assert_eq(pdns_request_decode(line, strlen(line), &request, &error), PDNS_REQUEST_E_INVALID);
    cr_assert_eq(strlen(error.message), strlen("unknown method ''...") + 64);
}

Test(request_errors, deep_nesting_is_refused)
{
    enum { DEPTH = 1000 * 1000 };
    struct pdns_request_error error;
    struct pdns_request request;
    char *line = malloc(DEPTH);

    memset(line, '[', DEPTH);
    cr_assert_eq(pdns_request_decode(line, DEPTH, &request, &error), PDNS_REQUEST_E_INVALID);
    cr_assert_str_eq(error.message, "invalid JSON at column 2049: maximum parsing depth reached");
    free(line);
}
