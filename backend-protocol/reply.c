#include "reply.h"

#include "reply-buffer.h"

#include <errno.h>
#include <stdlib.h>

enum {
    /* More than this isn't kept from one reply to the next: each of some hundred sessions has a
     * buffer. Lists in parts have room in it. */
    CAPACITY_KEPT = 2 * PDNS_REPLY_PART_SIZE,
};

void pdns_reply_deinit(struct pdns_reply *reply)
{
    free(reply->data);
    *reply = (struct pdns_reply){.sink = reply->sink, .sink_userdata = reply->sink_userdata};
}

void pdns_reply_set_sink(struct pdns_reply *reply, pdns_reply_sink_fn sink, void *userdata)
{
    reply->sink = sink;
    reply->sink_userdata = userdata;
}

void pdns_reply_clear(struct pdns_reply *reply)
{
    if (reply->capacity > CAPACITY_KEPT)
        pdns_reply_deinit(reply);
    *reply = (struct pdns_reply){.data = reply->data,
                                 .capacity = reply->capacity,
                                 .sink = reply->sink,
                                 .sink_userdata = reply->sink_userdata};
}

int pdns_reply_end(struct pdns_reply *reply)
{
    pdns_reply_buffer_literal(reply, "\n");
    return reply->is_broken ? -ENOMEM : 0;
}

void pdns_reply_error(struct pdns_reply *reply, const char *message)
{
    pdns_reply_clear(reply);
    pdns_reply_buffer_literal(reply, "{\"log\":[");
    pdns_reply_buffer_string(reply, message);
    pdns_reply_buffer_literal(reply, "]}");
}

void pdns_reply_bool(struct pdns_reply *reply, bool value)
{
    if (value)
        pdns_reply_buffer_literal(reply, "{\"result\":true}");
    else
        pdns_reply_buffer_literal(reply, "{\"result\":false}");
}

void pdns_reply_false_with_log(struct pdns_reply *reply, const char *message)
{
    pdns_reply_buffer_literal(reply, "{\"result\":false,\"log\":[");
    pdns_reply_buffer_string(reply, message);
    pdns_reply_buffer_literal(reply, "]}");
}

void pdns_reply_integer(struct pdns_reply *reply, int64_t value)
{
    pdns_reply_buffer_literal(reply, "{\"result\":");
    pdns_reply_buffer_integer(reply, value);
    pdns_reply_buffer_literal(reply, "}");
}

void pdns_reply_string(struct pdns_reply *reply, const char *value)
{
    pdns_reply_buffer_literal(reply, "{\"result\":");
    pdns_reply_buffer_string(reply, value);
    pdns_reply_buffer_literal(reply, "}");
}

void pdns_reply_before_and_after(struct pdns_reply *reply, const char *unhashed, const char *before,
                                 const char *after)
{
    pdns_reply_buffer_literal(reply, "{\"result\":{\"unhashed\":");
    pdns_reply_buffer_string(reply, unhashed);
    pdns_reply_buffer_literal(reply, ",\"before\":");
    pdns_reply_buffer_string(reply, before);
    pdns_reply_buffer_literal(reply, ",\"after\":");
    pdns_reply_buffer_string(reply, after);
    pdns_reply_buffer_literal(reply, "}}");
}

void pdns_reply_tsig_key(struct pdns_reply *reply, const char *algorithm, const char *content)
{
    pdns_reply_buffer_literal(reply, "{\"result\":{\"algorithm\":");
    pdns_reply_buffer_string(reply, algorithm);
    pdns_reply_buffer_literal(reply, ",\"content\":");
    pdns_reply_buffer_string(reply, content);
    pdns_reply_buffer_literal(reply, "}}");
}

void pdns_reply_super_master(struct pdns_reply *reply, const char *nameserver, const char *account)
{
    pdns_reply_buffer_literal(reply, "{\"result\":{\"nameserver\":");
    pdns_reply_buffer_string(reply, nameserver);
    pdns_reply_buffer_literal(reply, ",\"account\":");
    pdns_reply_buffer_string(reply, account);
    pdns_reply_buffer_literal(reply, "}}");
}

void pdns_reply_array_begin(struct pdns_reply *reply)
{
    pdns_reply_buffer_literal(reply, "{\"result\":[");
    reply->needs_comma = false;
}

void pdns_reply_zone_begin(struct pdns_reply *reply)
{
    pdns_reply_array_begin(reply);
    reply->is_zone = true;
}

void pdns_reply_array_end(struct pdns_reply *reply)
{
    pdns_reply_buffer_literal(reply, "]}");
}

int pdns_reply_pass_on(struct pdns_reply *reply)
{
    size_t size = reply->size;

    if (reply->is_broken)
        return -ENOMEM;
    if (size < PDNS_REPLY_PART_SIZE || !reply->sink)
        return 0;
    /* A sink that fails may have taken some of it. */
    reply->passed_on += size;
    reply->size = 0;
    return reply->sink(reply->sink_userdata, reply->data, size);
}

void pdns_reply_metadata_begin(struct pdns_reply *reply)
{
    pdns_reply_buffer_literal(reply, "{\"result\":{");
    reply->kind_start = 0;
}
