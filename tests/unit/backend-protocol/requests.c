/* What other versions and other clients send, and what is hard to make PowerDNS send. */

#include "request.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct pdns_request request;

static void deinit(void)
{
    pdns_request_deinit(&request);
}

TestSuite(requests, .fini = deinit);

static void decode_bytes(const char *line, size_t size)
{
    struct pdns_request_error error;

    pdns_request_deinit(&request);
    cr_assert_eq(pdns_request_decode(line, size, &request, &error), 0, "%s", error.message);
}

static void decode(const char *line)
{
    decode_bytes(line, strlen(line));
}

/* The next two as RemoteBackend::APILookup and ::setStale of 5.x build them. */

Test(requests, api_lookup_has_include_disabled)
{
    decode("{\"method\": \"APILookup\", \"parameters\": {\"include-disabled\": true, \"local\": "
           "\"0.0.0.0\", \"qname\": \"www.example.com.\", \"qtype\": \"ANY\", \"real-remote\": "
           "\"0.0.0.0/0\", \"remote\": \"0.0.0.0\", \"zone-id\": 3}}");
    cr_assert_eq(request.method, PDNS_METHOD_API_LOOKUP);
    cr_assert_str_eq(request.parameters.lookup.qname, "www.example.com.");
    cr_assert_eq(request.parameters.lookup.zone_id, 3);
    cr_assert(request.parameters.lookup.include_disabled);
}

Test(requests, set_stale_has_an_id)
{
    decode("{\"method\": \"setStale\", \"parameters\": {\"id\": 12}}");
    cr_assert_eq(request.method, PDNS_METHOD_SET_STALE);
    cr_assert_eq(request.parameters.domain.id, 12);
}

/* Documented, sent by no version; the parameters are those that 3.x sent. */

Test(requests, is_master_has_name_and_ip)
{
    decode("{\"method\":\"isMaster\",\"parameters\":{\"name\":\"example.com\",\"ip\":\"::1\"}}");
    cr_assert_eq(request.method, PDNS_METHOD_IS_MASTER);
    cr_assert_str_eq(request.parameters.name.name, "example.com");
    cr_assert_str_eq(request.parameters.name.ip, "::1");
}

Test(requests, calculate_soa_serial_has_a_domain)
{
    decode("{\"method\":\"calculateSOASerial\",\"parameters\":{\"domain\":\"example.com\"}}");
    cr_assert_eq(request.method, PDNS_METHOD_CALCULATE_SOA_SERIAL);
    cr_assert_str_eq(request.parameters.calculate_soa_serial.domain, "example.com");
}

Test(requests, method_names_in_any_case)
{
    decode("{\"method\":\"GETALLDOMAINS\"}");
    cr_assert_eq(request.method, PDNS_METHOD_GET_ALL_DOMAINS);
    decode("{\"method\":\"apilookup\",\"parameters\":{\"qtype\":\"A\",\"qname\":\"a.\"}}");
    cr_assert_eq(request.method, PDNS_METHOD_API_LOOKUP);
}

Test(requests, every_method_has_a_name_that_finds_it)
{
    for (unsigned i = 0; i < PDNS_METHODS; i++) {
        struct pdns_request_error error;
        struct pdns_request other;
        char line[128];
        int r;

        snprintf(line, sizeof(line), "{\"method\":\"%s\"}", pdns_method_name((enum pdns_method)i));
        r = pdns_request_decode(line, strlen(line), &other, &error);
        if (r == 0) {
            cr_assert_eq(other.method, i);
            pdns_request_deinit(&other);
        } else {
            cr_assert_eq(error.method, i, "%s", error.message);
        }
    }
}

Test(requests, parameters_in_either_spelling)
{
    decode("{\"method\":\"lookup\",\"parameters\":{\"qtype\":\"A\",\"qname\":\"a.\",\"zone_id\":4,"
           "\"real_remote\":\"192.0.2.0/24\"}}");
    cr_assert_eq(request.parameters.lookup.zone_id, 4);
    cr_assert_str_eq(request.parameters.lookup.real_remote, "192.0.2.0/24");
    decode("{\"method\":\"list\",\"parameters\":{\"zonename\":\"a.\",\"domain-id\":5,"
           "\"include-disabled\":true}}");
    cr_assert_eq(request.parameters.list.domain_id, 5);
    cr_assert(request.parameters.list.include_disabled);
}

Test(requests, optional_parameters_have_defaults)
{
    decode("{\"method\":\"lookup\",\"parameters\":{\"qtype\":\"A\",\"qname\":\"a.\","
           "\"remote\":null}}");
    cr_assert_str_eq(request.parameters.lookup.remote, "");
    cr_assert_str_eq(request.parameters.lookup.local, "");
    cr_assert_str_eq(request.parameters.lookup.real_remote, "");
    cr_assert_eq(request.parameters.lookup.zone_id, -1);
    decode("{\"method\":\"list\",\"parameters\":{\"zonename\":\"a.\"}}");
    cr_assert_eq(request.parameters.list.domain_id, -1);
    decode("{\"method\":\"addDomainKey\",\"parameters\":{\"name\":\"a.\",\"key\":"
           "{\"flags\":256,\"active\":false,\"content\":\"\"}}}");
    cr_assert(request.parameters.add_key.published);
    cr_assert_not(request.parameters.add_key.active);
    decode("{\"method\":\"createSlaveDomain\",\"parameters\":{\"ip\":\"::1\",\"domain\":\"a.\"}}");
    cr_assert_str_eq(request.parameters.create_slave.nameserver, "");
    cr_assert_str_eq(request.parameters.create_slave.account, "");
}

Test(requests, parameters_may_be_missing_null_or_an_empty_list)
{
    decode("{\"method\":\"getTSIGKeys\"}");
    decode("{\"method\":\"getTSIGKeys\",\"parameters\":null}");
    decode("{\"method\":\"getTSIGKeys\",\"parameters\":[]}");
    decode("{\"method\":\"initialize\"}");
    cr_assert_eq(request.parameters.initialize.count, 0);
}

Test(requests, integers_as_reals_and_strings)
{
    static const char *const forms[] = {"1700000000", "1700000000.0", "1.7e9", "\"1700000000\""};

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        char line[128];

        snprintf(line, sizeof(line),
                 "{\"method\":\"commitTransaction\",\"parameters\":"
                 "{\"trxid\":%s}}",
                 forms[i]);
        decode(line);
        cr_assert_eq(request.parameters.transaction.trxid, 1700000000);
    }
}

Test(requests, integers_at_the_ends_of_their_range)
{
    decode("{\"method\":\"setNotified\",\"parameters\":{\"id\":-9223372036854775808,"
           "\"serial\":4294967295}}");
    cr_assert_eq(request.parameters.domain.id, INT64_MIN);
    cr_assert_eq(request.parameters.domain.serial, UINT32_MAX);
    decode("{\"method\":\"setFresh\",\"parameters\":{\"id\":\"9223372036854775807\"}}");
    cr_assert_eq(request.parameters.domain.id, INT64_MAX);
}

/* Captured: the primary's TTL was 3000000000, which PowerDNS casts to int. */
Test(requests, ttl_that_powerdns_wrapped_is_unwrapped)
{
    decode("{\"method\": \"feedRecord\", \"parameters\": {\"rr\": {\"auth\": true, \"content\": "
           "\"192.0.2.3\", \"ordername\": \"nr2e5a8nujn1gt3rsjjeel2l6g2trbd2.\", \"qclass\": 1, "
           "\"qname\": \"c.hashed.example.\", \"qtype\": \"A\", \"ttl\": -1294967296}, \"trxid\": "
           "1795376566}}");
    cr_assert_eq(request.parameters.feed_record.rr.ttl, 3000000000);
    cr_assert_str_eq(request.parameters.feed_record.rr.ordername,
                     "nr2e5a8nujn1gt3rsjjeel2l6g2trbd2.");
}

Test(requests, booleans_as_numbers_and_strings)
{
    static const char *const forms[][2] = {{"false", "true"},
                                           {"0", "1"},
                                           {"0.0", "1.0"},
                                           {"\"0\"", "\"1\""},
                                           {"\"false\"", "\"true\""}};

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        for (int value = 0; value < 2; value++) {
            char line[128];

            snprintf(line, sizeof(line),
                     "{\"method\":\"getAllDomains\",\"parameters\":"
                     "{\"include_disabled\":%s}}",
                     forms[i][value]);
            decode(line);
            cr_assert_eq(request.parameters.get_all_domains.include_disabled, value);
        }
    }
}

Test(requests, initialize_options_become_text)
{
    static const char *const expected[] = {"text", "5", "0.5", "true", "false", ""};

    decode("{\"method\":\"initialize\",\"parameters\":{\"a\":\"text\",\"b\":5,\"c\":0.5,"
           "\"d\":true,\"e\":false,\"f\":null}}");
    cr_assert_eq(request.parameters.initialize.count, 6);
    for (size_t i = 0; i < 6; i++) {
        cr_assert_eq(request.parameters.initialize.options[i].name[0], (char)('a' + i));
        cr_assert_str_eq(request.parameters.initialize.options[i].value, expected[i]);
    }
}

Test(requests, metadata_value_may_be_one_string_or_none)
{
    decode("{\"method\":\"setDomainMetadata\",\"parameters\":{\"name\":\"a.\",\"kind\":\"K\","
           "\"value\":\"v\"}}");
    cr_assert_eq(request.parameters.metadata.value_count, 1);
    cr_assert_str_eq(request.parameters.metadata.value[0], "v");
    decode("{\"method\":\"setDomainMetadata\",\"parameters\":{\"name\":\"a.\",\"kind\":\"K\","
           "\"value\":[]}}");
    cr_assert_eq(request.parameters.metadata.value_count, 0);
}

Test(requests, the_last_of_duplicates_wins)
{
    decode("{\"method\":\"list\",\"method\":\"directBackendCmd\",\"parameters\":"
           "{\"query\":\"one\",\"query\":\"two\"}}");
    cr_assert_eq(request.method, PDNS_METHOD_DIRECT_BACKEND_CMD);
    cr_assert_str_eq(request.parameters.direct_backend_cmd.query, "two");
}

Test(requests, unknown_members_are_ignored)
{
    decode(
        "{\"id\":7,\"method\":\"directBackendCmd\",\"parameters\":{\"more\":{},\"query\":\"a\"}}");
    cr_assert_str_eq(request.parameters.direct_backend_cmd.query, "a");
}

Test(requests, with_and_without_a_newline)
{
    decode("{\"method\":\"getTSIGKeys\"}\n");
    decode("{\"method\":\"getTSIGKeys\"}\r\n");
    decode(" {\"method\":\"getTSIGKeys\"} ");
}

Test(requests, every_byte_arrives_as_it_was_sent)
{
    static const char end[] = "\"}}\n";
    char line[512] = "{\"method\":\"directBackendCmd\",\"parameters\":{\"query\":\"";
    char expected[256];
    size_t size = strlen(line), count = 0;

    for (int byte = 0x20; byte < 0x100; byte++) {
        if (byte == '"' || byte == '\\')
            continue;
        expected[count++] = (char)byte;
        line[size++] = (char)byte;
    }
    expected[count] = '\0';
    memcpy(line + size, end, sizeof(end));
    decode_bytes(line, size + strlen(end));
    cr_assert_str_eq(request.parameters.direct_backend_cmd.query, expected);
}

Test(requests, utf8_and_what_stands_for_raw_bytes_arrive_as_they_were_sent)
{
    /* The last two are U+10FF80 and U+10FFFF, which raw bytes are turned into on the way. */
    static const char text[] = "\xc3\xa9 \xe2\x82\xac \xf4\x8f\xbe\x80 \xf4\x8f\xbf\xbf \xf4\x8f";
    char line[256];

    snprintf(line, sizeof(line),
             "{\"method\":\"directBackendCmd\",\"parameters\":{\"query\":\"%s\"}}", text);
    decode(line);
    cr_assert_str_eq(request.parameters.direct_backend_cmd.query, text);
}

Test(requests, escapes_become_utf8_also_beside_raw_bytes)
{
    decode("{\"method\":\"directBackendCmd\",\"parameters\":{\"query\":\"\\u00e9\\u2028\\n\"}}");
    cr_assert_str_eq(request.parameters.direct_backend_cmd.query, "\xc3\xa9\xe2\x80\xa8\n");
    decode("{\"method\":\"directBackendCmd\",\"parameters\":{\"query\":\"\\u00e9\xe9\\u20ac\"}}");
    cr_assert_str_eq(request.parameters.direct_backend_cmd.query, "\xc3\xa9\xe9\xe2\x82\xac");
}

Test(requests, raw_bytes_in_names_and_values_of_options)
{
    decode("{\"method\":\"initialize\",\"parameters\":{\"\xe9t\xe9\":\"\xff\"}}");
    cr_assert_str_eq(request.parameters.initialize.options[0].name, "\xe9t\xe9");
    cr_assert_str_eq(request.parameters.initialize.options[0].value, "\xff");
}

Test(requests, strings_outlive_the_line)
{
    char line[] = "{\"method\":\"directBackendCmd\",\"parameters\":{\"query\":\"text \xe9\"}}";

    decode(line);
    memset(line, 'x', sizeof(line));
    cr_assert_str_eq(request.parameters.direct_backend_cmd.query, "text \xe9");
}
