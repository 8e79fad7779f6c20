#include "alias/local.h"

#include <errno.h>
#include <inttypes.h>
#include <search.h>
#include <stdlib.h>
#include <string.h>

#include "dns/labels.h"
#include "dns/name.h"
#include "store/links.h"
#include "util/cleanup.h"
#include "util/log.h"

static struct log_limit chain_limit = LOG_LIMIT(5, 60000);

/* One row that is being followed. */
struct following {
    struct local *local;
    struct local_answer *answer;
};

static void answer_free(struct local_answer *answer)
{
    for (size_t i = 0; i < answer->count; ++i)
        free(answer->questions[i].target);
    for (size_t i = 0; i < DNS_FAMILIES; ++i)
        address_set_deinit(&answer->addresses[i].set);
    free(answer->questions);
    free(answer->target);
    free(answer);
}

/* The answers are in the list, too. */
static void leave_alone(void *answer)
{
    (void)answer;
}

void local_answers_free(struct local_answer *answers)
{
    struct local_answer *answer;

    while ((answer = answers)) {
        answers = answer->next;
        answer_free(answer);
    }
}

struct local_answer *local_take_answers(struct local *local)
{
    struct local_answer *answers = TAKE(local->answers);

    local_deinit(local);
    return answers;
}

void local_deinit(struct local *local)
{
    tdestroy(local->known, leave_alone);
    local_answers_free(local->answers);
    *local = (struct local){.db = local->db, .hops_max = local->hops_max};
}

static int compare(const void *a, const void *b)
{
    const struct local_answer *left = a, *right = b;

    if (left->families != right->families)
        return left->families < right->families ? -1 : 1;
    return strcmp(left->target, right->target);
}

static int add_question(struct local_answer *answer, const struct chain_end *end)
{
    struct local_question *questions =
        reallocarray(answer->questions, answer->count + 1, sizeof(*questions));

    if (!questions)
        return -ENOMEM;
    answer->questions = questions;
    char *target = strdup(end->name);
    if (!target)
        return -ENOMEM;
    questions[answer->count++] = (struct local_question){
        .target = target, .families = end->families & end->links->outside, .ttl = end->ttl};
    return 0;
}

static int add_addresses(struct local_answer *answer, const struct chain_end *end,
                         enum dns_family family)
{
    const struct chain_addresses *found = &end->links->addresses[family];
    uint32_t ttl = found->ttl < end->ttl ? found->ttl : end->ttl;
    int r = 0;

    for (size_t i = 0; i < found->set.count && r == 0; ++i)
        r = chain_addresses_add(&answer->addresses[family], &found->set.items[i], ttl);
    return r;
}

static int reach(void *userdata, const struct chain_end *end)
{
    struct local_answer *answer = ((struct following *)userdata)->answer;
    int r = 0;

    if (end->families & end->links->outside)
        r = add_question(answer, end);
    for (size_t i = 0; i < DNS_FAMILIES && r == 0; ++i) {
        if (end->families & CHAIN_FAMILY(i))
            r = add_addresses(answer, end, i);
    }
    return r;
}

static size_t count_labels(const char *name)
{
    size_t count = 1;

    for (; *name; name = labels_parent(name))
        ++count;
    return count;
}

static int find(void *userdata, const char *name, struct chain_links *links)
{
    struct local *local = ((struct following *)userdata)->local;
    size_t labels = count_labels(name);

    if (local->labels + labels > LOCAL_LABELS_MAX)
        return CHAIN_E_WIDE;
    local->labels += labels;
    return links_find(local->db, name, links);
}

static const char *describe(int outcome)
{
    switch (outcome) {
    case CHAIN_E_LOOP:
        return "a loop, which leads to nothing: ";
    case CHAIN_E_LONG:
        return "more hops than alias-hops-max, which lead to nothing: ";
    default:
        return "it branches to too many names, not all were followed";
    }
}

static void report(const struct chain_row *row, int64_t domain_id, int outcome, const char *chain)
{
    log_write_limited(
        &chain_limit, LOG_LEVEL_WARNING, "ALIAS at %s (domain_id %" PRId64 "): %s%.4000s",
        *row->owner ? row->owner : ".", domain_id, describe(outcome), chain ? chain : "");
}

/* 0, or the outcome of the walk, which was logged. */
static int walk(struct local *local, const struct chain_row *row, int64_t domain_id,
                struct local_answer *answer)
{
    CLEANUP(cleanup_freep) char *chain = NULL;
    struct following following = {.local = local, .answer = answer};
    const struct chain_guide guide = {
        .find = find, .reach = reach, .userdata = &following, .hops_max = local->hops_max};

    int r = chain_follow(row, &guide, &chain);
    if (r > 0)
        report(row, domain_id, r, chain);
    return r;
}

static struct local_answer *new_answer(struct local *local, const struct chain_row *row)
{
    struct local_answer *answer = calloc(1, sizeof(*answer));

    if (!answer)
        return NULL;
    answer->target = strdup(row->target);
    if (!answer->target) {
        free(answer);
        return NULL;
    }
    answer->families = row->families;
    answer->next = local->answers;
    local->answers = answer;
    return answer;
}

/* Where a way leads back to is another matter for each owner name: that isn't kept for others. */
static int follow_new(struct local *local, const struct chain_row *row, int64_t domain_id,
                      struct local_answer **ret)
{
    char owner[NAME_TEXT_SIZE];
    struct chain_row canonical = *row;

    if (name_canonicalize(row->owner, owner) == 0)
        canonical.owner = owner;
    struct local_answer *answer = new_answer(local, row);
    if (!answer)
        return -ENOMEM;
    int r = walk(local, &canonical, domain_id, answer);
    if (r == 0 && !tsearch(answer, &local->known, compare))
        r = -ENOMEM;
    if (r < 0)
        return r;
    *ret = answer;
    return 0;
}

/* What is looked for is counted anew for each. */
static void see_owner(struct local *local, const char *owner)
{
    size_t length = strnlen(owner, sizeof(local->owner) - 1);

    if (strcmp(local->owner, owner) == 0)
        return;
    memcpy(local->owner, owner, length);
    local->owner[length] = '\0';
    local->labels = 0;
}

int local_follow(struct local *local, const struct chain_row *row, int64_t domain_id,
                 const struct local_answer **ret)
{
    see_owner(local, row->owner);
    const struct local_answer key = {.target = (char *)row->target, .families = row->families};
    struct local_answer *answer = NULL;

    void *node = tfind(&key, &local->known, compare);
    if (node)
        answer = *(struct local_answer **)node;
    int r = node ? 0 : follow_new(local, row, domain_id, &answer);
    if (r == 0)
        *ret = answer;
    return r;
}
