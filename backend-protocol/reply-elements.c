/* What the lists of replies are made of. */

#include "reply-buffer.h"

#include <string.h>
#include <strings.h>

#define literal pdns_reply_buffer_literal

void pdns_reply_record(struct pdns_reply *reply, const struct pdns_reply_record *record)
{
    pdns_reply_buffer_separate(reply);
    literal(reply, "{\"qname\":");
    pdns_reply_buffer_string(reply, record->qname);
    literal(reply, ",\"qtype\":");
    pdns_reply_buffer_string(reply, record->qtype);
    literal(reply, ",\"content\":");
    pdns_reply_buffer_bytes(reply, record->content, record->content_size);
    literal(reply, ",\"ttl\":");
    /* PowerDNS reads a signed int and takes its bits as unsigned. */
    pdns_reply_buffer_integer(reply, (int32_t)record->ttl);
    if (!reply->is_zone) {
        literal(reply, ",\"domain_id\":");
        pdns_reply_buffer_integer(reply, record->domain_id);
    }
    if (!record->auth)
        literal(reply, ",\"auth\":0");
    literal(reply, "}");
}

void pdns_reply_elements(struct pdns_reply *reply, const char *data, size_t size)
{
    if (size == 0)
        return;
    pdns_reply_buffer_separate(reply);
    pdns_reply_buffer_append(reply, data, size);
}

static void append_kind(struct pdns_reply *reply, const char *kind)
{
    if (!kind)
        return;
    if (strcasecmp(kind, "master") == 0)
        literal(reply, ",\"kind\":\"master\"");
    else if (strcasecmp(kind, "slave") == 0)
        literal(reply, ",\"kind\":\"slave\"");
}

/* One element of the list of masters. An address holds nothing that would need an escape, but the
 * column may hold anything. */
static void append_master(struct pdns_reply *reply, const char *text, size_t size)
{
    char address[256];

    if (size >= sizeof(address))
        return;
    memcpy(address, text, size);
    address[size] = '\0';
    pdns_reply_buffer_string(reply, address);
}

static void append_masters(struct pdns_reply *reply, const char *masters)
{
    static const char separators[] = ", \t;";
    const char *next = masters ? masters + strspn(masters, separators) : "";
    bool is_first = true;

    if (!*next)
        return;
    literal(reply, ",\"masters\":[");
    while (*next) {
        size_t size = strcspn(next, separators);

        if (!is_first)
            literal(reply, ",");
        is_first = false;
        append_master(reply, next, size);
        next += size;
        next += strspn(next, separators);
    }
    literal(reply, "]");
}

static void append_domain(struct pdns_reply *reply, const struct pdns_reply_domain *domain)
{
    literal(reply, "{\"id\":");
    pdns_reply_buffer_integer(reply, domain->id);
    literal(reply, ",\"zone\":");
    pdns_reply_buffer_string(reply, domain->zone);
    append_kind(reply, domain->kind);
    append_masters(reply, domain->masters);
    if (domain->notified_serial != 0) {
        literal(reply, ",\"notified_serial\":");
        pdns_reply_buffer_integer(reply, domain->notified_serial);
    }
    if (domain->serial != 0) {
        literal(reply, ",\"serial\":");
        pdns_reply_buffer_integer(reply, domain->serial);
    }
    if (domain->last_check != 0) {
        literal(reply, ",\"last_check\":");
        pdns_reply_buffer_integer(reply, domain->last_check);
    }
    literal(reply, "}");
}

void pdns_reply_domain(struct pdns_reply *reply, const struct pdns_reply_domain *domain)
{
    pdns_reply_buffer_separate(reply);
    append_domain(reply, domain);
}

void pdns_reply_domain_info(struct pdns_reply *reply, const struct pdns_reply_domain *domain)
{
    literal(reply, "{\"result\":");
    append_domain(reply, domain);
    literal(reply, "}");
}

void pdns_reply_key(struct pdns_reply *reply, const struct pdns_reply_key *key)
{
    pdns_reply_buffer_separate(reply);
    literal(reply, "{\"id\":");
    pdns_reply_buffer_integer(reply, key->id);
    literal(reply, ",\"flags\":");
    pdns_reply_buffer_integer(reply, key->flags);
    if (key->active)
        literal(reply, ",\"active\":true");
    else
        literal(reply, ",\"active\":false");
    if (!key->published)
        literal(reply, ",\"published\":false");
    literal(reply, ",\"content\":");
    pdns_reply_buffer_string(reply, key->content);
    literal(reply, "}");
}

void pdns_reply_tsig_keys_item(struct pdns_reply *reply, const char *name, const char *algorithm,
                               const char *content)
{
    pdns_reply_buffer_separate(reply);
    literal(reply, "{\"name\":");
    pdns_reply_buffer_string(reply, name);
    literal(reply, ",\"algorithm\":");
    pdns_reply_buffer_string(reply, algorithm);
    literal(reply, ",\"content\":");
    pdns_reply_buffer_string(reply, content);
    literal(reply, "}");
}

void pdns_reply_text(struct pdns_reply *reply, const char *value)
{
    pdns_reply_buffer_separate(reply);
    pdns_reply_buffer_string(reply, value);
}

/* Whether the list that is open, if one is, is that of `kind`. The kind is written behind the reply
 * to be compared as it would be sent, and taken off again. */
static bool is_open_kind(struct pdns_reply *reply, const char *kind)
{
    size_t end = reply->size, size;
    bool is_same;

    if (reply->kind_start == 0)
        return false;
    pdns_reply_buffer_string(reply, kind);
    if (reply->is_broken)
        return false;
    size = reply->size - end;
    is_same = size == reply->kind_size &&
              memcmp(reply->data + reply->kind_start, reply->data + end, size) == 0;
    reply->size = end;
    return is_same;
}

void pdns_reply_metadata_value(struct pdns_reply *reply, const char *kind, const char *value)
{
    if (is_open_kind(reply, kind)) {
        literal(reply, ",");
    } else {
        if (reply->kind_start > 0)
            literal(reply, "],");
        reply->kind_start = reply->size;
        pdns_reply_buffer_string(reply, kind);
        reply->kind_size = reply->size - reply->kind_start;
        literal(reply, ":[");
    }
    pdns_reply_buffer_string(reply, value);
}

void pdns_reply_metadata_end(struct pdns_reply *reply)
{
    if (reply->kind_start > 0)
        literal(reply, "]");
    literal(reply, "}}");
}
