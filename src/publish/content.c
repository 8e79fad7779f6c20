#include "publish/content.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "alias/allowance.h"
#include "alias/zone-walk.h"
#include "dns/digest.h"
#include "dns/labels.h"
#include "store/keys.h"
#include "store/metadata.h"
#include "store/number.h"
#include "util/cleanup.h"

struct reading {
    struct database *db;
    const struct content_rules *rules;
    struct content *content;
    size_t answer_capacity;
    bool has_owner_changed; /* the one that is being read */
};

void content_deinit(struct content *content)
{
    published_deinit(&content->published);
    arena_deinit(&content->texts);
    hashes_deinit(&content->names);
    *content = (struct content){0};
}

static void add_text(struct digest *digest, const char *text)
{
    digest_add(digest, text, strlen(text));
}

static uint64_t end_short(struct digest *digest)
{
    uint8_t hash[DIGEST_SIZE];

    digest_end(digest, hash);
    return digest_short(hash);
}

uint64_t content_name(const char *name)
{
    struct digest digest;

    digest_init(&digest);
    add_text(&digest, name);
    return end_short(&digest);
}

uint64_t content_question(const char *target, enum dns_family family)
{
    struct digest digest;

    digest_init(&digest);
    add_text(&digest, target);
    add_text(&digest, dns_family_name(family));
    return end_short(&digest);
}

/* Rows come in no order that could be relied on, so what they are is added up: as four numbers of
 * 64 bits. Two rows that are the same don't cancel each other out. */
static void end_row(struct reading *reading, struct digest *digest)
{
    uint8_t *sum = reading->content->published.rows;
    uint8_t row[DIGEST_SIZE];
    uint64_t a, b;

    digest_end(digest, row);
    for (size_t i = 0; i < DIGEST_SIZE; i += sizeof(a)) {
        memcpy(&a, sum + i, sizeof(a));
        memcpy(&b, row + i, sizeof(b));
        a = htole64(le64toh(a) + le64toh(b));
        memcpy(sum + i, &a, sizeof(a));
    }
}

static void begin_row(struct digest *digest, const char *name, const char *type, uint32_t ttl)
{
    uint8_t octets[4] = {ttl >> 24, ttl >> 16, ttl >> 8, ttl};

    digest_init(digest);
    add_text(digest, name);
    add_text(digest, type);
    digest_add(digest, octets, sizeof(octets));
}

/* What comes before it, and what comes behind. */
static void add_without_serial(struct digest *digest, const char *content)
{
    const char *serial = number_soa_serial(content);

    digest_add(digest, content, serial - content);
    add_text(digest, serial + strcspn(serial, NUMBER_BLANKS));
}

static int see_row(void *userdata, const struct records_row *row)
{
    struct reading *reading = userdata;
    struct digest digest;

    if (!*row->type)
        return 0; /* an empty non-terminal, which follows from the others */
    begin_row(&digest, row->name, row->type, row->ttl);
    if (row->id == reading->rules->soa->row_id)
        add_without_serial(&digest, row->content);
    else
        digest_add(&digest, row->content, row->content_size);
    end_row(reading, &digest);
    return 0;
}

static void see_alias(struct reading *reading, const char *owner,
                      const struct expansion_alias *alias)
{
    struct digest digest;

    begin_row(&digest, owner, "ALIAS", alias->ttl);
    add_text(&digest, alias->target ? alias->target : ".");
    add_text(&digest, reading->rules->with_txt ? "TXT" : "");
    end_row(reading, &digest);
}

/* Whether it was followed to more than itself. */
static bool leads_inside(const struct local_answer *answer)
{
    if (!answer)
        return false;
    return answer->count != 1 || answer->questions[0].ttl != UINT32_MAX ||
           answer->addresses[DNS_FAMILY_A].set.count > 0 ||
           answer->addresses[DNS_FAMILY_AAAA].set.count > 0;
}

static int compare_answers(const void *a, const void *b)
{
    const struct published_answer *left = a, *right = b;

    return (left->key > right->key) - (left->key < right->key);
}

static const struct published_answer *find_answer(const struct published *published, uint64_t key)
{
    const struct published_answer wanted = {.key = key};

    if (published->count == 0)
        return NULL;
    return bsearch(&wanted, published->answers, published->count, sizeof(wanted), compare_answers);
}

/* Each once: a target that two rows of a name lead to is the same answer twice. */
static void sort_answers(struct published *published)
{
    struct published_answer *answers = published->answers;
    size_t kept = 0;

    if (published->count > 1)
        qsort(answers, published->count, sizeof(*answers), compare_answers);
    for (size_t i = 0; i < published->count; ++i) {
        if (kept == 0 || answers[kept - 1].key != answers[i].key)
            answers[kept++] = answers[i];
    }
    published->count = kept;
}

static int add_answer(struct reading *reading, uint64_t key, uint64_t value)
{
    struct published *published = &reading->content->published;

    if (published->count == reading->answer_capacity) {
        size_t capacity = reading->answer_capacity ? 2 * reading->answer_capacity : 4;
        struct published_answer *grown = reallocarray(published->answers, capacity, sizeof(*grown));

        if (!grown)
            return -ENOMEM;
        published->answers = grown;
        reading->answer_capacity = capacity;
    }
    published->answers[published->count++] = (struct published_answer){.key = key, .value = value};
    return 0;
}

/* `place` is where the addresses are from. */
static uint64_t answer_key(const char *owner, const char *target, enum dns_family family,
                           const char *place)
{
    struct digest digest;

    digest_init(&digest);
    add_text(&digest, owner);
    add_text(&digest, target);
    add_text(&digest, dns_family_name(family));
    add_text(&digest, place);
    return end_short(&digest);
}

static uint64_t answer_value(const struct address_set *addresses)
{
    struct digest digest;

    digest_init(&digest);
    for (size_t i = 0; i < addresses->count; ++i)
        digest_add(&digest, &addresses->items[i], sizeof(addresses->items[i]));
    return end_short(&digest);
}

static int note_owner(struct content *content, const char *owner)
{
    size_t count = content->owner_count;

    if (count < CONTENT_OWNERS_MAX) {
        content->owners[count] = arena_copy(&content->texts, owner, strlen(owner));
        if (!content->owners[count])
            return -ENOMEM;
    }
    ++content->owner_count;
    return 0;
}

static int see_unknown(struct reading *reading, uint64_t key, bool is_lacking)
{
    const struct published_answer *old = find_answer(reading->rules->before, key);

    if (!old)
        return 0;
    if (!is_lacking)
        return add_answer(reading, key, old->value);
    reading->content->has_lost = true;
    return 0;
}

static int see_answer(struct reading *reading, uint64_t key, const struct address_set *addresses)
{
    const struct published *before = reading->rules->before;
    const struct published_answer *old = find_answer(before, key);
    uint64_t value = answer_value(addresses);

    if (before->is_known && (!old || old->value != value))
        reading->has_owner_changed = true;
    return add_answer(reading, key, value);
}

static int see_question(struct reading *reading, const char *owner,
                        const struct targets_question *question)
{
    uint64_t key = answer_key(owner, question->target, question->family, "target");
    bool is_lacking =
        hashes_have(reading->rules->lacking, content_question(question->target, question->family));

    if (question->freshness == STATE_IS_UNKNOWN && question->addresses.count == 0 &&
        !question->is_denied_alone) {
        reading->content->is_expecting |= question->is_untried;
        return see_unknown(reading, key, is_lacking);
    }
    reading->has_owner_changed |= is_lacking && reading->rules->before->is_known;
    return see_answer(reading, key, &question->addresses);
}

/* And the names above it: a zone of that name may come to be ours. */
static int add_target(struct hashes *names, const char *name)
{
    int r = hashes_add(names, content_name(name));

    while (r == 0 && *(name = labels_parent(name)))
        r = hashes_add(names, content_name(name));
    return r;
}

/* What is published is resolved without anybody asking. */
static int publish_targets(struct reading *reading, const struct targets_question *questions,
                           size_t count)
{
    const struct content_rules *rules = reading->rules;
    int r = 0;

    for (size_t i = 0; i < count && r == 0; ++i) {
        r = targets_publish(rules->targets, questions[i].target, rules->zone_id);
        if (r == 0)
            r = add_target(&reading->content->names, questions[i].target);
    }
    return r;
}

static int see_targets(struct reading *reading, const char *owner,
                       const struct expansion *expansion)
{
    static const bool both[DNS_FAMILIES] = {true, true};
    CLEANUP(cleanup_freep) struct targets_question *questions = NULL;
    CLEANUP(allowance_deinit)
    struct allowance allowance = {.db = reading->db, .zone_id = reading->rules->zone_id};
    size_t count;

    int r = expansion_questions(expansion, both, &questions, &count);
    if (r == 0)
        r = publish_targets(reading, questions, count);
    if (r == 0)
        r = targets_peek(reading->rules->targets, questions, count);
    if (r == 0)
        r = allowance_apply_all(&allowance, questions, count);
    for (size_t i = 0; i < count; ++i) {
        if (r == 0)
            r = see_question(reading, owner, &questions[i]);
        targets_question_deinit(&questions[i]);
    }
    return r;
}

/* What zones of ours say. */
static int see_own(struct reading *reading, const char *owner, const struct expansion *expansion,
                   const struct expansion_alias *alias)
{
    int r = 0;

    for (size_t i = 0; i < DNS_FAMILIES && alias->answer && r == 0; ++i) {
        if (expansion_answers(expansion, i))
            r = see_answer(reading, answer_key(owner, alias->target, i, "own"),
                           &alias->answer->addresses[i].set);
    }
    return r;
}

static int see_answers(struct reading *reading, const char *owner,
                       const struct expansion *expansion)
{
    int r = 0;

    for (size_t i = 0; i < expansion->alias_count && r == 0; ++i) {
        const struct expansion_alias *alias = &expansion->aliases[i];

        reading->content->leads_inside |= leads_inside(alias->answer);
        if (leads_inside(alias->answer))
            r = see_own(reading, owner, expansion, alias);
    }
    return r == 0 ? see_targets(reading, owner, expansion) : r;
}

static int see_owner(void *userdata, const char *owner, struct expansion *expansion)
{
    struct reading *reading = userdata;

    for (size_t i = 0; i < expansion->alias_count; ++i)
        see_alias(reading, owner, &expansion->aliases[i]);
    if (expansion->alias_count == 0 || reading->rules->is_presigned)
        return 0;
    reading->has_owner_changed = false;
    int r = see_answers(reading, owner, expansion);
    if (r < 0 || !reading->has_owner_changed)
        return r;
    reading->content->has_changed = true;
    return note_owner(reading->content, owner);
}

/* What signs the zone, and how. */
static int see_keys(struct reading *reading)
{
    CLEANUP(keys_cursor_deinit) struct keys_cursor cursor = {0};
    struct keys_row row;

    int r = keys_list(reading->db, reading->rules->zone, &cursor);
    while (r == 0 && (r = keys_next(&cursor, &row)) == 0) {
        struct digest digest;

        begin_row(&digest, "key", row.active ? "active" : "", row.flags);
        add_text(&digest, row.published ? "published" : "");
        add_text(&digest, row.content);
        end_row(reading, &digest);
    }
    return r < 0 ? r : 0;
}

static int see_nsec3(struct reading *reading)
{
    char parameters[METADATA_NSEC3PARAM_SIZE];
    bool is_narrow;
    struct digest digest;

    int r = metadata_nsec3param(reading->db, reading->rules->zone_id, parameters);
    if (r == 0)
        r = metadata_is_narrow(reading->db, reading->rules->zone_id, &is_narrow);
    if (r < 0)
        return r;
    begin_row(&digest, "NSEC3PARAM", is_narrow ? "narrow" : "", 0);
    add_text(&digest, parameters);
    end_row(reading, &digest);
    return 0;
}

/* What PowerDNS puts at the apex by itself. */
static int see_metadata(struct reading *reading, const char *kind)
{
    CLEANUP(metadata_cursor_deinit) struct metadata_cursor cursor = {0};
    struct metadata_row row;

    int r = metadata_list_values(reading->db, reading->rules->zone_id, kind, &cursor);
    while (r == 0 && (r = metadata_next(&cursor, &row)) == 0) {
        struct digest digest;

        begin_row(&digest, "metadata", kind, 0);
        add_text(&digest, row.content);
        end_row(reading, &digest);
    }
    return r < 0 ? r : 0;
}

static int see_rows(struct reading *reading)
{
    CLEANUP(local_deinit)
    struct local local = {.db = reading->db, .hops_max = reading->rules->hops_max};
    const struct zone_walk walk = {.db = reading->db,
                                   .zone_id = reading->rules->zone_id,
                                   .local = &local,
                                   .next = records_next,
                                   .on_row = see_row,
                                   .on_owner = see_owner,
                                   .userdata = reading};

    return zone_walk(&walk);
}

int content_read(struct database *db, const struct content_rules *rules, struct content *ret)
{
    struct reading reading = {.db = db, .rules = rules, .content = ret};
    struct published *published = &ret->published;

    int r = see_rows(&reading);
    if (r == 0)
        r = see_keys(&reading);
    if (r == 0)
        r = see_nsec3(&reading);
    if (r == 0)
        r = see_metadata(&reading, "PUBLISH-CDS");
    if (r == 0)
        r = see_metadata(&reading, "PUBLISH-CDNSKEY");
    if (r < 0)
        return r;
    sort_answers(published);
    hashes_sort(&ret->names);
    ret->has_other_rows = rules->before->is_known && memcmp(published->rows, rules->before->rows,
                                                            sizeof(published->rows)) != 0;
    ret->has_changed = ret->has_changed || ret->has_other_rows;
    return 0;
}
