#include <stdio.h>
#include <string.h>

#include "build-config.h"
#include "server/dispatch.h"
#include "server/methods.h"

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

struct command {
    const char *name;
    const char *reply;
};

static const struct command commands[] = {
    {"ping", "pong"},
    {"version", "pdns-aliasd " PACKAGE_VERSION},
    {"help", "ping      answers pong\n"
             "version   name and version of the daemon\n"
             "help      this list"},
};

/* `pdnsutil backend-cmd remote COMMAND` */
int method_direct_backend_cmd(struct session *session, const struct pdns_request *request)
{
    const char *query = request->parameters.direct_backend_cmd.query;

    for (size_t i = 0; i < sizeof(commands) / sizeof(commands[0]); ++i) {
        if (strcmp(query, commands[i].name) == 0) {
            pdns_reply_string(&session->reply, commands[i].reply);
            return 0;
        }
    }
    pdns_reply_string(&session->reply, "unknown command; try help");
    return 0;
}
