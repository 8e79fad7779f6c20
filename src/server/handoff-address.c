#include "server/handoff-address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "resolve/forwarder.h"
#include "util/log.h"

struct parsed {
    struct sockaddr_storage address;
    socklen_t size;
    char text[FORWARDER_TEXT_SIZE]; /* as resolver= in pdns.conf wants it */
};

static void make_ipv4(const struct in_addr *address, int port, struct parsed *parsed)
{
    struct sockaddr_in *to = (struct sockaddr_in *)&parsed->address;

    to->sin_family = AF_INET;
    to->sin_addr = *address;
    to->sin_port = htons(port);
    parsed->size = sizeof(*to);
}

static void make_ipv6(const struct in6_addr *address, int port, struct parsed *parsed)
{
    struct sockaddr_in6 *to = (struct sockaddr_in6 *)&parsed->address;

    to->sin6_family = AF_INET6;
    to->sin6_addr = *address;
    to->sin6_port = htons(port);
    parsed->size = sizeof(*to);
}

static int parse(const char *text, struct parsed *ret)
{
    struct parsed parsed = {0};
    char host[FORWARDER_TEXT_SIZE];
    const char *problem;
    struct in6_addr ipv6;
    struct in_addr ipv4;

    if (forwarder_parse(text, false, host, &problem) < 0)
        return -EINVAL;

    char *at = strchr(host, '@');
    *at = '\0';
    if (inet_pton(AF_INET, host, &ipv4) == 1)
        make_ipv4(&ipv4, atoi(at + 1), &parsed);
    else if (inet_pton(AF_INET6, host, &ipv6) == 1)
        make_ipv6(&ipv6, atoi(at + 1), &parsed);
    else
        return -EINVAL;
    snprintf(parsed.text, sizeof(parsed.text),
             parsed.address.ss_family == AF_INET ? "%.60s:%.5s" : "[%.60s]:%.5s", host, at + 1);
    *ret = parsed;
    return 0;
}

bool handoff_address_is_loopback(const struct sockaddr_storage *address)
{
    const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)address;
    const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)address;

    if (address->ss_family == AF_INET)
        return ntohl(ipv4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET;
    return address->ss_family == AF_INET6 && IN6_IS_ADDR_LOOPBACK(&ipv6->sin6_addr);
}

bool handoff_address_is_valid(const char *text)
{
    struct parsed parsed;

    return parse(text, &parsed) == 0 && handoff_address_is_loopback(&parsed.address);
}

bool handoff_address_is_forwarder(const struct settings *settings)
{
    struct parsed ours, other;

    if (!*settings->handoff_address || parse(settings->handoff_address, &ours) < 0)
        return false;
    for (char *const *item = settings->forward; *item; ++item) {
        if (parse(*item, &other) == 0 && strcmp(ours.text, other.text) == 0)
            return true;
    }
    return false;
}

static int bind_socket(const struct parsed *parsed, int buffer)
{
    int fd = socket(parsed->address.ss_family, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return -errno;
    /* Where the kernel gives less, it does. */
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &buffer, sizeof(buffer));
    setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
    if (bind(fd, (const struct sockaddr *)&parsed->address, parsed->size) < 0) {
        int r = -errno;

        close(fd);
        return r;
    }
    return fd;
}

int handoff_address_bind(const char *text, int buffer)
{
    struct parsed parsed;

    if (parse(text, &parsed) < 0)
        return -EINVAL;

    int fd = bind_socket(&parsed, buffer);
    if (fd < 0)
        log_error("handoff-address: %s: %s", parsed.text, strerror(-fd));
    else
        log_notice("ALIAS targets that aren't known yet are left to PowerDNS to ask for: pdns.conf "
                   "needs expand-alias=yes and resolver=%s",
                   parsed.text);
    return fd;
}
