#pragma once

#include "backend-protocol/request.h"
#include "dns/name.h"
#include "server/session.h"
#include "store/domains.h"
#include "store/metadata.h"

/*
 * The handlers, one for each method or group of methods that share parameters
 *
 * A handler writes the reply to session->reply and returns 0; or returns a negative failure, and
 * dispatch() throws away what it has written and answers with the failure. That is so until a part
 * of the reply has gone out, so whoever calls pdns_reply_pass_on() does before all that can be
 * waited for, and most of what can fail.
 */

typedef int (*method_fn)(struct session *session, const struct pdns_request *request);

/* methods.c: a name from a request as the store wants it. 0; -ENAMETOOLONG (logged) if it is longer
 * than a name can be. */
int method_fold_name(const char *text, char ret[NAME_TEXT_SIZE]);

/* methods.c: whether the zone has TXT records that tell the targets of its ALIAS rows. */
bool method_has_alias_txt(const struct session *session, const struct metadata_alias *metadata);

/* methods.c: domains_find() for a name from a request, on the session's database. */
int method_find_domain(struct session *session, const char *zone, struct domains_cursor *cursor,
                       struct domains_row *ret);

/* lookup-methods.c */
int method_lookup(struct session *session, const struct pdns_request *request);
int method_api_lookup(struct session *session, const struct pdns_request *request);

/* list-methods.c */
int method_list(struct session *session, const struct pdns_request *request);
int method_search_records(struct session *session, const struct pdns_request *request);

/* domain-methods.c */
int method_get_domain_info(struct session *session, const struct pdns_request *request);
int method_get_all_domains(struct session *session, const struct pdns_request *request);
int method_get_updated_masters(struct session *session, const struct pdns_request *request);
int method_get_unfresh_slave_infos(struct session *session, const struct pdns_request *request);
int method_set_notified(struct session *session, const struct pdns_request *request);
int method_set_stale(struct session *session, const struct pdns_request *request);
int method_set_fresh(struct session *session, const struct pdns_request *request);
int method_calculate_soa_serial(struct session *session, const struct pdns_request *request);

/* primary-methods.c */
int method_is_master(struct session *session, const struct pdns_request *request);
int method_super_master_backend(struct session *session, const struct pdns_request *request);
int method_create_slave_domain(struct session *session, const struct pdns_request *request);

/* transaction-methods.c */
int method_start_transaction(struct session *session, const struct pdns_request *request);
int method_commit_transaction(struct session *session, const struct pdns_request *request);
int method_abort_transaction(struct session *session, const struct pdns_request *request);
int method_feed_record(struct session *session, const struct pdns_request *request);
int method_feed_ents(struct session *session, const struct pdns_request *request);
int method_feed_ents3(struct session *session, const struct pdns_request *request);
int method_replace_rrset(struct session *session, const struct pdns_request *request);

/* metadata-methods.c */
int method_get_all_domain_metadata(struct session *session, const struct pdns_request *request);
int method_get_domain_metadata(struct session *session, const struct pdns_request *request);
int method_set_domain_metadata(struct session *session, const struct pdns_request *request);

/* key-methods.c */
int method_get_domain_keys(struct session *session, const struct pdns_request *request);
int method_add_domain_key(struct session *session, const struct pdns_request *request);
int method_remove_domain_key(struct session *session, const struct pdns_request *request);
int method_activate_domain_key(struct session *session, const struct pdns_request *request);
int method_deactivate_domain_key(struct session *session, const struct pdns_request *request);
int method_publish_domain_key(struct session *session, const struct pdns_request *request);
int method_unpublish_domain_key(struct session *session, const struct pdns_request *request);
int method_get_before_and_after(struct session *session, const struct pdns_request *request);

/* tsig-methods.c */
int method_get_tsig_key(struct session *session, const struct pdns_request *request);
int method_get_tsig_keys(struct session *session, const struct pdns_request *request);
int method_set_tsig_key(struct session *session, const struct pdns_request *request);
int method_delete_tsig_key(struct session *session, const struct pdns_request *request);

/* control-methods.c */
int method_initialize(struct session *session, const struct pdns_request *request);
int method_direct_backend_cmd(struct session *session, const struct pdns_request *request);
