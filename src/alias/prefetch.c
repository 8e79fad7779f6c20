#include "alias/prefetch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "util/cleanup.h"

void prefetch_deinit(struct prefetch *prefetch)
{
    for (size_t i = 0; i < prefetch->count; ++i) {
        free((char *)prefetch->questions[i].target);
        targets_question_deinit(&prefetch->questions[i]);
    }
    free(prefetch->questions);
    *prefetch = (struct prefetch){0};
}

static int make_room(struct prefetch *prefetch)
{
    size_t capacity = prefetch->capacity ? prefetch->capacity * 2 : 16;
    struct targets_question *grown;

    if (prefetch->count < prefetch->capacity)
        return 0;
    grown = reallocarray(prefetch->questions, capacity, sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    prefetch->questions = grown;
    prefetch->capacity = capacity;
    return 0;
}

static int add(struct prefetch *prefetch, const struct targets_question *question)
{
    int r = make_room(prefetch);

    if (r < 0)
        return r;
    char *target = strdup(question->target);
    if (!target)
        return -ENOMEM;
    prefetch->questions[prefetch->count] = *question;
    prefetch->questions[prefetch->count++].target = target;
    return 0;
}

int prefetch_add_expansion(struct prefetch *prefetch, const struct expansion *expansion)
{
    static const bool both[DNS_FAMILIES] = {true, true};
    CLEANUP(cleanup_freep) struct targets_question *questions = NULL;
    size_t count;

    int r = expansion_questions(expansion, both, &questions, &count);
    for (size_t i = 0; i < count && r == 0; ++i)
        r = add(prefetch, &questions[i]);
    return r;
}

static int compare(const void *a, const void *b)
{
    const struct targets_question *left = a, *right = b;

    if (left->family != right->family)
        return left->family < right->family ? -1 : 1;
    return strcmp(left->target, right->target);
}

/* Many owner names may lead to one target, which is asked about once. */
static void make_unique(struct prefetch *prefetch)
{
    struct targets_question *questions = prefetch->questions;
    size_t kept = 0;

    qsort(questions, prefetch->count, sizeof(*questions), compare);
    for (size_t i = 0; i < prefetch->count; ++i) {
        if (kept > 0 && compare(&questions[kept - 1], &questions[i]) == 0)
            free((char *)questions[i].target);
        else
            questions[kept++] = questions[i];
    }
    prefetch->count = kept;
}

int prefetch_wait(struct prefetch *prefetch, struct targets *targets, int64_t deadline,
                  size_t *ret_unresolved)
{
    size_t unresolved = 0;
    int r = 0;

    if (prefetch->count > 0) {
        make_unique(prefetch);
        r = targets_ask(targets, prefetch->questions, prefetch->count, deadline);
    }
    for (size_t i = 0; i < prefetch->count; ++i) {
        struct targets_question *question = &prefetch->questions[i];

        if (question->freshness == STATE_IS_UNKNOWN && !question->is_denied_alone &&
            question->is_resolving)
            ++unresolved;
        targets_question_deinit(question);
    }
    if (r == 0)
        *ret_unresolved = unresolved;
    return r;
}
