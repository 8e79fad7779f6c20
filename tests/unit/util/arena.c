#include "util/arena.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

Test(arena, copies_text_and_ends_it_with_a_nul)
{
    CLEANUP(arena_deinit) struct arena arena = {0};
    char text[] = "hello, world";

    char *copy = arena_copy(&arena, text, 5);
    cr_assert_not_null(copy);
    memset(text, 'x', sizeof(text) - 1);
    cr_expect_str_eq(copy, "hello");
    cr_expect_str_eq(arena_copy(&arena, "", 0), "");
    cr_expect_str_eq(copy, "hello");
}

Test(arena, copies_nuls)
{
    CLEANUP(arena_deinit) struct arena arena = {0};

    cr_expect_arr_eq(arena_copy(&arena, "a\0b", 3), "a\0b\0", 4);
}

Test(arena, copies_stay_where_they_are)
{
    enum { COUNT = 20000 };
    CLEANUP(arena_deinit) struct arena arena = {0};
    char **copies = calloc(COUNT, sizeof(*copies));
    char text[32];

    for (int i = 0; i < COUNT; ++i) {
        int size = snprintf(text, sizeof(text), "%0*d", 1 + i % 20, i);
        copies[i] = arena_copy(&arena, text, (size_t)size);
        cr_assert_not_null(copies[i]);
    }
    for (int i = 0; i < COUNT; ++i) {
        snprintf(text, sizeof(text), "%0*d", 1 + i % 20, i);
        cr_assert_str_eq(copies[i], text);
    }
    free(copies);
}

/* Under AddressSanitizer, one octet too many is caught. */
Test(arena, sizes_around_a_chunks_are_copied_whole)
{
    CLEANUP(arena_deinit) struct arena arena = {0};
    char *text = malloc(70000);

    memset(text, 'x', 70000);
    for (size_t size = 65530; size < 65540; ++size) {
        char *before = arena_copy(&arena, "before", 6);
        char *copy = arena_copy(&arena, text, size);
        char *after = arena_copy(&arena, "after", 5);
        cr_expect_str_eq(before, "before");
        cr_assert_eq(strlen(copy), size);
        cr_expect_str_eq(after, "after");
    }
    cr_expect_eq(strlen(arena_copy(&arena, text, 70000)), 70000);
    free(text);
}

Test(arena, can_be_used_again_after_its_end)
{
    struct arena arena = {0};

    arena_deinit(&arena);
    cr_assert_not_null(arena_copy(&arena, "a", 1));
    arena_deinit(&arena);
    cr_expect_str_eq(arena_copy(&arena, "b", 1), "b");
    arena_deinit(&arena);
}
