#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "dns/labels.h"
#include "dns/nsec3.h"
#include "server/dispatch.h"
#include "server/methods.h"
#include "store/transaction.h"
#include "store/zones.h"
#include "upkeep/order.h"
#include "upkeep/upkeep.h"
#include "util/log.h"

/*
 * PowerDNS doesn't notice `false` in answer to any of these and would call half a zone fresh: all
 * that isn't done is a failure (backend-protocol/README.md, "What a reply means").
 */

static int refuse(struct session *session, const char *why)
{
    char message[512];

    snprintf(message, sizeof(message), "%s: %s", pdns_method_name(session->method), why);
    dispatch_refusal(session, session->method, message);
    return 0;
}

/* -1: whatever zone it is that `domain` names. */
static int find_zone(struct database *db, const struct pdns_request *request, int64_t *ret)
{
    char name[NAME_TEXT_SIZE];

    *ret = request->parameters.transaction.domain_id;
    if (*ret >= 0)
        return 0;
    int r = method_fold_name(request->parameters.transaction.domain, name);
    return r < 0 ? r : zones_find_id(db, name, ret);
}

/* One that was left open is PowerDNS's own, given up without a word: a connection carries one call
 * at a time. */
static void give_up_old_transaction(struct database *db)
{
    if (!transaction_is_open(db))
        return;
    log_warning("startTransaction: the one before was neither committed nor aborted: it is undone");
    transaction_abort(db);
}

int method_start_transaction(struct session *session, const struct pdns_request *request)
{
    bool is_replacement = request->parameters.transaction.domain_id >= 0;
    struct database *db;
    char why[320];
    int64_t zone_id;

    int r = session_open(session, &db);
    if (r < 0)
        return r;
    give_up_old_transaction(db);
    r = find_zone(db, request, &zone_id);
    if (r == 0)
        r = transaction_begin(db, zone_id, is_replacement);
    if (r < 0)
        return r;
    if (r > 0) {
        snprintf(why, sizeof(why), "there is no zone '%.255s' (id %" PRId64 ")",
                 request->parameters.transaction.domain, request->parameters.transaction.domain_id);
        return refuse(session, why);
    }
    pdns_reply_bool(&session->reply, true);
    return 0;
}

/* Takes the lock, writes, puts in order, and makes it last. */
static int commit(struct session *session, struct database *db)
{
    int64_t zone_id = transaction_zone(db);
    int r = transaction_apply(db);

    if (r < 0)
        return r;
    r = order_zone(db, zone_id);
    if (r == 0)
        r = transaction_commit(db);
    else
        transaction_abort(db);
    if (r == 0)
        upkeep_tell_edited(session->shared->upkeep, zone_id);
    return r;
}

int method_commit_transaction(struct session *session, const struct pdns_request *request)
{
    struct database *db;

    int r = session_open(session, &db);
    if (r < 0)
        return r;
    if (!transaction_is_open(db))
        return refuse(session, "no transaction is open");
    r = commit(session, db);
    if (r == 0)
        pdns_reply_bool(&session->reply, true);
    return r;
}

int method_abort_transaction(struct session *session, const struct pdns_request *request)
{
    if (session->database)
        transaction_abort(session->database);
    pdns_reply_bool(&session->reply, true);
    return 0;
}

/* The ordername as it is stored: the labels turned around, as gsqlite3 does. */
static int turn_ordername(const char *ordername, char **ret)
{
    char folded[NAME_TEXT_SIZE];

    int r = method_fold_name(ordername, folded);
    if (r < 0)
        return r;
    *ret = labels_reverse(folded, '.', ' ');
    return *ret ? 0 : -ENOMEM;
}

static int add_record(struct database *db, const struct pdns_request_record *sent)
{
    CLEANUP(cleanup_freep) char *ordername = NULL;
    char name[NAME_TEXT_SIZE];
    struct transaction_record record = {
        .name = name,
        .type = sent->qtype,
        .content = sent->content,
        .ttl = sent->ttl,
        .auth = sent->auth,
    };

    int r = method_fold_name(sent->qname, name);
    if (r == 0 && sent->ordername)
        r = turn_ordername(sent->ordername, &ordername);
    record.ordername = ordername;
    return r < 0 ? r : transaction_add(db, &record);
}

/* A failure ends the transaction, wherever it is: what comes after it must not be committed without
 * it. */
static int end_feed(struct session *session, struct database *db, int r)
{
    if (r < 0)
        transaction_abort(db);
    else
        pdns_reply_bool(&session->reply, true);
    return r;
}

int method_feed_record(struct session *session, const struct pdns_request *request)
{
    struct database *db;

    int r = session_open(session, &db);
    if (r < 0)
        return r;
    if (!transaction_is_open(db))
        return refuse(session, "no transaction is open");
    return end_feed(session, db, add_record(db, &request->parameters.feed_record.rr));
}

/* Whether a call is about the zone that is being changed. */
static const char *why_not(const struct database *db, int64_t domain_id)
{
    if (!transaction_is_open(db))
        return "no transaction is open";
    if (domain_id != transaction_zone(db))
        return "the transaction that is open is another zone's";
    return NULL;
}

/* As CommunicatorClass::suck() has gsqlite3 store it: in the chain if it has one and `auth` is
 * set. */
static int add_ent(struct database *db, const struct pdns_nonterm *nonterm,
                   const struct nsec3_parameters *nsec3)
{
    unsigned char hash[NSEC3_HASH_SIZE];
    char canonical[NAME_TEXT_SIZE];
    char name[NAME_TEXT_SIZE];
    char text[NSEC3_TEXT_SIZE];
    struct transaction_record record = {.name = name, .type = "", .auth = nonterm->auth};

    int r = method_fold_name(nonterm->name, name);
    if (r < 0)
        return r;
    if (nsec3 && nonterm->auth && name_canonicalize(name, canonical) == 0) {
        nsec3_hash(nsec3, canonical, hash);
        nsec3_to_text(hash, text);
        record.ordername = text;
    }
    return transaction_add(db, &record);
}

static int feed_ents(struct session *session, const struct pdns_request *request,
                     const struct nsec3_parameters *nsec3)
{
    const struct pdns_nonterm *nonterms = request->parameters.feed_ents.nonterm;
    struct database *db;

    int r = session_open(session, &db);
    if (r < 0)
        return r;
    const char *why = why_not(db, request->parameters.feed_ents.domain_id);
    if (why)
        return refuse(session, why);
    for (size_t i = 0; i < request->parameters.feed_ents.count && r == 0; ++i)
        r = add_ent(db, &nonterms[i], nsec3);
    return end_feed(session, db, r);
}

int method_feed_ents(struct session *session, const struct pdns_request *request)
{
    return feed_ents(session, request, NULL);
}

int method_feed_ents3(struct session *session, const struct pdns_request *request)
{
    const struct pdns_bytes *salt = &request->parameters.feed_ents.salt;
    struct nsec3_parameters nsec3 = {.iterations = (uint16_t)request->parameters.feed_ents.times};

    if (salt->size > sizeof(nsec3.salt) || request->parameters.feed_ents.times > UINT16_MAX)
        return refuse(session, "these are no parameters of NSEC3");
    nsec3.salt_size = (uint8_t)salt->size;
    memcpy(nsec3.salt, salt->data, salt->size);
    return feed_ents(session, request, request->parameters.feed_ents.narrow ? NULL : &nsec3);
}

/* GSQLBackend::replaceRRSet: comments go where the whole set does. */
static int replace_rrset(struct database *db, const struct pdns_request *request)
{
    const struct pdns_request_record *rrset = request->parameters.replace_rrset.rrset;
    size_t count = request->parameters.replace_rrset.count;
    char name[NAME_TEXT_SIZE];

    int r = method_fold_name(request->parameters.replace_rrset.qname, name);
    if (r == 0)
        r = transaction_remove(db, name, request->parameters.replace_rrset.qtype, count == 0);
    for (size_t i = 0; i < count && r == 0; ++i)
        r = add_record(db, &rrset[i]);
    return r;
}

/* Outside of a transaction the call is one by itself. */
static int replace_at_once(struct session *session, struct database *db,
                           const struct pdns_request *request)
{
    int r = transaction_begin(db, request->parameters.replace_rrset.domain_id, false);

    if (r == TRANSACTION_E_NO_ZONE)
        return refuse(session, "there is no such zone");
    if (r == 0)
        r = replace_rrset(db, request);
    if (r == 0)
        r = commit(session, db);
    return end_feed(session, db, r);
}

int method_replace_rrset(struct session *session, const struct pdns_request *request)
{
    struct database *db;

    int r = session_open(session, &db);
    if (r < 0)
        return r;
    if (!transaction_is_open(db))
        return replace_at_once(session, db, request);
    const char *why = why_not(db, request->parameters.replace_rrset.domain_id);
    if (why)
        return refuse(session, why);
    return end_feed(session, db, replace_rrset(db, request));
}
