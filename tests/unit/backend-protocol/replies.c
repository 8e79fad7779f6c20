/* Replies to the byte: what PowerDNS reads, and what is left out because it is the default. */

#include "reply.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <jansson.h>
#include <string.h>

static struct pdns_reply reply;

static void deinit(void)
{
    pdns_reply_deinit(&reply);
}

TestSuite(replies, .fini = deinit);

/* Ends the reply, compares it, and starts the next. */
static void assert_reply(const char *expected)
{
    json_error_t error;
    json_t *parsed;

    cr_assert_eq(pdns_reply_end(&reply), 0);
    cr_assert_eq(reply.size, strlen(expected) + 1, "%.*s", (int)reply.size, reply.data);
    cr_assert_eq(reply.data[reply.size - 1], '\n');
    cr_assert_arr_eq(reply.data, expected, strlen(expected), "%.*s", (int)reply.size, reply.data);
    parsed = json_loadb(reply.data, reply.size, JSON_ALLOW_NUL, &error);
    cr_assert_not_null(parsed, "%s", error.text);
    json_decref(parsed);
    pdns_reply_clear(&reply);
}

Test(replies, single_values)
{
    pdns_reply_bool(&reply, true);
    assert_reply("{\"result\":true}");
    pdns_reply_bool(&reply, false);
    assert_reply("{\"result\":false}");
    pdns_reply_string(&reply, "pong");
    assert_reply("{\"result\":\"pong\"}");
    pdns_reply_before_and_after(&reply, "b.example.com", "a", "");
    assert_reply("{\"result\":{\"unhashed\":\"b.example.com\",\"before\":\"a\",\"after\":\"\"}}");
    pdns_reply_tsig_key(&reply, "hmac-md5", "c2VjcmV0");
    assert_reply("{\"result\":{\"algorithm\":\"hmac-md5\",\"content\":\"c2VjcmV0\"}}");
    pdns_reply_super_master(&reply, "ns.example.com", "somebody");
    assert_reply("{\"result\":{\"nameserver\":\"ns.example.com\",\"account\":\"somebody\"}}");
}

Test(replies, integers)
{
    static const struct {
        int64_t value;
        const char *expected;
    } table[] = {
        {0, "{\"result\":0}"},
        {7, "{\"result\":7}"},
        {-1, "{\"result\":-1}"},
        {10, "{\"result\":10}"},
        {INT64_MAX, "{\"result\":9223372036854775807}"},
        {INT64_MIN, "{\"result\":-9223372036854775808}"},
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        pdns_reply_integer(&reply, table[i].value);
        assert_reply(table[i].expected);
    }
}

Test(replies, an_error_has_no_result_and_replaces_what_was_begun)
{
    pdns_reply_array_begin(&reply);
    pdns_reply_text(&reply, "half a reply");
    pdns_reply_error(&reply, "it \"broke\"");
    assert_reply("{\"log\":[\"it \\\"broke\\\"\"]}");
}

Test(replies, a_false_that_says_why)
{
    pdns_reply_false_with_log(&reply, "no such zone");
    assert_reply("{\"result\":false,\"log\":[\"no such zone\"]}");
}

Test(replies, an_empty_list)
{
    pdns_reply_array_begin(&reply);
    pdns_reply_array_end(&reply);
    assert_reply("{\"result\":[]}");
}

Test(replies, records)
{
    pdns_reply_array_begin(&reply);
    pdns_reply_record(
        &reply, &(struct pdns_reply_record){"www.example.com", "A", "192.0.2.1", 9, 300, 1, true});
    pdns_reply_record(
        &reply, &(struct pdns_reply_record){"sub.example.com", "NS", "ns.sub", 6, 0, 1, false});
    pdns_reply_record(&reply,
                      &(struct pdns_reply_record){"b.example.com", "", "", 0, 60, -1, true});
    pdns_reply_array_end(&reply);
    assert_reply("{\"result\":["
                 "{\"qname\":\"www.example.com\",\"qtype\":\"A\",\"content\":\"192.0.2.1\","
                 "\"ttl\":300,\"domain_id\":1},"
                 "{\"qname\":\"sub.example.com\",\"qtype\":\"NS\",\"content\":\"ns.sub\","
                 "\"ttl\":0,\"domain_id\":1,\"auth\":0},"
                 "{\"qname\":\"b.example.com\",\"qtype\":\"\",\"content\":\"\",\"ttl\":60,"
                 "\"domain_id\":-1}]}");
}

Test(replies, content_may_hold_nuls)
{
    pdns_reply_array_begin(&reply);
    pdns_reply_record(&reply, &(struct pdns_reply_record){"a", "TXT", "x\0y", 3, 1, 1, true});
    pdns_reply_array_end(&reply);
    assert_reply("{\"result\":[{\"qname\":\"a\",\"qtype\":\"TXT\",\"content\":\"x\\u0000y\","
                 "\"ttl\":1,\"domain_id\":1}]}");
}

Test(replies, large_ttls_are_sent_as_powerdns_reads_them)
{
    pdns_reply_array_begin(&reply);
    pdns_reply_record(&reply, &(struct pdns_reply_record){"a", "A", "", 0, 4000000000, 1, true});
    pdns_reply_array_end(&reply);
    assert_reply("{\"result\":[{\"qname\":\"a\",\"qtype\":\"A\",\"content\":\"\","
                 "\"ttl\":-294967296,\"domain_id\":1}]}");
}

Test(replies, domains_leave_out_what_is_default)
{
    pdns_reply_array_begin(&reply);
    pdns_reply_domain(
        &reply, &(struct pdns_reply_domain){.id = 1, .zone = "a", .kind = "NATIVE", .masters = ""});
    pdns_reply_domain(&reply, &(struct pdns_reply_domain){.id = 2, .zone = "b"});
    pdns_reply_domain(&reply, &(struct pdns_reply_domain){2, "c", "MASTER", " ", 6, 7, 0});
    pdns_reply_array_end(&reply);
    assert_reply("{\"result\":[{\"id\":1,\"zone\":\"a\"},{\"id\":2,\"zone\":\"b\"},"
                 "{\"id\":2,\"zone\":\"c\",\"kind\":\"master\",\"notified_serial\":6,"
                 "\"serial\":7}]}");
}

Test(replies, masters_are_split)
{
    pdns_reply_domain_info(&reply, &(struct pdns_reply_domain){
                                       3, "d", "Slave", "192.0.2.1, 192.0.2.2:5300;\t[::1]:53,", 0,
                                       4294967295, 1700000000});
    assert_reply("{\"result\":{\"id\":3,\"zone\":\"d\",\"kind\":\"slave\",\"masters\":"
                 "[\"192.0.2.1\",\"192.0.2.2:5300\",\"[::1]:53\"],\"serial\":4294967295,"
                 "\"last_check\":1700000000}}");
}

Test(replies, keys)
{
    pdns_reply_array_begin(&reply);
    pdns_reply_key(&reply, &(struct pdns_reply_key){1, 257, true, true, "Private\n"});
    pdns_reply_key(&reply, &(struct pdns_reply_key){2, 256, false, false, ""});
    pdns_reply_array_end(&reply);
    assert_reply("{\"result\":["
                 "{\"id\":1,\"flags\":257,\"active\":true,\"content\":\"Private\\u000a\"},"
                 "{\"id\":2,\"flags\":256,\"active\":false,\"published\":false,"
                 "\"content\":\"\"}]}");
}

Test(replies, tsig_keys)
{
    pdns_reply_array_begin(&reply);
    pdns_reply_tsig_keys_item(&reply, "a", "hmac-sha256", "QQ==");
    pdns_reply_tsig_keys_item(&reply, "b", "hmac-md5", "Qg==");
    pdns_reply_array_end(&reply);
    assert_reply("{\"result\":[{\"name\":\"a\",\"algorithm\":\"hmac-sha256\",\"content\":\"QQ==\"},"
                 "{\"name\":\"b\",\"algorithm\":\"hmac-md5\",\"content\":\"Qg==\"}]}");
}

Test(replies, metadata_of_one_kind)
{
    pdns_reply_array_begin(&reply);
    pdns_reply_text(&reply, "one");
    pdns_reply_text(&reply, "two");
    pdns_reply_array_end(&reply);
    assert_reply("{\"result\":[\"one\",\"two\"]}");
}

Test(replies, metadata_is_grouped_by_kind)
{
    pdns_reply_metadata_begin(&reply);
    pdns_reply_metadata_end(&reply);
    assert_reply("{\"result\":{}}");

    pdns_reply_metadata_begin(&reply);
    pdns_reply_metadata_value(&reply, "ALLOW", "192.0.2.1");
    pdns_reply_metadata_value(&reply, "ALLOW", "192.0.2.2");
    pdns_reply_metadata_value(&reply, "ALLOW-MORE", "1");
    pdns_reply_metadata_value(&reply, "A\"", "2");
    pdns_reply_metadata_value(&reply, "A\"", "3");
    pdns_reply_metadata_end(&reply);
    assert_reply("{\"result\":{\"ALLOW\":[\"192.0.2.1\",\"192.0.2.2\"],\"ALLOW-MORE\":[\"1\"],"
                 "\"A\\\"\":[\"2\",\"3\"]}}");
}

Test(replies, control_characters_are_escaped)
{
    pdns_reply_string(&reply, "a\x01\t\x1f\x7f\"\\/z");
    assert_reply("{\"result\":\"a\\u0001\\u0009\\u001f\x7f\\\"\\\\/z\"}");
}

static void assert_goes_through(const char *text, size_t size)
{
    json_t *parsed, *result;
    json_error_t error;

    pdns_reply_string(&reply, text);
    cr_assert_eq(pdns_reply_end(&reply), 0);
    parsed = json_loadb(reply.data, reply.size, 0, &error);
    cr_assert_not_null(parsed, "%s", error.text);
    result = json_object_get(parsed, "result");
    cr_assert_eq(json_string_length(result), size);
    cr_assert_arr_eq(json_string_value(result), text, size);
    json_decref(parsed);
    pdns_reply_clear(&reply);
}

Test(replies, ascii_and_utf8_go_through_a_parser)
{
    char text[128];

    for (int i = 0; i < 127; i++)
        text[i] = (char)(i + 1);
    text[127] = '\0';
    assert_goes_through(text, 127);
    assert_goes_through("\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", 9);
}

Test(replies, bytes_above_ascii_go_out_as_they_are)
{
    static const char start[] = "{\"result\":\"";
    char text[129];

    for (int i = 0; i < 128; i++)
        text[i] = (char)(i + 0x80);
    text[128] = '\0';
    pdns_reply_string(&reply, text);
    cr_assert_eq(pdns_reply_end(&reply), 0);
    cr_assert_eq(reply.size, strlen(start) + 128 + strlen("\"}\n"));
    cr_assert_arr_eq(reply.data + strlen(start), text, 128);
}

Test(replies, long_replies_grow_the_buffer_and_are_not_kept)
{
    size_t expected = strlen("{\"result\":[]}\n");

    pdns_reply_array_begin(&reply);
    for (int i = 0; i < 100000; i++) {
        pdns_reply_text(&reply, "0123456789");
        expected += strlen("\"0123456789\",");
    }
    pdns_reply_array_end(&reply);
    cr_assert_eq(pdns_reply_end(&reply), 0);
    cr_assert_eq(reply.size, expected - 1);
    pdns_reply_clear(&reply);
    cr_assert_eq(reply.capacity, 0);
    pdns_reply_bool(&reply, true);
    cr_assert_eq(pdns_reply_end(&reply), 0);
    pdns_reply_clear(&reply);
    cr_assert_neq(reply.capacity, 0, "a short reply's buffer is kept");
}

/* What a sink was given. */
struct taken {
    char data[8 * PDNS_REPLY_PART_SIZE];
    size_t size;
    int parts;
    int failure;
};

static struct taken taken;

static int take(void *userdata, const char *data, size_t size)
{
    struct taken *sink = userdata;

    cr_assert_leq(sink->size + size, sizeof(sink->data));
    memcpy(sink->data + sink->size, data, size);
    sink->size += size;
    sink->parts++;
    return sink->failure;
}

/* Elements of 92 bytes. Their number, or the failure that was met. */
static int add_elements(int count)
{
    static const char text[] = "0123456789012345678901234567890123456789"
                               "0123456789012345678901234567890123456789012345678";
    int i, r = 0;

    pdns_reply_array_begin(&reply);
    for (i = 0; i < count && r == 0; i++) {
        pdns_reply_text(&reply, text);
        r = pdns_reply_pass_on(&reply);
    }
    pdns_reply_array_end(&reply);
    return r < 0 ? r : i;
}

Test(replies, a_long_list_goes_to_the_sink_in_parts)
{
    json_error_t error;
    json_t *parsed;

    pdns_reply_set_sink(&reply, take, &taken);
    cr_assert_eq(add_elements(2000), 2000);
    cr_assert_eq(pdns_reply_end(&reply), 0);
    cr_assert_geq(taken.parts, 5);
    cr_assert_eq(reply.passed_on, taken.size);
    cr_assert_leq(reply.capacity, 2 * PDNS_REPLY_PART_SIZE, "%zu", reply.capacity);
    take(&taken, reply.data, reply.size);
    parsed = json_loadb(taken.data, taken.size, 0, &error);
    cr_assert_not_null(parsed, "%s", error.text);
    cr_assert_eq(json_array_size(json_object_get(parsed, "result")), 2000);
    json_decref(parsed);
}

Test(replies, the_sink_outlives_a_reply_and_what_it_took_is_counted_anew)
{
    pdns_reply_set_sink(&reply, take, &taken);
    cr_assert_eq(add_elements(1000), 1000);
    pdns_reply_clear(&reply);
    cr_assert_eq(reply.passed_on, 0);
    cr_assert_neq(reply.capacity, 0, "the buffer of a list in parts is kept");
    taken.size = 0;
    cr_assert_eq(add_elements(1000), 1000);
    cr_assert_gt(taken.size, 0);
    cr_assert_eq(reply.passed_on, taken.size);
}

Test(replies, a_short_list_stays_whole_and_can_become_an_error)
{
    pdns_reply_set_sink(&reply, take, &taken);
    cr_assert_eq(add_elements(PDNS_REPLY_PART_SIZE / 100), PDNS_REPLY_PART_SIZE / 100);
    cr_assert_eq(taken.parts, 0);
    cr_assert_eq(reply.passed_on, 0);
    pdns_reply_error(&reply, "too late");
    assert_reply("{\"log\":[\"too late\"]}");
}

Test(replies, nothing_is_given_to_the_sink_without_being_passed_on)
{
    pdns_reply_set_sink(&reply, take, &taken);
    pdns_reply_array_begin(&reply);
    for (int i = 0; i < 100000; i++)
        pdns_reply_text(&reply, "0123456789");
    cr_assert_eq(taken.parts, 0);
}

/* It may have taken some of the part: the reply counts as under way. */
Test(replies, a_sink_that_fails_ends_the_list)
{
    taken.failure = -EPIPE;
    pdns_reply_set_sink(&reply, take, &taken);
    cr_assert_eq(add_elements(2000), -EPIPE);
    cr_assert_eq(taken.parts, 1);
    cr_assert_neq(reply.passed_on, 0);
}

Test(replies, without_a_sink_a_long_list_is_kept_whole)
{
    cr_assert_eq(add_elements(2000), 2000);
    cr_assert_eq(pdns_reply_end(&reply), 0);
    cr_assert_gt(reply.size, 180000);
}

/* PowerDNS knows which zone it wants a list of. */
Test(replies, the_records_of_a_zone_go_without_its_id)
{
    struct pdns_reply_record record = {.qname = "www.example.com",
                                       .qtype = "A",
                                       .content = "192.0.2.1",
                                       .content_size = 9,
                                       .ttl = 60,
                                       .domain_id = 7,
                                       .auth = false};

    pdns_reply_zone_begin(&reply);
    pdns_reply_record(&reply, &record);
    pdns_reply_array_end(&reply);
    assert_reply("{\"result\":[{\"qname\":\"www.example.com\",\"qtype\":\"A\","
                 "\"content\":\"192.0.2.1\",\"ttl\":60,\"auth\":0}]}");
    pdns_reply_array_begin(&reply);
    pdns_reply_record(&reply, &record);
    pdns_reply_array_end(&reply);
    assert_reply("{\"result\":[{\"qname\":\"www.example.com\",\"qtype\":\"A\","
                 "\"content\":\"192.0.2.1\",\"ttl\":60,\"domain_id\":7,\"auth\":0}]}");
}
