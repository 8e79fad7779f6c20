#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "alias/expansion.h"
#include "alias/prefetch.h"
#include "dns/name.h"
#include "server/methods.h"
#include "store/domains.h"
#include "store/metadata.h"
#include "store/ordernames.h"
#include "store/records.h"
#include "util/log.h"

static struct log_limit unresolved_limit = LOG_LIMIT(5, 60000);

/* Types as they are stored, compared as SQL would. */
static bool type_matches(const char *asked, const char *type)
{
    return strcmp(asked, "ANY") == 0 || strcmp(asked, type) == 0;
}

/* A row under the name `owner`. */
static void reply_row(struct session *session, const char *owner, const struct records_row *row)
{
    struct pdns_reply_record record = {
        .qname = owner,
        .qtype = row->type,
        .content = row->content,
        .content_size = row->content_size,
        .ttl = row->ttl,
        .domain_id = row->domain_id,
        .auth = row->auth,
    };

    pdns_reply_record(&session->reply, &record);
}

static void reply_addresses(struct session *session, const char *owner,
                            const struct expansion *expansion, enum dns_family family)
{
    const struct expansion_family *answer = &expansion->families[family];
    char text[ADDRESS_TEXT_SIZE];
    struct pdns_reply_record record = {
        .qname = owner,
        .qtype = dns_family_name(family),
        .content = text,
        .ttl = answer->ttl,
        .domain_id = expansion->domain_id,
        .auth = expansion->auth,
    };

    for (size_t i = 0; i < answer->addresses.count; ++i) {
        address_to_text(&answer->addresses.items[i], family, text);
        record.content_size = strlen(text);
        pdns_reply_record(&session->reply, &record);
    }
}

static void reply_empty_non_terminal(struct session *session, const char *owner,
                                     const struct expansion *expansion)
{
    struct pdns_reply_record record = {
        .qname = owner,
        .qtype = "",
        .content = "",
        .domain_id = expansion->domain_id,
        .auth = expansion->auth,
    };

    pdns_reply_record(&session->reply, &record);
}

static void reply_expansion(struct session *session, const char *owner,
                            const struct expansion *expansion)
{
    reply_addresses(session, owner, expansion, DNS_FAMILY_A);
    reply_addresses(session, owner, expansion, DNS_FAMILY_AAAA);
}

/* Inside a transaction, too: dynamic updates and IXFR write back what they read. */
static bool shows_rows_as_stored(const struct session *session)
{
    return session->is_raw || session->is_in_transaction;
}

/* What one lookup is about. */
struct lookup {
    struct session *session;
    struct database *db;
    const char *qtype;
    char owner[NAME_TEXT_SIZE]; /* as asked, in the client's case, for the reply */
    char name[NAME_TEXT_SIZE];  /* as stored */
    int64_t zone_id;
    bool is_raw;
    bool wanted[DNS_FAMILIES]; /* which addresses an ALIAS shall be turned into */
};

static int lookup_init(struct lookup *lookup, struct session *session,
                       const struct pdns_request *request, bool is_raw)
{
    const char *qname = request->parameters.lookup.qname;
    const char *qtype = request->parameters.lookup.qtype;
    size_t length = strlen(qname);
    int r;

    r = method_fold_name(qname, lookup->name);
    if (r)
        return r;
    if (length > 0 && qname[length - 1] == '.')
        --length;
    memcpy(lookup->owner, qname, length);
    lookup->owner[length] = '\0';

    lookup->session = session;
    lookup->qtype = qtype;
    lookup->zone_id = request->parameters.lookup.zone_id;
    lookup->is_raw = is_raw;
    lookup->wanted[DNS_FAMILY_A] = !is_raw && type_matches(qtype, "A");
    lookup->wanted[DNS_FAMILY_AAAA] = !is_raw && type_matches(qtype, "AAAA");
    return session_open(session, &lookup->db);
}

/* Keeps an ALIAS row back for the expansion, or not: in a presigned zone the signatures are for
 * what the rows say. */
static int keep_alias(struct lookup *lookup, struct expansion *expansion,
                      const struct records_row *row, bool *ret_is_kept)
{
    bool is_presigned;
    int r;

    *ret_is_kept = false;
    if (lookup->is_raw)
        return 0;
    if (strcasecmp(row->type, "ALIAS") == 0) {
        r = metadata_is_presigned(lookup->db, row->domain_id, &is_presigned);
        if (r < 0 || is_presigned)
            return r;
    }
    return expansion_see(expansion, row, ret_is_kept);
}

/* Names with a proof of their own have to be seen with `auth`. */
static int set_auth(struct lookup *lookup, struct records_row *row)
{
    if (*row->type || row->auth || lookup->is_raw)
        return 0;
    return ordernames_has_own_proof(lookup->db, row->id, &row->auth);
}

/* Returns the rows as they are, but for the ALIAS rows that are to be expanded. */
static int reply_stored_rows(struct lookup *lookup, struct expansion *expansion)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    bool is_expanding = lookup->wanted[DNS_FAMILY_A] || lookup->wanted[DNS_FAMILY_AAAA];
    struct records_row row;
    bool is_kept;
    int r;

    /* Whether an ALIAS applies depends on what else stands at the name. */
    r = records_lookup(lookup->db, lookup->name, is_expanding ? "ANY" : lookup->qtype,
                       lookup->zone_id, &cursor);
    if (r)
        return r;
    while ((r = records_next(&cursor, &row)) == 0) {
        r = set_auth(lookup, &row);
        if (r == 0)
            r = keep_alias(lookup, expansion, &row, &is_kept);
        if (r)
            return r;
        if (!is_kept && type_matches(lookup->qtype, row.type))
            reply_row(lookup->session, lookup->owner, &row);
    }
    return r < 0 ? r : 0;
}

static int reply_lookup(struct session *session, const struct pdns_request *request, bool is_raw)
{
    CLEANUP(expansion_deinit) struct expansion expansion = {0};
    struct lookup lookup;
    int r;

    r = lookup_init(&lookup, session, request, is_raw);
    if (r)
        return r;
    pdns_reply_array_begin(&session->reply);
    r = reply_stored_rows(&lookup, &expansion);
    if (r)
        return r;
    r = expansion_resolve(&expansion, session->shared->targets, lookup.wanted, session->deadline);
    if (r)
        return r;
    reply_expansion(session, lookup.owner, &expansion);
    if (strcmp(lookup.qtype, "ANY") == 0 && expansion_is_empty(&expansion))
        reply_empty_non_terminal(session, lookup.owner, &expansion);
    pdns_reply_array_end(&session->reply);
    return 0;
}

int method_lookup(struct session *session, const struct pdns_request *request)
{
    return reply_lookup(session, request, shows_rows_as_stored(session));
}

int method_api_lookup(struct session *session, const struct pdns_request *request)
{
    return reply_lookup(session, request, true);
}

/* Nothing but rows as they are stored. */
static int reply_rows(struct session *session, struct records_cursor *cursor)
{
    struct records_row row;
    int r;

    while ((r = records_next(cursor, &row)) == 0)
        reply_row(session, row.name, &row);
    return r < 0 ? r : 0;
}

/* A zone with ALIAS rows is gone through twice: to resolve all that they name at once, and to
 * reply. */
struct listing {
    struct session *session;
    struct database *db;
    int64_t zone_id;
    struct expansion expansion; /* of the owner name that is being read */
    struct prefetch prefetch;
    bool is_replying;
};

static void listing_deinit(struct listing *listing)
{
    expansion_deinit(&listing->expansion);
    prefetch_deinit(&listing->prefetch);
}

/* What an owner name's ALIAS rows stand for comes after its other rows; nothing is waited for. */
static int reply_owner_end(struct listing *listing, const char *owner)
{
    static const bool both[DNS_FAMILIES] = {true, true};
    struct expansion *expansion = &listing->expansion;
    int r;

    r = expansion_resolve(expansion, listing->session->shared->targets, both, 0);
    if (r)
        return r;
    reply_expansion(listing->session, owner, expansion);
    if (expansion_is_empty(expansion))
        reply_empty_non_terminal(listing->session, owner, expansion);
    return 0;
}

static int end_owner(struct listing *listing, const char *owner)
{
    int r;

    r = listing->is_replying ? reply_owner_end(listing, owner)
                             : prefetch_add_expansion(&listing->prefetch, &listing->expansion);
    expansion_reset(&listing->expansion);
    return r;
}

/* The rows of one owner name stand together. */
static int go_through_zone(struct listing *listing)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    char owner[NAME_TEXT_SIZE] = "";
    struct records_row row;
    bool is_alias;
    int r;

    r = records_list(listing->db, listing->zone_id, &cursor);
    if (r)
        return r;
    while ((r = records_next(&cursor, &row)) == 0) {
        if (strcmp(owner, row.name) != 0) {
            r = end_owner(listing, owner);
            if (r)
                return r;
            snprintf(owner, sizeof(owner), "%s", row.name);
        }
        r = expansion_see(&listing->expansion, &row, &is_alias);
        if (r)
            return r;
        if (!is_alias && listing->is_replying)
            reply_row(listing->session, row.name, &row);
    }
    return r < 0 ? r : end_owner(listing, owner);
}

static int reply_expanded_zone(struct session *session, struct database *db, int64_t zone_id)
{
    CLEANUP(listing_deinit)
    struct listing listing = {.session = session, .db = db, .zone_id = zone_id};
    size_t unresolved;
    int r;

    r = go_through_zone(&listing);
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
    return go_through_zone(&listing);
}

static int reply_zone_as_stored(struct session *session, struct database *db, int64_t zone_id)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    int r;

    r = records_list(db, zone_id, &cursor);
    return r ? r : reply_rows(session, &cursor);
}

/* Zones without ALIAS rows, nearly all, are told from those with by one look into the index. */
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

/* include_disabled tells PowerDNS's management from its transfers. Disabled rows are not returned
 * to it either: the protocol can't mark them, and what is written back would enable them. */
int method_list(struct session *session, const struct pdns_request *request)
{
    bool is_raw = shows_rows_as_stored(session) || request->parameters.list.include_disabled;
    bool is_expanding = false;
    struct database *db;
    int64_t zone_id;
    int r;

    r = session_open(session, &db);
    if (r == 0)
        r = find_zone(db, request, &zone_id);
    if (r == 0 && !is_raw)
        r = metadata_is_presigned(db, zone_id, &is_raw);
    if (r == 0 && !is_raw)
        r = has_aliases(db, zone_id, &is_expanding);
    if (r)
        return r;

    pdns_reply_array_begin(&session->reply);
    r = is_expanding ? reply_expanded_zone(session, db, zone_id)
                     : reply_zone_as_stored(session, db, zone_id);
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
    r = reply_rows(session, &cursor);
    pdns_reply_array_end(&session->reply);
    return r;
}
