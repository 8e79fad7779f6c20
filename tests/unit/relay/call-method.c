#include "relay/call-method.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static enum pdns_method method_of(const char *text, bool is_whole)
{
    return call_method(&(struct piece){.data = text, .size = strlen(text), .ends = is_whole});
}

Test(call_method, is_told_from_the_beginning_of_what_powerdns_sends)
{
    cr_expect_eq(method_of("{\"method\": \"lookup\", \"par", false), PDNS_METHOD_LOOKUP);
    cr_expect_eq(method_of("{\"method\": \"feedEnts3\", \"par", false), PDNS_METHOD_FEED_ENTS3);
    cr_expect_eq(method_of("{\"method\": \"LOOKUP\", \"par", false), PDNS_METHOD_LOOKUP);
}

Test(call_method, of_a_whole_line_is_found_in_any_place)
{
    cr_expect_eq(
        method_of("{\"parameters\":{\"trxid\":1},\"method\":\"commitTransaction\"}\n", true),
        PDNS_METHOD_COMMIT_TRANSACTION);
    cr_expect_eq(
        method_of("{ \"method\" : \"list\", \"parameters\": {\"zonename\": \"a.\"}}\n", true),
        PDNS_METHOD_LIST);
}

Test(call_method, is_told_even_if_its_parameters_are_wrong)
{
    cr_expect_eq(method_of("{\"method\":\"setFresh\",\"parameters\":{}}\n", true),
                 PDNS_METHOD_SET_FRESH);
}

Test(call_method, of_the_last_of_two_counts_where_it_is_decoded)
{
    cr_expect_eq(method_of("{\"method\":\"getTSIGKeys\",\"method\":\"getUpdatedMasters\"}\n", true),
                 PDNS_METHOD_GET_UPDATED_MASTERS);
}

Test(call_method, is_unknown_in_the_first_piece_of_a_long_line_that_begins_otherwise)
{
    cr_expect_eq(method_of("{\"parameters\":{},\"method\":\"lookup\"", false), PDNS_METHODS);
}

Test(call_method, is_unknown_where_there_is_none)
{
    cr_expect_eq(method_of("\n", true), PDNS_METHODS);
    cr_expect_eq(method_of("{\"method\": \"lookup", false), PDNS_METHODS);
    cr_expect_eq(method_of("{\"method\": \"lookUpAll\", \"parameters\": {}}\n", true),
                 PDNS_METHODS);
    cr_expect_eq(
        method_of("{\"method\": \"aNameThatIsLongerThanAnyMethodOfPowerDNSWouldBe\"", false),
        PDNS_METHODS);
    cr_expect_eq(method_of("no JSON\n", true), PDNS_METHODS);
}

/* Every line that a real PowerDNS was seen to send is told without decoding it. */
Test(call_method, of_all_captured_requests_is_told_from_their_beginning)
{
    FILE *file = fopen(CAPTURED_REQUESTS, "re");
    char *line = NULL;
    size_t capacity = 0, count = 0;

    cr_assert_not_null(file);
    for (ssize_t size; (size = getline(&line, &capacity, file)) > 0; ++count) {
        struct pdns_request request;
        struct pdns_request_error error;

        cr_assert_eq(pdns_request_decode(line, size, &request, &error), 0, "%s", line);
        cr_expect_eq(call_method(&(struct piece){.data = line, .size = size}), request.method, "%s",
                     line);
        pdns_request_deinit(&request);
    }
    cr_expect_gt(count, 30);
    free(line);
    fclose(file);
}
