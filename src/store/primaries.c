#include "store/primaries.h"

#include <arpa/inet.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define SEPARATORS " ,\t"

/* More than "[ADDRESS]:PORT" can take. */
#define LONGEST 64

static bool is_port(const char *text)
{
    size_t digits = strspn(text, "0123456789");
    unsigned long port = strtoul(text, NULL, 10);

    return digits > 0 && digits <= 5 && !text[digits] && port > 0 && port <= 65535;
}

static bool is_ipv4(char *text)
{
    struct in_addr address;
    char *port = strchr(text, ':');

    if (port) {
        *port++ = '\0';
        if (!is_port(port))
            return false;
    }
    return inet_pton(AF_INET, text, &address) == 1;
}

static bool is_ipv6(char *text)
{
    struct in6_addr address;

    if (*text == '[') {
        char *end = strchr(++text, ']');
        if (!end || (end[1] && (end[1] != ':' || !is_port(end + 2))))
            return false;
        *end = '\0';
    }
    return inet_pton(AF_INET6, text, &address) == 1;
}

static bool is_address(const char *text, size_t size)
{
    char copy[LONGEST];

    if (size >= sizeof(copy))
        return false;
    memcpy(copy, text, size);
    copy[size] = '\0';
    if (is_ipv4(copy))
        return true;
    memcpy(copy, text, size);
    return is_ipv6(copy);
}

void primaries_filter(const char *list, char *ret)
{
    char *out = ret;

    while (*(list += strspn(list, SEPARATORS))) {
        size_t size = strcspn(list, SEPARATORS);
        if (is_address(list, size)) {
            if (out != ret)
                *out++ = ' ';
            memcpy(out, list, size);
            out += size;
        }
        list += size;
    }
    *out = '\0';
}
