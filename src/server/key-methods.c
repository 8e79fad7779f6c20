#include "server/change.h"
#include "server/methods.h"
#include "store/keys.h"
#include "store/ordernames.h"

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

/* Without a result where nothing was added: PowerDNS takes `false` for the id 0. */
int method_add_domain_key(struct session *session, const struct pdns_request *request)
{
    struct keys_row key = {
        .flags = request->parameters.add_key.flags,
        .active = request->parameters.add_key.active,
        .published = request->parameters.add_key.published,
        .content = request->parameters.add_key.content,
    };
    struct change change;
    int64_t id;

    int r = change_begin(session, request->parameters.add_key.name, &change);
    if (r == CHANGE_E_NO_ZONE) {
        pdns_reply_error(&session->reply, "addDomainKey: there is no such zone");
        return 0;
    }
    if (r == 0)
        r = change_end(&change, keys_add(change.db, change.zone_id, &key, &id));
    if (r == 0)
        pdns_reply_integer(&session->reply, id);
    return r;
}

/* `false`: there is no such zone, or no such key. */
static int reply_change(struct session *session, int r)
{
    if (r < 0)
        return r;
    pdns_reply_bool(&session->reply, r == 0);
    return 0;
}

int method_remove_domain_key(struct session *session, const struct pdns_request *request)
{
    struct change change;

    int r = change_begin(session, request->parameters.key.name, &change);
    if (r == 0)
        r = change_end(&change, keys_remove(change.db, change.zone_id, request->parameters.key.id));
    return reply_change(session, r);
}

typedef int (*key_setter)(struct database *db, int64_t zone_id, int64_t id, bool value);

static int set_key(struct session *session, const struct pdns_request *request, key_setter set,
                   bool value)
{
    struct change change;

    int r = change_begin(session, request->parameters.key.name, &change);
    if (r == 0)
        r = change_end(&change, set(change.db, change.zone_id, request->parameters.key.id, value));
    return reply_change(session, r);
}

int method_activate_domain_key(struct session *session, const struct pdns_request *request)
{
    return set_key(session, request, keys_set_active, true);
}

int method_deactivate_domain_key(struct session *session, const struct pdns_request *request)
{
    return set_key(session, request, keys_set_active, false);
}

int method_publish_domain_key(struct session *session, const struct pdns_request *request)
{
    return set_key(session, request, keys_set_published, true);
}

int method_unpublish_domain_key(struct session *session, const struct pdns_request *request)
{
    return set_key(session, request, keys_set_published, false);
}
