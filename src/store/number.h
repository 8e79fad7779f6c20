#pragma once

#include <stdint.h>

/* Numbers and SOA contents, read from text with PowerDNS's own indulgence: what gsqlite3 takes for
 * a number is one here, too. */

enum {
    NUMBER_E_INVALID = 1,
};

/* From 0 to 2^32-1. Empty text is 0, what follows the digits doesn't matter (pdns::checked_stoi in
 * pdns/misc.hh). 0 or NUMBER_E_INVALID. */
int number_parse(const char *text, uint32_t *ret);

/* The same for a time or anything else with a sign (64 bits). */
int number_parse_signed(const char *text, int64_t *ret);

struct number_soa {
    uint32_t serial;
    uint32_t refresh; /* seconds */
};

/* What stands between the fields of an SOA. */
#define NUMBER_BLANKS " \t\r\n"

/* Where the serial begins in an SOA row's content; the end if there are fewer than three fields. */
const char *number_soa_serial(const char *content);

/* The numbers in an SOA row's content (fillSOAData in pdns/dnsbackend.cc). 0, or NUMBER_E_INVALID
 * if there are fewer than seven fields, or one of the five numbers is none. */
int number_parse_soa(const char *content, struct number_soa *ret);
