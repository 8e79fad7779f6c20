#pragma once

/*
 * Scoped cleanup: `CLEANUP(database_freep) struct database *db = NULL;` frees when the variable
 * goes out of scope. A pointer that is given away is taken with TAKE(), which leaves NULL behind.
 */

#define CLEANUP(function) __attribute__((cleanup(function)))

#define TAKE(pointer)                                                                              \
    ({                                                                                             \
        __typeof__(pointer) taken_ = (pointer);                                                    \
        (pointer) = NULL;                                                                          \
        taken_;                                                                                    \
    })

/* Defines `name`p(), which calls `name`() on the pointer that a CLEANUP() variable holds. */
#define CLEANUP_DEFINE(type, name)                                                                 \
    static inline void name##p(type *pointer)                                                      \
    {                                                                                              \
        if (*pointer)                                                                              \
            name(*pointer);                                                                        \
    }

#include <stdlib.h>

static inline void cleanup_freep(void *pointer)
{
    free(*(void **)pointer);
}
