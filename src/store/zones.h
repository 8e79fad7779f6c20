#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "dns/name.h"
#include "store/database.h"

/*
 * One zone's row of the `domains` table: found, and written as PowerDNS asks for
 * (GSQLBackend::setNotified, setFresh, setStale, createSlaveDomain in
 * pdns/backends/gsql/gsqlbackend.cc)
 */

enum {
    ZONES_E_NOT_FOUND = 1, /* no such zone */
    ZONES_E_EXISTS = 2,    /* there is one of that name already */
};

/* The id of a zone by its name (canonical). 0; ZONES_E_NOT_FOUND; negative. */
int zones_find_id(struct database *db, const char *name, int64_t *ret);

/* Its name as stored, in whatever case, cut off at NAME_TEXT_SIZE. 0; ZONES_E_NOT_FOUND; negative.
 */
int zones_find_name(struct database *db, int64_t id, char ret[NAME_TEXT_SIZE]);

/* Whether it is there and of kind MASTER (in capitals, as PowerDNS has it). 0 or negative. */
int zones_is_primary(struct database *db, int64_t id, bool *ret);

/* The serial that secondaries were told of. 0; ZONES_E_NOT_FOUND; negative. */
int zones_set_notified(struct database *db, int64_t id, uint32_t serial);

/* When the primary was last asked, in seconds since 1970; 0: is to be asked at once. 0;
 * ZONES_E_NOT_FOUND; negative. */
int zones_set_checked(struct database *db, int64_t id, int64_t when);

/* A new zone of kind SLAVE; `primaries`: addresses separated by ", ". 0; ZONES_E_EXISTS; negative.
 */
int zones_create_secondary(struct database *db, const char *name, const char *primaries,
                           const char *account);
