#include "upkeep/faults.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dns/labels.h"
#include "dns/rdata-type.h"
#include "dns/rdata.h"
#include "util/cleanup.h"

#define TYPE_SIZE 24

/* A row of the owner name that is being read. */
struct faults_row {
    int64_t id;
    uint16_t type;        /* as PowerDNS reads it */
    bool is_alias;        /* as we read it */
    char text[TYPE_SIZE]; /* the type as stored, or its begin */
    char *target;         /* of an ALIAS or CNAME: canonical; NULL: none that can be read */
};

/* What a fault is about. */
struct subject {
    int64_t row_id;
    const char *name;
    const char *type;
};

static int grow(void **array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return 0;
    size_t wanted = *capacity ? 2 * *capacity : 16;
    void *larger = reallocarray(*array, wanted, size);
    if (!larger)
        return -ENOMEM;
    *array = larger;
    *capacity = wanted;
    return 0;
}

static const char *keep_text(struct faults *faults, const char *text)
{
    return arena_copy(&faults->texts, text, strlen(text));
}

/* Keeps a fault; `why` isn't copied. A NULL in what is kept means that there was no memory. */
static int keep(struct faults *faults, bool is_warning, const struct subject *subject,
                const char *why)
{
    struct faults_item item = {.is_warning = is_warning, .row_id = subject->row_id, .why = why};

    if (grow((void **)&faults->items, faults->count, &faults->capacity, sizeof(item)) < 0)
        return -ENOMEM;
    if (subject->name) {
        item.name = keep_text(faults, subject->name);
        item.type = keep_text(faults, subject->type);
        if (!item.name || !item.type)
            return -ENOMEM;
    }
    faults->items[faults->count++] = item;
    return 0;
}

__attribute__((format(printf, 4, 5))) static int report(struct faults *faults, bool is_warning,
                                                        const struct subject *subject,
                                                        const char *format, ...)
{
    CLEANUP(cleanup_freep) char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    if (length < 0) {
        text = NULL;
        return -ENOMEM;
    }
    const char *why = keep_text(faults, text);
    return why ? keep(faults, is_warning, subject, why) : -ENOMEM;
}

#define FAULT(faults, subject, ...)   report(faults, false, subject, __VA_ARGS__)
#define WARNING(faults, subject, ...) report(faults, true, subject, __VA_ARGS__)

static void forget_rows(struct faults *faults)
{
    for (size_t i = 0; i < faults->row_count; ++i)
        free(faults->rows[i].target);
    faults->row_count = 0;
}

void faults_deinit(struct faults *faults)
{
    forget_rows(faults);
    free(faults->rows);
    free(faults->items);
    arena_deinit(&faults->texts);
    *faults = (struct faults){0};
}

/* As names are stored: the root is ".". */
static const char *stored_form(const char *canonical)
{
    return *canonical ? canonical : ".";
}

static int judge_zone_name(struct faults *faults)
{
    static const struct subject zone = {0};
    const char *stored = faults->zone.name;

    if (faults->zone.is_binary)
        return FAULT(faults, &zone, "the zone's name is a BLOB or has a NUL in it: never found");
    if (!*stored || name_canonicalize(stored, faults->apex) != 0)
        return FAULT(faults, &zone, "the zone's name is no name: PowerDNS leaves the zone out");
    faults->has_apex = true;
    if (strcmp(stored_form(faults->apex), stored) == 0)
        return 0;
    return FAULT(faults, &zone, "the zone is never found: its name has to be written '%s'",
                 stored_form(faults->apex));
}

int faults_init(struct faults *faults, const struct faults_zone *zone,
                const struct chain_guide *guide)
{
    *faults = (struct faults){.zone = *zone, .guide = *guide};
    return judge_zone_name(faults);
}

static bool is_in_zone(const struct faults *faults, const char *name)
{
    size_t size = strlen(faults->apex);

    while (strlen(name) > size)
        name = labels_parent(name);
    return strcmp(name, faults->apex) == 0;
}

/* Whether a lookup finds the row by its name, whose canonical form it writes. */
static int judge_name(struct faults *faults, const struct subject *subject, unsigned flaws,
                      char ret_canonical[NAME_TEXT_SIZE], bool *ret_is_found)
{
    *ret_is_found = false;
    if (flaws & RECORDS_NAME_BINARY)
        return FAULT(faults, subject, "never found: the name is a BLOB or has a NUL in it");
    if ((flaws & RECORDS_NAME_NULL) || !*subject->name)
        return FAULT(faults, subject, "never found: the row has no name");
    if (name_canonicalize(subject->name, ret_canonical) != 0)
        return FAULT(faults, subject, "never found: the name is none");
    if (strcmp(stored_form(ret_canonical), subject->name) != 0)
        return FAULT(faults, subject, "never found: the name has to be written '%s'",
                     stored_form(ret_canonical));
    if (faults->has_apex && !is_in_zone(faults, ret_canonical))
        return FAULT(faults, subject, "never found: the name is outside of the zone");
    *ret_is_found = true;
    return 0;
}

static bool has_lower_case(const char *text)
{
    while (*text && !islower((unsigned char)*text))
        ++text;
    return *text;
}

/* PowerDNS looks for the SOA by its type; that in small letters is a fault if the zone has no
 * other. */
static int judge_type(struct faults *faults, const struct subject *subject)
{
    if (*subject->type && rdata_type(subject->type) == RDATA_TYPE_NONE)
        return WARNING(faults, subject, "PowerDNS doesn't know this type");
    if (has_lower_case(subject->type))
        return WARNING(faults, subject, "the type isn't in capitals: not found by its type");
    return 0;
}

static bool is_alias(const char *type)
{
    return rdata_type_is(type, "ALIAS");
}

/* An ALIAS that PowerDNS would take is for us to read. */
static int judge_content(struct faults *faults, const struct subject *subject,
                         const struct records_row *row)
{
    const char *reason = "no name";
    char target[NAME_TEXT_SIZE];

    enum rdata_verdict verdict = rdata_judge(row->type, row->content, row->content_size, &reason);
    if (verdict != RDATA_BAD && is_alias(row->type) && !faults->zone.is_presigned &&
        name_canonicalize_content(row->content, target) != 0)
        verdict = RDATA_BAD;
    if (verdict == RDATA_BAD)
        return FAULT(faults, subject, "bad content, %s: '%.100s'", reason, row->content);
    if (verdict == RDATA_DOUBTFUL)
        return WARNING(faults, subject, "doubtful content, %s: '%.100s'", reason, row->content);
    return 0;
}

/* A row that is found. */
static int judge_soa(struct faults *faults, const struct subject *subject, const char *canonical)
{
    if (rdata_type(subject->type) != RDATA_TYPE_SOA || !faults->has_apex)
        return 0;
    if (strcmp(canonical, faults->apex) != 0)
        return FAULT(faults, subject, "an SOA that isn't at the apex");
    if (strcmp(subject->type, "SOA") != 0)
        return FAULT(faults, subject, "not found: SOA has to be written in capitals");
    if (faults->has_soa)
        return FAULT(faults, subject, "another SOA stands at the apex: row %" PRId64,
                     faults->soa_id);
    faults->has_soa = true;
    faults->soa_id = subject->row_id;
    return 0;
}

static int keep_row(struct faults *faults, const struct records_row *row)
{
    struct faults_row kept = {
        .id = row->id, .type = rdata_type(row->type), .is_alias = is_alias(row->type)};
    char target[NAME_TEXT_SIZE];

    if (grow((void **)&faults->rows, faults->row_count, &faults->row_capacity, sizeof(kept)) < 0)
        return -ENOMEM;
    strncpy(kept.text, row->type, sizeof(kept.text) - 1);
    if ((kept.is_alias || kept.type == RDATA_TYPE_CNAME) &&
        name_canonicalize_content(row->content, target) == 0) {
        kept.target = strdup(target);
        if (!kept.target)
            return -ENOMEM;
    }
    faults->rows[faults->row_count++] = kept;
    return 0;
}

static struct subject subject_of(const struct faults *faults, const struct faults_row *row)
{
    return (struct subject){
        .row_id = row->id, .name = stored_form(faults->owner), .type = row->text};
}

/* Whether a CNAME can't stand beside it: RFC 4035 2.5, RFC 2181 10.1. An ALIAS is judged by itself.
 */
static bool is_other_data(const struct faults_row *row)
{
    switch (row->type) {
    case RDATA_TYPE_NONE:
        return *row->text;
    case RDATA_TYPE_CNAME:
    case RDATA_TYPE_SIG:
    case RDATA_TYPE_KEY:
    case RDATA_TYPE_RRSIG:
    case RDATA_TYPE_NSEC:
        return false;
    default:
        return !row->is_alias;
    }
}

static int judge_cnames(struct faults *faults, const struct faults_row *first)
{
    const struct faults_row *other = NULL;
    struct subject subject;
    int r = 0;

    for (size_t i = 0; i < faults->row_count && r == 0; ++i) {
        const struct faults_row *row = &faults->rows[i];
        if (!other && is_other_data(row))
            other = row;
        if (row->type != RDATA_TYPE_CNAME || row == first)
            continue;
        subject = subject_of(faults, row);
        r = FAULT(faults, &subject, "another CNAME stands at this name: row %" PRId64, first->id);
    }
    if (r < 0 || !other)
        return r;
    subject = subject_of(faults, first);
    return FAULT(faults, &subject, "other data stands beside the CNAME: %s, row %" PRId64,
                 other->text, other->id);
}

/* The families whose addresses an ALIAS is asked for here: those of which there is no row. */
static unsigned asked_families(const struct faults *faults)
{
    unsigned families = CHAIN_FAMILIES;

    for (size_t i = 0; i < faults->row_count; ++i) {
        for (size_t family = 0; family < DNS_FAMILIES; ++family) {
            if (rdata_type_is(faults->rows[i].text, dns_family_name(family)))
                families &= ~CHAIN_FAMILY(family);
        }
    }
    return families;
}

/* Whether the row leads on from its name: one below a delegation doesn't. */
static int leads_on(const struct faults *faults, const struct faults_row *row, bool *ret)
{
    CLEANUP(chain_links_deinit) struct chain_links links = {0};

    int r = faults->guide.find(faults->guide.userdata, faults->owner, &links);
    if (r < 0)
        return r;
    *ret = false;
    for (size_t i = 0; i < links.count; ++i)
        *ret = *ret || strcmp(links.targets[i].name, row->target) == 0;
    return 0;
}

static int report_chain(struct faults *faults, const struct faults_row *row, int outcome,
                        const char *chain)
{
    struct subject subject = subject_of(faults, row);
    bool leads;

    int r = leads_on(faults, row, &leads);
    if (r < 0 || !leads)
        return r;
    switch (outcome) {
    case CHAIN_E_LOOP:
        return FAULT(faults, &subject, "a loop: %s", chain);
    case CHAIN_E_LONG:
        return FAULT(faults, &subject, "more than %zu hops: %s", faults->guide.hops_max, chain);
    default:
        return WARNING(faults, &subject, "leads to more than %d names: not all were followed",
                       CHAIN_NAMES_MAX);
    }
}

static int judge_chain(struct faults *faults, const struct faults_row *row, unsigned families)
{
    CLEANUP(cleanup_freep) char *chain = NULL;
    const struct chain_row link = {
        .owner = faults->owner, .target = row->target, .families = families, .ttl = UINT32_MAX};

    if (!row->target || !families)
        return 0;
    int r = chain_follow(&link, &faults->guide, &chain);
    return r > 0 ? report_chain(faults, row, r, chain) : r;
}

static int judge_alias(struct faults *faults, const struct faults_row *row,
                       const struct faults_row *cname)
{
    struct subject subject = subject_of(faults, row);

    if (cname)
        return FAULT(faults, &subject, "never answered: a CNAME stands beside it, row %" PRId64,
                     cname->id);
    if (faults->zone.is_presigned)
        return FAULT(faults, &subject, "never answered: the zone is presigned");
    return judge_chain(faults, row, asked_families(faults));
}

static const struct faults_row *find_cname(const struct faults *faults)
{
    for (size_t i = 0; i < faults->row_count; ++i) {
        if (faults->rows[i].type == RDATA_TYPE_CNAME)
            return &faults->rows[i];
    }
    return NULL;
}

/* What the rows of one name are to each other. */
static int end_owner(struct faults *faults)
{
    const struct faults_row *cname = find_cname(faults);
    int r = 0;

    if (cname)
        r = judge_cnames(faults, cname);
    if (cname && r == 0)
        r = judge_chain(faults, cname, CHAIN_FAMILIES);
    for (size_t i = 0; i < faults->row_count && r == 0; ++i) {
        if (faults->rows[i].is_alias)
            r = judge_alias(faults, &faults->rows[i], cname);
    }
    forget_rows(faults);
    return r;
}

/* A row that PowerDNS gets: its name has been found. */
static int add_found(struct faults *faults, const struct subject *subject,
                     const struct records_row *row, const char *canonical)
{
    int r = 0;

    if (strcmp(faults->owner, canonical) != 0)
        r = end_owner(faults);
    strcpy(faults->owner, canonical);
    if (r == 0)
        r = judge_soa(faults, subject, canonical);
    return r == 0 ? keep_row(faults, row) : r;
}

int faults_add(struct faults *faults, const struct records_row *row,
               const struct records_cursor *cursor)
{
    struct subject subject = {.row_id = row->id, .name = row->name, .type = row->type};
    char canonical[NAME_TEXT_SIZE];
    bool is_found;

    if (cursor->flaws & RECORDS_DISABLED_ODD)
        return WARNING(faults, &subject, "hidden: disabled is neither 0 nor 1");
    faults->has_rows = true;
    int r = judge_name(faults, &subject, cursor->flaws, canonical, &is_found);
    if (r == 0)
        r = judge_type(faults, &subject);
    if (r == 0)
        r = judge_content(faults, &subject, row);
    if (r < 0)
        return r;
    if (cursor->flaws & RECORDS_TTL_UNREADABLE)
        return FAULT(faults, &subject, "left out: the ttl is '%.100s'", cursor->ttl_text);
    return is_found ? add_found(faults, &subject, row, canonical) : 0;
}

int faults_finish(struct faults *faults)
{
    static const struct subject zone = {0};

    int r = end_owner(faults);
    if (r < 0 || faults->has_soa || !faults->has_apex)
        return r;
    if (faults->zone.is_secondary && !faults->has_rows)
        return WARNING(faults, &zone, "not transferred yet: a secondary zone without a row");
    return FAULT(faults, &zone, "no SOA at the apex: not served");
}

int faults_add_lost(struct faults *faults, const struct records_row *row,
                    const struct records_cursor *cursor)
{
    struct subject subject = {.row_id = row->id, .name = row->name, .type = row->type};

    if (cursor->flaws & RECORDS_DISABLED_ODD)
        return WARNING(faults, &subject, "hidden: disabled is neither 0 nor 1");
    if (cursor->flaws & RECORDS_ZONE_ODD)
        return FAULT(faults, &subject, "of no zone: its domain_id is NULL or no number");
    return FAULT(faults, &subject, "of no zone: there is none with its domain_id, %" PRId64,
                 row->domain_id);
}
