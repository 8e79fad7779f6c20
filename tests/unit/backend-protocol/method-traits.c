#include "method-traits.h"

#include <criterion/criterion.h>
#include <string.h>

static void must_fail_as(enum pdns_method method, const char *expected)
{
    struct pdns_reply reply = {0};

    pdns_reply_bool(&reply, true);
    pdns_reply_failure(&reply, method, "why");
    cr_assert_eq(pdns_reply_end(&reply), 0);
    cr_expect(reply.size == strlen(expected) && memcmp(reply.data, expected, reply.size) == 0,
              "%s: %.*s", pdns_method_name(method), (int)reply.size, reply.data);
    pdns_reply_deinit(&reply);
}

Test(method_traits, calls_fail_without_result)
{
    must_fail_as(PDNS_METHOD_LOOKUP, "{\"log\":[\"why\"]}\n");
    must_fail_as(PDNS_METHOD_FEED_RECORD, "{\"log\":[\"why\"]}\n");
    must_fail_as(PDNS_METHODS, "{\"log\":[\"why\"]}\n");
}

/* A missing result would end pdns_server. */
Test(method_traits, calls_of_the_communicator_fail_with_one)
{
    must_fail_as(PDNS_METHOD_GET_UPDATED_MASTERS, "{\"result\":[]}\n");
    must_fail_as(PDNS_METHOD_GET_UNFRESH_SLAVE_INFOS, "{\"result\":[]}\n");
    must_fail_as(PDNS_METHOD_SET_NOTIFIED, "{\"result\":false,\"log\":[\"why\"]}\n");
    must_fail_as(PDNS_METHOD_SET_FRESH, "{\"result\":false,\"log\":[\"why\"]}\n");
    must_fail_as(PDNS_METHOD_SET_STALE, "{\"result\":false,\"log\":[\"why\"]}\n");
    must_fail_as(PDNS_METHOD_SUPER_MASTER_BACKEND, "{\"result\":false,\"log\":[\"why\"]}\n");
}

static bool begins_with_any(const char *name, const char *const *words)
{
    for (; *words; ++words)
        if (strncmp(name, *words, strlen(*words)) == 0)
            return true;
    return false;
}

/* By their names, so that a new method has to be thought about. */
Test(method_traits, say_what_writes)
{
    static const char *const reading[] = {
        "initialize", "lookup",           "APILookup",          "list",
        "get",        "searchRecords",    "superMasterBackend", "calculateSOASerial",
        "isMaster",   "directBackendCmd", "abortTransaction",   NULL,
    };
    static const char *const of_transaction[] = {
        "startTransaction", "commitTransaction", "abortTransaction", "feed", "replaceRRSet", NULL};

    for (enum pdns_method method = 0; method < PDNS_METHODS; ++method) {
        const char *name = pdns_method_name(method);

        cr_expect_eq(pdns_method_traits(method)->writes, !begins_with_any(name, reading), "%s",
                     name);
        cr_expect_eq(pdns_method_traits(method)->is_of_transaction,
                     begins_with_any(name, of_transaction), "%s", name);
    }
    cr_expect(pdns_method_traits(PDNS_METHODS)->writes);
}
