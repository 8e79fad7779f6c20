#include "json-values.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool real_to_integer(double real, int64_t *ret)
{
    /* Both bounds are exact as doubles; NaN fails the comparison. */
    if (!(real >= -0x1p63 && real < 0x1p63) || real != (double)(int64_t)real)
        return false;
    *ret = (int64_t)real;
    return true;
}

static bool text_to_integer(const json_t *value, int64_t *ret)
{
    const char *text = json_string_value(value);
    const char *digits = text + (*text == '-');
    long long integer;
    char *end;

    if (*digits < '0' || *digits > '9')
        return false;
    errno = 0;
    integer = strtoll(text, &end, 10);
    if (errno || end != text + json_string_length(value))
        return false;
    *ret = integer;
    return true;
}

bool pdns_json_values_to_integer(const json_t *value, int64_t *ret)
{
    if (json_is_integer(value)) {
        *ret = json_integer_value(value);
        return true;
    }
    if (json_is_real(value))
        return real_to_integer(json_real_value(value), ret);
    if (json_is_string(value))
        return text_to_integer(value, ret);
    return false;
}

static bool text_to_bool(const char *text, bool *ret)
{
    if (strcmp(text, "1") == 0 || strcasecmp(text, "true") == 0)
        *ret = true;
    else if (strcmp(text, "0") == 0 || strcasecmp(text, "false") == 0)
        *ret = false;
    else
        return false;
    return true;
}

bool pdns_json_values_to_bool(const json_t *value, bool *ret)
{
    int64_t integer;

    if (json_is_string(value))
        return text_to_bool(json_string_value(value), ret);
    if (json_is_boolean(value)) {
        *ret = json_is_true(value);
        return true;
    }
    if (!pdns_json_values_to_integer(value, &integer) || integer < 0 || integer > 1)
        return false;
    *ret = integer == 1;
    return true;
}
