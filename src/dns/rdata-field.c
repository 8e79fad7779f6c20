#include "dns/rdata-field.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

/* RFC 1035 2.3.4, in octets; the name's includes its length octets and the root's. */
#define LABEL_MAX_OCTETS 63
#define NAME_MAX_OCTETS  255

/* As dns_isspace() in pdns/dnsname.hh. */
static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* ASCII, whatever the locale. */
static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_hex(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

static bool is_alphanumeric(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

void rdata_reader_init(struct rdata_reader *reader, const char *content, size_t size)
{
    const char *end = content + size;

    while (content < end && is_blank(*content))
        ++content;
    while (end > content && is_blank(end[-1]))
        --end;
    *reader = (struct rdata_reader){.at = content, .end = end};
}

static int bad(struct rdata_reader *reader, const char *reason)
{
    reader->reason = reason;
    return RDATA_FIELD_E_BAD;
}

/* Some versions refuse it, which changes nothing about what comes after. */
static void doubt(struct rdata_reader *reader, const char *reason)
{
    reader->doubt = reason;
}

static int read_number(struct rdata_reader *reader, uint32_t max)
{
    uint64_t value = 0;

    if (!is_digit(*reader->at))
        return bad(reader, "a number was expected");
    for (; reader->at < reader->end && is_digit(*reader->at); ++reader->at) {
        value = value * 10 + (uint64_t)(*reader->at - '0');
        if (value > max)
            return bad(reader, "a number is too large");
    }
    return 0;
}

static int read_ipv4(struct rdata_reader *reader)
{
    static const char reason[] = "not an IPv4 address";
    int dots = 0, octet = -1; /* -1: no digit yet */

    for (; reader->at < reader->end && !is_blank(*reader->at) && *reader->at != ','; ++reader->at) {
        if (*reader->at == '.') {
            if (octet < 0 || ++dots > 3)
                return bad(reader, reason);
            octet = -1;
        } else if (is_digit(*reader->at)) {
            octet = (octet < 0 ? 0 : octet * 10) + (*reader->at - '0');
            if (octet > UINT8_MAX)
                return bad(reader, reason);
        } else {
            return bad(reader, reason);
        }
    }
    return dots == 3 && octet >= 0 ? 0 : bad(reader, reason);
}

static int read_ipv6(struct rdata_reader *reader)
{
    char text[INET6_ADDRSTRLEN + 1] = "";
    struct in6_addr address;
    size_t length = 0;

    for (; reader->at < reader->end; ++reader->at) {
        char c = *reader->at;
        if (!is_hex(c) && c != ':' && c != '.')
            break;
        /* What is cut off here is too long for an address, cut or not. */
        if (length < INET6_ADDRSTRLEN)
            text[length++] = c;
    }
    return inet_pton(AF_INET6, text, &address) == 1 ? 0 : bad(reader, "not an IPv6 address");
}

static int read_label(struct rdata_reader *reader, const char *end, size_t *ret_octets)
{
    const char *at = reader->at;
    size_t octets = 0;

    for (; at < end && *at != '.'; ++octets) {
        if (*at++ != '\\')
            continue;
        if (at == end)
            return bad(reader, "not a name: it ends with a backslash");
        /* Three digits; PowerDNS takes \999 as well. */
        if (is_digit(*at) && (end - at < 3 || !is_digit(at[1]) || !is_digit(at[2])))
            return bad(reader, "not a name: a backslash before a digit needs three digits");
        at += is_digit(*at) ? 3 : 1;
    }
    if (octets == 0)
        return bad(reader, "not a name: an empty label");
    if (octets > LABEL_MAX_OCTETS)
        return bad(reader, "not a name: a label of more than 63 octets");
    reader->at = at;
    *ret_octets = octets;
    return 0;
}

static int read_labels(struct rdata_reader *reader, const char *end)
{
    size_t wire_size = 1, octets;

    while (reader->at < end) {
        int r = read_label(reader, end, &octets);
        if (r)
            return r;
        wire_size += 1 + octets;
        if (reader->at < end)
            ++reader->at;
    }
    return wire_size > NAME_MAX_OCTETS ? bad(reader, "not a name: more than 255 octets") : 0;
}

/* DNSName's constructor in pdns/dnsname.cc, and segmentDNSNameRaw() in pdns/dnslabeltext.rl for
 * what has a backslash in it. A carriage return doesn't end a name. */
static int read_name(struct rdata_reader *reader)
{
    const char *start = reader->at;
    const char *end = start;

    while (end < reader->end && (!is_blank(*end) || *end == '\r'))
        ++end;
    if (memchr(start, '\0', end - start)) {
        doubt(reader, "a name with a NUL");
        return RDATA_FIELD_E_DOUBTFUL;
    }
    bool is_escaped = memchr(start, '\\', end - start);
    /* With a backslash anywhere, all that starts with a dot is the root. */
    if (*start == '.' && (is_escaped || end - start == 1)) {
        reader->at = end;
        return 0;
    }
    return read_labels(reader, end);
}

/* What stands between quotes. When the answer is written (segmentDNSText() in pdns/dnslabeltext.rl)
 * a backslash before a digit has to be followed by three. */
static int read_quoted(struct rdata_reader *reader)
{
    const char *at = reader->at + 1;
    const char *end = reader->end;

    for (; at < end && *at != '"'; ++at) {
        if (*at != '\\' || at + 1 == end)
            continue;
        ++at;
        if (!is_digit(*at))
            continue;
        if (end - at < 3 || !is_digit(at[1]) || !is_digit(at[2]))
            return bad(reader, "a backslash before a digit needs three digits");
        if ((at[0] - '0') * 100 + (at[1] - '0') * 10 + (at[2] - '0') > UINT8_MAX)
            doubt(reader, "three digits after a backslash that are above 255");
    }
    if (at == end)
        return bad(reader, "a text has no quote at its end");
    reader->at = at + 1;
    return 0;
}

/* Without quotes 5.1 takes everything up to the next blank. */
static int read_text(struct rdata_reader *reader)
{
    if (*reader->at == '"')
        return read_quoted(reader);
    for (const char *at = reader->at; at < reader->end; ++at) {
        if (!is_alphanumeric(*at)) {
            doubt(reader, "a text is not in quotes");
            return RDATA_FIELD_E_DOUBTFUL;
        }
    }
    reader->at = reader->end;
    return 0;
}

static int read_word(struct rdata_reader *reader)
{
    const char *start = reader->at;

    while (reader->at < reader->end && *reader->at != ' ')
        ++reader->at;
    if (reader->at - start > UINT8_MAX)
        doubt(reader, "a tag of more than 255 octets");
    return 0;
}

/* All that is no digit and no letter is passed over. */
static int read_hex(struct rdata_reader *reader)
{
    size_t digits = 0;

    for (; reader->at < reader->end; ++reader->at) {
        if (is_alphanumeric(*reader->at) && !is_hex(*reader->at))
            return bad(reader, "not hexadecimal");
        digits += is_hex(*reader->at);
    }
    if (digits % 2 != 0)
        doubt(reader, "an odd number of hexadecimal digits");
    return 0;
}

static bool is_base64(char c)
{
    return is_alphanumeric(c) || c == '+' || c == '/';
}

/* 4.7 takes the characters in whatever order and number. */
static int read_base64(struct rdata_reader *reader)
{
    size_t count = 0, padding = 0;
    bool is_sound = true;

    for (; reader->at < reader->end; ++reader->at) {
        char c = *reader->at;

        if (c == '=') {
            ++padding;
        } else if (is_base64(c)) {
            is_sound = is_sound && padding == 0;
            ++count;
        } else if (is_blank(c)) {
            is_sound = is_sound && c == ' ';
        } else {
            break;
        }
    }
    if (!is_sound || padding > 2 || (count + padding) % 4 != 0)
        doubt(reader, "not base64 as it should be");
    return 0;
}

static int skip_blanks(struct rdata_reader *reader)
{
    while (reader->at < reader->end && is_blank(*reader->at))
        ++reader->at;
    return reader->at < reader->end ? 0 : bad(reader, "a field is missing at the end");
}

static int read_texts(struct rdata_reader *reader)
{
    int r = 0;

    while (r == 0 && reader->at < reader->end) {
        r = skip_blanks(reader);
        if (r == 0)
            r = read_text(reader);
    }
    return r;
}

int rdata_reader_read(struct rdata_reader *reader, enum rdata_field field)
{
    if (field == RDATA_FIELD_TEXTS)
        return read_texts(reader);
    /* PowerDNS takes a second text that isn't there for an empty one. */
    if (field == RDATA_FIELD_TEXT && reader->at == reader->end)
        return 0;

    int r = skip_blanks(reader);
    if (r)
        return r;
    switch (field) {
    case RDATA_FIELD_NUMBER8:
        return read_number(reader, UINT8_MAX);
    case RDATA_FIELD_NUMBER16:
        return read_number(reader, UINT16_MAX);
    case RDATA_FIELD_NUMBER32:
        return read_number(reader, UINT32_MAX);
    case RDATA_FIELD_IPV4:
        return read_ipv4(reader);
    case RDATA_FIELD_IPV6:
        return read_ipv6(reader);
    case RDATA_FIELD_NAME:
        return read_name(reader);
    case RDATA_FIELD_TEXT:
        return read_text(reader);
    case RDATA_FIELD_WORD:
        return read_word(reader);
    case RDATA_FIELD_HEX:
        return read_hex(reader);
    case RDATA_FIELD_BASE64:
        return read_base64(reader);
    case RDATA_FIELD_TEXTS:
    case RDATA_FIELD_END:
        break;
    }
    return 0;
}
