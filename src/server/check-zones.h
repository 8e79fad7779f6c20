#pragma once

#include "server/settings.h"

/*
 * pdns-aliasd check: what is wrong with the rows of the zone database, on standard output
 *
 *     fault example.com www.example.com A 17 bad content, not an IPv4 address: '300.1.1.1'
 *
 * "fault" or "warning", the zone, the row's name, type and id, and why, with one blank between; "-"
 * stands for what there is none of. Blanks in the first five, and everywhere what isn't printable
 * ASCII, are written \xHH. How many there were goes to the log.
 */

enum {
    CHECK_ZONES_E_FAULTS = 1,  /* there are faults, not only warnings */
    CHECK_ZONES_E_NO_ZONE = 2, /* one of the zones isn't there (logged); nothing was checked */
};

/* Checks the zones that are named, or, if there are none, all zones and the rows of no zone. Never
 * writes to the database, but SQLite may leave its -wal and -shm files beside one in WAL mode. 0:
 * no fault; one of the above; negative (logged): it could not be read to the end. */
int check_zones(const struct settings *settings, char *const *zones);
