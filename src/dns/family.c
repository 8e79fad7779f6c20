#include "dns/family.h"

const char *dns_family_name(enum dns_family family)
{
    return family == DNS_FAMILY_A ? "A" : "AAAA";
}

int dns_family_type(enum dns_family family)
{
    return family == DNS_FAMILY_A ? DNS_TYPE_A : DNS_TYPE_AAAA;
}
