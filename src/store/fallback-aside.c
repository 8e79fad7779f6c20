#include "store/fallback-aside.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "util/cleanup.h"
#include "util/clock.h"

static int move_companion(const char *from, const char *to, const char *suffix)
{
    CLEANUP(cleanup_freep) char *old = NULL;
    CLEANUP(cleanup_freep) char *new = NULL;

    if (asprintf(&old, "%s%s", from, suffix) < 0 || asprintf(&new, "%s%s", to, suffix) < 0)
        return -ENOMEM;
    rename(old, new); /* most often there is none */
    return 0;
}

static int choose_path(const char *path, const char *word, char **ret)
{
    CLEANUP(cleanup_freep) char *to = NULL;
    int64_t time = clock_wall_s();

    do {
        free(TAKE(to));
        if (asprintf(&to, "%s.%s-%" PRId64, path, word, time++) < 0)
            return -ENOMEM;
    } while (access(to, F_OK) == 0);
    *ret = TAKE(to);
    return 0;
}

int fallback_aside_move(const char *path, const char *word, char **ret_to)
{
    static const char *const companions[] = {"-wal", "-shm", "-journal"};
    CLEANUP(cleanup_freep) char *to = NULL;

    int r = choose_path(path, word, &to);
    if (r < 0)
        return r;
    if (rename(path, to) < 0)
        return -errno;
    for (size_t i = 0; i < sizeof(companions) / sizeof(companions[0]) && r == 0; ++i)
        r = move_companion(path, to, companions[i]);
    if (r == 0)
        *ret_to = TAKE(to);
    return r;
}
