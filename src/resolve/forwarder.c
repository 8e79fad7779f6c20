#include "resolve/forwarder.h"

#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/address.h"
#include "dns/name.h"

#define PORT_DNS 53
#define PORT_TLS 853

/* A forwarder's text, cut up in place. */
struct parts {
    char text[FORWARDER_TEXT_SIZE];
    char *address;
    char *port; /* NULL = not given */
    char *name; /* NULL = not given */
};

/* Ends the text at the separator; returns what is behind it, or NULL if there is none. */
static char *cut_at(char *separator)
{
    if (!separator)
        return NULL;
    *separator = '\0';
    return separator + 1;
}

static int cut_bracketed(struct parts *parts)
{
    char *behind = cut_at(strchr(parts->text, ']'));

    if (!behind || (*behind != '\0' && *behind != ':' && *behind != '@'))
        return -EINVAL;
    parts->address = parts->text + 1;
    parts->port = *behind != '\0' ? behind + 1 : NULL;
    return 0;
}

static int cut(struct parts *parts)
{
    char *colon;

    parts->name = cut_at(strchr(parts->text, '#'));
    if (parts->text[0] == '[')
        return cut_bracketed(parts);
    parts->address = parts->text;
    parts->port = cut_at(strchr(parts->text, '@'));
    colon = strchr(parts->text, ':');
    /* With more than one it is an IPv6 address. */
    if (!parts->port && colon && !strchr(colon + 1, ':'))
        parts->port = cut_at(colon);
    return 0;
}

/* inet_pton() takes no scope, libunbound does: fe80::1%eth0. */
static bool is_address(const char *text)
{
    char bare[FORWARDER_TEXT_SIZE];
    struct address address;

    if (address_from_text(text, DNS_FAMILY_A, &address) == 0)
        return true;
    snprintf(bare, sizeof(bare), "%s", text);
    bare[strcspn(bare, "%")] = '\0';
    return address_from_text(bare, DNS_FAMILY_AAAA, &address) == 0;
}

static int parse_port(const char *text, int *ret)
{
    int port = 0;

    if (*text == '\0')
        return -EINVAL;
    for (; *text != '\0'; ++text) {
        if (*text < '0' || *text > '9')
            return -EINVAL;
        port = port * 10 + (*text - '0');
        if (port > UINT16_MAX)
            return -EINVAL;
    }
    if (port == 0)
        return -EINVAL;
    *ret = port;
    return 0;
}

int forwarder_parse(const char *text, bool tls, char ret[FORWARDER_TEXT_SIZE],
                    const char **ret_problem)
{
    char canonical[NAME_TEXT_SIZE];
    int port = tls ? PORT_TLS : PORT_DNS;
    struct parts parts;

    *ret_problem = "not ADDR, ADDR@PORT, ADDR:PORT or [V6]:PORT";
    if (snprintf(parts.text, sizeof(parts.text), "%s", text) >= (int)sizeof(parts.text))
        return -EINVAL;
    if (cut(&parts) < 0 || !is_address(parts.address))
        return -EINVAL;
    *ret_problem = "the port is not a number from 1 to 65535";
    if (parts.port && parse_port(parts.port, &port) < 0)
        return -EINVAL;
    *ret_problem = "a #NAME is for DNS over TLS";
    if (parts.name && !tls)
        return -EINVAL;
    *ret_problem = "what stands behind # is not a name";
    if (parts.name && (*parts.name == '\0' || name_canonicalize(parts.name, canonical) != 0))
        return -EINVAL;
    snprintf(ret, FORWARDER_TEXT_SIZE, "%.60s@%d%s%.250s", parts.address, port,
             parts.name ? "#" : "", parts.name ? parts.name : "");
    return 0;
}
