#pragma once

#include <stdbool.h>

#include "reply.h"
#include "request.h"

/*
 * What a method's calls are like, for whoever answers in its place, asks again or refuses
 */

/* How a call fails. Without a `result` PowerDNS answers SERVFAIL; but inside its communicator
 * thread the same ends pdns_server, so the calls that it makes there get a result that changes
 * nothing (README.md, "Two exceptions"). */
enum pdns_failure {
    PDNS_FAILS_WITHOUT_RESULT,
    PDNS_FAILS_AS_EMPTY_LIST,
    PDNS_FAILS_AS_FALSE,
};

struct pdns_method_traits {
    enum pdns_failure failure;
    /* Changes the zone database. */
    bool writes;
    /* A part of PowerDNS's transactions: what it does depends on what came before it on the same
     * connection, and takes the longer the larger the zone is. */
    bool is_of_transaction;
};

/* Of PDNS_METHODS, which is any other method: it is taken to write. */
const struct pdns_method_traits *pdns_method_traits(enum pdns_method method);

/* The whole reply of a call that has failed, but for pdns_reply_end(). Throws away what the reply
 * held before. An empty list has no room for the message. */
void pdns_reply_failure(struct pdns_reply *reply, enum pdns_method method, const char *message);
