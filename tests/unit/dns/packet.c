#include "packet.h"

#include <arpa/inet.h>
#include <arpa/nameser.h>
#include <criterion/criterion.h>
#include <string.h>

#define FLAGS_RESPONSE 0x8180 /* QR RD RA */

static size_t name_to_wire(const char *name, uint8_t wire[NS_MAXCDNAME])
{
    uint8_t *p = wire;

    cr_assert_geq(ns_name_pton(name, wire, NS_MAXCDNAME), 0);
    while (*p != 0)
        p += *p + 1;
    return p - wire + 1;
}

void packet_octets(struct packet *packet, const void *octets, size_t size)
{
    cr_assert_leq(packet->size + size, sizeof(packet->data));
    memcpy(packet->data + packet->size, octets, size);
    packet->size += size;
}

static void put_name(struct packet *packet, const char *name)
{
    uint8_t wire[NS_MAXCDNAME];

    packet_octets(packet, wire, name_to_wire(name, wire));
}

static void put16(struct packet *packet, unsigned value)
{
    uint8_t octets[2];

    ns_put16(value, octets);
    packet_octets(packet, octets, sizeof(octets));
}

static void put32(struct packet *packet, uint32_t value)
{
    uint8_t octets[4];

    ns_put32(value, octets);
    packet_octets(packet, octets, sizeof(octets));
}

void packet_init(struct packet *packet, int rcode, const char *name, int type)
{
    packet->size = 0;
    put16(packet, 4711);
    put16(packet, FLAGS_RESPONSE | rcode);
    put16(packet, 1);
    for (int i = 0; i < 3; ++i)
        put16(packet, 0);
    put_name(packet, name);
    put16(packet, type);
    put16(packet, ns_c_in);
}

void packet_record(struct packet *packet, enum packet_section section, const char *owner, int type,
                   int class, uint32_t ttl, const void *rdata, size_t size)
{
    uint8_t *count = packet->data + 4 + 2 * section;

    put_name(packet, owner);
    put16(packet, type);
    put16(packet, class);
    put32(packet, ttl);
    put16(packet, size);
    packet_octets(packet, rdata, size);
    ns_put16(ns_get16(count) + 1, count);
}

void packet_a(struct packet *packet, const char *owner, uint32_t ttl, const char *address)
{
    uint8_t octets[4];

    cr_assert_eq(inet_pton(AF_INET, address, octets), 1);
    packet_record(packet, PACKET_ANSWER, owner, ns_t_a, ns_c_in, ttl, octets, sizeof(octets));
}

void packet_aaaa(struct packet *packet, const char *owner, uint32_t ttl, const char *address)
{
    uint8_t octets[16];

    cr_assert_eq(inet_pton(AF_INET6, address, octets), 1);
    packet_record(packet, PACKET_ANSWER, owner, ns_t_aaaa, ns_c_in, ttl, octets, sizeof(octets));
}

void packet_cname(struct packet *packet, const char *owner, uint32_t ttl, const char *target)
{
    uint8_t wire[NS_MAXCDNAME];
    size_t size = name_to_wire(target, wire);

    packet_record(packet, PACKET_ANSWER, owner, ns_t_cname, ns_c_in, ttl, wire, size);
}

void packet_soa(struct packet *packet, const char *owner, uint32_t ttl, uint32_t minimum)
{
    uint8_t rdata[2 * NS_MAXCDNAME + 20];
    size_t size = name_to_wire("ns.example", rdata);

    size += name_to_wire("hostmaster.example", rdata + size);
    for (uint32_t i = 1; i <= 4; ++i, size += 4)
        ns_put32(i * 1000, rdata + size);
    ns_put32(minimum, rdata + size);
    size += 4;
    packet_record(packet, PACKET_AUTHORITY, owner, ns_t_soa, ns_c_in, ttl, rdata, size);
}
