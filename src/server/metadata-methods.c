#include "server/change.h"
#include "server/methods.h"
#include "store/metadata.h"

static int list_metadata(struct session *session, const char *zone, const char *kind,
                         struct metadata_cursor *ret)
{
    char name[NAME_TEXT_SIZE];
    struct database *db;
    int r;

    r = method_fold_name(zone, name);
    if (r == 0)
        r = session_open(session, &db);
    return r ? r : metadata_list(db, name, kind, ret);
}

int method_get_all_domain_metadata(struct session *session, const struct pdns_request *request)
{
    CLEANUP(metadata_cursor_deinit) struct metadata_cursor cursor = {0};
    struct metadata_row row;
    int r;

    r = list_metadata(session, request->parameters.name.name, NULL, &cursor);
    if (r)
        return r;
    pdns_reply_metadata_begin(&session->reply);
    while ((r = metadata_next(&cursor, &row)) == 0)
        pdns_reply_metadata_value(&session->reply, row.kind, row.content);
    pdns_reply_metadata_end(&session->reply);
    return r < 0 ? r : 0;
}

int method_get_domain_metadata(struct session *session, const struct pdns_request *request)
{
    CLEANUP(metadata_cursor_deinit) struct metadata_cursor cursor = {0};
    struct metadata_row row;
    int r;

    r = list_metadata(session, request->parameters.metadata.name, request->parameters.metadata.kind,
                      &cursor);
    if (r)
        return r;
    pdns_reply_array_begin(&session->reply);
    while ((r = metadata_next(&cursor, &row)) == 0)
        pdns_reply_text(&session->reply, row.content);
    pdns_reply_array_end(&session->reply);
    return r < 0 ? r : 0;
}

int method_set_domain_metadata(struct session *session, const struct pdns_request *request)
{
    struct change change;

    int r = change_begin(session, request->parameters.metadata.name, &change);
    if (r == 0)
        r = change_end(&change,
                       metadata_set(change.db, change.zone_id, request->parameters.metadata.kind,
                                    request->parameters.metadata.value,
                                    request->parameters.metadata.value_count));
    if (r < 0)
        return r;
    pdns_reply_bool(&session->reply, r == 0);
    return 0;
}
