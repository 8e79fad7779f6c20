#include "store/number.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define SOA_NUMBERS 5

int number_parse(const char *text, uint32_t *ret)
{
    if (!*text) {
        *ret = 0;
        return 0;
    }

    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    if (end == text || errno || value > UINT32_MAX)
        return NUMBER_E_INVALID;
    *ret = (uint32_t)value;
    return 0;
}

int number_parse_signed(const char *text, int64_t *ret)
{
    if (!*text) {
        *ret = 0;
        return 0;
    }

    char *end;
    errno = 0;
    long long value = strtoll(text, &end, 10);
    if (end == text || errno)
        return NUMBER_E_INVALID;
    *ret = value;
    return 0;
}

/* The start of the next field; where there is none, the NUL. */
static const char *skip_field(const char *text)
{
    text += strcspn(text, NUMBER_BLANKS);
    return text + strspn(text, NUMBER_BLANKS);
}

const char *number_soa_serial(const char *content)
{
    return skip_field(skip_field(content + strspn(content, NUMBER_BLANKS)));
}

int number_parse_soa(const char *content, struct number_soa *ret)
{
    uint32_t numbers[SOA_NUMBERS];

    const char *field = number_soa_serial(content);
    for (int i = 0; i < SOA_NUMBERS; ++i) {
        if (!*field || number_parse(field, &numbers[i]) != 0)
            return NUMBER_E_INVALID;
        field = skip_field(field);
    }
    *ret = (struct number_soa){.serial = numbers[0], .refresh = numbers[1]};
    return 0;
}
