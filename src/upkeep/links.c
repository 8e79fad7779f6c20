#include "upkeep/links.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "dns/labels.h"
#include "dns/name.h"
#include "dns/rdata-type.h"
#include "store/database.h"
#include "store/metadata.h"
#include "store/raw-zones.h"
#include "store/records.h"

/* The zone that a name belongs to. `apex` is the end of the name. */
struct place {
    struct database *db;
    const char *apex; /* NULL: none of ours */
    int64_t zone_id;
};

/* The zone with the longest name. */
static int find_zone(struct database *db, const char *name, struct place *ret)
{
    struct raw_zone zone;

    *ret = (struct place){.db = db};
    for (const char *apex = name;; apex = labels_parent(apex)) {
        int r = raw_zones_find(db, apex, &zone);
        if (r == 0) {
            ret->apex = apex;
            ret->zone_id = zone.id;
            raw_zone_deinit(&zone);
        }
        if (r <= 0 || !*apex)
            return r < 0 ? r : 0;
    }
}

static int has_row(struct place *place, const char *name, const char *type, bool *ret)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    struct records_row row;

    int r = records_lookup(place->db, name, type, place->zone_id, &cursor);
    if (r == 0)
        r = records_next(&cursor, &row);
    if (r < 0)
        return r;
    *ret = r == 0;
    return 0;
}

static int is_delegated(struct place *place, const char *name, bool *ret)
{
    int r = 0;

    *ret = false;
    for (; name != place->apex && !*ret && r == 0; name = labels_parent(name))
        r = has_row(place, name, "NS", ret);
    return r;
}

/* The rows at one name, as they come. */
struct reading {
    struct place *place;
    struct chain_links *links;
    bool has_cname;
    unsigned explicit;
};

static int take_target(struct reading *reading, const struct records_row *row)
{
    char target[NAME_TEXT_SIZE];

    if (name_canonicalize_content(row->content, target) != 0)
        return 0;
    return chain_links_add(reading->links, target);
}

/* A CNAME wins; of several, the first one. */
static int take_cname(struct reading *reading, const struct records_row *row)
{
    if (reading->has_cname)
        return 0;
    reading->has_cname = true;
    chain_links_deinit(reading->links);
    return take_target(reading, row);
}

static int take_alias(struct reading *reading, const struct records_row *row)
{
    bool is_presigned;

    if (reading->has_cname)
        return 0;
    int r = metadata_is_presigned(reading->place->db, row->domain_id, &is_presigned);
    return r < 0 || is_presigned ? r : take_target(reading, row);
}

static int take_row(struct reading *reading, const struct records_row *row)
{
    if (strcasecmp(row->type, "ALIAS") == 0)
        return take_alias(reading, row);
    if (rdata_type(row->type) == RDATA_TYPE_CNAME)
        return take_cname(reading, row);
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        if (strcasecmp(row->type, dns_family_name(i)) == 0)
            reading->explicit |= CHAIN_FAMILY(i);
    }
    return 0;
}

static int read_rows(struct place *place, const char *name, struct chain_links *links,
                     bool *ret_has_rows)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    struct reading reading = {.place = place, .links = links};
    struct records_row row;

    *ret_has_rows = false;
    int r = records_lookup(place->db, name, "ANY", place->zone_id, &cursor);
    while (r == 0 && (r = records_next(&cursor, &row)) == 0) {
        *ret_has_rows = true;
        r = take_row(&reading, &row);
    }
    if (r < 0)
        return r;
    links->families = reading.has_cname ? CHAIN_FAMILIES : CHAIN_FAMILIES & ~reading.explicit;
    return 0;
}

/* PacketHandler::getBestWildcard: up to a name that exists. */
static int read_wildcard(struct place *place, const char *name, struct chain_links *links)
{
    char wildcard[NAME_TEXT_SIZE + 2];
    bool has_rows = false;
    int r = 0;

    while (name != place->apex && !has_rows && r == 0) {
        name = labels_parent(name);
        snprintf(wildcard, sizeof(wildcard), "*%s%s", *name ? "." : "", name);
        r = read_rows(place, wildcard, links, &has_rows);
        if (r == 0 && !has_rows)
            r = has_row(place, name, "ANY", &has_rows);
    }
    return r;
}

int links_find(void *db, const char *name, struct chain_links *links)
{
    struct place place;
    bool is_elsewhere;
    bool has_rows;

    int r = find_zone(db, name, &place);
    if (r < 0 || !place.apex)
        return r;
    r = is_delegated(&place, name, &is_elsewhere);
    if (r < 0 || is_elsewhere)
        return r;
    r = read_rows(&place, name, links, &has_rows);
    if (r < 0 || has_rows)
        return r;
    return read_wildcard(&place, name, links);
}
