#pragma once

#include "backend-protocol/request.h"
#include "relay/pieces.h"

/* The method that is called by the line of which this is the first piece, or PDNS_METHODS if it
 * can't be told. Costs next to nothing where `method` is the first member, as with PowerDNS
 * (ext/json11/json11.cpp: members are sorted); other lines are decoded, if the piece is all of
 * them. */
enum pdns_method call_method(const struct piece *first);
