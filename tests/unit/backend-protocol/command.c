#include "command.h"

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

Test(command, is_a_request_of_one_line)
{
    char *line;

    cr_assert_eq(pdns_command_encode("alias status a\\.b\n\"c\"", &line), 0);
    cr_assert_str_eq(line, "{\"method\":\"directBackendCmd\",\"parameters\":{\"query\":"
                           "\"alias status a\\\\.b\\n\\\"c\\\"\"}}\n");
    free(line);
}

Test(command, what_is_not_ascii_is_replaced)
{
    char *line;

    cr_assert_eq(pdns_command_encode("\xff\xc3\xa4", &line), 0);
    cr_assert_str_eq(line,
                     "{\"method\":\"directBackendCmd\",\"parameters\":{\"query\":\"???\"}}\n");
    free(line);
}

Test(command, text_of_a_reply)
{
    const char *reply = "{\"result\":\"two\\nlines\"} and more";
    char *text;

    cr_assert_eq(pdns_command_decode(reply, strlen("{\"result\":\"two\\nlines\"}"), &text), 0);
    cr_assert_str_eq(text, "two\nlines");
    free(text);
}

Test(command, what_is_no_text_is_refused)
{
    static const char *const replies[] = {"",
                                          "{",
                                          "[]",
                                          "\"x\"",
                                          "{}",
                                          "{\"result\":1}",
                                          "{\"result\":null}",
                                          "{\"log\":[\"failed\"]}"};
    char *text = NULL;

    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); ++i)
        cr_expect_eq(pdns_command_decode(replies[i], strlen(replies[i]), &text),
                     PDNS_COMMAND_E_INVALID, "%s", replies[i]);
    cr_assert_null(text);
}
