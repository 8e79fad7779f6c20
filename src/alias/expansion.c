#include "alias/expansion.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "dns/name.h"
#include "util/log.h"

static struct log_limit content_limit = LOG_LIMIT(5, 60000);
static struct log_limit cname_limit = LOG_LIMIT(5, 60000);

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

/* The target of an ALIAS row, or NULL in `ret` if its content is none. */
static int read_target(const struct records_row *row, char **ret)
{
    char target[NAME_TEXT_SIZE];
    char *copy;

    if (!*row->content || name_canonicalize(row->content, target) != 0) {
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

static int keep(struct expansion *expansion, const struct records_row *row)
{
    struct expansion_alias *aliases;
    char *target;

    aliases = reallocarray(expansion->aliases, expansion->alias_count + 1, sizeof(*aliases));
    if (!aliases)
        return -ENOMEM;
    expansion->aliases = aliases;
    int r = read_target(row, &target);
    if (r < 0)
        return r;
    if (expansion->alias_count == 0) {
        expansion->domain_id = row->domain_id;
        expansion->auth = row->auth;
    }
    aliases[expansion->alias_count++] = (struct expansion_alias){.target = target, .ttl = row->ttl};
    return 0;
}

int expansion_see(struct expansion *expansion, const struct records_row *row, bool *ret_is_alias)
{
    if (!expansion->owner) {
        expansion->owner = strdup(row->name);
        if (!expansion->owner)
            return -ENOMEM;
    }
    /* In any case, as PowerDNS reads the column (QType::chartocode in pdns/qtype.cc). */
    if (strcasecmp(row->type, "ALIAS") == 0) {
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
    if (strcasecmp(row->type, "CNAME") == 0)
        expansion->has_cname = true;
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        if (strcasecmp(row->type, dns_family_name(i)) == 0)
            expansion->has_explicit[i] = true;
    }
    return 0;
}

/* The question about this target, of those before `end`, or NULL. */
static struct targets_question *find_question(struct targets_question *questions,
                                              struct targets_question *end, const char *target,
                                              enum dns_family family)
{
    for (struct targets_question *question = questions; question < end; ++question) {
        if (question->family == family && strcmp(question->target, target) == 0)
            return question;
    }
    return NULL;
}

/* One question for each target and family, however many rows name it: the smallest TTL counts. */
static size_t make_questions(const struct expansion *expansion, const bool wanted[DNS_FAMILIES],
                             struct targets_question *questions)
{
    struct targets_question *end = questions;

    for (size_t i = 0; i < expansion->alias_count * DNS_FAMILIES; ++i) {
        const struct expansion_alias *row = &expansion->aliases[i / DNS_FAMILIES];
        enum dns_family family = i % DNS_FAMILIES;

        if (!row->target || !wanted[family] || expansion->has_explicit[family])
            continue;

        struct targets_question *same = find_question(questions, end, row->target, family);

        if (!same)
            *end++ = (struct targets_question){
                .target = row->target, .family = family, .row_ttl = row->ttl};
        else if (row->ttl < same->row_ttl)
            same->row_ttl = row->ttl;
    }
    return end - questions;
}

static int merge(struct expansion *expansion, const struct targets_question *question)
{
    struct expansion_family *family = &expansion->families[question->family];

    if (question->addresses.count == 0)
        return 0;
    if (family->addresses.count == 0 || question->ttl < family->ttl)
        family->ttl = question->ttl;
    return address_set_merge(&family->addresses, &question->addresses);
}

int expansion_resolve(struct expansion *expansion, struct targets *targets,
                      const bool wanted[DNS_FAMILIES], bool may_wait)
{
    clear_families(expansion);
    if (expansion->alias_count == 0)
        return 0;
    if (expansion->has_cname) {
        log_write_limited(&cname_limit, LOG_LEVEL_WARNING,
                          "ALIAS at %s (domain_id %" PRId64 "): a CNAME stands there too and wins",
                          expansion->owner, expansion->domain_id);
        return 0;
    }

    CLEANUP(cleanup_freep)
    struct targets_question *questions =
        calloc(expansion->alias_count * DNS_FAMILIES, sizeof(*questions));
    if (!questions)
        return -ENOMEM;
    size_t count = make_questions(expansion, wanted, questions);
    int r = count > 0 ? targets_ask(targets, questions, count, may_wait) : 0;
    for (size_t i = 0; i < count; ++i) {
        if (r == 0)
            r = merge(expansion, &questions[i]);
        targets_question_deinit(&questions[i]);
    }
    return r;
}

bool expansion_is_empty(const struct expansion *expansion)
{
    if (expansion->alias_count == 0 || expansion->other_count > 0)
        return false;
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        if (expansion->families[i].addresses.count > 0)
            return false;
    }
    return true;
}
