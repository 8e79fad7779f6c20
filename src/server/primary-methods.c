#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "server/dispatch.h"
#include "server/methods.h"
#include "store/autoprimaries.h"
#include "store/zones.h"

/* Whether `address` is one of the words of `list`, with its port or without. */
static bool is_listed(const char *list, const char *address)
{
    size_t length = strlen(address);

    while (*(list += strspn(list, " "))) {
        size_t size = strcspn(list, " ");
        const char *start = *list == '[' ? list + 1 : list;
        if (strncasecmp(start, address, length) == 0 && strchr(" :]", start[length]))
            return true;
        list += size;
    }
    return false;
}

int method_is_master(struct session *session, const struct pdns_request *request)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct domains_row row;

    int r = method_find_domain(session, request->parameters.name.name, &cursor, &row);
    if (r < 0)
        return r;
    pdns_reply_bool(&session->reply, r == 0 && is_listed(row.masters, request->parameters.name.ip));
    return 0;
}

/* PowerDNS asks it about a zone that it doesn't have, with the NS records that the sender of a
 * NOTIFY has for it. */
int method_super_master_backend(struct session *session, const struct pdns_request *request)
{
    const struct pdns_request_record *nsset = request->parameters.super_master.nsset;
    const char *ip = request->parameters.super_master.ip;
    CLEANUP(cleanup_freep) char *account = NULL;
    char nameserver[NAME_TEXT_SIZE];
    struct database *db;

    int r = session_open(session, &db);
    if (r < 0)
        return r;
    for (size_t i = 0; i < request->parameters.super_master.count; ++i) {
        r = method_fold_name(nsset[i].content, nameserver);
        if (r == 0)
            r = autoprimaries_find(db, ip, nameserver, &account);
        if (r < 0)
            return r;
        if (r == 0) {
            pdns_reply_super_master(&session->reply, nameserver, account);
            return 0;
        }
    }
    pdns_reply_bool(&session->reply, false);
    return 0;
}

/* All primaries of that name server and account; otherwise the one that has sent the NOTIFY. */
static int create_secondary(struct database *db, const struct pdns_request *request,
                            const char *name)
{
    const char *account = request->parameters.create_slave.account;
    CLEANUP(cleanup_freep) char *primaries = NULL;
    char nameserver[NAME_TEXT_SIZE];

    int r = method_fold_name(request->parameters.create_slave.nameserver, nameserver);
    if (r == 0)
        r = *nameserver ? autoprimaries_list_addresses(db, nameserver, account, &primaries)
                        : AUTOPRIMARIES_E_NOT_FOUND;
    if (r < 0)
        return r;
    return zones_create_secondary(
        db, name, primaries ? primaries : request->parameters.create_slave.ip, account);
}

int method_create_slave_domain(struct session *session, const struct pdns_request *request)
{
    char name[NAME_TEXT_SIZE];
    char message[512];
    struct database *db;

    int r = method_fold_name(request->parameters.create_slave.domain, name);
    if (r == 0)
        r = session_open(session, &db);
    if (r == 0)
        r = create_secondary(db, request, name);
    if (r < 0)
        return r;
    if (r == ZONES_E_EXISTS) {
        snprintf(message, sizeof(message), "createSlaveDomain: there is a zone '%.255s' already",
                 name);
        dispatch_refusal(session, PDNS_METHOD_CREATE_SLAVE_DOMAIN, message);
        return 0;
    }
    pdns_reply_bool(&session->reply, true);
    return 0;
}
