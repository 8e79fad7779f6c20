#include "relay/pieces.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

void pieces_init(struct pieces *pieces, int fd)
{
    pieces->fd = fd;
    pieces->is_inside = false;
    pieces->start = pieces->end = pieces->scanned = 0;
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
    pieces->scanned = 0;
    pieces->is_inside = !ends;
}

/* From what was read. 0 or PIECES_E_MORE. */
static int take(struct pieces *pieces, struct piece *ret)
{
    const char *rest = pieces->data + pieces->scanned;
    const char *newline = memchr(rest, '\n', pieces->end - pieces->scanned);

    if (newline) {
        give_out(pieces, newline + 1 - pieces->data, true, ret);
        return 0;
    }
    if (pieces->end == PIECES_SIZE || (pieces->is_inside && pieces->end > 0)) {
        give_out(pieces, pieces->end, false, ret);
        return 0;
    }
    pieces->scanned = pieces->end;
    return PIECES_E_MORE;
}

int pieces_read(struct pieces *pieces, struct piece *ret)
{
    int r;

    if (pieces->start > 0)
        compact(pieces);
    r = take(pieces, ret);
    if (r != PIECES_E_MORE)
        return r;
    r = fill(pieces);
    return r ? r : take(pieces, ret);
}

int pieces_next(struct pieces *pieces, struct piece *ret)
{
    int r;

    do {
        r = pieces_read(pieces, ret);
    } while (r == PIECES_E_MORE);
    return r;
}
