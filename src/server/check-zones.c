#include "server/check-zones.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "server/setup.h"
#include "store/database.h"
#include "upkeep/zone-check.h"
#include "util/cleanup.h"
#include "util/log.h"

/* Nobody waits for us: a writer's lock, where there is no WAL, may last longer than a call's. */
#define BUSY_TIMEOUT_MS 5000

struct tally {
    size_t zones;
    size_t faults;
    size_t warnings;
};

static void print_escaped(const char *text, char first_printable)
{
    for (; *text; ++text) {
        if (*text >= first_printable && *text < 0x7f)
            putchar(*text);
        else
            printf("\\x%02x", (unsigned char)*text);
    }
}

/* One of the fields that end with a blank. */
static void print_field(const char *text)
{
    print_escaped(text && *text ? text : "-", '!');
    putchar(' ');
}

static void print_item(const char *zone, const struct faults_item *item)
{
    print_field(item->is_warning ? "warning" : "fault");
    print_field(zone);
    print_field(item->name);
    print_field(item->type);
    if (item->name)
        printf("%" PRId64 " ", item->row_id);
    else
        print_field(NULL);
    print_escaped(item->why, ' ');
    putchar('\n');
}

static void print_found(const struct zone_check *check, struct tally *tally)
{
    const struct faults *faults = &check->faults;

    for (size_t i = 0; i < faults->count; ++i) {
        print_item(check->zone_name, &faults->items[i]);
        ++*(faults->items[i].is_warning ? &tally->warnings : &tally->faults);
    }
}

static int check_all(struct zone_check *check, struct tally *tally)
{
    int r;

    while ((r = zone_check_next(check)) == 0) {
        ++tally->zones;
        print_found(check, tally);
    }
    if (r < 0)
        return r;
    while ((r = zone_check_next_lost(check)) == 0)
        print_found(check, tally);
    return r < 0 ? r : 0;
}

/* All are looked for before any is checked. */
static int find_named(struct zone_check *check, char *const *zones)
{
    int found = 0;

    for (; *zones; ++zones) {
        int r = zone_check_find(check, *zones);
        if (r < 0)
            return r;
        if (r == ZONE_CHECK_E_NOT_FOUND) {
            log_error("check: there is no zone '%s'", *zones);
            found = CHECK_ZONES_E_NO_ZONE;
        }
    }
    return found;
}

static int check_named(struct zone_check *check, char *const *zones, struct tally *tally)
{
    int r = find_named(check, zones);

    for (; *zones && r == 0; ++zones) {
        r = zone_check_named(check, *zones);
        if (r == ZONE_CHECK_E_NOT_FOUND) {
            log_error("check: zone '%s' was deleted meanwhile", *zones);
            return CHECK_ZONES_E_NO_ZONE;
        }
        ++tally->zones;
        print_found(check, tally);
    }
    return r;
}

static int check(struct database *db, size_t hops_max, char *const *zones, struct tally *tally)
{
    CLEANUP(zone_check_deinit) struct zone_check check;

    zone_check_init(&check, db, hops_max);
    return *zones ? check_named(&check, zones, tally) : check_all(&check, tally);
}

/* What is lost on the way out must not look like a clean database. */
static int flush_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return 0;
    int r = errno ? -errno : -EIO;
    log_error("check: can't write what was found: %s", strerror(-r));
    return r;
}

int check_zones(const struct settings *settings, char *const *zones)
{
    CLEANUP(database_freep) struct database *db = NULL;
    struct database_config config = setup_database(settings);
    struct tally tally = {0};

    log_set_level(settings->loglevel);
    config.read_only = true;
    config.busy_timeout_ms = BUSY_TIMEOUT_MS;
    int r = database_open(&config, &db);
    if (r == 0)
        r = check(db, settings->alias_hops_max, zones, &tally);
    int flushed = flush_output();
    if (r == 0)
        r = flushed;
    if (r != 0)
        return r;
    log_notice("check: %zu zones, %zu faults, %zu warnings", tally.zones, tally.faults,
               tally.warnings);
    return tally.faults > 0 ? CHECK_ZONES_E_FAULTS : 0;
}
