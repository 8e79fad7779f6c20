#include "alias/expansion.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "alias/allowance.h"
#include "dns/name.h"
#include "dns/rdata-type.h"
#include "dns/txt.h"
#include "util/integer.h"
#include "util/log.h"

static struct log_limit content_limit = LOG_LIMIT(5, 60000);
static struct log_limit cname_limit = LOG_LIMIT(5, 60000);
static struct log_limit denied_limit = LOG_LIMIT(5, 60000);
static struct log_limit excess_limit = LOG_LIMIT(5, 60000);
static struct log_limit many_limit = LOG_LIMIT(5, 60000);

static void clear_families(struct expansion *expansion)
{
    for (size_t i = 0; i < DNS_FAMILIES; ++i)
        address_set_deinit(&expansion->families[i].addresses);
    memset(expansion->families, 0, sizeof(expansion->families));
}

void expansion_reset(struct expansion *expansion)
{
    clear_families(expansion);
    for (size_t i = 0; i < expansion->alias_count; ++i)
        free(expansion->aliases[i].target);
    free(expansion->aliases);
    free(expansion->owner);
    *expansion = (struct expansion){0};
}

void expansion_deinit(struct expansion *expansion)
{
    expansion_reset(expansion);
}

void expansion_borrow(const struct expansion *from, struct expansion *ret)
{
    *ret = *from;
    memset(ret->families, 0, sizeof(ret->families));
}

void expansion_give_back(struct expansion *expansion)
{
    clear_families(expansion);
    *expansion = (struct expansion){0};
}

/* The target of an ALIAS row, or NULL in `ret` if its content is none. */
static int read_target(const struct records_row *row, char **ret)
{
    char target[NAME_TEXT_SIZE];
    char *copy;

    if (name_canonicalize_content(row->content, target) != 0) {
        log_write_limited(&content_limit, LOG_LEVEL_WARNING,
                          "ALIAS at %s (domain_id %" PRId64 "): '%.255s' is no name, ignored",
                          row->name, row->domain_id, row->content);
        *ret = NULL;
        return 0;
    }
    copy = strdup(target);
    if (!copy)
        return -ENOMEM;
    *ret = copy;
    return 0;
}

/* Of the first ALIAS row: most names have none, and nothing is copied for them. */
static int keep_owner(struct expansion *expansion, const struct records_row *row)
{
    expansion->owner = strdup(row->name);
    if (!expansion->owner)
        return -ENOMEM;
    expansion->domain_id = row->domain_id;
    expansion->auth = row->auth;
    return 0;
}

/* There is room for as many as the next power of two. */
static int make_room(struct expansion *expansion)
{
    size_t count = expansion->alias_count;
    struct expansion_alias *aliases;

    if (count & (count - 1))
        return 0;
    aliases = reallocarray(expansion->aliases, count ? 2 * count : 1, sizeof(*aliases));
    if (!aliases)
        return -ENOMEM;
    expansion->aliases = aliases;
    return 0;
}

static int keep(struct expansion *expansion, const struct records_row *row)
{
    char *target;

    int r = make_room(expansion);
    if (r == 0 && !expansion->owner)
        r = keep_owner(expansion, row);
    if (r == 0)
        r = read_target(row, &target);
    if (r < 0)
        return r;
    expansion->aliases[expansion->alias_count++] =
        (struct expansion_alias){.target = target, .ttl = row->ttl};
    return 0;
}

int expansion_see(struct expansion *expansion, const struct records_row *row, bool *ret_is_alias)
{
    /* In any case, as PowerDNS reads the column (QType::chartocode in pdns/qtype.cc). */
    if (rdata_type_is(row->type, "ALIAS")) {
        int r = keep(expansion, row);

        if (r < 0)
            return r;
        *ret_is_alias = true;
        return 0;
    }
    *ret_is_alias = false;
    if (!*row->type)
        return 0;
    ++expansion->other_count;
    if (rdata_type_is(row->type, "CNAME"))
        expansion->has_cname = true;
    if (rdata_type_is(row->type, "TXT")) {
        expansion->has_txt = true;
        expansion->txt_ttl = row->ttl;
    }
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        if (rdata_type_is(row->type, dns_family_name(i)))
            expansion->has_explicit[i] = true;
    }
    return 0;
}

bool expansion_answers(const struct expansion *expansion, enum dns_family family)
{
    return expansion->alias_count > 0 && !expansion->has_cname && !expansion->has_explicit[family];
}

static unsigned asked_families(const struct expansion *expansion, const bool wanted[DNS_FAMILIES])
{
    unsigned families = 0;

    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        if (wanted[i] && expansion_answers(expansion, i))
            families |= CHAIN_FAMILY(i);
    }
    return families;
}

/* Those whose content is no name come last. */
static int compare_aliases(const void *a, const void *b)
{
    const struct expansion_alias *left = a, *right = b;

    if (!left->target || !right->target)
        return !left->target - !right->target;
    return strcmp(left->target, right->target);
}

/* The same ones are left each time, whatever the order in which the rows come. */
static void drop_excess(struct expansion *expansion)
{
    if (expansion->alias_count <= EXPANSION_ALIASES_MAX)
        return;
    log_write_limited(&excess_limit, LOG_LEVEL_WARNING,
                      "ALIAS at %s (domain_id %" PRId64 "): %zu rows, all but the %d whose targets "
                      "come first in order are ignored",
                      expansion->owner, expansion->domain_id, expansion->alias_count,
                      EXPANSION_ALIASES_MAX);
    qsort(expansion->aliases, expansion->alias_count, sizeof(*expansion->aliases), compare_aliases);
    while (expansion->alias_count > EXPANSION_ALIASES_MAX)
        free(expansion->aliases[--expansion->alias_count].target);
}

int expansion_follow(struct expansion *expansion, struct local *local,
                     const bool wanted[DNS_FAMILIES])
{
    unsigned families = asked_families(expansion, wanted);
    int r = 0;

    drop_excess(expansion);
    for (size_t i = 0; i < expansion->alias_count && families && r == 0; ++i) {
        struct expansion_alias *alias = &expansion->aliases[i];
        const struct chain_row row = {.owner = expansion->owner,
                                      .target = alias->target,
                                      .families = families,
                                      .ttl = UINT32_MAX};
        if (alias->target)
            r = local_follow(local, &row, expansion->domain_id, &alias->answer);
    }
    return r;
}

/* By family and target, the smallest TTL first. */
static int compare_questions(const void *a, const void *b)
{
    const struct targets_question *left = a, *right = b;

    if (left->family != right->family)
        return left->family < right->family ? -1 : 1;

    int order = strcmp(left->target, right->target);

    if (order != 0 || left->row_ttl == right->row_ttl)
        return order;
    return left->row_ttl < right->row_ttl ? -1 : 1;
}

/* One question for each target and family, however many rows name it: the smallest TTL counts. */
static size_t make_unique(struct targets_question *questions, size_t count)
{
    size_t sorted = 1;
    size_t kept = 0;

    /* Of one row they are in order. */
    while (sorted < count && compare_questions(&questions[sorted - 1], &questions[sorted]) <= 0)
        ++sorted;
    if (sorted < count)
        qsort(questions, count, sizeof(*questions), compare_questions);
    for (size_t i = 0; i < count; ++i) {
        if (kept == 0 || questions[kept - 1].family != questions[i].family ||
            strcmp(questions[kept - 1].target, questions[i].target) != 0)
            questions[kept++] = questions[i];
    }
    return kept;
}

/* The names to be asked about for one row: itself, if it wasn't followed. */
static const struct local_question *questions_of(const struct expansion_alias *alias,
                                                 struct local_question *itself, size_t *ret_count)
{
    if (alias->answer) {
        *ret_count = alias->answer->count;
        return alias->answer->questions;
    }
    *itself = (struct local_question){
        .target = alias->target, .families = CHAIN_FAMILIES, .ttl = UINT32_MAX};
    *ret_count = alias->target ? 1 : 0;
    return itself;
}

/* Adds those of one row, in `families`; counts them if `to` is NULL. */
static size_t list_questions(const struct expansion_alias *alias, unsigned families,
                             struct targets_question *to)
{
    struct local_question itself;
    size_t listed = 0;
    size_t count;

    const struct local_question *found = questions_of(alias, &itself, &count);
    for (size_t i = 0; i < count * DNS_FAMILIES; ++i) {
        const struct local_question *question = &found[i / DNS_FAMILIES];
        enum dns_family family = i % DNS_FAMILIES;
        if (!(question->families & families & CHAIN_FAMILY(family)))
            continue;
        if (to)
            to[listed] = (struct targets_question){
                .target = question->target,
                .family = family,
                .row_ttl = question->ttl < alias->ttl ? question->ttl : alias->ttl};
        ++listed;
    }
    return listed;
}

int expansion_questions(const struct expansion *expansion, const bool wanted[DNS_FAMILIES],
                        struct targets_question **ret, size_t *ret_count)
{
    CLEANUP(cleanup_freep) struct targets_question *questions = NULL;
    unsigned families = asked_families(expansion, wanted);
    size_t count = 0;
    size_t used = 0;

    for (size_t i = 0; i < expansion->alias_count; ++i)
        count += list_questions(&expansion->aliases[i], families, NULL);
    if (count > 0) {
        questions = calloc(count, sizeof(*questions));
        if (!questions)
            return -ENOMEM;
    }
    for (size_t i = 0; i < expansion->alias_count && count > 0; ++i)
        used += list_questions(&expansion->aliases[i], families, questions + used);
    for (size_t i = 0; i < used; ++i)
        questions[i].zone_id = expansion->domain_id;
    *ret_count = count > 0 ? make_unique(questions, count) : 0;
    *ret = count > 0 ? TAKE(questions) : NULL;
    return 0;
}

static int merge(struct expansion_family *family, const struct address_set *addresses, uint32_t ttl)
{
    if (addresses->count == 0)
        return 0;
    if (family->addresses.count == 0 || ttl < family->ttl)
        family->ttl = ttl;
    return address_set_merge(&family->addresses, addresses);
}

/* Nearly always there is one answer in a family: its addresses are taken as they are. */
static int take(struct expansion_family *family, struct targets_question *question)
{
    if (family->addresses.count > 0)
        return merge(family, &question->addresses, question->ttl);
    family->addresses = question->addresses;
    family->ttl = question->ttl;
    question->addresses = (struct address_set){0};
    return 0;
}

static int merge_answer(struct expansion *expansion, struct targets_question *question)
{
    struct expansion_family *family = &expansion->families[question->family];

    family->is_unknown = family->is_unknown ||
                         (question->freshness == STATE_IS_UNKNOWN && !question->is_denied_alone);
    family->is_early = family->is_early || question->is_early;
    family->is_refused = family->is_refused || question->is_refused;
    return question->addresses.count > 0 ? take(family, question) : 0;
}

static void say_denied(const struct expansion *expansion, enum dns_family family,
                       const struct address_set *denied)
{
    char text[160];

    address_set_to_text(denied, family, text, sizeof(text));
    log_write_limited(&denied_limit, LOG_LEVEL_WARNING,
                      "ALIAS at %s (domain_id %" PRId64 "): alias-deny drops %s, to which it leads "
                      "in a zone of ours",
                      expansion->owner, expansion->domain_id, text);
}

/* Takes out what `alias-deny` drops, but for what the zone allows. */
static int deny_own(const struct expansion *expansion, struct allowance *allowance,
                    struct targets *targets, enum dns_family family, struct address_set *addresses)
{
    CLEANUP(address_set_deinit) struct address_set denied = {0};

    int r = targets_deny(targets, family, addresses, &denied);
    if (r == 0 && denied.count > 0)
        r = allowance_need(allowance);
    if (r == 0)
        r = ranges_take(&allowance->ranges, family, &denied, addresses);
    if (r == 0 && denied.count > 0)
        say_denied(expansion, family, &denied);
    return r;
}

/* What our own zones say. */
static int merge_own(struct expansion *expansion, struct allowance *allowance,
                     struct targets *targets, const bool wanted[DNS_FAMILIES])
{
    unsigned families = asked_families(expansion, wanted);
    int r = 0;

    for (size_t i = 0; i < expansion->alias_count * DNS_FAMILIES && r == 0; ++i) {
        const struct expansion_alias *alias = &expansion->aliases[i / DNS_FAMILIES];
        enum dns_family family = i % DNS_FAMILIES;
        if (!alias->answer || !(families & CHAIN_FAMILY(family)) ||
            alias->answer->addresses[family].set.count == 0)
            continue;
        const struct chain_addresses *own = &alias->answer->addresses[family];
        CLEANUP(address_set_deinit) struct address_set addresses = {0};
        r = address_set_copy(&own->set, &addresses);
        if (r == 0)
            r = deny_own(expansion, allowance, targets, family, &addresses);
        if (r == 0)
            r = merge(&expansion->families[family], &addresses,
                      own->ttl < alias->ttl ? own->ttl : alias->ttl);
    }
    return r;
}

/* Keeps answers from growing beyond what anybody can use. */
static void bound(struct expansion *expansion)
{
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        struct address_set *addresses = &expansion->families[i].addresses;

        if (expansion->max_addresses == 0 || addresses->count <= expansion->max_addresses)
            continue;
        log_write_limited(&many_limit, LOG_LEVEL_WARNING,
                          "ALIAS at %s (domain_id %" PRId64 "): %zu addresses for %s, more than "
                          "alias-addresses-max; the first %zu are answered",
                          expansion->owner, expansion->domain_id, addresses->count,
                          dns_family_name(i), expansion->max_addresses);
        address_set_truncate(addresses, expansion->max_addresses);
    }
}

static void say_if_cname_wins(const struct expansion *expansion)
{
    if (expansion->alias_count > 0 && expansion->has_cname)
        log_write_limited(&cname_limit, LOG_LEVEL_WARNING,
                          "ALIAS at %s (domain_id %" PRId64 "): a CNAME stands there too and wins",
                          expansion->owner, expansion->domain_id);
}

static int ask(struct expansion *expansion, struct allowance *allowance, struct targets *targets,
               const bool wanted[DNS_FAMILIES], int64_t deadline)
{
    CLEANUP(cleanup_freep) struct targets_question *questions = NULL;
    size_t count;

    int r = expansion_questions(expansion, wanted, &questions, &count);
    if (r < 0 || count == 0)
        return r;
    r = targets_ask(targets, questions, count, deadline);
    for (size_t i = 0; i < count; ++i)
        ++expansion->families[questions[i].family].outcomes[targets_outcome(&questions[i], r)];
    if (r == 0)
        r = allowance_apply_all(allowance, questions, count);
    for (size_t i = 0; i < count; ++i) {
        if (r == 0)
            r = merge_answer(expansion, &questions[i]);
        targets_question_deinit(&questions[i]);
    }
    return r;
}

int expansion_resolve(struct expansion *expansion, struct database *db, struct targets *targets,
                      const bool wanted[DNS_FAMILIES], int64_t deadline)
{
    CLEANUP(allowance_deinit)
    struct allowance allowance = {.db = db, .zone_id = expansion->domain_id};

    clear_families(expansion);
    say_if_cname_wins(expansion);
    int r = merge_own(expansion, &allowance, targets, wanted);
    if (r == 0)
        r = ask(expansion, &allowance, targets, wanted, deadline);
    bound(expansion);
    return r;
}

void expansion_count(const struct expansion *expansion, struct targets *targets,
                     enum dns_family family)
{
    for (size_t i = 0; i < COUNTERS_LOOKUPS; ++i)
        targets_count(targets, i, expansion->families[family].outcomes[i]);
}

/* Whether a TXT record tells the target of that ALIAS row. */
static bool is_told(const struct expansion *expansion, size_t i)
{
    const char *target = expansion->aliases[i].target;

    if (!expansion->with_txt || expansion->has_cname || !target)
        return false;
    for (size_t earlier = 0; earlier < i; ++earlier) {
        const char *other = expansion->aliases[earlier].target;

        if (other && strcmp(other, target) == 0)
            return false;
    }
    return true;
}

int expansion_txt(const struct expansion *expansion, size_t i, char **ret)
{
    const char *target = expansion->aliases[i].target;
    char text[NAME_TEXT_SIZE + 16];
    char *content = NULL;

    if (is_told(expansion, i)) {
        snprintf(text, sizeof(text), "ALIAS for %s", *target ? target : ".");
        content = txt_content(text);
        if (!content)
            return -ENOMEM;
    }
    *ret = content;
    return 0;
}

uint32_t expansion_txt_ttl(const struct expansion *expansion)
{
    uint32_t ttl = UINT32_MAX;

    if (expansion->has_txt)
        return expansion->txt_ttl;
    for (size_t i = 0; i < expansion->alias_count; ++i)
        ttl = integer_min(ttl, expansion->aliases[i].ttl);
    return ttl;
}

bool expansion_is_empty(const struct expansion *expansion)
{
    if (expansion->alias_count == 0 || expansion->other_count > 0)
        return false;
    for (size_t i = 0; i < expansion->alias_count; ++i) {
        if (is_told(expansion, i))
            return false;
    }
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        if (expansion->families[i].addresses.count > 0)
            return false;
    }
    return true;
}
