#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * Serials of SOA rows: which is newer, which comes next, and what PowerDNS makes of one
 *
 * `now`: wall seconds. Dates are of the local time, as PowerDNS's are. `soa_edit`: the zone's
 * SOA-EDIT metadata, in any case. What `default-soa-edit` says where a zone has none isn't known
 * here; nor is it looked at that PowerDNS shows a presigned zone's serial as it is, always.
 */

/* RFC 1982 3.2; those that are 2^31 apart, for which it says nothing, aren't newer than each other.
 */
bool serial_is_newer(uint32_t serial, uint32_t than);

/* The next one in the style of `serial`. A date (YYYYMMDDnn): today's with 01 if that is newer,
 * else the one after it, or at the end of a month the next day's first. Everything else is a
 * counter, which leaves out 0. */
uint32_t serial_next(uint32_t serial, int64_t now);

/* What PowerDNS 4.7 and later show in place of `serial` (calculateEditSOA in
 * pdns/serialtweaker.cc); the serial itself with a kind that they don't know. */
uint32_t serial_shown(uint32_t serial, const char *soa_edit, int64_t now);

/* Whether it is newer, and is shown as newer; with EPOCH, which shows the time, it always is shown
 * so. */
bool serial_is_seen_as_newer(uint32_t serial, uint32_t than, const char *soa_edit, int64_t now);

/* One that is newer than `base`, and is shown as newer: the next one, or if that would be hidden by
 * SOA-EDIT, one above what `base` is shown as. With EPOCH only time makes what is shown newer; and
 * an INCEPTION-... that has moved half the numbers away from `base` (after 2038) can't be newer
 * than both: then what is shown counts. */
uint32_t serial_raise(uint32_t base, const char *soa_edit, int64_t now);
