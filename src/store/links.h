#pragma once

#include "dns/chain.h"

/*
 * What stands at a name, for the walk of dns/chain.h: what PowerDNS and this daemon answer for it
 * from the zone database (PacketHandler::doQuestion in pdns/packethandler.cc)
 *
 * The zone is the one with the longest name that has an SOA, as PowerDNS serves no other. In it: a
 * delegation on the way, the rows at the name, those of a wildcard, a DNAME above (with PowerDNS's
 * `dname-processing` or without: the zone says so). Nothing at all: the name has no address.
 *
 * To be asked elsewhere are names in no zone of ours, names below a delegation, names that only
 * PowerDNS can tell the addresses of (LUA), and names that aren't there but would be in a zone
 * without SOA: one that was never transferred, or that we only have a part of.
 *
 * ALIAS rows of presigned zones lead nowhere. Rows that PowerDNS doesn't get are as if they weren't
 * there (store/records.h), and so are addresses and targets that are none.
 */

/* The `find` of a chain_guide; `db` is a struct database. 0 or negative (logged). */
int links_find(void *db, const char *name, struct chain_links *links);
