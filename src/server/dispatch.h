#pragma once

#include "backend-protocol/request.h"

struct session;

/* Handles a request: the session's reply holds the answer, whatever happens. 0, or the failure
 * (negative) that the reply tells of; but where a part of the reply has gone out already it tells
 * of nothing and must not be ended. */
int dispatch(struct session *session, const struct pdns_request *request);

/* The reply to something that never became a request, or to one that can't be carried out.
 * `method` is PDNS_METHODS if it isn't known. Logged, with a limit. */
void dispatch_refusal(struct session *session, enum pdns_method method, const char *message);
