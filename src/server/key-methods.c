#include <errno.h>

#include "server/methods.h"
#include "store/keys.h"
#include "store/ordernames.h"
#include "store/tsig.h"

int method_get_domain_keys(struct session *session, const struct pdns_request *request)
{
    CLEANUP(keys_cursor_deinit) struct keys_cursor cursor = {0};
    char name[NAME_TEXT_SIZE];
    struct database *db;
    struct keys_row row;
    int r;

    r = method_fold_name(request->parameters.name.name, name);
    if (r == 0)
        r = session_open(session, &db);
    if (r == 0)
        r = keys_list(db, name, &cursor);
    if (r)
        return r;
    pdns_reply_array_begin(&session->reply);
    while ((r = keys_next(&cursor, &row)) == 0) {
        struct pdns_reply_key key = {
            .id = row.id,
            .flags = row.flags,
            .active = row.active,
            .published = row.published,
            .content = row.content,
        };

        pdns_reply_key(&session->reply, &key);
    }
    pdns_reply_array_end(&session->reply);
    return r < 0 ? r : 0;
}

int method_get_before_and_after(struct session *session, const struct pdns_request *request)
{
    CLEANUP(ordernames_neighbours_deinit) struct ordernames_neighbours neighbours = {0};
    struct database *db;
    int r;

    r = session_open(session, &db);
    if (r == 0)
        r = ordernames_find(db, request->parameters.before_and_after.id,
                            request->parameters.before_and_after.qname, &neighbours);
    if (r < 0)
        return r;
    if (r == ORDERNAMES_E_NONE)
        pdns_reply_bool(&session->reply, false);
    else
        pdns_reply_before_and_after(&session->reply, neighbours.unhashed, neighbours.before,
                                    neighbours.after);
    return 0;
}

/* PowerDNS keeps one key of a name; as gsqlite3, the first. */
int method_get_tsig_key(struct session *session, const struct pdns_request *request)
{
    CLEANUP(tsig_cursor_deinit) struct tsig_cursor cursor = {0};
    char name[NAME_TEXT_SIZE];
    struct database *db;
    struct tsig_row row;
    int r;

    r = method_fold_name(request->parameters.name.name, name);
    if (r == 0)
        r = session_open(session, &db);
    if (r == 0)
        r = tsig_list(db, name, &cursor);
    if (r == 0)
        r = tsig_next(&cursor, &row);
    if (r < 0)
        return r;
    if (r == TSIG_E_END)
        pdns_reply_bool(&session->reply, false);
    else
        pdns_reply_tsig_key(&session->reply, row.algorithm, row.secret);
    return 0;
}

int method_get_tsig_keys(struct session *session, const struct pdns_request *request)
{
    CLEANUP(tsig_cursor_deinit) struct tsig_cursor cursor = {0};
    struct database *db;
    struct tsig_row row;
    int r;

    r = session_open(session, &db);
    if (r == 0)
        r = tsig_list(db, NULL, &cursor);
    if (r)
        return r;
    pdns_reply_array_begin(&session->reply);
    while ((r = tsig_next(&cursor, &row)) == 0)
        pdns_reply_tsig_keys_item(&session->reply, row.name, row.algorithm, row.secret);
    pdns_reply_array_end(&session->reply);
    return r < 0 ? r : 0;
}
