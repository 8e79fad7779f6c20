#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <strings.h>

/*
 * Types as PowerDNS reads them from a backend (QType::chartocode in pdns/qtype.cc)
 */

enum {
    RDATA_TYPE_NONE = 0, /* an empty non-terminal; also what PowerDNS takes unknown names for */
    RDATA_TYPE_NS = 2,
    RDATA_TYPE_CNAME = 5,
    RDATA_TYPE_SOA = 6,
    RDATA_TYPE_TXT = 16,
    RDATA_TYPE_SIG = 24,
    RDATA_TYPE_KEY = 25,
    RDATA_TYPE_DNAME = 39,
    RDATA_TYPE_RRSIG = 46,
    RDATA_TYPE_NSEC = 47,
    RDATA_TYPE_ALIAS = 65401,
    RDATA_TYPE_LUA = 65402,
};

/* Whether that is the type's name, in any case. Most differ in their first letter. */
static inline bool rdata_type_is(const char *text, const char *name)
{
    return ((*text ^ *name) & 0xdf) == 0 && strcasecmp(text, name) == 0;
}

/* The number of a type that PowerDNS 5.1 knows by name, in any case, or that is written TYPE15 or
 * #15 (its low 16 bits). RDATA_TYPE_NONE for everything else. */
uint16_t rdata_type(const char *text);
