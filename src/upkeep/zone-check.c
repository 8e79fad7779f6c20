#include "upkeep/zone-check.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "store/links.h"
#include "store/metadata.h"
#include "store/raw-zones.h"
#include "store/records.h"
#include "util/log.h"

/* Rows that are looked at for their zone while the database can't be checkpointed. */
#define LOST_ROWS 10000

void zone_check_init(struct zone_check *check, struct database *db, size_t hops_max)
{
    *check = (struct zone_check){
        .db = db, .hops_max = hops_max, .zone_id = INT64_MIN, .row_id = INT64_MIN};
}

/* Forgets what the last call has found. */
static void clear(struct zone_check *check)
{
    faults_deinit(&check->faults);
    free(check->zone_name);
    check->zone_name = NULL;
}

void zone_check_deinit(struct zone_check *check)
{
    clear(check);
}

/* Other failures have been logged by the store. */
static int log_no_memory(int r, const char *what)
{
    if (r == -ENOMEM)
        log_error("checking %s: out of memory", what);
    return r;
}

static int read_rows(struct database *db, int64_t zone_id, struct faults *faults)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    struct records_row row;

    int r = records_list_raw(db, zone_id, &cursor);
    while (r == 0 && (r = records_next(&cursor, &row)) == 0)
        r = faults_add(faults, &row, &cursor);
    return r < 0 ? r : faults_finish(faults);
}

static int check_zone(struct zone_check *check, struct raw_zone *zone)
{
    const struct chain_guide guide = {
        .find = links_find, .userdata = check->db, .hops_max = check->hops_max};
    struct faults_zone described = {
        .is_binary = zone->is_binary,
        .is_secondary = zone->is_secondary,
    };

    check->zone_id = zone->id;
    check->zone_name = TAKE(zone->name);
    described.name = check->zone_name;
    int r = metadata_is_presigned(check->db, zone->id, &described.is_presigned);
    if (r == 0)
        r = faults_init(&check->faults, &described, &guide);
    if (r == 0)
        r = read_rows(check->db, zone->id, &check->faults);
    return log_no_memory(r, check->zone_name);
}

/* As it would be written, else as it is: a faulty one has to be found, too. */
static int find_zone(struct database *db, const char *name, struct raw_zone *ret)
{
    char canonical[NAME_TEXT_SIZE];
    int r = RAW_ZONES_E_NOT_FOUND;

    if (*name && name_canonicalize(name, canonical) == 0)
        r = raw_zones_find(db, canonical, ret);
    if (r == RAW_ZONES_E_NOT_FOUND)
        r = raw_zones_find(db, name, ret);
    return r;
}

int zone_check_find(struct zone_check *check, const char *name)
{
    struct raw_zone zone;

    int r = find_zone(check->db, name, &zone);
    if (r == 0)
        raw_zone_deinit(&zone);
    return r == RAW_ZONES_E_NOT_FOUND ? ZONE_CHECK_E_NOT_FOUND : r;
}

int zone_check_named(struct zone_check *check, const char *name)
{
    struct raw_zone zone;

    clear(check);
    int r = database_begin_reading(check->db);
    if (r < 0)
        return r;
    r = find_zone(check->db, name, &zone);
    if (r == 0)
        r = check_zone(check, &zone);
    database_end_reading(check->db);
    return r == RAW_ZONES_E_NOT_FOUND ? ZONE_CHECK_E_NOT_FOUND : r;
}

int zone_check_next(struct zone_check *check)
{
    struct raw_zone zone;

    clear(check);
    int r = database_begin_reading(check->db);
    if (r < 0)
        return r;
    r = raw_zones_next(check->db, check->zone_id, &zone);
    if (r == 0)
        r = check_zone(check, &zone);
    database_end_reading(check->db);
    return r == RAW_ZONES_E_END ? ZONE_CHECK_E_END : r;
}

static int read_lost(struct zone_check *check)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    struct records_row row;

    int r = records_list_lost(check->db, check->row_id, LOST_ROWS, &check->row_id, &cursor);
    if (r != 0)
        return r < 0 ? r : ZONE_CHECK_E_END;
    while (r == 0 && (r = records_next(&cursor, &row)) == 0)
        r = faults_add_lost(&check->faults, &row, &cursor);
    return r < 0 ? r : 0;
}

int zone_check_next_lost(struct zone_check *check)
{
    clear(check);
    int r = database_begin_reading(check->db);
    if (r < 0)
        return r;
    r = read_lost(check);
    database_end_reading(check->db);
    return log_no_memory(r, "rows of no zone");
}
