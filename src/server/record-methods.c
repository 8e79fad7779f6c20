#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "alias/expansion.h"
#include "alias/prefetch.h"
#include "dns/name.h"
#include "server/methods.h"
#include "store/metadata.h"
#include "store/records.h"

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

    if (name_fold(qname, lookup->name))
        return -EINVAL;
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
    r = expansion_resolve(&expansion, session->shared->targets, lookup.wanted, true);
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
    return reply_lookup(session, request, session->is_raw);
}

int method_api_lookup(struct session *session, const struct pdns_request *request)
{
    return reply_lookup(session, request, true);
}

/* Ends an owner name of a zone: what its ALIAS rows stand for comes after its other rows. */
static int reply_owner_end(struct session *session, const char *owner, struct expansion *expansion)
{
    static const bool both[DNS_FAMILIES] = {true, true};
    int r;

    r = expansion_resolve(expansion, session->shared->targets, both, false);
    if (r)
        return r;
    reply_expansion(session, owner, expansion);
    if (expansion_is_empty(expansion))
        reply_empty_non_terminal(session, owner, expansion);
    expansion_reset(expansion);
    return 0;
}

/* The rows of a zone in order; those of one owner name stand together. */
static int reply_zone(struct session *session, struct records_cursor *cursor,
                      struct expansion *expansion)
{
    char owner[NAME_TEXT_SIZE] = "";
    struct records_row row;
    bool is_alias;
    int r;

    while ((r = records_next(cursor, &row)) == 0) {
        if (strcmp(owner, row.name) != 0) {
            r = reply_owner_end(session, owner, expansion);
            if (r)
                return r;
            snprintf(owner, sizeof(owner), "%s", row.name);
        }
        r = expansion_see(expansion, &row, &is_alias);
        if (r)
            return r;
        if (!is_alias)
            reply_row(session, row.name, &row);
    }
    return r < 0 ? r : reply_owner_end(session, owner, expansion);
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

/* Resolves all ALIAS targets of a zone at once. */
static int prefetch_zone(struct session *session, struct database *db, int64_t zone_id,
                         bool *ret_has_aliases)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    CLEANUP(prefetch_deinit) struct prefetch prefetch = {0};
    struct records_row row;
    bool has_aliases = false;
    int r;

    r = records_list_aliases(db, zone_id, &cursor);
    if (r)
        return r;
    while ((r = records_next(&cursor, &row)) == 0) {
        has_aliases = true;
        r = prefetch_add(&prefetch, row.content);
        if (r)
            return r;
    }
    if (r < 0)
        return r;
    *ret_has_aliases = has_aliases;
    return prefetch_wait(&prefetch, session->shared->targets);
}

/* include_disabled tells PowerDNS's management from its transfers. Disabled rows are not returned
 * to it either: the protocol can't mark them, and what is written back would enable them. */
int method_list(struct session *session, const struct pdns_request *request)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    CLEANUP(expansion_deinit) struct expansion expansion = {0};
    int64_t zone_id = request->parameters.list.domain_id;
    bool is_raw = session->is_raw || request->parameters.list.include_disabled;
    bool has_aliases = false;
    struct database *db;
    int r;

    r = session_open(session, &db);
    if (r == 0 && !is_raw)
        r = metadata_is_presigned(db, zone_id, &is_raw);
    if (r == 0 && !is_raw)
        r = prefetch_zone(session, db, zone_id, &has_aliases);
    if (r == 0)
        r = records_list(db, zone_id, &cursor);
    if (r)
        return r;

    pdns_reply_array_begin(&session->reply);
    r = has_aliases ? reply_zone(session, &cursor, &expansion) : reply_rows(session, &cursor);
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
