#include "dns/rdata.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

/* What all types and their odd contents come to is compared with PowerDNS itself in
 * tests/system/test_bad_rows.py; here are the rules, one or two rows for each. */
static const struct row {
    const char *type;
    const char *content;
    enum rdata_verdict verdict;
} rows[] = {
    {"A", "192.0.2.1", RDATA_GOOD},
    {"a", "192.0.2.1", RDATA_GOOD},
    {"TYPE1", "192.0.2.1", RDATA_GOOD},
    {"A", " 192.0.2.1\n", RDATA_GOOD},
    {"A", "192.0.2.256", RDATA_BAD},
    {"A", "192.0.2.1 x", RDATA_BAD},
    {"A", "192.0.2.1,", RDATA_BAD},
    {"A", "2001:db8::1", RDATA_BAD},
    {"A", "", RDATA_BAD},
    {"AAAA", "2001:db8::1", RDATA_GOOD},
    {"AAAA", "192.0.2.1", RDATA_BAD},
    {"AAAA", "::1%eth0", RDATA_BAD},
    {"NS", "ns1.example.com.", RDATA_GOOD},
    {"NS", "ns1..example.com", RDATA_BAD},
    {"NS", "ns1 x", RDATA_BAD},
    {"CNAME", ".", RDATA_GOOD},
    {"CNAME", "", RDATA_BAD},
    {"ALIAS", "host.example.net", RDATA_GOOD},
    {"ALIAS", "host..example.net", RDATA_BAD},
    {"MX", "10 mail.example.com", RDATA_GOOD},
    {"MX", "10mail.example.com", RDATA_GOOD},
    {"MX", "mail.example.com", RDATA_BAD},
    {"MX", "10", RDATA_BAD},
    {"MX", "65536 mail.example.com", RDATA_BAD},
    {"MX", " mail.example.com", RDATA_BAD},
    {"SRV", "1 2 3 host.example.com", RDATA_GOOD},
    {"SRV", "1 2 host.example.com", RDATA_BAD},
    {"SOA", "ns1.example.com h.example.com 1 2 3 4 5", RDATA_GOOD},
    {"SOA", "ns1.example.com h.example.com 1 2 3 4", RDATA_BAD},
    {"SOA", "ns1.example.com h.example.com 1 2 3 4 5 6", RDATA_BAD},
    {"SOA", "ns1.example.com h.example.com 4294967296 2 3 4 5", RDATA_BAD},
    {"TXT", "\"v=spf1 -all\"", RDATA_GOOD},
    {"TXT", "\"a\" \"b\"", RDATA_GOOD},
    {"TXT", "v=spf1 -all", RDATA_GOOD},
    {"TXT", "a\\123b", RDATA_GOOD},
    {"TXT", "a\\12b", RDATA_BAD},
    {"TXT", "a\\", RDATA_BAD},
    {"TXT", "\"a", RDATA_BAD},
    {"TXT", "\"a\" b-", RDATA_DOUBTFUL},
    {"TXT", "", RDATA_GOOD},
    {"SPF", "v=spf1 -all", RDATA_DOUBTFUL},
    {"CAA", "0 issue \"ca.example.net\"", RDATA_GOOD},
    {"CAA", "256 issue \"ca.example.net\"", RDATA_BAD},
    {"CAA", "0", RDATA_BAD},
    {"DS", "1 8 2 ABcd", RDATA_GOOD},
    {"DS", "1 8 2 ABc", RDATA_DOUBTFUL},
    {"DS", "1 8 2 xy", RDATA_BAD},
    {"DS", "1 8 2", RDATA_BAD},
    {"DNSKEY", "257 3 8 AAECAwQF", RDATA_GOOD},
    {"DNSKEY", "257 3 8 AAECAwQ", RDATA_DOUBTFUL},
    {"DNSKEY", "257 3 8 AAECAwQF!", RDATA_BAD},
    {"NAPTR", "1 1 \"u\" \"sip\" \"\" .", RDATA_GOOD},
    {"NAPTR", "1 1 \"u\" \"sip\" .", RDATA_DOUBTFUL},
    {"HINFO", "\"a\" \"b\"", RDATA_GOOD},
    {"HINFO", "\"a\"", RDATA_GOOD},
    {"HINFO", "\"a\" \"b\" \"c\"", RDATA_BAD},
    {"TLSA", "3 1 1 00", RDATA_GOOD},
    {"URI", "1 1 \"ftp://example\"", RDATA_GOOD},
    {"", "", RDATA_GOOD},
    {"", "x", RDATA_BAD},
    {"#0", "", RDATA_UNKNOWN},
    {"LOC", "nowhere", RDATA_UNKNOWN},
    {"SVCB", "1 .", RDATA_UNKNOWN},
    {"NOSUCH", "x", RDATA_UNKNOWN},
};

Test(rdata, contents_are_judged_by_their_types_layout)
{
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); ++i) {
        const struct row *row = &rows[i];
        const char *reason = NULL;
        enum rdata_verdict verdict =
            rdata_judge(row->type, row->content, strlen(row->content), &reason);
        cr_expect_eq(verdict, row->verdict, "%s '%s': %d (%s)", row->type, row->content, verdict,
                     reason ? reason : "no reason");
        cr_expect_eq(reason != NULL, verdict == RDATA_BAD || verdict == RDATA_DOUBTFUL,
                     "%s '%s': a reason belongs to bad and doubtful ones", row->type, row->content);
    }
}

static enum rdata_verdict judge_name(const char *name)
{
    const char *reason;

    return rdata_judge("CNAME", name, strlen(name), &reason);
}

Test(rdata, names_have_labels_of_63_octets_and_255_in_all)
{
    char label[] = "lllllllllllllllllllllllllllllllllllllllllllllllllllllllllllllll";
    char name[300];

    cr_assert_eq(strlen(label), 63);
    cr_expect_eq(judge_name(label), RDATA_GOOD);
    snprintf(name, sizeof(name), "%sx", label);
    cr_expect_eq(judge_name(name), RDATA_BAD);
    snprintf(name, sizeof(name), "%s.%s.%s.%.61s", label, label, label, label);
    cr_expect_eq(judge_name(name), RDATA_GOOD);
    strcat(name, ".");
    cr_expect_eq(judge_name(name), RDATA_GOOD);
    snprintf(name, sizeof(name), "%s.%s.%s.%.62s", label, label, label, label);
    cr_expect_eq(judge_name(name), RDATA_BAD);
}

Test(rdata, escapes_count_as_one_octet)
{
    char name[300] = "";

    for (int i = 0; i < 63; ++i)
        strcat(name, "\\097");
    cr_expect_eq(judge_name(name), RDATA_GOOD);
    strcat(name, "\\097");
    cr_expect_eq(judge_name(name), RDATA_BAD);
}

Test(rdata, contents_may_hold_nuls)
{
    const char *reason;

    cr_expect_eq(rdata_judge("TXT", "\"a\0b\"", 5, &reason), RDATA_GOOD);
    cr_expect_eq(rdata_judge("TXT", "a\0b", 3, &reason), RDATA_GOOD);
    cr_expect_eq(rdata_judge("A", "192.0.2.1\0", 10, &reason), RDATA_BAD);
    cr_expect_eq(rdata_judge("CNAME", "a\0b", 3, &reason), RDATA_DOUBTFUL);
}

Test(rdata, only_what_belongs_to_the_content_is_read)
{
    const char *reason;

    cr_expect_eq(rdata_judge("A", "192.0.2.1.x", 9, &reason), RDATA_GOOD);
    cr_expect_eq(rdata_judge("TXT", "\"a\"", 2, &reason), RDATA_BAD);
    cr_expect_eq(rdata_judge("CNAME", "a\\1234", 5, &reason), RDATA_GOOD);
    cr_expect_eq(rdata_judge("CNAME", "a\\1234", 4, &reason), RDATA_BAD);
}
