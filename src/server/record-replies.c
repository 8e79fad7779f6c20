#include "server/record-replies.h"

#include <string.h>

#include "util/cleanup.h"

void record_reply_row(struct session *session, const char *owner, const struct records_row *row)
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

void record_reply_empty_non_terminal(struct session *session, const char *owner,
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

int record_reply_txt(struct session *session, const char *owner, const struct expansion *expansion)
{
    struct pdns_reply_record record = {
        .qname = owner,
        .qtype = "TXT",
        .ttl = expansion_txt_ttl(expansion),
        .domain_id = expansion->domain_id,
        .auth = expansion->auth,
    };

    for (size_t i = 0; i < expansion->alias_count; ++i) {
        CLEANUP(cleanup_freep) char *content = NULL;

        int r = expansion_txt(expansion, i, &content);
        if (r < 0)
            return r;
        if (!content)
            continue;
        record.content = content;
        record.content_size = strlen(content);
        pdns_reply_record(&session->reply, &record);
    }
    return 0;
}

void record_reply_expansion(struct session *session, const char *owner,
                            const struct expansion *expansion)
{
    reply_addresses(session, owner, expansion, DNS_FAMILY_A);
    reply_addresses(session, owner, expansion, DNS_FAMILY_AAAA);
}

void record_reply_alias(struct session *session, const char *owner,
                        const struct expansion *expansion)
{
    const struct expansion_alias *alias = expansion->aliases;
    struct pdns_reply_record record = {
        .qname = owner,
        .qtype = "ALIAS",
        .content = alias->target,
        .content_size = strlen(alias->target),
        .ttl = alias->ttl,
        .domain_id = expansion->domain_id,
        .auth = expansion->auth,
    };

    pdns_reply_record(&session->reply, &record);
}

bool record_reply_is_raw(const struct session *session)
{
    return session->is_raw || session->is_in_transaction;
}
