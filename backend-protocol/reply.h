#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Replies: typed values -> one line of compact JSON, straight into a growing buffer
 *
 * A reply is what lies between pdns_reply_clear() and pdns_reply_end(); pdns_reply_end() adds the
 * newline. Members that are at their default are left out, because PowerDNS parses a long
 * reply again and again (README.md, "What a reply costs"). Text is bytes in no particular encoding:
 * quotes, backslashes and control characters are escaped, everything else goes out as it is.
 *
 * No call but pdns_reply_end() and pdns_reply_pass_on() returns an error: when memory runs out the
 * rest is dropped and they return -ENOMEM.
 */

/* Takes a part of a reply that isn't ended yet. 0, or negative: the reply can't go on. */
typedef int (*pdns_reply_sink_fn)(void *userdata, const char *data, size_t size);

struct pdns_reply {
    char *data;
    size_t size;
    size_t capacity;
    pdns_reply_sink_fn sink; /* NULL: replies are kept whole */
    void *sink_userdata;
    uint64_t passed_on; /* bytes of this reply that the sink was given; `data` is what follows */
    bool is_broken;
    bool needs_comma;
    bool is_zone;
    /* Where the kind of metadata whose list is open begins in `data`; 0 = none is. */
    size_t kind_start;
    size_t kind_size;
};

void pdns_reply_deinit(struct pdns_reply *reply);

/* Who takes the parts of long replies from now on: called by pdns_reply_pass_on() only. */
void pdns_reply_set_sink(struct pdns_reply *reply, pdns_reply_sink_fn sink, void *userdata);

/* Starts anew; keeps the sink, and the buffer, but for one that an unusually long reply has left
 * behind. What the sink has taken is not taken back. */
void pdns_reply_clear(struct pdns_reply *reply);

/* Ends the line. 0 or -ENOMEM. */
int pdns_reply_end(struct pdns_reply *reply);

/* Whole replies */

/* {"log":["MESSAGE"]}: no result, so that PowerDNS takes the call as failed (SERVFAIL). Throws away
 * what the reply held before. PowerDNS doesn't log the message, as it does beside a result: it is
 * for whoever reads the socket, and what failed is to be logged here too. */
void pdns_reply_error(struct pdns_reply *reply, const char *message);

void pdns_reply_bool(struct pdns_reply *reply, bool value); /* {"result":true} */

/* {"result":false,"log":["MESSAGE"]}. For the communicator's calls, where a missing result ends
 * pdns_server. */
void pdns_reply_false_with_log(struct pdns_reply *reply, const char *message);

void pdns_reply_integer(struct pdns_reply *reply, int64_t value);
void pdns_reply_string(struct pdns_reply *reply, const char *value);

/* {"result":{"unhashed":..,"before":..,"after":..}} */
void pdns_reply_before_and_after(struct pdns_reply *reply, const char *unhashed, const char *before,
                                 const char *after);

/* {"result":{"algorithm":..,"content":..}} (getTSIGKey) */
void pdns_reply_tsig_key(struct pdns_reply *reply, const char *algorithm, const char *content);

/* {"result":{"nameserver":..,"account":..}} (superMasterBackend) */
void pdns_reply_super_master(struct pdns_reply *reply, const char *nameserver, const char *account);

/* Lists: pdns_reply_array_begin(), elements, pdns_reply_array_end(). An empty one is
 * {"result":[]}. */

void pdns_reply_array_begin(struct pdns_reply *reply);

/* The same for list: records go without `domain_id`, which is what PowerDNS has asked for and isn't
 * looked at there (4.7.3, 5.1.4: who calls list() reads name, type, content, ttl and auth). */
void pdns_reply_zone_begin(struct pdns_reply *reply);

void pdns_reply_array_end(struct pdns_reply *reply);

#define PDNS_REPLY_PART_SIZE (32 * 1024)

/* For lists that may be long, after an element: once PDNS_REPLY_PART_SIZE bytes have gathered the
 * sink gets them, and the buffer is empty again. So what a list takes of memory doesn't grow with
 * it. From the first part on (`passed_on`) the reply can't become another one, an error say: who
 * fails then has to end the connection, so that the peer sees a line without an end. 0; negative,
 * and the reply is over: the sink's failure, or -ENOMEM if memory had run out. */
int pdns_reply_pass_on(struct pdns_reply *reply);

struct pdns_reply_record {
    const char *qname;
    const char *qtype;   /* "" = empty non-terminal */
    const char *content; /* may hold NULs */
    size_t content_size; /* bytes */
    uint32_t ttl;      /* beyond 2^31 - 1 sent as the negative number that PowerDNS reads it from */
    int64_t domain_id; /* sent but in the reply to list */
    bool auth;         /* sent as 0 where false; left out where true, its default */
};

/* Elements of a list as they were written into another one, with the commas between them. */
void pdns_reply_elements(struct pdns_reply *reply, const char *data, size_t size);

/* An element of the replies to lookup, list and searchRecords. */
void pdns_reply_record(struct pdns_reply *reply, const struct pdns_reply_record *record);

struct pdns_reply_domain {
    int64_t id;
    const char *zone;
    const char *kind;    /* "MASTER", "slave", ...: sent as "master" or "slave", else left out */
    const char *masters; /* separated by commas, blanks, tabs or ';': sent as an array */
    uint32_t notified_serial; /* this and the next two are left out where 0 */
    uint32_t serial;
    int64_t last_check;
};

/* An element of the replies to getAllDomains, getUpdatedMasters, getUnfreshSlaveInfos. */
void pdns_reply_domain(struct pdns_reply *reply, const struct pdns_reply_domain *domain);

/* {"result":{...}}: the whole reply to getDomainInfo. */
void pdns_reply_domain_info(struct pdns_reply *reply, const struct pdns_reply_domain *domain);

struct pdns_reply_key {
    int64_t id;
    uint32_t flags;
    bool active;
    bool published;
    const char *content;
};

/* An element of the reply to getDomainKeys. */
void pdns_reply_key(struct pdns_reply *reply, const struct pdns_reply_key *key);

/* An element of the reply to getTSIGKeys. */
void pdns_reply_tsig_keys_item(struct pdns_reply *reply, const char *name, const char *algorithm,
                               const char *content);

/* An element of the reply to getDomainMetadata. */
void pdns_reply_text(struct pdns_reply *reply, const char *value);

/* getAllDomainMetadata: {"result":{"KIND":["VALUE",..],..}}. Values of one kind come one after the
 * other. */
void pdns_reply_metadata_begin(struct pdns_reply *reply);
void pdns_reply_metadata_value(struct pdns_reply *reply, const char *kind, const char *value);
void pdns_reply_metadata_end(struct pdns_reply *reply);
