#include "dns/rdata-type.h"

#include <ctype.h>
#include <stdlib.h>
#include <strings.h>

/* In alphabetical order. */
static const struct mnemonic {
    const char *name;
    uint16_t number;
} mnemonics[] = {
    {"A", 1},         {"A6", 38},       {"AAAA", 28},       {"ADDR", 65400},    {"AFSDB", 18},
    {"ALIAS", 65401}, {"ANY", 255},     {"APL", 42},        {"AXFR", 252},      {"BRID", 68},
    {"CAA", 257},     {"CDNSKEY", 60},  {"CDS", 59},        {"CERT", 37},       {"CNAME", 5},
    {"CSYNC", 62},    {"DHCID", 49},    {"DLV", 32769},     {"DNAME", 39},      {"DNSKEY", 48},
    {"DS", 43},       {"EUI48", 108},   {"EUI64", 109},     {"HHIT", 67},       {"HINFO", 13},
    {"HTTPS", 65},    {"IPSECKEY", 45}, {"IXFR", 251},      {"KEY", 25},        {"KX", 36},
    {"L32", 105},     {"L64", 106},     {"LOC", 29},        {"LP", 107},        {"LUA", 65402},
    {"MAILA", 254},   {"MAILB", 253},   {"MB", 7},          {"MG", 8},          {"MINFO", 14},
    {"MR", 9},        {"MX", 15},       {"NAPTR", 35},      {"NID", 104},       {"NS", 2},
    {"NSEC", 47},     {"NSEC3", 50},    {"NSEC3PARAM", 51}, {"OPENPGPKEY", 61}, {"OPT", 41},
    {"PTR", 12},      {"RESINFO", 261}, {"RKEY", 57},       {"RP", 17},         {"RRSIG", 46},
    {"SIG", 24},      {"SMIMEA", 53},   {"SOA", 6},         {"SPF", 99},        {"SRV", 33},
    {"SSHFP", 44},    {"SVCB", 64},     {"TKEY", 249},      {"TLSA", 52},       {"TSIG", 250},
    {"TXT", 16},      {"URI", 256},     {"WALLET", 262},    {"ZONEMD", 63},
};

static int compare(const void *text, const void *mnemonic)
{
    const char *name = ((const struct mnemonic *)mnemonic)->name;
    int first = toupper(*(const unsigned char *)text) - *name;

    return first ? first : strcasecmp(text, name);
}

uint16_t rdata_type(const char *text)
{
    const struct mnemonic *found = bsearch(text, mnemonics, sizeof(mnemonics) / sizeof(*mnemonics),
                                           sizeof(*mnemonics), compare);

    if (found)
        return found->number;
    if (text[0] == '#')
        return (uint16_t)strtol(text + 1, NULL, 10);
    if (strncasecmp(text, "TYPE", 4) == 0)
        return (uint16_t)strtol(text + 4, NULL, 10);
    return RDATA_TYPE_NONE;
}
