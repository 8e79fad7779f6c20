#pragma once

#include <stdint.h>

#include "store/database.h"

/*
 * A zone's SOA row, and its serial, which is all of it that is ever changed here
 */

enum {
    SOA_E_NOT_FOUND = 1, /* there is none, or its serial can't be read */
};

struct soa {
    int64_t row_id;
    uint32_t serial;
    char *content; /* owned */
};

void soa_deinit(struct soa *soa);

/* The one that PowerDNS takes: of several at the apex (canonical) that aren't disabled, the last
 * that it reads (DNSBackend::getSOA in pdns/dnsbackend.cc). What `ret` held is freed. 0;
 * SOA_E_NOT_FOUND; negative. */
int soa_find(struct database *db, int64_t zone_id, const char *apex, struct soa *ret);

/* In the write transaction in which it was found: another serial in its place; all else of the
 * content stays octet for octet. 0 or negative. */
int soa_set_serial(struct database *db, const struct soa *soa, uint32_t serial);
