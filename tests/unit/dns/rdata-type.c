#include "dns/rdata-type.h"

#include <criterion/criterion.h>
#include <ctype.h>

/* The numbers are IANA's; ADDR, ALIAS and LUA are PowerDNS's own. All of them, since one that is
 * out of its place in the table isn't found. */
static const struct {
    const char *name;
    uint16_t number;
} types[] = {
    {"A", 1},           {"NS", 2},       {"CNAME", 5},     {"SOA", 6},       {"MB", 7},
    {"MG", 8},          {"MR", 9},       {"PTR", 12},      {"HINFO", 13},    {"MINFO", 14},
    {"MX", 15},         {"TXT", 16},     {"RP", 17},       {"AFSDB", 18},    {"SIG", 24},
    {"KEY", 25},        {"AAAA", 28},    {"LOC", 29},      {"SRV", 33},      {"NAPTR", 35},
    {"KX", 36},         {"CERT", 37},    {"A6", 38},       {"DNAME", 39},    {"OPT", 41},
    {"APL", 42},        {"DS", 43},      {"SSHFP", 44},    {"IPSECKEY", 45}, {"RRSIG", 46},
    {"NSEC", 47},       {"DNSKEY", 48},  {"DHCID", 49},    {"NSEC3", 50},    {"NSEC3PARAM", 51},
    {"TLSA", 52},       {"SMIMEA", 53},  {"RKEY", 57},     {"CDS", 59},      {"CDNSKEY", 60},
    {"OPENPGPKEY", 61}, {"CSYNC", 62},   {"ZONEMD", 63},   {"SVCB", 64},     {"HTTPS", 65},
    {"HHIT", 67},       {"BRID", 68},    {"SPF", 99},      {"NID", 104},     {"L32", 105},
    {"L64", 106},       {"LP", 107},     {"EUI48", 108},   {"EUI64", 109},   {"TKEY", 249},
    {"TSIG", 250},      {"IXFR", 251},   {"AXFR", 252},    {"MAILB", 253},   {"MAILA", 254},
    {"ANY", 255},       {"URI", 256},    {"CAA", 257},     {"RESINFO", 261}, {"WALLET", 262},
    {"DLV", 32769},     {"ADDR", 65400}, {"ALIAS", 65401}, {"LUA", 65402},
};

Test(rdata_type, each_name_has_its_number_in_any_case)
{
    for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); ++i) {
        char lower[16] = "";
        for (size_t j = 0; types[i].name[j]; ++j)
            lower[j] = (char)tolower((unsigned char)types[i].name[j]);
        cr_expect_eq(rdata_type(types[i].name), types[i].number, "%s", types[i].name);
        cr_expect_eq(rdata_type(lower), types[i].number, "%s", lower);
    }
}

Test(rdata_type, numbers_can_be_written_out)
{
    cr_expect_eq(rdata_type("TYPE15"), 15);
    cr_expect_eq(rdata_type("type2"), RDATA_TYPE_NS);
    cr_expect_eq(rdata_type("#15"), 15);
    cr_expect_eq(rdata_type("TYPE65401"), RDATA_TYPE_ALIAS);
    cr_expect_eq(rdata_type("TYPE15x"), 15);
}

Test(rdata_type, only_the_low_16_bits_of_a_number_count)
{
    cr_expect_eq(rdata_type("TYPE65551"), 15);
    cr_expect_eq(rdata_type("#65551"), 15);
    cr_expect_eq(rdata_type("#-1"), 65535);
    cr_expect_eq(rdata_type("TYPE65536"), RDATA_TYPE_NONE);
}

Test(rdata_type, what_is_no_type_has_none)
{
    static const char *const cases[] = {"",  "AA", "A ",    " A", "NOSUCH", "TYPE", "TYPEx",
                                        "#", "#x", "TYP15", "15", "ZZZ",    "0",    "NULL"};

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i)
        cr_expect_eq(rdata_type(cases[i]), RDATA_TYPE_NONE, "'%s'", cases[i]);
}
