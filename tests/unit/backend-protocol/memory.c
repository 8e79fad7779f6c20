/* Each allocation of ours fails once. The linker puts the functions below before malloc() and
 * realloc(); what jansson allocates inside its own library isn't reached. */

#include "reply.h"
#include "request.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

void *__real_malloc(size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_realloc(void *old, size_t size);

static int until_failure = -1; /* -1 = never */

static int is_failure(void)
{
    return until_failure >= 0 && until_failure-- == 0;
}

void *__wrap_malloc(size_t size)
{
    return is_failure() ? NULL : __real_malloc(size);
}

void *__wrap_realloc(void *old, size_t size)
{
    return is_failure() ? NULL : __real_realloc(old, size);
}

static const char *const lines[] = {
    "{\"method\": \"lookup\", \"parameters\": {\"qtype\": \"A\", \"qname\": \"a.\"}}",
    "{\"method\":\"lookup\",\"parameters\":{\"qtype\":\"A\",\"qname\":\"\xe9.\"}}",
    "{\"method\":\"initialize\",\"parameters\":{\"a\":5,\"\xe9\":\"\xe9\"}}",
    "{\"method\":\"feedEnts\",\"parameters\":{\"domain_id\":1,\"trxid\":1,\"nonterm\":"
    "[{\"nonterm\":\"a\xff\"},{\"nonterm\":\"b\"}]}}",
    "{\"method\":\"setDomainMetadata\",\"parameters\":{\"name\":\"a\",\"kind\":\"K\",\"value\":"
    "[\"\xe9\"]}}",
    "{\"method\":\"setDomainMetadata\",\"parameters\":{\"name\":\"a\",\"kind\":\"K\",\"value\":"
    "\"v\"}}",
};

/* How many allocations may fail before it works. */
static int count_failures(const char *line)
{
    struct pdns_request_error error;
    struct pdns_request request;
    int failures = 0, r;

    for (;; failures++) {
        until_failure = failures;
        r = pdns_request_decode(line, strlen(line), &request, &error);
        until_failure = -1;
        if (r == 0)
            break;
        cr_assert_eq(r, -ENOMEM, "%d for %s", r, line);
    }
    pdns_request_deinit(&request);
    return failures;
}

Test(memory, a_request_without_memory_is_enomem)
{
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++)
        cr_assert_geq(count_failures(lines[i]), 2);
}

Test(memory, a_reply_without_memory_is_enomem)
{
    struct pdns_reply reply = {0};

    until_failure = 0;
    pdns_reply_array_begin(&reply);
    pdns_reply_text(&reply, "text");
    pdns_reply_array_end(&reply);
    cr_assert_eq(pdns_reply_end(&reply), -ENOMEM);
    pdns_reply_deinit(&reply);
}

Test(memory, a_reply_that_ran_out_of_memory_can_be_an_error)
{
    struct pdns_reply reply = {0};
    char long_text[8192];

    memset(long_text, 'x', sizeof(long_text));
    long_text[sizeof(long_text) - 1] = '\0';
    pdns_reply_array_begin(&reply);
    until_failure = 0;
    pdns_reply_text(&reply, long_text);
    cr_assert_eq(pdns_reply_end(&reply), -ENOMEM);
    pdns_reply_error(&reply, "out of memory");
    cr_assert_eq(pdns_reply_end(&reply), 0);
    cr_assert_eq(strncmp(reply.data, "{\"log\":[\"out of memory\"]}\n", reply.size), 0);
    pdns_reply_deinit(&reply);
}

static int refuse(void *userdata, const char *data, size_t size)
{
    cr_assert_fail("a reply that lacks something was passed on");
    return 0;
}

Test(memory, a_list_that_ran_out_of_memory_is_not_passed_on)
{
    struct pdns_reply reply = {0};
    char long_text[PDNS_REPLY_PART_SIZE];

    memset(long_text, 'x', sizeof(long_text));
    long_text[sizeof(long_text) - 1] = '\0';
    pdns_reply_set_sink(&reply, refuse, NULL);
    pdns_reply_array_begin(&reply);
    until_failure = 0;
    pdns_reply_text(&reply, long_text);
    pdns_reply_text(&reply, long_text);
    cr_assert_eq(pdns_reply_pass_on(&reply), -ENOMEM);
    pdns_reply_deinit(&reply);
}

Test(memory, metadata_without_memory_is_enomem)
{
    struct pdns_reply reply = {0};
    char long_kind[8192];

    memset(long_kind, 'K', sizeof(long_kind));
    long_kind[sizeof(long_kind) - 1] = '\0';
    pdns_reply_metadata_begin(&reply);
    pdns_reply_metadata_value(&reply, "A", "1");
    until_failure = 0;
    pdns_reply_metadata_value(&reply, long_kind, "2");
    pdns_reply_metadata_end(&reply);
    cr_assert_eq(pdns_reply_end(&reply), -ENOMEM);
    pdns_reply_deinit(&reply);
}
