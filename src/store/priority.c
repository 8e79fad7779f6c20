#include "store/priority.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dns/rdata-type.h"
#include "store/number.h"

#define TYPE_MX  15
#define TYPE_SRV 33

#define DIGITS   "0123456789"
#define BLANKS   " \t\n\v\f\r"

/* Of a number PowerDNS takes the low 16 bits (QType::chartocode in pdns/qtype.cc). */
bool priority_applies(const char *type)
{
    const char *number = NULL;

    if (rdata_type_is(type, "MX") || rdata_type_is(type, "SRV"))
        return true;
    if (type[0] == '#')
        number = type + 1;
    else if (strncasecmp(type, "TYPE", 4) == 0)
        number = type + 4;
    if (!number)
        return false;
    uint16_t code = (uint16_t)strtol(number, NULL, 10);
    return code == TYPE_MX || code == TYPE_SRV;
}

/* Digits with nothing behind them stay in the content. */
int priority_split(const char *content, const char **ret_content, uint32_t *ret_priority)
{
    size_t digits = strspn(content, DIGITS);
    uint32_t priority = 0;

    if (digits > 0 && content[digits]) {
        if (number_parse(content, &priority) != 0 || priority > INT32_MAX)
            return PRIORITY_E_INVALID;
        content += digits;
    }
    *ret_content = content + strspn(content, BLANKS);
    *ret_priority = priority;
    return 0;
}
