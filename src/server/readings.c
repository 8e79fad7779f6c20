#include "server/readings.h"

#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"
#include "util/hash.h"

enum {
    /* Of room for one bucket; a reading takes some 200. */
    OCTETS_A_BUCKET = 512,
    /* More in a bucket aren't kept: names that collide can be made, and are not to cost time. */
    BUCKET_MAX = 16,
    /* What is larger than this part of a half isn't kept. */
    PARTS = 16,
    /* Beside what is counted: malloc()'s own. */
    OVERHEAD = 16,
};

struct kept {
    struct kept *next; /* in the bucket */
    uint32_t hash;
    size_t size; /* about what it takes, in octets */
    int64_t zone_id;
    struct reading reading;
    struct expansion *expansion;
    struct local_answer *answers;
    char text[]; /* qname, qtype, each with a NUL; the rows */
};

struct readings_half {
    size_t size;  /* of all that is kept */
    size_t count; /* of buckets */
    struct kept *buckets[];
};

static void kept_free(struct kept *kept)
{
    if (kept->expansion)
        expansion_deinit(kept->expansion);
    free(kept->expansion);
    local_answers_free(kept->answers);
    free(kept);
}

/* The buckets count, too. */
static struct readings_half *half_new(size_t limit)
{
    size_t count = limit / OCTETS_A_BUCKET + 1;
    size_t size = sizeof(struct readings_half) + count * sizeof(struct kept *);
    struct readings_half *half = calloc(1, size);

    if (!half)
        return NULL;
    half->size = size;
    half->count = count;
    return half;
}

static void half_free(struct readings_half *half)
{
    for (size_t i = 0; half && i < half->count; ++i) {
        struct kept *kept;
        while ((kept = half->buckets[i])) {
            half->buckets[i] = kept->next;
            kept_free(kept);
        }
    }
    free(half);
}

void readings_clear(struct readings *readings)
{
    half_free(readings->recent);
    half_free(readings->earlier);
    readings->recent = readings->earlier = NULL;
}

static bool are_same_rules(const struct readings_rules *a, const struct readings_rules *b)
{
    return a->limit == b->limit && a->hops_max == b->hops_max && a->with_txt == b->with_txt;
}

void readings_begin(struct readings *readings, const struct commit_mark *mark,
                    const struct readings_rules *rules)
{
    if (!commit_mark_equal(&readings->mark, mark) || !are_same_rules(&readings->rules, rules))
        readings_clear(readings);
    readings->mark = *mark;
    readings->rules = *rules;
}

static uint32_t hash_key(const struct readings_key *key)
{
    uint32_t hash = hash_octets(HASH_START, key->qname, strlen(key->qname) + 1);
    hash = hash_octets(hash, key->qtype, strlen(key->qtype));
    return hash_octets(hash, &key->zone_id, sizeof(key->zone_id));
}

static bool is_of(const struct kept *kept, const struct readings_key *key, uint32_t hash)
{
    return kept->hash == hash && kept->zone_id == key->zone_id &&
           strcmp(kept->text, key->qname) == 0 &&
           strcmp(kept->text + strlen(kept->text) + 1, key->qtype) == 0;
}

/* Where the pointer to it is, or would be. */
static struct kept **find_place(struct readings_half *half, const struct readings_key *key,
                                uint32_t hash)
{
    struct kept **place = &half->buckets[hash % half->count];

    while (*place && !is_of(*place, key, hash))
        place = &(*place)->next;
    return place;
}

/* Room among the recent ones: if there is none, the earlier ones go, and the recent ones are the
 * earlier ones from now on. */
static bool make_room(struct readings *readings, size_t size)
{
    if (readings->recent && readings->recent->size + size > readings->rules.limit / 2) {
        half_free(readings->earlier);
        readings->earlier = TAKE(readings->recent);
    }
    if (!readings->recent)
        readings->recent = half_new(readings->rules.limit / 2);
    return readings->recent;
}

static bool has_place(const struct readings_half *half, uint32_t hash)
{
    size_t count = 0;

    for (const struct kept *kept = half->buckets[hash % half->count]; kept; kept = kept->next)
        ++count;
    return count < BUCKET_MAX;
}

static void add(struct readings_half *half, struct kept *kept)
{
    struct kept **bucket = &half->buckets[kept->hash % half->count];

    kept->next = *bucket;
    *bucket = kept;
    half->size += kept->size;
}

static struct kept *take_out(struct readings_half *half, struct kept **place)
{
    struct kept *kept = *place;

    *place = kept->next;
    half->size -= kept->size;
    return kept;
}

/* An earlier one that is asked for again is a recent one. */
static struct kept *find_earlier(struct readings *readings, const struct readings_key *key,
                                 uint32_t hash)
{
    struct kept **place = find_place(readings->earlier, key, hash);
    struct kept *kept = *place ? take_out(readings->earlier, place) : NULL;

    if (!kept)
        return NULL;
    if (!make_room(readings, kept->size) || !has_place(readings->recent, hash)) {
        kept_free(kept);
        return NULL;
    }
    add(readings->recent, kept);
    return kept;
}

const struct reading *readings_find(struct readings *readings, const struct readings_key *key)
{
    uint32_t hash = hash_key(key);
    struct kept *kept = NULL;

    if (readings->recent)
        kept = *find_place(readings->recent, key, hash);
    if (!kept && readings->earlier)
        kept = find_earlier(readings, key, hash);
    return kept ? &kept->reading : NULL;
}

static size_t size_of_answers(const struct local_answer *answer)
{
    size_t size = 0;

    for (; answer; answer = answer->next) {
        size += sizeof(*answer) + strlen(answer->target) + 1 + 3 * OVERHEAD;
        for (size_t i = 0; i < answer->count; ++i)
            size += sizeof(*answer->questions) + strlen(answer->questions[i].target) + 1 + OVERHEAD;
        for (size_t i = 0; i < DNS_FAMILIES; ++i)
            size += answer->addresses[i].set.count * sizeof(struct address) + OVERHEAD;
    }
    return size;
}

static size_t size_of_expansion(const struct expansion *expansion)
{
    size_t size = sizeof(*expansion) + strlen(expansion->owner) + 1 + 3 * OVERHEAD;

    for (size_t i = 0; i < expansion->alias_count; ++i) {
        const char *target = expansion->aliases[i].target;
        size += 2 * sizeof(*expansion->aliases) + (target ? strlen(target) + 1 : 0) + OVERHEAD;
    }
    return size;
}

/* The key and the rows, in one piece. */
static struct kept *make(const struct readings_key *key, const char *rows, size_t rows_size)
{
    size_t qname_size = strlen(key->qname) + 1;
    size_t qtype_size = strlen(key->qtype) + 1;
    struct kept *kept = malloc(sizeof(*kept) + qname_size + qtype_size + rows_size);

    if (!kept)
        return NULL;
    *kept = (struct kept){
        .hash = hash_key(key),
        .size = sizeof(*kept) + qname_size + qtype_size + rows_size + OVERHEAD,
        .zone_id = key->zone_id,
        .reading = {.rows = kept->text + qname_size + qtype_size, .rows_size = rows_size},
    };
    memcpy(kept->text, key->qname, qname_size);
    memcpy(kept->text + qname_size, key->qtype, qtype_size);
    memcpy(kept->text + qname_size + qtype_size, rows, rows_size);
    return kept;
}

/* Room for ALIAS rows, if there are any; their size counts. False: no memory. */
static bool prepare_expansion(struct kept *kept, const struct expansion *expansion,
                              const struct local *local)
{
    if (expansion->alias_count == 0)
        return true;
    kept->expansion = calloc(1, sizeof(*kept->expansion));
    kept->size += size_of_expansion(expansion) + size_of_answers(local->answers);
    kept->reading.expansion = kept->expansion;
    return kept->expansion;
}

static void take_expansion(struct kept *kept, struct expansion *expansion, struct local *local)
{
    if (!kept->expansion)
        return;
    *kept->expansion = *expansion;
    *expansion = (struct expansion){0};
    kept->answers = local_take_answers(local);
}

const struct reading *readings_keep(struct readings *readings, const struct readings_key *key,
                                    const char *rows, size_t rows_size, struct expansion *expansion,
                                    struct local *local)
{
    struct kept *kept = make(key, rows, rows_size);

    if (!kept)
        return NULL;
    if (!prepare_expansion(kept, expansion, local) ||
        kept->size > readings->rules.limit / 2 / PARTS || !make_room(readings, kept->size) ||
        !has_place(readings->recent, kept->hash)) {
        kept_free(kept);
        return NULL;
    }
    take_expansion(kept, expansion, local);
    add(readings->recent, kept);
    return &kept->reading;
}
