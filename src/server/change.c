#include "server/change.h"

#include "server/methods.h"
#include "store/transaction.h"
#include "store/zones.h"
#include "upkeep/order.h"
#include "upkeep/upkeep.h"
#include "util/log.h"

static int find_zone(struct session *session, const char *zone, struct change *change)
{
    static struct log_limit limit = LOG_LIMIT(10, 10000);
    char name[NAME_TEXT_SIZE];

    int r = method_fold_name(zone, name);
    if (r == 0)
        r = session_open(session, &change->db);
    if (r == 0)
        r = zones_find_id(change->db, name, &change->zone_id);
    if (r != ZONES_E_NOT_FOUND)
        return r;
    log_write_limited(&limit, LOG_LEVEL_WARNING, "%s: there is no zone '%.255s'",
                      pdns_method_name(session->method), name);
    return CHANGE_E_NO_ZONE;
}

int change_begin(struct session *session, const char *zone, struct change *ret)
{
    struct change change = {0};

    int r = find_zone(session, zone, &change);
    if (r != 0)
        return r;
    change.is_spooled =
        transaction_is_open(change.db) && transaction_zone(change.db) == change.zone_id;
    change.upkeep = session->shared->upkeep;
    if (!change.is_spooled)
        r = database_begin(change.db);
    if (r < 0)
        return r;
    *ret = change;
    return 0;
}

int change_end(struct change *change, int r)
{
    if (change->is_spooled)
        return r;
    if (r == 0)
        r = order_zone(change->db, change->zone_id);
    if (r == 0)
        r = database_commit(change->db);
    else
        database_rollback(change->db);
    if (r == 0)
        upkeep_tell_edited(change->upkeep, change->zone_id);
    return r;
}
