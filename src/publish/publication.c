#include "publish/publication.h"

#include <inttypes.h>
#include <string.h>

#include "publish/serial.h"
#include "store/changes.h"
#include "store/domains.h"
#include "store/zones.h"
#include "util/clock.h"
#include "util/log.h"

void publication_deinit(struct publication *publication)
{
    soa_deinit(&publication->soa);
    published_deinit(&publication->before);
    content_deinit(&publication->content);
}

/* As PowerDNS has it, only the word in capitals makes a primary. */
static int read_domain(struct database *db, struct publication *publication)
{
    CLEANUP(domains_cursor_deinit) struct domains_cursor cursor = {0};
    char stored[NAME_TEXT_SIZE];
    struct domains_row row;

    int r = zones_find_name(db, publication->zone_id, stored);
    if (r != 0)
        return r < 0 ? r : PUBLICATION_E_NONE;
    if (name_canonicalize(stored, publication->zone) != 0)
        return PUBLICATION_E_NONE;
    r = domains_find(db, publication->zone, &cursor, &row);
    if (r != 0)
        return r < 0 ? r : PUBLICATION_E_NONE;
    publication->is_notified = row.notified_serial == row.serial;
    return row.id == publication->zone_id && strcmp(row.kind, "MASTER") == 0 ? 0
                                                                             : PUBLICATION_E_NONE;
}

static int read_content(struct database *db, struct publication *publication,
                        const struct publication_rules *rules)
{
    struct metadata_alias alias;

    int r = metadata_read_alias(db, publication->zone_id, &alias);
    if (r < 0)
        return r;
    const struct content_rules content = {
        .targets = rules->targets,
        .zone_id = publication->zone_id,
        .zone = publication->zone,
        .soa = &publication->soa,
        .is_presigned = alias.is_presigned,
        .with_txt = alias.says_txt ? alias.is_txt : rules->alias_txt,
        .hops_max = rules->hops_max,
        .lacking = rules->lacking,
        .before = &publication->before,
    };
    return content_read(db, &content, &publication->content);
}

static int read_all(struct database *db, struct publication *publication,
                    const struct publication_rules *rules)
{
    int64_t zone_id = publication->zone_id;

    int r = read_domain(db, publication);
    if (r == 0)
        r = soa_find(db, zone_id, publication->zone, &publication->soa);
    if (r > 0)
        return PUBLICATION_E_NONE;
    if (r == 0)
        r = changes_count(db, zone_id, &publication->count);
    if (r == 0)
        r = metadata_read_publishing(db, zone_id, &publication->metadata);
    if (r == 0)
        r = published_read(db, zone_id, &publication->before);
    return r == 0 ? read_content(db, publication, rules) : r;
}

int publication_read(struct database *db, int64_t zone_id, const struct publication_rules *rules,
                     struct publication *ret)
{
    ret->zone_id = zone_id;
    int r = database_begin_reading(db);
    if (r < 0)
        return r;
    r = read_all(db, ret, rules);
    database_end_reading(db);
    return r;
}

enum step {
    STEP_NONE,
    STEP_NOTE,   /* what secondaries lack, with the serial that they have */
    STEP_RECORD, /* the serial is new already */
    STEP_RAISE,
};

/* PowerDNS shows a presigned zone's serial as it is. */
static const char *soa_edit(const struct publication *publication)
{
    return publication->metadata.is_presigned ? "" : publication->metadata.soa_edit;
}

/* A presigned zone's SOA is signed by whoever made it. */
static bool may_raise(const struct publication *publication, const struct publication_rules *rules)
{
    const struct metadata_publishing *metadata = &publication->metadata;

    if (metadata->is_presigned)
        return false;
    return metadata->says_auto_serial ? metadata->is_auto_serial : rules->auto_serial;
}

/* What was published is recorded only with a serial that is its own: what has changed while
 * serials were left alone is published when they aren't any more. */
static enum step choose_step(const struct publication *publication,
                             const struct publication_rules *rules)
{
    const struct published *before = &publication->before;
    uint32_t serial = publication->soa.serial;

    if (!before->is_known)
        return STEP_RECORD;
    if (serial_is_seen_as_newer(serial, before->serial, soa_edit(publication), clock_wall_s()))
        return STEP_RECORD;
    if (publication->content.has_changed)
        return may_raise(publication, rules) ? STEP_RAISE : STEP_NONE;
    return publication->content.has_lost ? STEP_NOTE : STEP_NONE;
}

/* Newer than what was published, and than what stands there. */
static uint32_t raised_serial(const struct publication *publication)
{
    uint32_t serial = publication->soa.serial;

    if (serial_is_newer(publication->before.serial, serial))
        serial = publication->before.serial;
    return serial_raise(serial, soa_edit(publication), clock_wall_s());
}

static uint32_t serial_after(const struct publication *publication, enum step step)
{
    if (step == STEP_NOTE)
        return publication->before.serial;
    return step == STEP_RAISE ? raised_serial(publication) : publication->soa.serial;
}

static int write_step(struct database *db, struct publication *publication, enum step step)
{
    struct published *published = &publication->content.published;
    int64_t count;
    int r = changes_count(db, publication->zone_id, &count);

    if (r == 0 && count != publication->count)
        return PUBLICATION_E_CHANGED;
    if (r == 0 && step == STEP_RAISE) {
        r = soa_set_serial(db, &publication->soa, published->serial);
        if (r == 0)
            r = changes_restore(db, publication->zone_id, count);
    }
    return r == 0 ? published_write(db, publication->zone_id, published) : r;
}

static int write(struct database *db, struct publication *publication, enum step step)
{
    int r = database_begin(db);
    if (r < 0)
        return r;
    r = write_step(db, publication, step);
    if (r == 0)
        return database_commit(db);
    database_rollback(db);
    return r;
}

static void say(const struct publication *publication, enum step step)
{
    const struct content *content = &publication->content;

    if (step == STEP_RAISE)
        log_info("zone %s: serial %" PRIu32 " raised to %" PRIu32 ": %s", publication->zone,
                 publication->soa.serial, content->published.serial,
                 content->has_other_rows ? "its rows have changed"
                                         : "ALIAS targets have other addresses");
    else
        log_debug("zone %s: published with serial %" PRIu32 "%s", publication->zone,
                  content->published.serial,
                  step == STEP_NOTE ? ", without what isn't known any more" : "");
}

int publication_settle(struct database *db, struct publication *publication,
                       const struct publication_rules *rules)
{
    struct published *published = &publication->content.published;
    enum step step = choose_step(publication, rules);

    if (step == STEP_NONE)
        return 0;
    published->serial = serial_after(publication, step);
    int r = write(db, publication, step);
    if (r != 0)
        return r;
    publication->is_raised = step == STEP_RAISE;
    publication->is_news =
        step != STEP_NOTE && (publication->before.is_known || !publication->is_notified);
    say(publication, step);
    return 0;
}
