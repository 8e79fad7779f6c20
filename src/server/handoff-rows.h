#pragma once

#include "alias/expansion.h"
#include "server/session.h"

/*
 * Which ALIAS rows PowerDNS gets as they are, to ask for their addresses itself (server/handoff.h)
 *
 * A row whose target isn't known yet, where PowerDNS gets the rest right. It doesn't (measured with
 * 4.7, 4.9 and 5.1): at wildcards it answers NODATA; in signed zones without signatures; of several
 * ALIAS rows it takes one; and ANY is answered with nothing but what is at handoff-address, also
 * where an A or AAAA row of the zone should win. Nor does it get one of a zone that allows
 * addresses which `alias-deny` drops: what it is told at handoff-address holds none of them.
 */

/* Resolves as expansion_resolve() does, but for that: `ret_is_handed_off` is whether the ALIAS row
 * is to be returned too, beside the addresses of the families that can be answered. `name`: the
 * owner as stored. 0 or the failures of expansion_resolve(). */
int handoff_rows_resolve(struct session *session, struct database *db, const char *name,
                         struct expansion *expansion, const bool wanted[DNS_FAMILIES],
                         bool *ret_is_handed_off);
