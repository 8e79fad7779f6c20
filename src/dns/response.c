#include "dns/response.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <string.h>

#include "util/integer.h"

/* Offsets in the header (RFC 1035 4.1.1): the flags are two octets, the counts two each. */
#define FLAGS_OFFSET   2
#define ANCOUNT_OFFSET 6

#define FLAG_QR        0x80 /* in the first octet of the flags */
#define FLAG_RD        0x01
#define FLAG_RA        0x80 /* in the second */

/* A pointer to the question's name (RFC 1035 4.1.4), then type, class, TTL and RDLENGTH. */
#define OWNER_POINTER (0xc000 | NS_HFIXEDSZ)
#define RECORD_SIZE   (2 + NS_RRFIXEDSZ)

/* Takes header and question, unless the name in it is compressed: it could point into the header,
 * and would be another name in the response. */
static int take_octets(const uint8_t *packet, struct response_query *query)
{
    unsigned char name[LABELS_WIRE_SIZE];
    size_t name_size = labels_to_wire(query->name, name);
    const u_char *end = packet + NS_HFIXEDSZ;

    if (ns_name_skip(&end, packet + NS_HFIXEDSZ + name_size) < 0 ||
        end != packet + NS_HFIXEDSZ + name_size)
        return -EBADMSG;
    query->size = NS_HFIXEDSZ + name_size + NS_QFIXEDSZ;
    memcpy(query->octets, packet, query->size);
    return 0;
}

int response_read_query(const uint8_t *packet, size_t size, struct response_query *ret)
{
    struct response_query query;
    ns_msg message;
    ns_rr question;

    if (size > NS_MAXMSG || ns_initparse(packet, (int)size, &message) < 0)
        return -EBADMSG;
    if (ns_msg_getflag(message, ns_f_qr) || ns_msg_getflag(message, ns_f_opcode) != ns_o_query ||
        ns_msg_count(message, ns_s_qd) != 1 || ns_parserr(&message, ns_s_qd, 0, &question) < 0)
        return -EBADMSG;
    if (name_canonicalize(ns_rr_name(question), query.name) != 0)
        return -EBADMSG;
    query.type = (int)ns_rr_type(question);
    query.is_internet = ns_rr_class(question) == ns_c_in;
    if (take_octets(packet, &query) < 0)
        return -EBADMSG;
    *ret = query;
    return 0;
}

void response_begin(struct response *response, const struct response_query *query, int rcode)
{
    uint8_t *flags = response->octets + FLAGS_OFFSET;

    memcpy(response->octets, query->octets, query->size);
    response->size = query->size;
    flags[0] = FLAG_QR | (flags[0] & FLAG_RD);
    flags[1] = FLAG_RA | (uint8_t)rcode;
    memset(response->octets + ANCOUNT_OFFSET, 0, NS_HFIXEDSZ - ANCOUNT_OFFSET);
}

bool response_add(struct response *response, const struct address *address, enum dns_family family,
                  uint32_t ttl)
{
    size_t rdata_size = family == DNS_FAMILY_A ? NS_INADDRSZ : NS_IN6ADDRSZ;
    uint8_t *count = response->octets + ANCOUNT_OFFSET;
    uint8_t *record = response->octets + response->size;

    if (response->size + RECORD_SIZE + rdata_size > sizeof(response->octets))
        return false;
    ns_put16(OWNER_POINTER, record);
    ns_put16(dns_family_type(family), record + 2);
    ns_put16(ns_c_in, record + 4);
    ns_put32(integer_min(ttl, INT32_MAX), record + 6);
    ns_put16(rdata_size, record + 10);
    memcpy(record + RECORD_SIZE, address->octets, rdata_size);
    response->size += RECORD_SIZE + rdata_size;
    ns_put16(ns_get16(count) + 1, count);
    return true;
}
