/* Lookups that are decoded without jansson: the same comes out as with it. A blank ahead of a line
 * changes nothing about it, but takes it to jansson. */

#include "plain-lookup.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define START "{\"method\": \"lookup\", \"parameters\": {"
#define NAMED START "\"qname\": \"a.\", \"qtype\": \"A\""
/* As RemoteBackend::lookup of 4.7 to 5.1 builds it. */
#define WHOLE                                                                                      \
    START "\"local\": \"127.0.0.1\", \"qname\": \"www.example.com.\", \"qtype\": \"ANY\", "        \
          "\"real-remote\": \"192.0.2.0/24\", \"remote\": \"::1\", \"zone-id\": "

static bool is_plain(const char *line, size_t size)
{
    struct pdns_request_memory *memory = pdns_request_memory_new();
    struct pdns_request request;
    int r = pdns_plain_lookup_decode(line, size, memory, &request);

    pdns_request_memory_free(memory);
    cr_assert(r == 0 || r == PDNS_PLAIN_LOOKUP_E_OTHER);
    return r == 0;
}

static void assert_same(const struct pdns_request *one, const struct pdns_request *other)
{
    cr_assert_eq(one->method, other->method);
    cr_assert_str_eq(one->parameters.lookup.qname, other->parameters.lookup.qname);
    cr_assert_str_eq(one->parameters.lookup.qtype, other->parameters.lookup.qtype);
    cr_assert_str_eq(one->parameters.lookup.remote, other->parameters.lookup.remote);
    cr_assert_str_eq(one->parameters.lookup.local, other->parameters.lookup.local);
    cr_assert_str_eq(one->parameters.lookup.real_remote, other->parameters.lookup.real_remote);
    cr_assert_eq(one->parameters.lookup.zone_id, other->parameters.lookup.zone_id);
    cr_assert_not(one->parameters.lookup.include_disabled);
    cr_assert_not(other->parameters.lookup.include_disabled);
}

/* Whether it is plain, once it has come out as jansson has it. */
static bool compare(const char *line)
{
    struct pdns_request_error error, other_error;
    struct pdns_request request, other;
    char *blank;

    cr_assert_gt(asprintf(&blank, " %s", line), 0);
    cr_assert_not(is_plain(blank, strlen(blank)));
    int r = pdns_request_decode(line, strlen(line), &request, &error);
    cr_assert_eq(pdns_request_decode(blank, strlen(blank), &other, &other_error), r, "%s", line);
    free(blank);
    if (r == 0) {
        assert_same(&request, &other);
        pdns_request_deinit(&request);
        pdns_request_deinit(&other);
    }
    bool result = is_plain(line, strlen(line));
    cr_assert(r == 0 || !result, "%s", line);
    return result;
}

Test(plain_lookup, what_powerdns_sends_is)
{
    cr_assert(compare(WHOLE "1}}"));
    cr_assert(compare(WHOLE "-1}}\n"));
    cr_assert(compare(WHOLE "0}}\n"));
    cr_assert(compare(WHOLE "999999999999999999}}\n"));
    cr_assert(compare(WHOLE "-999999999999999999}}\n"));
}

Test(plain_lookup, members_in_any_order_and_without_those_that_have_defaults)
{
    cr_assert(compare(NAMED "}}"));
    cr_assert(compare(START "\"zone-id\": 7, \"qtype\": \"\", \"qname\": \".\"}}\n"));
    cr_assert(compare(START "\"qtype\": \"A\", \"remote\": \"\", \"qname\": \"a b~!,}]{[:\"}}\n"));
}

Test(plain_lookup, the_rest_is_jansson_s)
{
    static const char *const lines[] = {
        "",
        "\n",
        "{",
        "{}",
        "{\"method\":\"lookup\",\"parameters\":{\"qname\":\"a.\",\"qtype\":\"A\"}}",
        "{\"method\": \"list\", \"parameters\": {\"qname\": \"a.\", \"qtype\": \"A\"}}",
        "{\"method\": \"Lookup\", \"parameters\": {\"qname\": \"a.\", \"qtype\": \"A\"}}",
        START "}}",
        START "\"qname\": \"a.\"}}",
        START "\"qtype\": \"A\"}}",
        NAMED "}} ",
        NAMED "}}\n\n",
        NAMED "}},",
        NAMED "}}}",
        NAMED "}",
        NAMED "},}",
        NAMED ", }}",
        NAMED " }}",
        NAMED ",\"local\": \"x\"}}",
        NAMED ", \"local\":\"x\"}}",
        NAMED ", \"local\": null}}",
        NAMED ", \"local\": 5}}",
        NAMED ", \"local\": {}}}",
        NAMED ", \"local\": \"x}}",
        NAMED ", \"real_remote\": \"x\"}}",
        NAMED ", \"other\": \"x\"}}",
        NAMED ", \"qname\": \"b.\"}}",
        NAMED ", \"zone-id\": 1, \"zone-id\": 2}}",
        NAMED ", \"zone-id\": \"1\"}}",
        NAMED ", \"zone-id\": 1.0}}",
        NAMED ", \"zone-id\": 1e3}}",
        NAMED ", \"zone-id\": 01}}",
        NAMED ", \"zone-id\": 00}}",
        NAMED ", \"zone-id\": -}}",
        NAMED ", \"zone-id\": -0}}",
        NAMED ", \"zone-id\": +1}}",
        NAMED ", \"zone-id\": }}",
        NAMED ", \"zone-id\": 1 }}",
        NAMED ", \"zone-id\": 9223372036854775807}}",
        NAMED ", \"zone-id\": 9223372036854775808}}",
        START "\"qname\": \"a\\\\.\", \"qtype\": \"A\"}}",
        START "\"qname\": \"a\\\".\", \"qtype\": \"A\"}}",
        START "\"qname\": \"a\\u0041.\", \"qtype\": \"A\"}}",
        START "\"qname\": \"a\t.\", \"qtype\": \"A\"}}",
        START "\"qname\": \"a\x7f.\", \"qtype\": \"A\"}}",
        START "\"qname\": \"\xc3\xa9.\", \"qtype\": \"A\"}}",
        START "\"qname\": \"\xe9.\", \"qtype\": \"A\"}}",
    };

    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        bool is_minus_zero = strstr(lines[i], "-0") != NULL;
        cr_assert_eq(compare(lines[i]), is_minus_zero, "%s", lines[i]);
    }
}

/* Wherever it is cut off, and whichever byte is another one. */
Test(plain_lookup, each_byte_counts)
{
    static const char whole[] = WHOLE "12}}";
    static const char bytes[] = "\"\\{}:, 0a\t\xff";
    char line[sizeof(whole)];

    for (size_t i = 0; i + 1 < sizeof(whole); i++) {
        memcpy(line, whole, sizeof(whole));
        line[i] = '\0';
        cr_assert_not(compare(line));
        for (size_t j = 0; j + 1 < sizeof(bytes); j++) {
            line[i] = bytes[j];
            compare(line);
        }
    }
}

Test(plain_lookup, a_nul_is_none)
{
    static const char line[] = START "\"qname\": \"a\0.\", \"qtype\": \"A\"}}";

    cr_assert_not(is_plain(line, sizeof(line) - 1));
}
