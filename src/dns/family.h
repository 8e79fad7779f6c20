#pragma once

/* The two address families that an ALIAS is resolved for; an index into arrays of two. */
enum dns_family {
    DNS_FAMILY_A = 0,
    DNS_FAMILY_AAAA = 1,
};

#define DNS_FAMILIES 2

/* RR types by number, where the wire needs them (RFC 1035 3.2.2, RFC 3596). */
enum {
    DNS_TYPE_A = 1,
    DNS_TYPE_CNAME = 5,
    DNS_TYPE_SOA = 6,
    DNS_TYPE_AAAA = 28,
};

/* "A" or "AAAA". */
const char *dns_family_name(enum dns_family family);

/* DNS_TYPE_A or DNS_TYPE_AAAA. */
int dns_family_type(enum dns_family family);
