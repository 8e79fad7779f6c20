#include "relay/pieces.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void pieces_init(struct pieces *pieces, int fd)
{
    pieces->fd = fd;
    pieces->is_inside = false;
    pieces->start = pieces->end = 0;
}

bool pieces_has_more(const struct pieces *pieces)
{
    return pieces->start < pieces->end;
}

/* To the front, so that a whole piece has room. */
static void compact(struct pieces *pieces)
{
    memmove(pieces->data, pieces->data + pieces->start, pieces->end - pieces->start);
    pieces->end -= pieces->start;
    pieces->start = 0;
}

static int fill(struct pieces *pieces)
{
    ssize_t n;

    do {
        n = read(pieces->fd, pieces->data + pieces->end, PIECES_SIZE - pieces->end);
    } while (n < 0 && errno == EINTR);
    if (n < 0)
        return -errno;
    if (n == 0)
        return PIECES_E_END;
    pieces->end += n;
    return 0;
}

static void give_out(struct pieces *pieces, size_t size, bool ends, struct piece *ret)
{
    *ret = (struct piece){.data = pieces->data + pieces->start, .size = size, .ends = ends};
    pieces->start += size;
    pieces->is_inside = !ends;
}

int pieces_next(struct pieces *pieces, struct piece *ret)
{
    size_t scanned = 0;
    int r;

    if (pieces->start > 0)
        compact(pieces);
    for (;;) {
        const char *rest = pieces->data + scanned;
        const char *newline = memchr(rest, '\n', pieces->end - scanned);

        if (newline) {
            give_out(pieces, newline + 1 - pieces->data, true, ret);
            return 0;
        }
        if (pieces->end == PIECES_SIZE || (pieces->is_inside && pieces->end > 0)) {
            give_out(pieces, pieces->end, false, ret);
            return 0;
        }
        scanned = pieces->end;
        r = fill(pieces);
        if (r)
            return r;
    }
}
