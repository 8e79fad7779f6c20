#include <errno.h>

#include "server/methods.h"
#include "store/domains.h"
#include "store/zones.h"
#include "util/clock.h"

static struct pdns_reply_domain domain_of(const struct domains_row *row)
{
    return (struct pdns_reply_domain){
        .id = row->id,
        .zone = row->name,
        .kind = row->kind,
        .masters = row->masters,
        .notified_serial = row->notified_serial,
        .serial = row->serial,
        .last_check = row->last_check,
    };
}

int method_get_domain_info(struct session *session, const struct pdns_request *request)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct pdns_reply_domain domain;
    struct domains_row row;

    int r = method_find_domain(session, request->parameters.name.name, &cursor, &row);
    if (r < 0)
        return r;
    if (r == DOMAINS_E_NOT_FOUND) {
        pdns_reply_bool(&session->reply, false);
        return 0;
    }
    domain = domain_of(&row);
    pdns_reply_domain_info(&session->reply, &domain);
    return 0;
}

static int reply_domains(struct session *session, struct domains_cursor *cursor)
{
    struct pdns_reply_domain domain;
    struct domains_row row;
    int r;

    pdns_reply_array_begin(&session->reply);
    while ((r = domains_next(cursor, &row)) == 0) {
        domain = domain_of(&row);
        pdns_reply_domain(&session->reply, &domain);
        r = pdns_reply_pass_on(&session->reply);
        if (r < 0)
            break;
    }
    pdns_reply_array_end(&session->reply);
    return r < 0 ? r : 0;
}

int method_get_all_domains(struct session *session, const struct pdns_request *request)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct database *db;
    int r;

    r = session_open(session, &db);
    if (r == 0)
        r = domains_list(db, request->parameters.get_all_domains.include_disabled, &cursor);
    return r ? r : reply_domains(session, &cursor);
}

int method_get_updated_masters(struct session *session, const struct pdns_request *request)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct database *db;
    int r;

    r = session_open(session, &db);
    if (r == 0)
        r = domains_list_updated_primaries(db, &cursor);
    return r ? r : reply_domains(session, &cursor);
}

int method_get_unfresh_slave_infos(struct session *session, const struct pdns_request *request)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct database *db;
    int r;

    r = session_open(session, &db);
    if (r == 0)
        r = domains_list_unfresh_secondaries(db, clock_wall_s(), &cursor);
    return r ? r : reply_domains(session, &cursor);
}

/* `false`: there is no such zone. */
static int reply_set(struct session *session, int r)
{
    if (r < 0)
        return r;
    pdns_reply_bool(&session->reply, r == 0);
    return 0;
}

int method_set_notified(struct session *session, const struct pdns_request *request)
{
    struct database *db;

    int r = session_open(session, &db);
    if (r == 0)
        r = zones_set_notified(db, request->parameters.domain.id,
                               request->parameters.domain.serial);
    return reply_set(session, r);
}

static int set_checked(struct session *session, const struct pdns_request *request, int64_t when)
{
    struct database *db;

    int r = session_open(session, &db);
    if (r == 0)
        r = zones_set_checked(db, request->parameters.domain.id, when);
    return reply_set(session, r);
}

int method_set_stale(struct session *session, const struct pdns_request *request)
{
    return set_checked(session, request, 0);
}

int method_set_fresh(struct session *session, const struct pdns_request *request)
{
    return set_checked(session, request, clock_wall_s());
}

/* That of its SOA: nothing else is known of a zone's age. */
int method_calculate_soa_serial(struct session *session, const struct pdns_request *request)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    struct domains_row row;

    int r =
        method_find_domain(session, request->parameters.calculate_soa_serial.domain, &cursor, &row);
    if (r < 0)
        return r;
    if (r == DOMAINS_E_NOT_FOUND)
        pdns_reply_bool(&session->reply, false);
    else
        pdns_reply_integer(&session->reply, row.serial);
    return 0;
}
