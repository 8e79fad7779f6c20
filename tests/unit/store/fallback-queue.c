#include "store/fallback-queue.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

static struct fallback_item *item(const char *target, enum dns_family family, uint32_t ttl)
{
    struct fallback_entry entry = {
        .target = target, .family = family, .is_empty = true, .ttl = ttl, .last_error = ""};
    struct fallback_item *made = fallback_item_new(&entry, false);

    cr_assert_not_null(made);
    return made;
}

static void put(struct fallback_queue *queue, const char *target, uint32_t ttl)
{
    cr_assert_eq(fallback_queue_put(queue, item(target, DNS_FAMILY_A, ttl)), 0);
}

/* "a1 b2 ": target and TTL of each, in order. */
static void expect(const struct fallback_items *items, const char *expected)
{
    const struct fallback_item *each;
    char text[256] = "";

    TAILQ_FOREACH(each, items, link)
    {
        snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%u ", each->entry.target,
                 each->entry.ttl);
    }
    cr_assert_str_eq(text, expected);
}

Test(fallback_queue, keeps_the_order)
{
    struct fallback_queue queue;

    fallback_queue_init(&queue);
    put(&queue, "c", 1);
    put(&queue, "a", 2);
    put(&queue, "b", 3);
    expect(&queue.items, "c1 a2 b3 ");
    fallback_queue_deinit(&queue);
}

Test(fallback_queue, puts_the_newer_in_the_place_of_the_older)
{
    struct fallback_queue queue;

    fallback_queue_init(&queue);
    put(&queue, "a", 1);
    put(&queue, "b", 2);
    put(&queue, "a", 3);
    cr_assert_eq(queue.count, 2);
    expect(&queue.items, "a3 b2 ");
    fallback_queue_deinit(&queue);
}

Test(fallback_queue, tells_families_apart)
{
    struct fallback_queue queue;

    fallback_queue_init(&queue);
    put(&queue, "a", 1);
    cr_assert_eq(fallback_queue_put(&queue, item("a", DNS_FAMILY_AAAA, 2)), 0);
    cr_assert_eq(queue.count, 2);
    fallback_queue_deinit(&queue);
}

Test(fallback_queue, gives_no_more_than_asked_for)
{
    struct fallback_items taken = TAILQ_HEAD_INITIALIZER(taken);
    struct fallback_queue queue;

    fallback_queue_init(&queue);
    put(&queue, "a", 1);
    put(&queue, "b", 2);
    put(&queue, "c", 3);
    fallback_queue_take(&queue, 2, &taken);
    expect(&taken, "a1 b2 ");
    expect(&queue.items, "c3 ");
    fallback_queue_take(&queue, 2, &taken);
    expect(&taken, "a1 b2 c3 ");
    cr_assert_eq(queue.count, 0);
    fallback_items_free(&taken);
    fallback_queue_deinit(&queue);
}

Test(fallback_queue, takes_back_what_was_not_overtaken_in_order)
{
    struct fallback_items taken = TAILQ_HEAD_INITIALIZER(taken);
    struct fallback_queue queue;

    fallback_queue_init(&queue);
    put(&queue, "a", 1);
    put(&queue, "b", 2);
    put(&queue, "c", 3);
    fallback_queue_take(&queue, 3, &taken);
    put(&queue, "d", 4);
    put(&queue, "b", 5);
    fallback_queue_put_back(&queue, &taken);
    cr_assert(TAILQ_EMPTY(&taken));
    expect(&queue.items, "a1 c3 d4 b5 ");
    cr_assert_eq(queue.count, 4);
    fallback_queue_deinit(&queue);
}
