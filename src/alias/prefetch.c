#include "alias/prefetch.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"

void prefetch_deinit(struct prefetch *prefetch)
{
    for (size_t i = 0; i < prefetch->count; ++i)
        free(prefetch->names[i]);
    free(prefetch->names);
    *prefetch = (struct prefetch){0};
}

static int make_room(struct prefetch *prefetch)
{
    size_t capacity = prefetch->capacity ? prefetch->capacity * 2 : 16;
    char **grown;

    if (prefetch->count < prefetch->capacity)
        return 0;
    grown = realloc(prefetch->names, capacity * sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    prefetch->names = grown;
    prefetch->capacity = capacity;
    return 0;
}

int prefetch_add(struct prefetch *prefetch, const char *content)
{
    char target[NAME_TEXT_SIZE];
    char *copy;
    int r;

    if (name_canonicalize(content, target))
        return 0;
    r = make_room(prefetch);
    if (r)
        return r;
    copy = strdup(target);
    if (!copy)
        return -ENOMEM;
    prefetch->names[prefetch->count++] = copy;
    return 0;
}

int prefetch_wait(struct prefetch *prefetch, struct targets *targets)
{
    size_t count = prefetch->count * DNS_FAMILIES;
    struct targets_question *questions;
    int r;

    if (count == 0)
        return 0;
    questions = calloc(count, sizeof(*questions));
    if (!questions)
        return -ENOMEM;
    for (size_t i = 0; i < count; ++i) {
        questions[i].target = prefetch->names[i / DNS_FAMILIES];
        questions[i].family = i % DNS_FAMILIES;
    }
    r = targets_ask(targets, questions, count, true);
    for (size_t i = 0; i < count; ++i)
        targets_question_deinit(&questions[i]);
    free(questions);
    return r;
}
