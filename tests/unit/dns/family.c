#include <criterion/criterion.h>

#include "dns/family.h"

Test(family, a_is_type_1)
{
    cr_assert_str_eq(dns_family_name(DNS_FAMILY_A), "A");
    cr_assert_eq(dns_family_type(DNS_FAMILY_A), 1);
}

Test(family, aaaa_is_type_28)
{
    cr_assert_str_eq(dns_family_name(DNS_FAMILY_AAAA), "AAAA");
    cr_assert_eq(dns_family_type(DNS_FAMILY_AAAA), 28);
}
