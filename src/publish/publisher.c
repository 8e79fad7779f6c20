#include "publish/publisher.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include "publish/publication.h"
#include "store/together.h"
#include "store/zones.h"
#include "util/clock.h"
#include "util/counter.h"
#include "util/integer.h"

/* Of looking at zones, before others have their turn. */
#define SLICE_MS 50

/* To what is to be looked at again, at least. */
#define AGAIN_MS 200

/* After a failure. Longer than upkeep rests after one, so that it gets on with the rest. */
#define RETRY_MS 5000

/* While targets of a zone are resolved for the first time, and nothing else has changed, it isn't
 * published for so long: each step of the serial has secondaries fetch all of it. */
#define EXPECT_MS (60 * INT64_C(1000))

#define REVIEW_MS (1800 * INT64_C(1000))

/* After an edit PowerDNS is told once more to forget the zone: it may have been making an answer of
 * what it had read before. */
#define ECHO_MS 1000

struct zone {
    int64_t id;
    bool is_due;
    int64_t due_at; /* steady */
    TAILQ_ENTRY(zone) link;
    struct hashes names; /* as struct content's, of the last look */
    bool leads_inside;
    struct hashes lacking; /* publisher_transferred(), since the last look */
    int64_t held_since; /* published no more, until all has come that is expected; 0: isn't held */
};

TAILQ_HEAD(zone_queue, zone);

/* To be forgotten once more. */
struct echo {
    int64_t at; /* steady */
    STAILQ_ENTRY(echo) link;
    char zone[]; /* canonical */
};

/* A zone that was looked at: what follows is written together with others'. */
struct turn {
    struct zone *zone;
    struct publication publication;
};

struct publisher {
    struct publisher_config config;
    struct zone **zones; /* in the order of their ids */
    size_t zone_count;
    size_t zone_capacity;
    struct zone_queue changed; /* first come, first served, but none before its due_at */
    struct zone_queue settled; /* the same: to be reviewed */
    STAILQ_HEAD(, echo) echoes;
    struct hashes names;      /* content_name() of targets and zones that have changed */
    bool is_out_of_memory;    /* some that have changed couldn't be noted */
    bool was_edited;          /* some zone, since this was looked at */
    atomic_bool is_to_review; /* publisher_review() */
    struct counter raised;
    struct turn turns[PUBLICATIONS_MAX];
    size_t turn_count; /* 0 between calls */
};

int publisher_new(const struct publisher_config *config, struct publisher **ret)
{
    struct publisher *publisher = calloc(1, sizeof(*publisher));

    if (!publisher)
        return -ENOMEM;
    publisher->config = *config;
    TAILQ_INIT(&publisher->changed);
    TAILQ_INIT(&publisher->settled);
    STAILQ_INIT(&publisher->echoes);
    *ret = publisher;
    return 0;
}

/* The first one. */
static void remove_echo(struct publisher *publisher)
{
    struct echo *echo = STAILQ_FIRST(&publisher->echoes);

    STAILQ_REMOVE_HEAD(&publisher->echoes, link);
    free(echo);
}

static void free_zone(struct zone *zone)
{
    hashes_deinit(&zone->names);
    hashes_deinit(&zone->lacking);
    free(zone);
}

void publisher_forget(struct publisher *publisher)
{
    for (size_t i = 0; i < publisher->zone_count; ++i)
        free_zone(publisher->zones[i]);
    publisher->zone_count = 0;
    TAILQ_INIT(&publisher->changed);
    TAILQ_INIT(&publisher->settled);
}

void publisher_free(struct publisher *publisher)
{
    if (!publisher)
        return;
    publisher_forget(publisher);
    while (!STAILQ_EMPTY(&publisher->echoes))
        remove_echo(publisher);
    free(publisher->zones);
    hashes_deinit(&publisher->names);
    free(publisher);
}

/* Its place, or where it would be. */
static size_t place_of(const struct publisher *publisher, int64_t zone_id)
{
    size_t low = 0, high = publisher->zone_count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (publisher->zones[middle]->id < zone_id)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool is_at(const struct publisher *publisher, size_t place, int64_t zone_id)
{
    return place < publisher->zone_count && publisher->zones[place]->id == zone_id;
}

static int make_room(struct publisher *publisher)
{
    size_t capacity = publisher->zone_capacity ? 2 * publisher->zone_capacity : 16;
    struct zone **grown;

    if (publisher->zone_count < publisher->zone_capacity)
        return 0;
    grown = reallocarray(publisher->zones, capacity, sizeof(struct zone *));
    if (!grown)
        return -ENOMEM;
    publisher->zones = grown;
    publisher->zone_capacity = capacity;
    return 0;
}

static int add_zone(struct publisher *publisher, size_t place, int64_t zone_id)
{
    struct zone *zone;

    int r = make_room(publisher);
    if (r < 0)
        return r;
    zone = calloc(1, sizeof(*zone));
    if (!zone)
        return -ENOMEM;
    zone->id = zone_id;
    TAILQ_INSERT_TAIL(&publisher->settled, zone, link);
    memmove(&publisher->zones[place + 1], &publisher->zones[place],
            (publisher->zone_count - place) * sizeof(struct zone *));
    publisher->zones[place] = zone;
    ++publisher->zone_count;
    return 0;
}

static void remove_zone(struct publisher *publisher, struct zone *zone)
{
    size_t place = place_of(publisher, zone->id);

    TAILQ_REMOVE(zone->is_due ? &publisher->changed : &publisher->settled, zone, link);
    --publisher->zone_count;
    memmove(&publisher->zones[place], &publisher->zones[place + 1],
            (publisher->zone_count - place) * sizeof(struct zone *));
    free_zone(zone);
}

/* To be looked at, `delay` from now: what changes meanwhile is seen then, too. */
static void make_due(struct publisher *publisher, struct zone *zone, int64_t delay)
{
    if (zone->is_due)
        return;
    TAILQ_REMOVE(&publisher->settled, zone, link);
    zone->is_due = true;
    zone->due_at = clock_steady_ms() + delay;
    TAILQ_INSERT_TAIL(&publisher->changed, zone, link);
}

static void make_settled(struct publisher *publisher, struct zone *zone)
{
    TAILQ_REMOVE(&publisher->changed, zone, link);
    zone->is_due = false;
    zone->due_at = clock_steady_ms() + REVIEW_MS;
    TAILQ_INSERT_TAIL(&publisher->settled, zone, link);
}

/* The zone, made if need be; NULL if it isn't one that has secondaries. */
static int ensure_zone(struct publisher *publisher, struct database *db, int64_t zone_id,
                       struct zone **ret)
{
    size_t place = place_of(publisher, zone_id);
    bool is_primary = true;
    int r = 0;

    if (!is_at(publisher, place, zone_id)) {
        r = zones_is_primary(db, zone_id, &is_primary);
        if (r == 0 && is_primary)
            r = add_zone(publisher, place, zone_id);
    }
    if (r == 0)
        *ret = is_primary ? publisher->zones[place] : NULL;
    return r;
}

int publisher_see(struct publisher *publisher, struct database *db, int64_t zone_id)
{
    struct zone *zone;

    int r = ensure_zone(publisher, db, zone_id, &zone);
    if (r == 0 && zone)
        make_due(publisher, zone, *publisher->config.delay_ms);
    return r;
}

static void note_changed_name(void *userdata, const char *name)
{
    struct publisher *publisher = userdata;

    if (hashes_add(&publisher->names, content_name(name)) < 0)
        publisher->is_out_of_memory = true;
}

static int add_echo(struct publisher *publisher, const char *zone)
{
    size_t size = strlen(zone) + 1;
    struct echo *echo = malloc(sizeof(*echo) + size);

    if (!echo)
        return -ENOMEM;
    echo->at = clock_steady_ms() + ECHO_MS;
    memcpy(echo->zone, zone, size);
    STAILQ_INSERT_TAIL(&publisher->echoes, echo, link);
    return 0;
}

static void tell_echoes(struct publisher *publisher, int64_t now)
{
    struct echo *echo;

    while ((echo = STAILQ_FIRST(&publisher->echoes)) && echo->at <= now) {
        announcer_purge_zone(publisher->config.announcer, echo->zone);
        remove_echo(publisher);
    }
}

static int forget_in_caches(struct publisher *publisher, struct database *db, int64_t zone_id)
{
    char stored[NAME_TEXT_SIZE];
    char zone[NAME_TEXT_SIZE];

    int r = zones_find_name(db, zone_id, stored);
    if (r < 0)
        return r;
    if (r != 0 || name_canonicalize(stored, zone) != 0)
        return 0;
    announcer_purge_zone(publisher->config.announcer, zone);
    note_changed_name(publisher, zone);
    return add_echo(publisher, zone);
}

int publisher_edited(struct publisher *publisher, struct database *db, int64_t zone_id)
{
    struct zone *zone;

    publisher->was_edited = true;
    int r = forget_in_caches(publisher, db, zone_id);
    if (r == 0)
        r = ensure_zone(publisher, db, zone_id, &zone);
    if (r == 0 && zone)
        make_due(publisher, zone, *publisher->config.delay_ms);
    return r;
}

int publisher_transferred(struct publisher *publisher, int64_t zone_id,
                          const struct hashes *lacking)
{
    size_t place = place_of(publisher, zone_id);

    if (!is_at(publisher, place, zone_id))
        return 0;
    struct zone *zone = publisher->zones[place];
    int r = hashes_add_all(&zone->lacking, lacking);
    hashes_sort(&zone->lacking);
    make_due(publisher, zone, 0);
    return r;
}

/* An ALIAS row of theirs may lead to what was edited. */
static void make_due_what_leads_inside(struct publisher *publisher)
{
    for (size_t i = 0; publisher->was_edited && i < publisher->zone_count; ++i) {
        if (publisher->zones[i]->leads_inside)
            make_due(publisher, publisher->zones[i], *publisher->config.delay_ms);
    }
    publisher->was_edited = false;
}

/* Targets that have changed, or that may be in a zone that is new, or wasn't there for a while.
 * Without memory to know which, all zones are looked at. */
static void make_due_what_leads_there(struct publisher *publisher)
{
    targets_take_changed(publisher->config.targets, note_changed_name, publisher);
    if (publisher->names.count == 0 && !publisher->is_out_of_memory)
        return;
    hashes_sort(&publisher->names);
    for (size_t i = 0; i < publisher->zone_count; ++i) {
        struct zone *zone = publisher->zones[i];

        if (publisher->is_out_of_memory || hashes_have_any(&publisher->names, &zone->names))
            make_due(publisher, zone, *publisher->config.delay_ms);
    }
    publisher->names.count = 0;
    publisher->is_out_of_memory = false;
}

static void forget_owner_in_caches(struct announcer *announcer, const char *owner)
{
    char name[NAME_TEXT_SIZE];

    if (name_canonicalize(owner, name) == 0)
        announcer_purge_name(announcer, name);
}

static void announce(struct announcer *announcer, const struct publication *publication)
{
    const struct content *content = &publication->content;
    bool are_many = content->owner_count > CONTENT_OWNERS_MAX;

    if (are_many)
        announcer_purge_zone(announcer, publication->zone);
    for (size_t i = 0; i < content->owner_count && !are_many; ++i)
        forget_owner_in_caches(announcer, content->owners[i]);
    if (!publication->is_news)
        return;
    announcer_purge_name(announcer, publication->zone); /* its SOA */
    announcer_notify(announcer, publication->zone);
}

/* What the zone leads to, for the next change of a target. */
static void keep_names(struct zone *zone, struct content *content)
{
    hashes_deinit(&zone->names);
    zone->names = content->names;
    zone->leads_inside = content->leads_inside;
    content->names = (struct hashes){0};
}

/* Whether there is more to come, and it is worth waiting for. */
static bool is_to_be_held(struct zone *zone, const struct content *content)
{
    bool is_expecting = content->is_expecting && content->has_changed && !content->has_other_rows;

    if (!is_expecting)
        zone->held_since = 0;
    else if (zone->held_since == 0)
        zone->held_since = clock_steady_ms();
    return is_expecting && clock_steady_ms() < zone->held_since + EXPECT_MS;
}

/* 0; PUBLICATION_E_NONE; PUBLICATION_E_CHANGED: is to be looked at again; negative. */
static int look_at(struct publisher *publisher, struct database *db, struct zone *zone,
                   struct publication *publication)
{
    const struct publisher_config *config = &publisher->config;
    const struct publication_rules rules = {
        .targets = config->targets,
        .auto_serial = *config->auto_serial,
        .alias_txt = *config->alias_txt,
        .hops_max = *config->hops_max,
        .lacking = &zone->lacking,
    };

    int r = publication_read(db, zone->id, &rules, publication);
    if (r != 0)
        return r;
    keep_names(zone, &publication->content);
    if (is_to_be_held(zone, &publication->content))
        return PUBLICATION_E_CHANGED;
    zone->held_since = 0;
    publication_decide(publication, &rules);
    return 0;
}

/* What can't be read or written now has its next turn after the others. */
static void make_due_again(struct publisher *publisher, struct zone *zone, int r)
{
    make_due(publisher, zone,
             r < 0 ? RETRY_MS : integer_max(AGAIN_MS, *publisher->config.delay_ms));
}

/* 0 or negative. */
static int begin_turn(struct publisher *publisher, struct database *db, struct zone *zone)
{
    struct turn *turn = &publisher->turns[publisher->turn_count];

    *turn = (struct turn){.zone = zone};
    int r = look_at(publisher, db, zone, &turn->publication);
    if (r == 0) {
        make_settled(publisher, zone);
        ++publisher->turn_count;
        return 0;
    }
    publication_deinit(&turn->publication);
    if (r == PUBLICATION_E_NONE) {
        remove_zone(publisher, zone);
        return 0;
    }
    make_settled(publisher, zone);
    make_due_again(publisher, zone, r);
    return r < 0 ? r : 0;
}

static void end_turn(struct publisher *publisher, struct turn *turn, int r)
{
    if (r != 0) {
        make_due_again(publisher, turn->zone, r);
    } else {
        hashes_deinit(&turn->zone->lacking);
        counter_add(&publisher->raised, turn->publication.is_raised);
        announce(publisher->config.announcer, &turn->publication);
    }
    publication_deinit(&turn->publication);
}

/* 0 or negative, in the first place what there is no use in going on after. */
static int end_turns(struct publisher *publisher, struct database *db)
{
    struct publication *publications[PUBLICATIONS_MAX] = {0};
    int outcomes[PUBLICATIONS_MAX];
    size_t count = publisher->turn_count;

    for (size_t i = 0; i < count; ++i)
        publications[i] = &publisher->turns[i].publication;
    int failure = publication_settle(db, publications, count, outcomes);
    for (size_t i = 0; i < count; ++i) {
        end_turn(publisher, &publisher->turns[i], outcomes[i]);
        if (outcomes[i] < 0 && failure == 0)
            failure = outcomes[i];
    }
    publisher->turn_count = 0;
    return failure;
}

static struct zone *next_due(struct publisher *publisher, int64_t now)
{
    struct zone *zone = TAILQ_FIRST(&publisher->changed);

    return zone && zone->due_at <= now ? zone : NULL;
}

void publisher_review(struct publisher *publisher)
{
    if (publisher)
        publisher->is_to_review = true;
}

static void make_reviews_due(struct publisher *publisher, int64_t now)
{
    bool are_all_due = atomic_exchange(&publisher->is_to_review, false);
    struct zone *zone;

    while ((zone = TAILQ_FIRST(&publisher->settled)) && (are_all_due || zone->due_at <= now))
        make_due(publisher, zone, 0);
}

/* Those that are due, as many as are settled together. 0 or negative, as end_turns(). */
static int have_turns(struct publisher *publisher, struct database *db, int64_t now)
{
    struct zone *zone;
    int failure = 0;

    while ((zone = next_due(publisher, now)) && publisher->turn_count < PUBLICATIONS_MAX &&
           !together_is_hopeless(failure) && clock_steady_ms() < now + SLICE_MS) {
        int r = begin_turn(publisher, db, zone);

        if (r < 0)
            failure = r;
    }
    int r = end_turns(publisher, db);
    return r < 0 && !together_is_hopeless(failure) ? r : failure;
}

int publisher_work(struct publisher *publisher, struct database *db, bool *ret_is_behind)
{
    int64_t now = clock_steady_ms();
    int failure = 0;

    tell_echoes(publisher, now);
    make_due_what_leads_there(publisher);
    make_due_what_leads_inside(publisher);
    make_reviews_due(publisher, now);
    while (next_due(publisher, now) && clock_steady_ms() < now + SLICE_MS) {
        int r = have_turns(publisher, db, now);

        if (together_is_hopeless(r))
            return r;
        if (r < 0)
            failure = r;
    }
    *ret_is_behind = next_due(publisher, now) != NULL;
    return failure;
}

void publisher_look(const struct publisher *publisher, struct publisher_figures *ret)
{
    *ret = (struct publisher_figures){.raised = counter_read(&publisher->raised)};
}
