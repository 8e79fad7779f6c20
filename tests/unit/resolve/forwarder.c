#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "resolve/forwarder.h"

static void assert_parsed(const char *text, bool tls, const char *expected)
{
    char actual[FORWARDER_TEXT_SIZE];
    const char *problem;

    cr_assert_eq(forwarder_parse(text, tls, actual, &problem), 0, "refused: '%s', %s", text,
                 problem);
    cr_assert_str_eq(actual, expected);
}

static void assert_refused(const char *text, bool tls, const char *expected)
{
    char actual[FORWARDER_TEXT_SIZE];
    const char *problem = NULL;

    cr_assert_eq(forwarder_parse(text, tls, actual, &problem), -EINVAL, "taken: '%s'", text);
    cr_assert(strstr(problem, expected), "'%s' for '%s'", problem, text);
}

Test(forwarder, every_form_is_taken)
{
    assert_parsed("192.0.2.1", false, "192.0.2.1@53");
    assert_parsed("192.0.2.1@5353", false, "192.0.2.1@5353");
    assert_parsed("192.0.2.1:5353", false, "192.0.2.1@5353");
    assert_parsed("2001:db8::1", false, "2001:db8::1@53");
    assert_parsed("2001:db8::1@5353", false, "2001:db8::1@5353");
    assert_parsed("[2001:db8::1]", false, "2001:db8::1@53");
    assert_parsed("[2001:db8::1]:5353", false, "2001:db8::1@5353");
    assert_parsed("[2001:db8::1]@5353", false, "2001:db8::1@5353");
    assert_parsed("fe80::1%eth0", false, "fe80::1%eth0@53");
    assert_parsed("::1", false, "::1@53");
}

Test(forwarder, tls_has_a_port_and_may_have_a_name)
{
    assert_parsed("192.0.2.1", true, "192.0.2.1@853");
    assert_parsed("192.0.2.1@8853", true, "192.0.2.1@8853");
    assert_parsed("192.0.2.1#dns.example", true, "192.0.2.1@853#dns.example");
    assert_parsed("[2001:db8::1]:8853#dns.example", true, "2001:db8::1@8853#dns.example");
    assert_refused("192.0.2.1#dns.example", false, "TLS");
    assert_refused("192.0.2.1#", true, "not a name");
    assert_refused("192.0.2.1#a..b", true, "not a name");
}

Test(forwarder, what_is_no_address_is_refused)
{
    assert_refused("", false, "ADDR");
    assert_refused("dns.example", false, "ADDR");
    assert_refused("192.0.2", false, "ADDR");
    assert_refused("192.0.2.1,192.0.2.2", false, "ADDR");
    assert_refused("[2001:db8::1", false, "ADDR");
    assert_refused("[2001:db8::1]5353", false, "ADDR");
    assert_refused("192.0.2.1%eth0", false, "ADDR");
    assert_refused(" 192.0.2.1", false, "ADDR");
    assert_refused("2001:db8::1:53:1:1:1:1:1:1", false, "ADDR");
}

Test(forwarder, what_is_no_port_is_refused)
{
    assert_refused("192.0.2.1:", false, "port");
    assert_refused("192.0.2.1@", false, "port");
    assert_refused("192.0.2.1@0", false, "port");
    assert_refused("192.0.2.1@65536", false, "port");
    assert_refused("192.0.2.1@99999999999999999999", false, "port");
    assert_refused("192.0.2.1@53x", false, "port");
    assert_refused("192.0.2.1@-1", false, "port");
    assert_parsed("192.0.2.1@65535", false, "192.0.2.1@65535");
}

Test(forwarder, endless_text_is_refused)
{
    char text[5000];

    memset(text, '1', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    assert_refused(text, false, "ADDR");
}
