#include <string.h>

#include "alias/expansion.h"
#include "dns/name.h"
#include "dns/rdata-type.h"
#include "server/bad-rows.h"
#include "server/figures.h"
#include "server/handoff-rows.h"
#include "server/methods.h"
#include "server/record-replies.h"
#include "store/metadata.h"
#include "store/ordernames.h"
#include "store/records.h"

/* Types as they are stored, compared as SQL would. */
static bool type_matches(const char *asked, const char *type)
{
    return strcmp(asked, "ANY") == 0 || strcmp(asked, type) == 0;
}

/* What one lookup is about. */
struct lookup {
    struct session *session;
    struct database *db;
    const char *qname;
    const char *qtype;
    char owner[NAME_TEXT_SIZE]; /* as asked, in the client's case, for the reply */
    char name[NAME_TEXT_SIZE];  /* as stored */
    int64_t zone_id;
    bool is_raw;
    bool wanted[DNS_FAMILIES]; /* which addresses an ALIAS shall be turned into */
    bool wants_txt;            /* that tell its target, if the zone has them */
    bool is_reading;           /* in a snapshot */
    struct expansion expansion;
    struct local local;
    bool is_borrowed; /* the expansion's rows are those of a reading that is kept */
};

static void lookup_deinit(struct lookup *lookup)
{
    if (lookup->is_borrowed)
        expansion_give_back(&lookup->expansion);
    else
        expansion_deinit(&lookup->expansion);
    local_deinit(&lookup->local);
}

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
    lookup->qname = qname;
    lookup->qtype = qtype;
    lookup->zone_id = request->parameters.lookup.zone_id;
    lookup->is_raw = is_raw;
    lookup->wanted[DNS_FAMILY_A] = !is_raw && type_matches(qtype, "A");
    lookup->wanted[DNS_FAMILY_AAAA] = !is_raw && type_matches(qtype, "AAAA");
    lookup->wants_txt = !is_raw && type_matches(qtype, "TXT");
    return session_open(session, &lookup->db);
}

/* Keeps an ALIAS row back for the expansion, or not: in a presigned zone the signatures are for
 * what the rows say. */
static int keep_alias(struct lookup *lookup, const struct records_row *row, bool *ret_is_kept)
{
    struct metadata_alias metadata;
    int r;

    *ret_is_kept = false;
    if (lookup->is_raw)
        return 0;
    if (rdata_type_is(row->type, "ALIAS")) {
        r = metadata_read_alias(lookup->db, row->domain_id, &metadata);
        if (r < 0 || metadata.is_presigned)
            return r;
        lookup->expansion.with_txt =
            lookup->wants_txt && method_has_alias_txt(lookup->session, &metadata);
    }
    return expansion_see(&lookup->expansion, row, ret_is_kept);
}

/* What the targets lead to is read in the snapshot that the ALIAS rows are of, or a change in
 * between would make up an answer that was never true. Only names with ALIAS rows pay for that. */
static int see_row(struct lookup *lookup, const struct records_row *row, bool *ret_is_kept)
{
    int r = keep_alias(lookup, row, ret_is_kept);

    if (r < 0 || !*ret_is_kept || lookup->is_reading)
        return r;
    r = database_begin_reading(lookup->db);
    lookup->is_reading = r == 0;
    return r;
}

/* Names with a proof of their own have to be seen with `auth`. */
static int set_auth(struct lookup *lookup, struct records_row *row)
{
    if (*row->type || row->auth || lookup->is_raw)
        return 0;
    return ordernames_has_own_proof(lookup->db, row->id, &row->auth);
}

/* Returns the rows as they are, but for the ALIAS rows that are to be expanded. */
static int reply_stored_rows(struct lookup *lookup)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    bool is_expanding =
        lookup->wanted[DNS_FAMILY_A] || lookup->wanted[DNS_FAMILY_AAAA] || lookup->wants_txt;
    records_next_fn next = lookup->is_raw ? records_next : bad_rows_next;
    struct records_row row;
    bool is_kept;
    int r;

    /* Whether an ALIAS applies depends on what else stands at the name. */
    r = records_lookup(lookup->db, lookup->name, is_expanding ? "ANY" : lookup->qtype,
                       lookup->zone_id, &cursor);
    if (r)
        return r;
    while ((r = next(&cursor, &row)) == 0) {
        r = set_auth(lookup, &row);
        if (r == 0)
            r = see_row(lookup, &row, &is_kept);
        if (r)
            return r;
        if (!is_kept && type_matches(lookup->qtype, row.type))
            record_reply_row(lookup->session, lookup->owner, &row);
    }
    return r < 0 ? r : 0;
}

/* Nothing is open any more when targets are waited for. */
static int read_everything(struct lookup *lookup)
{
    int r = reply_stored_rows(lookup);

    lookup->local.db = lookup->db;
    lookup->local.hops_max = lookup->session->shared->alias_hops_max;
    if (r == 0)
        r = expansion_follow(&lookup->expansion, &lookup->local, lookup->wanted);
    if (lookup->is_reading)
        database_end_reading(lookup->db);
    return r;
}

static struct readings_key key_of(const struct lookup *lookup)
{
    return (struct readings_key){
        .qname = lookup->qname, .qtype = lookup->qtype, .zone_id = lookup->zone_id};
}

/* False: nothing can be kept of this lookup, nor of any before. */
static bool begin_readings(struct lookup *lookup)
{
    const struct session_shared *shared = lookup->session->shared;
    const struct readings_rules rules = {.limit = shared->lookup_memory_max,
                                         .hops_max = shared->alias_hops_max,
                                         .with_txt = shared->alias_txt};
    struct commit_mark mark;

    if (lookup->is_raw || rules.limit == 0 || !commit_mark_read(lookup->db, &mark))
        return false;
    readings_begin(&lookup->session->readings, &mark, &rules);
    return true;
}

static void use_reading(struct lookup *lookup, const struct reading *reading)
{
    if (!reading->expansion)
        return;
    expansion_borrow(reading->expansion, &lookup->expansion);
    lookup->is_borrowed = true;
}

/* If anything was committed while it was read, it is forgotten before it is found. The elements of
 * the reply begin at `start`. */
static void keep_reading(struct lookup *lookup, size_t start)
{
    const struct pdns_reply *reply = &lookup->session->reply;
    const struct readings_key key = key_of(lookup);
    const struct reading *reading;

    if (reply->is_broken)
        return;
    reading = readings_keep(&lookup->session->readings, &key, reply->data + start,
                            reply->size - start, &lookup->expansion, &lookup->local);
    if (reading)
        use_reading(lookup, reading);
}

/* The stored rows go into the reply, the ALIAS rows into the expansion, from the database if they
 * aren't known from there. */
static int see_name(struct lookup *lookup)
{
    struct figures_lookups *counts = lookup->session->shared->lookups;
    struct pdns_reply *reply = &lookup->session->reply;
    const struct readings_key key = key_of(lookup);
    const struct reading *reading = NULL;
    size_t start = reply->size;

    bool is_marked = begin_readings(lookup);
    if (is_marked)
        reading = readings_find(&lookup->session->readings, &key);
    counter_add(reading ? &counts->from_memory : &counts->from_database, 1);
    if (reading) {
        pdns_reply_elements(reply, reading->rows, reading->rows_size);
        use_reading(lookup, reading);
        return 0;
    }
    int r = read_everything(lookup);
    if (r == 0 && is_marked)
        keep_reading(lookup, start);
    return r;
}

/* What stands in the place of the ALIAS rows. PowerDNS asks for ANY; it is shown an ALIAS row only
 * then. One alone has an empty non-terminal beside it: without expand-alias the row is nothing to
 * PowerDNS, and the name would not exist. */
static int reply_expansion(struct lookup *lookup)
{
    struct expansion *expansion = &lookup->expansion;
    struct targets *targets = lookup->session->shared->targets;
    bool is_any = strcmp(lookup->qtype, "ANY") == 0;
    bool is_handed_off = false;
    int r;

    if (is_any)
        r = handoff_rows_resolve(lookup->session, lookup->db, lookup->name, expansion,
                                 lookup->wanted, &is_handed_off);
    else
        r = expansion_resolve(expansion, lookup->db, targets, lookup->wanted,
                              lookup->session->deadline);
    if (r)
        return r;
    r = record_reply_txt(lookup->session, lookup->owner, expansion);
    if (r)
        return r;
    record_reply_expansion(lookup->session, lookup->owner, expansion);
    if (is_handed_off)
        record_reply_alias(lookup->session, lookup->owner, expansion);
    if (is_any && expansion_is_empty(expansion))
        record_reply_empty_non_terminal(lookup->session, lookup->owner, expansion);
    return 0;
}

static int reply_lookup(struct session *session, const struct pdns_request *request, bool is_raw)
{
    CLEANUP(lookup_deinit) struct lookup lookup = {0};
    int r;

    r = lookup_init(&lookup, session, request, is_raw);
    if (r)
        return r;
    pdns_reply_array_begin(&session->reply);
    r = see_name(&lookup);
    if (r)
        return r;
    lookup.expansion.max_addresses = session->shared->alias_addresses_max;
    r = reply_expansion(&lookup);
    if (r)
        return r;
    pdns_reply_array_end(&session->reply);
    return 0;
}

int method_lookup(struct session *session, const struct pdns_request *request)
{
    return reply_lookup(session, request, record_reply_is_raw(session));
}

int method_api_lookup(struct session *session, const struct pdns_request *request)
{
    return reply_lookup(session, request, true);
}
