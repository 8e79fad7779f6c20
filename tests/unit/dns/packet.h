#pragma once

#include <stddef.h>
#include <stdint.h>

/*
 * DNS messages put together by hand. Names are written without compression; a test that wants a
 * pointer writes it with packet_octets().
 */

enum packet_section { PACKET_ANSWER = 1, PACKET_AUTHORITY = 2, PACKET_ADDITIONAL = 3 };

struct packet {
    uint8_t data[65535];
    size_t size;
};

/* A response header with `rcode`, and a question of class IN. */
void packet_init(struct packet *packet, int rcode, const char *name, int type);

/* Records go in the order of their sections. */
void packet_a(struct packet *packet, const char *owner, uint32_t ttl, const char *address);
void packet_aaaa(struct packet *packet, const char *owner, uint32_t ttl, const char *address);
void packet_cname(struct packet *packet, const char *owner, uint32_t ttl, const char *target);
void packet_soa(struct packet *packet, const char *owner, uint32_t ttl, uint32_t minimum);
void packet_record(struct packet *packet, enum packet_section section, const char *owner, int type,
                   int class, uint32_t ttl, const void *rdata, size_t size);

void packet_octets(struct packet *packet, const void *octets, size_t size);
