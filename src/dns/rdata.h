#pragma once

#include <stddef.h>

/*
 * Whether PowerDNS can parse a record's content
 *
 * A content that it can't parse costs the whole name (SERVFAIL), at a zone's apex the whole zone;
 * one that it parses but can't put into an answer costs all answers and transfers that it belongs
 * to. Both are called bad here, but only if each of PowerDNS 4.7, 4.9 and 5.1 refuses it (all three
 * measured, see tests/system/test_bad_rows.py; the source is pdns/rcpgenerator.cc, dnsrecords.cc,
 * dnsname.cc, dnslabeltext.rl and dnswriter.cc): a good row must never be taken for a bad one.
 */

enum rdata_verdict {
    RDATA_GOOD,
    RDATA_BAD,
    RDATA_DOUBTFUL, /* some of these versions take it, some don't; or it isn't known */
    RDATA_UNKNOWN,  /* a type that is not judged here */
};

/* `type` in any case, "" (an empty non-terminal) included. `content` as PowerDNS gets it, with the
 * priority before MX and SRV; it may hold NULs. `ret_reason` is set where it is bad or doubtful: a
 * static text for people, "not an IPv4 address". */
enum rdata_verdict rdata_judge(const char *type, const char *content, size_t size,
                               const char **ret_reason);
