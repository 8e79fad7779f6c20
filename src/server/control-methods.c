#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "server/commands.h"
#include "server/dispatch.h"
#include "server/methods.h"
#include "util/cleanup.h"

/* Taking a mistyped `raw` for the other view would have addresses written over ALIAS rows. */
static void refuse_view(struct session *session, const char *view)
{
    char message[128];

    snprintf(message, sizeof(message), "initialize: view: expected raw or expanded, found '%.64s'",
             view);
    dispatch_refusal(session, PDNS_METHOD_INITIALIZE, message);
}

/* PowerDNS sends all options of remote-connection-string, at each connection it makes. */
int method_initialize(struct session *session, const struct pdns_request *request)
{
    for (size_t i = 0; i < request->parameters.initialize.count; ++i) {
        const struct pdns_option *option = &request->parameters.initialize.options[i];

        if (strcmp(option->name, "view") != 0)
            continue;
        if (strcmp(option->value, "raw") != 0 && strcmp(option->value, "expanded") != 0) {
            refuse_view(session, option->value);
            return 0;
        }
        session_set_view(session, strcmp(option->value, "raw") == 0);
    }
    pdns_reply_bool(&session->reply, true);
    return 0;
}

static bool ends_a_line(FILE *out, char **text, const size_t *size)
{
    fflush(out);
    return *size > 0 && (*text)[*size - 1] == '\n';
}

/* `pdnsutil backend-cmd remote COMMAND`, which ends no line by itself. */
int method_direct_backend_cmd(struct session *session, const struct pdns_request *request)
{
    CLEANUP(cleanup_freep) char *text = NULL;
    size_t size;

    FILE *out = open_memstream(&text, &size);
    if (!out)
        return -ENOMEM;
    int r = commands_run(session, request->parameters.direct_backend_cmd.query, out);
    if (r == 0 && !ends_a_line(out, &text, &size))
        fputc('\n', out);
    if (fclose(out) != 0)
        return -ENOMEM;
    if (r == 0)
        pdns_reply_string(&session->reply, text);
    return r;
}
