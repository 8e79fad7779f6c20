#pragma once

#include "store/records.h"

/*
 * Rows whose content PowerDNS can't parse (dns/rdata.h)
 *
 * One of them makes it answer SERVFAIL for the whole name, and at a zone's apex, which it reads for
 * every question, for the whole zone. So at the apex such a row is left out. Elsewhere it is sent,
 * and what becomes of it is what becomes of it with gsqlite3: a name that answered as if the row
 * weren't there would be a guess. An SOA is always sent: without it there would be no zone, and a
 * zone above might answer in its place.
 */

/* records_next(), for rows that are about to be sent: passes over those that are left out. A bad
 * one is logged, once while the daemon runs. */
int bad_rows_next(struct records_cursor *cursor, struct records_row *ret);
