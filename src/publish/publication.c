#include "publish/publication.h"

#include <inttypes.h>
#include <string.h>

#include "publish/serial.h"
#include "store/changes.h"
#include "store/domains.h"
#include "store/together.h"
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
static enum publication_step choose_step(const struct publication *publication,
                                         const struct publication_rules *rules)
{
    const struct published *before = &publication->before;
    uint32_t serial = publication->soa.serial;

    if (!before->is_known)
        return PUBLICATION_RECORD;
    if (serial_is_seen_as_newer(serial, before->serial, soa_edit(publication), clock_wall_s()))
        return PUBLICATION_RECORD;
    if (publication->content.has_changed)
        return may_raise(publication, rules) ? PUBLICATION_RAISE : PUBLICATION_NONE;
    return publication->content.has_lost ? PUBLICATION_NOTE : PUBLICATION_NONE;
}

/* Newer than what was published, and than what stands there. */
static uint32_t raised_serial(const struct publication *publication)
{
    uint32_t serial = publication->soa.serial;

    if (serial_is_newer(publication->before.serial, serial))
        serial = publication->before.serial;
    return serial_raise(serial, soa_edit(publication), clock_wall_s());
}

static uint32_t serial_after(const struct publication *publication, enum publication_step step)
{
    if (step == PUBLICATION_NOTE)
        return publication->before.serial;
    return step == PUBLICATION_RAISE ? raised_serial(publication) : publication->soa.serial;
}

/* 0; PUBLICATION_E_CHANGED; negative. */
static int write_step(struct database *db, void *item)
{
    struct publication *publication = item;
    struct published *published = &publication->content.published;
    int64_t count;
    int r = changes_count(db, publication->zone_id, &count);

    if (r == 0 && count != publication->count)
        return PUBLICATION_E_CHANGED;
    if (r == 0 && publication->step == PUBLICATION_RAISE) {
        r = soa_set_serial(db, &publication->soa, published->serial);
        if (r == 0)
            r = changes_restore(db, publication->zone_id, count);
    }
    return r == 0 ? published_write(db, publication->zone_id, published) : r;
}

static void say(const struct publication *publication)
{
    enum publication_step step = publication->step;
    const struct content *content = &publication->content;

    if (step == PUBLICATION_RAISE)
        log_info("zone %s: serial %" PRIu32 " raised to %" PRIu32 ": %s", publication->zone,
                 publication->soa.serial, content->published.serial,
                 content->has_other_rows ? "its rows have changed"
                                         : "ALIAS targets have other addresses");
    else
        log_debug("zone %s: published with serial %" PRIu32 "%s", publication->zone,
                  content->published.serial,
                  step == PUBLICATION_NOTE ? ", without what isn't known any more" : "");
}

void publication_decide(struct publication *publication, const struct publication_rules *rules)
{
    publication->step = choose_step(publication, rules);
    publication->content.published.serial = serial_after(publication, publication->step);
}

static void note_written(struct publication *publication)
{
    publication->is_raised = publication->step == PUBLICATION_RAISE;
    publication->is_news = publication->step != PUBLICATION_NOTE &&
                           (publication->before.is_known || !publication->is_notified);
    say(publication);
}

int publication_settle(struct database *db, struct publication *const publications[], size_t count,
                       int ret_outcomes[])
{
    void *items[PUBLICATIONS_MAX] = {0};
    int outcomes[PUBLICATIONS_MAX];
    size_t places[PUBLICATIONS_MAX];
    size_t to_write = 0;

    for (size_t i = 0; i < count; ++i) {
        ret_outcomes[i] = 0;
        if (publications[i]->step == PUBLICATION_NONE)
            continue;
        places[to_write] = i;
        items[to_write++] = publications[i];
    }
    int r = together_run(db, write_step, items, to_write, outcomes);
    for (size_t i = 0; i < to_write; ++i) {
        ret_outcomes[places[i]] = outcomes[i];
        if (outcomes[i] == 0)
            note_written(items[i]);
    }
    return r;
}
