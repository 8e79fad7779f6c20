#include "store/links.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "dns/labels.h"
#include "dns/name.h"
#include "dns/rdata-type.h"
#include "store/database.h"
#include "store/metadata.h"
#include "store/records.h"
#include "store/zones.h"

/* The zone that a name belongs to. `apex` is the end of the name. */
struct place {
    struct database *db;
    const char *apex; /* NULL: none of ours */
    int64_t zone_id;
    bool is_partial; /* there is one with a longer name, of which we have no SOA */
};

static int has_row(const struct place *place, const char *name, const char *type, bool *ret)
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

/* The longest zone with an SOA. Each name above is looked for by itself: a query for all of them at
 * once takes longer. */
static int find_place(struct database *db, const char *name, struct place *ret)
{
    *ret = (struct place){.db = db};
    for (const char *apex = name;; apex = labels_parent(apex)) {
        bool has_soa = false;
        int r = zones_find_id(db, apex, &ret->zone_id);
        if (r == 0)
            r = has_row(ret, apex, "SOA", &has_soa);
        ret->is_partial |= r == 0 && !has_soa;
        if (has_soa)
            ret->apex = apex;
        if (r < 0 || has_soa || !*apex)
            return r < 0 ? r : 0;
    }
}

static int find_delegation(const struct place *place, const char *name, bool *ret)
{
    int r = 0;

    *ret = false;
    for (; name != place->apex && !*ret && r == 0; name = labels_parent(name))
        r = has_row(place, name, "NS", ret);
    return r;
}

/* The rows at one name, as they come. */
struct reading {
    const struct place *place;
    struct chain_links *links;
    bool has_rows;
    bool has_cname;
    bool has_lua;
    unsigned explicit;
};

static int take_target(struct reading *reading, const struct records_row *row)
{
    char target[NAME_TEXT_SIZE];

    if (name_canonicalize_content(row->content, target) != 0)
        return 0;
    return chain_links_add(reading->links, target, row->ttl);
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

    int r = metadata_is_presigned(reading->place->db, row->domain_id, &is_presigned);
    return r < 0 || is_presigned ? r : take_target(reading, row);
}

static int take_address(struct reading *reading, const struct records_row *row)
{
    struct address address;

    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        if (!rdata_type_is(row->type, dns_family_name(i)))
            continue;
        reading->explicit |= CHAIN_FAMILY(i);
        if (address_from_text(row->content, i, &address) == 0)
            return chain_addresses_add(&reading->links->addresses[i], &address, row->ttl);
    }
    return 0;
}

static int take_row(struct reading *reading, const struct records_row *row)
{
    reading->has_rows = true;
    if (rdata_type(row->type) == RDATA_TYPE_CNAME)
        return take_cname(reading, row);
    if (reading->has_cname)
        return 0;
    if (rdata_type_is(row->type, "ALIAS"))
        return take_alias(reading, row);
    if (rdata_type(row->type) == RDATA_TYPE_LUA)
        reading->has_lua = true;
    return take_address(reading, row);
}

static int read_rows(const struct place *place, const char *name, struct chain_links *links,
                     bool *ret_has_rows)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    struct reading reading = {.place = place, .links = links};
    struct records_row row;

    int r = records_lookup(place->db, name, "ANY", place->zone_id, &cursor);
    while (r == 0 && (r = records_next(&cursor, &row)) == 0)
        r = take_row(&reading, &row);
    if (r < 0)
        return r;
    links->families = reading.has_cname ? CHAIN_FAMILIES : CHAIN_FAMILIES & ~reading.explicit;
    /* Beside an ALIAS it isn't asked about, or a query of ours might come back to us. */
    if (reading.has_lua && links->count == 0 && !reading.has_cname)
        links->outside = CHAIN_FAMILIES;
    *ret_has_rows = reading.has_rows;
    return 0;
}

/* PacketHandler::getBestWildcard: up to a name that exists. */
static int read_wildcard(const struct place *place, const char *name, struct chain_links *links,
                         bool *ret_has_rows)
{
    char wildcard[NAME_TEXT_SIZE + 2];
    bool is_there = false;
    int r = 0;

    *ret_has_rows = false;
    while (name != place->apex && !*ret_has_rows && !is_there && r == 0) {
        name = labels_parent(name);
        snprintf(wildcard, sizeof(wildcard), "*%s%s", *name ? "." : "", name);
        r = read_rows(place, wildcard, links, ret_has_rows);
        if (r == 0 && !*ret_has_rows)
            r = has_row(place, name, "ANY", &is_there);
    }
    return r;
}

/* RFC 6672 2.2. A name that would be too long leads nowhere. */
static int take_dname(const char *name, const char *owner, const struct records_row *row,
                      struct chain_links *links)
{
    char target[NAME_TEXT_SIZE];
    char text[2 * NAME_TEXT_SIZE];
    char redirected[NAME_TEXT_SIZE];

    if (name_canonicalize_content(row->content, target) != 0)
        return 0;
    snprintf(text, sizeof(text), "%.*s%s", (int)(owner - name), name, target);
    if (name_canonicalize(text, redirected) != 0)
        return 0;
    links->families = CHAIN_FAMILIES;
    return chain_links_add(links, redirected, row->ttl);
}

/* PacketHandler::getBestDNAMESynth: the closest one above a name without rows. */
static int read_dname(const struct place *place, const char *name, struct chain_links *links,
                      bool *ret_is_there)
{
    const char *owner = name;
    int r = 0;

    *ret_is_there = false;
    while (owner != place->apex && !*ret_is_there && r == 0) {
        CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
        struct records_row row;
        owner = labels_parent(owner);
        r = records_lookup(place->db, owner, "DNAME", place->zone_id, &cursor);
        if (r == 0)
            r = records_next(&cursor, &row);
        if (r != 0) {
            r = r < 0 ? r : 0;
            continue;
        }
        *ret_is_there = true;
        r = take_dname(name, owner, &row, links);
    }
    return r;
}

static int find_in_zone(const struct place *place, const char *name, struct chain_links *links,
                        bool *ret_is_there)
{
    int r = read_rows(place, name, links, ret_is_there);
    if (r == 0 && !*ret_is_there)
        r = read_wildcard(place, name, links, ret_is_there);
    if (r == 0 && !*ret_is_there)
        r = read_dname(place, name, links, ret_is_there);
    return r;
}

int links_find(void *db, const char *name, struct chain_links *links)
{
    struct place place;
    bool is_elsewhere = true;
    bool is_there = false;

    int r = find_place(db, name, &place);
    if (r == 0 && place.apex)
        r = find_delegation(&place, name, &is_elsewhere);
    if (r == 0 && !is_elsewhere)
        r = find_in_zone(&place, name, links, &is_there);
    if (r == 0 && !is_there && (is_elsewhere || place.is_partial))
        links->outside = CHAIN_FAMILIES;
    return r;
}
