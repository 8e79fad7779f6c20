#pragma once

#include "upkeep/chain.h"

/* What leads on from a name, as PowerDNS and this daemon answer for it from the zone database: the
 * rows in the zone that the name belongs to, or those of a wildcard; nothing for names of other
 * people's zones, delegated ones among them. A chain_find_fn: `db` is a struct database. 0 or
 * negative (logged). */
int links_find(void *db, const char *name, struct chain_links *links);
