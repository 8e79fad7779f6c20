#include "dns/rdata.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "dns/rdata-field.h"
#include "dns/rdata-type.h"
#include "util/cleanup.h"

#define FIELDS_MAX 8

#define N8         RDATA_FIELD_NUMBER8
#define N16        RDATA_FIELD_NUMBER16
#define N32        RDATA_FIELD_NUMBER32
#define IPV4       RDATA_FIELD_IPV4
#define IPV6       RDATA_FIELD_IPV6
#define NAME       RDATA_FIELD_NAME
#define TEXT       RDATA_FIELD_TEXT
#define TEXTS      RDATA_FIELD_TEXTS
#define WORD       RDATA_FIELD_WORD
#define HEX        RDATA_FIELD_HEX
#define BASE64     RDATA_FIELD_BASE64

/* The types that are judged, the common ones first: boilerplate_conv() in pdns/dnsrecords.cc. */
static const struct layout {
    uint16_t type;
    unsigned char fields[FIELDS_MAX];
} layouts[] = {
    {1, {IPV4}},                /* A */
    {28, {IPV6}},               /* AAAA */
    {RDATA_TYPE_NS, {NAME}},    /* NS */
    {RDATA_TYPE_CNAME, {NAME}}, /* CNAME */
    {15, {N16, NAME}},          /* MX */
    {RDATA_TYPE_TXT, {TEXTS}},  /* TXT */
    {RDATA_TYPE_SOA, {NAME, NAME, N32, N32, N32, N32, N32}},
    {12, {NAME}},                             /* PTR */
    {33, {N16, N16, N16, NAME}},              /* SRV */
    {257, {N8, WORD, TEXTS}},                 /* CAA */
    {RDATA_TYPE_NONE, {RDATA_FIELD_END}},     /* empty non-terminal */
    {39, {NAME}},                             /* DNAME */
    {RDATA_TYPE_ALIAS, {NAME}},               /* ALIAS */
    {99, {TEXTS}},                            /* SPF */
    {43, {N16, N8, N8, HEX}},                 /* DS */
    {59, {N16, N8, N8, HEX}},                 /* CDS */
    {32769, {N16, N8, N8, HEX}},              /* DLV */
    {52, {N8, N8, N8, HEX}},                  /* TLSA */
    {53, {N8, N8, N8, HEX}},                  /* SMIMEA */
    {44, {N8, N8, HEX}},                      /* SSHFP */
    {63, {N32, N8, N8, HEX}},                 /* ZONEMD */
    {48, {N16, N8, N8, BASE64}},              /* DNSKEY */
    {60, {N16, N8, N8, BASE64}},              /* CDNSKEY */
    {25, {N16, N8, N8, BASE64}},              /* KEY */
    {57, {N16, N8, N8, BASE64}},              /* RKEY */
    {61, {BASE64}},                           /* OPENPGPKEY */
    {49, {BASE64}},                           /* DHCID */
    {35, {N16, N16, TEXT, TEXT, TEXT, NAME}}, /* NAPTR */
    {256, {N16, N16, TEXTS}},                 /* URI */
    {13, {TEXT, TEXT}},                       /* HINFO */
    {17, {NAME, NAME}},                       /* RP */
    {18, {N16, NAME}},                        /* AFSDB */
    {36, {N16, NAME}},                        /* KX */
    {107, {N16, NAME}},                       /* LP */
    {105, {N16, IPV4}},                       /* L32 */
    {7, {NAME}},                              /* MB */
    {8, {NAME}},                              /* MG */
    {9, {NAME}},                              /* MR */
    {14, {NAME, NAME}},                       /* MINFO */
};

/* NULL: the type isn't judged. A name that isn't known is not for us to call an empty
 * non-terminal: the next PowerDNS may know it. */
static const struct layout *find_layout(const char *name)
{
    uint16_t type = rdata_type(name);

    if (type == RDATA_TYPE_NONE && *name)
        return NULL;
    for (size_t i = 0; i < sizeof(layouts) / sizeof(layouts[0]); ++i) {
        if (layouts[i].type == type)
            return &layouts[i];
    }
    return NULL;
}

static enum rdata_verdict judge(const struct layout *layout, const char *content, size_t size,
                                const char **ret_reason)
{
    struct rdata_reader reader;
    int r = 0;

    rdata_reader_init(&reader, content, size);
    for (size_t i = 0; r == 0 && layout->fields[i] != RDATA_FIELD_END; ++i)
        r = rdata_reader_read(&reader, layout->fields[i]);
    if (r == RDATA_FIELD_E_BAD || (r == 0 && reader.at < reader.end)) {
        *ret_reason = r ? reader.reason : "there is more than belongs there at the end";
        return RDATA_BAD;
    }
    if (!reader.doubt)
        return RDATA_GOOD;
    *ret_reason = reader.doubt;
    return RDATA_DOUBTFUL;
}

/* DNSBackend::get() in pdns/dnsbackend.cc puts quotes around it. */
static enum rdata_verdict judge_unquoted(const struct layout *layout, const char *content,
                                         size_t size, const char **ret_reason)
{
    CLEANUP(cleanup_freep) char *quoted = malloc(size + 2);

    if (!quoted)
        return RDATA_UNKNOWN;
    quoted[0] = '"';
    memcpy(quoted + 1, content, size);
    quoted[size + 1] = '"';
    return judge(layout, quoted, size + 2, ret_reason);
}

enum rdata_verdict rdata_judge(const char *type, const char *content, size_t size,
                               const char **ret_reason)
{
    const struct layout *layout = find_layout(type);

    if (!layout)
        return RDATA_UNKNOWN;
    if (layout->type == RDATA_TYPE_TXT && size > 0 && content[0] != '"')
        return judge_unquoted(layout, content, size, ret_reason);
    return judge(layout, content, size, ret_reason);
}
