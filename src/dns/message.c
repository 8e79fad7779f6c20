#include "dns/message.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <string.h>
#include <strings.h>
#include <sys/types.h>

#include "dns/family.h"

/* CNAMEs followed, at most. Resolvers stop earlier (unbound at 11); a chain that is longer is taken
 * for a loop. */
#define HOPS_MAX 32

/* SERIAL, REFRESH, RETRY, EXPIRE and MINIMUM, behind the two names (RFC 1035 3.3.13). */
#define SOA_NUMBERS_SIZE   20
#define SOA_MINIMUM_OFFSET 16

void message_answer_deinit(struct message_answer *answer)
{
    address_set_deinit(&answer->addresses);
    *answer = (struct message_answer){0};
}

/* RFC 2181 8: a TTL with the highest bit set counts as zero. */
static uint32_t sane_ttl(uint32_t ttl)
{
    return ttl > INT32_MAX ? 0 : ttl;
}

static void lower_to(uint32_t *ttl, uint32_t other)
{
    other = sane_ttl(other);
    if (other < *ttl)
        *ttl = other;
}

/* Checks that this is a whole response to one question for `family`; gives the question's name. */
static int read_question(const uint8_t *packet, size_t size, enum dns_family family,
                         ns_msg *ret_message, char ret_name[NS_MAXDNAME])
{
    ns_rr question;

    if (size > NS_MAXMSG || ns_initparse(packet, (int)size, ret_message) < 0)
        return -EBADMSG;
    if (!ns_msg_getflag(*ret_message, ns_f_qr) || ns_msg_getflag(*ret_message, ns_f_tc) ||
        ns_msg_count(*ret_message, ns_s_qd) != 1)
        return -EBADMSG;
    if (ns_parserr(ret_message, ns_s_qd, 0, &question) < 0)
        return -EBADMSG;
    if (ns_rr_class(question) != ns_c_in || (int)ns_rr_type(question) != dns_family_type(family))
        return -EBADMSG;
    /* Not question.name: the root is "" there and "." here, as in ns_name_uncompress(). */
    strcpy(ret_name, ns_rr_name(question));
    return 0;
}

static int add_address(ns_rr *record, enum dns_family family, struct message_answer *answer)
{
    struct address address = {0};
    size_t size = family == DNS_FAMILY_A ? NS_INADDRSZ : NS_IN6ADDRSZ;

    if (ns_rr_rdlen(*record) != size)
        return -EBADMSG;
    memcpy(address.octets, ns_rr_rdata(*record), size);
    lower_to(&answer->ttl, ns_rr_ttl(*record));
    return address_set_add(&answer->addresses, &address);
}

static int follow_cname(ns_msg *message, ns_rr *record, char name[NS_MAXDNAME],
                        struct message_answer *answer)
{
    if (++answer->cname_hops > HOPS_MAX)
        return -EBADMSG;
    if (ns_name_uncompress(ns_msg_base(*message), ns_msg_end(*message), ns_rr_rdata(*record), name,
                           NS_MAXDNAME) < 0)
        return -EBADMSG;
    lower_to(&answer->ttl, ns_rr_ttl(*record));
    return 0;
}

/* Takes the addresses of `name`. If it has none but a CNAME, `name` becomes that one's target and
 * `ret_followed` is true. */
static int read_name(ns_msg *message, enum dns_family family, char name[NS_MAXDNAME],
                     struct message_answer *answer, bool *ret_followed)
{
    ns_rr record, cname;
    bool has_cname = false;

    for (int i = 0; i < ns_msg_count(*message, ns_s_an); ++i) {
        int type, r;

        if (ns_parserr(message, ns_s_an, i, &record) < 0)
            return -EBADMSG;
        if (ns_rr_class(record) != ns_c_in || strcasecmp(ns_rr_name(record), name) != 0)
            continue;
        type = (int)ns_rr_type(record);
        if (type == DNS_TYPE_CNAME && !has_cname) {
            has_cname = true;
            cname = record;
        } else if (type == dns_family_type(family)) {
            r = add_address(&record, family, answer);
            if (r < 0)
                return r;
        }
    }
    *ret_followed = has_cname && answer->addresses.count == 0;
    return *ret_followed ? follow_cname(message, &cname, name, answer) : 0;
}

static int read_soa_minimum(ns_msg *message, ns_rr *record, uint32_t *ret)
{
    const u_char *p = ns_rr_rdata(*record);
    const u_char *end = p + ns_rr_rdlen(*record);

    if (ns_name_skip(&p, end) < 0 || ns_name_skip(&p, end) < 0 || end - p != SOA_NUMBERS_SIZE)
        return -EBADMSG;
    *ret = ns_get32(p + SOA_MINIMUM_OFFSET);
    return 0;
}

/* `answer->ttl` has to be that of the chain by now. */
static int read_authority(ns_msg *message, struct message_answer *answer)
{
    answer->negative_ttl = answer->ttl;
    for (int i = 0; i < ns_msg_count(*message, ns_s_ns); ++i) {
        ns_rr record;
        uint32_t minimum;

        if (ns_parserr(message, ns_s_ns, i, &record) < 0)
            return -EBADMSG;
        if (ns_rr_class(record) != ns_c_in || (int)ns_rr_type(record) != DNS_TYPE_SOA)
            continue;
        if (read_soa_minimum(message, &record, &minimum) < 0)
            return -EBADMSG;
        answer->has_soa = true;
        lower_to(&answer->negative_ttl, ns_rr_ttl(record));
        lower_to(&answer->negative_ttl, minimum);
    }
    return 0;
}

static int read_sections(ns_msg *message, char name[NS_MAXDNAME], enum dns_family family,
                         struct message_answer *answer)
{
    bool followed;
    int r;

    do {
        r = read_name(message, family, name, answer, &followed);
        if (r < 0)
            return r;
    } while (followed);
    return read_authority(message, answer);
}

int message_read_answer(const uint8_t *packet, size_t size, enum dns_family family,
                        struct message_answer *ret)
{
    struct message_answer answer = {.ttl = INT32_MAX};
    ns_msg message;
    char name[NS_MAXDNAME];
    int r;

    r = read_question(packet, size, family, &message, name);
    if (r < 0)
        return r;
    answer.rcode = (int)ns_msg_getflag(message, ns_f_rcode);
    r = read_sections(&message, name, family, &answer);
    if (r < 0) {
        message_answer_deinit(&answer);
        return r;
    }
    /* Without a record there was nothing to take the smallest of. */
    if (answer.addresses.count == 0 && answer.cname_hops == 0)
        answer.ttl = 0;
    if (!answer.has_soa)
        answer.negative_ttl = 0;
    *ret = answer;
    return 0;
}
