#include <inttypes.h>
#include <stdio.h>

#include "alias/expansion.h"
#include "alias/prefetch.h"
#include "alias/zone-walk.h"
#include "dns/name.h"
#include "publish/content.h"
#include "server/bad-rows.h"
#include "server/methods.h"
#include "server/record-replies.h"
#include "store/changes.h"
#include "store/domains.h"
#include "store/metadata.h"
#include "store/records.h"
#include "upkeep/upkeep.h"
#include "util/log.h"

static struct log_limit unresolved_limit = LOG_LIMIT(5, 60000);

/* Nothing but rows as they are stored. */
static int reply_rows(struct session *session, struct records_cursor *cursor, records_next_fn next)
{
    struct records_row row;
    int r;

    while ((r = next(cursor, &row)) == 0) {
        record_reply_row(session, row.name, &row);
        r = pdns_reply_pass_on(&session->reply);
        if (r < 0)
            break;
    }
    return r < 0 ? r : 0;
}

/* A zone with ALIAS rows is gone through twice: to resolve all that they name at once, and to
 * reply. */
struct listing {
    struct session *session;
    struct database *db;
    int64_t zone_id;
    struct local local; /* of the snapshot with this version */
    struct changes_version version;
    struct prefetch prefetch;
    bool is_replying;
    bool with_txt; /* that tells the targets */
};

static void listing_deinit(struct listing *listing)
{
    local_deinit(&listing->local);
    prefetch_deinit(&listing->prefetch);
}

static int reply_other_row(void *userdata, const struct records_row *row)
{
    struct listing *listing = userdata;

    record_reply_row(listing->session, row->name, row);
    return pdns_reply_pass_on(&listing->session->reply);
}

/* What an owner name's ALIAS rows stand for comes after its other rows; nothing is waited for. */
static int reply_owner_end(struct listing *listing, const char *owner, struct expansion *expansion)
{
    static const bool both[DNS_FAMILIES] = {true, true};
    int r;

    expansion->max_addresses = listing->session->shared->alias_addresses_max;
    expansion->with_txt = listing->with_txt;
    r = expansion_resolve(expansion, listing->db, listing->session->shared->targets, both, 0);
    if (r == 0)
        r = record_reply_txt(listing->session, owner, expansion);
    if (r)
        return r;
    record_reply_expansion(listing->session, owner, expansion);
    if (expansion_is_empty(expansion))
        record_reply_empty_non_terminal(listing->session, owner, expansion);
    return pdns_reply_pass_on(&listing->session->reply);
}

static int end_owner(void *userdata, const char *owner, struct expansion *expansion)
{
    struct listing *listing = userdata;

    return listing->is_replying ? reply_owner_end(listing, owner, expansion)
                                : prefetch_add_expansion(&listing->prefetch, expansion);
}

static int go_through_zone(struct listing *listing)
{
    const struct zone_walk walk = {.db = listing->db,
                                   .zone_id = listing->zone_id,
                                   .local = &listing->local,
                                   .next = bad_rows_next,
                                   .on_row = listing->is_replying ? reply_other_row : NULL,
                                   .on_owner = end_owner,
                                   .userdata = listing};

    return zone_walk(&walk);
}

/* What targets lead to is read again only if something was written since. */
static int note_version(struct listing *listing)
{
    struct changes_version version;

    int r = changes_version(listing->db, &version);
    if (r < 0)
        return r;
    if (version.data != listing->version.data || version.schema != listing->version.schema)
        local_deinit(&listing->local);
    listing->version = version;
    return 0;
}

/* The zone's rows and what its targets lead to are of one moment, the snapshot's that has begun; it
 * ends here. */
static int go_through_snapshot(struct listing *listing)
{
    int r = note_version(listing);
    if (r == 0)
        r = go_through_zone(listing);
    database_end_reading(listing->db);
    return r;
}

/* For secondaries, who are to get it once it is known. What has become known since it was waited
 * for is told as well: they get the zone once more. */
static int tell_what_lacked(const struct listing *listing)
{
    CLEANUP(hashes_deinit) struct hashes lacking = {0};
    int r = 0;

    for (size_t i = 0; i < listing->prefetch.count && r == 0; ++i) {
        const struct targets_question *question = &listing->prefetch.questions[i];

        if (question->freshness == STATE_IS_UNKNOWN && !question->is_denied_alone)
            r = hashes_add(&lacking, content_question(question->target, question->family));
    }
    if (r == 0)
        upkeep_tell_transferred(listing->session->shared->upkeep, listing->zone_id, &lacking);
    return r;
}

/* In a snapshot, which isn't kept while targets are waited for. */
static int reply_expanded_zone(struct session *session, struct database *db, int64_t zone_id,
                               bool with_txt)
{
    CLEANUP(listing_deinit)
    struct listing listing = {.session = session,
                              .db = db,
                              .zone_id = zone_id,
                              .with_txt = with_txt,
                              .local = {.db = db, .hops_max = session->shared->alias_hops_max}};
    size_t unresolved;
    int r;

    r = go_through_snapshot(&listing);
    if (r == 0)
        r = prefetch_wait(&listing.prefetch, session->shared->targets, session->deadline,
                          &unresolved);
    if (r)
        return r;
    if (unresolved > 0)
        log_write_limited(&unresolved_limit, LOG_LEVEL_WARNING,
                          "list of zone %" PRId64 ": %zu answers for ALIAS targets did not come in "
                          "time and are left out",
                          zone_id, unresolved);
    listing.is_replying = true;
    r = database_begin_reading(db);
    if (r == 0)
        r = go_through_snapshot(&listing);
    return r == 0 ? tell_what_lacked(&listing) : r;
}

static int reply_zone_as_stored(struct session *session, struct database *db, int64_t zone_id,
                                records_next_fn next)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    int r;

    r = records_list(db, zone_id, &cursor);
    return r ? r : reply_rows(session, &cursor, next);
}

/* Zones without ALIAS rows, nearly all, are told from those with by going through the index, which
 * has the types: a tenth of a second for a million rows. */
static int has_aliases(struct database *db, int64_t zone_id, bool *ret)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    struct records_row row;
    int r;

    r = records_list_aliases(db, zone_id, &cursor);
    if (r == 0)
        r = records_next(&cursor, &row);
    if (r < 0)
        return r;
    *ret = r == 0;
    return 0;
}

/* PowerDNS always sends the id; a client that knows names only is served, too. */
static int find_zone(struct database *db, const struct pdns_request *request, int64_t *ret)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    int64_t zone_id = request->parameters.list.domain_id;
    char name[NAME_TEXT_SIZE];
    struct domains_row row;
    int r;

    if (zone_id < 0) {
        r = method_fold_name(request->parameters.list.zonename, name);
        if (r == 0)
            r = domains_find(db, name, &cursor, &row);
        if (r < 0)
            return r;
        zone_id = r == 0 ? row.id : -1;
    }
    *ret = zone_id;
    return 0;
}

/* How a zone is to be listed. */
struct manner {
    int64_t zone_id;
    bool is_raw;
    bool is_expanding;
    bool with_txt;
};

static int find_manner(struct session *session, struct database *db,
                       const struct pdns_request *request, struct manner *manner)
{
    struct metadata_alias metadata = {0};

    int r = find_zone(db, request, &manner->zone_id);
    if (r < 0 || manner->is_raw)
        return r;
    r = metadata_read_alias(db, manner->zone_id, &metadata);
    if (r == 0 && !metadata.is_presigned)
        r = has_aliases(db, manner->zone_id, &manner->is_expanding);
    manner->with_txt = method_has_alias_txt(session, &metadata);
    return r;
}

/* Also whether there are ALIAS rows is of the moment that the rows are of: those that come in
 * between would be told as they are stored. */
static int reply_zone(struct session *session, struct database *db,
                      const struct pdns_request *request, struct manner *manner)
{
    int r = database_begin_reading(db);
    if (r == 0)
        r = find_manner(session, db, request, manner);
    if (r == 0 && manner->is_expanding)
        r = reply_expanded_zone(session, db, manner->zone_id, manner->with_txt);
    else if (r == 0)
        r = reply_zone_as_stored(session, db, manner->zone_id,
                                 manner->is_raw ? records_next : bad_rows_next);
    database_end_reading(db);
    return r;
}

/* include_disabled tells PowerDNS's management from its transfers. Disabled rows are not returned
 * to it either: the protocol can't mark them, and what is written back would enable them. */
int method_list(struct session *session, const struct pdns_request *request)
{
    struct manner manner = {.is_raw = record_reply_is_raw(session) ||
                                      request->parameters.list.include_disabled};
    struct database *db;

    int r = session_open(session, &db);
    if (r < 0)
        return r;
    pdns_reply_zone_begin(&session->reply);
    r = reply_zone(session, db, request, &manner);
    pdns_reply_array_end(&session->reply);
    return r;
}

/* Management: rows as they are stored. */
int method_search_records(struct session *session, const struct pdns_request *request)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    struct database *db;
    int r;

    r = session_open(session, &db);
    if (r == 0)
        r = records_search(db, request->parameters.search_records.pattern,
                           request->parameters.search_records.max_results, &cursor);
    if (r)
        return r;
    pdns_reply_array_begin(&session->reply);
    r = reply_rows(session, &cursor, records_next);
    pdns_reply_array_end(&session->reply);
    return r;
}
