#include "server/methods.h"
#include "store/tsig.h"

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
    while ((r = tsig_next(&cursor, &row)) == 0) {
        pdns_reply_tsig_keys_item(&session->reply, row.name, row.algorithm, row.secret);
        r = pdns_reply_pass_on(&session->reply);
        if (r < 0)
            break;
    }
    pdns_reply_array_end(&session->reply);
    return r < 0 ? r : 0;
}

int method_set_tsig_key(struct session *session, const struct pdns_request *request)
{
    char name[NAME_TEXT_SIZE];
    char algorithm[NAME_TEXT_SIZE];
    struct tsig_row key = {
        .name = name,
        .algorithm = algorithm,
        .secret = request->parameters.set_tsig_key.content,
    };
    struct database *db;

    int r = method_fold_name(request->parameters.set_tsig_key.name, name);
    if (r == 0)
        r = method_fold_name(request->parameters.set_tsig_key.algorithm, algorithm);
    if (r == 0)
        r = session_open(session, &db);
    if (r == 0)
        r = tsig_set(db, &key);
    if (r == 0)
        pdns_reply_bool(&session->reply, true);
    return r;
}

/* That there is none of the name any more is all that was asked for. */
int method_delete_tsig_key(struct session *session, const struct pdns_request *request)
{
    char name[NAME_TEXT_SIZE];
    struct database *db;

    int r = method_fold_name(request->parameters.name.name, name);
    if (r == 0)
        r = session_open(session, &db);
    if (r == 0)
        r = tsig_remove(db, name);
    if (r < 0)
        return r;
    pdns_reply_bool(&session->reply, true);
    return 0;
}
