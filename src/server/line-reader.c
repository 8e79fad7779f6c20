#include "server/line-reader.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#define INITIAL_CAPACITY 4096
/* A buffer beyond this isn't kept for the next line. */
#define KEPT_CAPACITY (256 * 1024)

void line_reader_init(struct line_reader *reader, int fd, size_t limit)
{
    *reader = (struct line_reader){.fd = fd, .limit = limit};
}

void line_reader_deinit(struct line_reader *reader)
{
    free(reader->data);
    reader->data = NULL;
}

void line_reader_halt(struct line_reader *reader)
{
    reader->is_halted = true;
}

bool line_reader_is_idle(struct line_reader *reader)
{
    return reader->is_idle;
}

static void drop_line(struct line_reader *reader)
{
    reader->start = reader->end = reader->scanned = 0;
}

/* Between lines, with nothing left over: starts at the front again, and gives a large buffer back.
 */
static void settle(struct line_reader *reader)
{
    if (reader->start < reader->end)
        return;
    drop_line(reader);
    if (reader->capacity > KEPT_CAPACITY) {
        free(reader->data);
        reader->data = NULL;
        reader->capacity = 0;
    }
}

/* Moves the line that is being read to the front. */
static void compact(struct line_reader *reader)
{
    memmove(reader->data, reader->data + reader->start, reader->end - reader->start);
    reader->end -= reader->start;
    reader->scanned -= reader->start;
    reader->start = 0;
}

static int make_room(struct line_reader *reader)
{
    size_t capacity = reader->capacity ? reader->capacity * 2 : INITIAL_CAPACITY;
    char *grown;

    if (reader->start > 0)
        compact(reader);
    if (reader->end < reader->capacity)
        return 0;
    grown = realloc(reader->data, capacity);
    if (!grown)
        return -ENOMEM;
    reader->data = grown;
    reader->capacity = capacity;
    return 0;
}

static int receive(struct line_reader *reader)
{
    bool is_between_lines = reader->start == reader->end && !reader->skipping;
    bool is_halted;
    ssize_t n = 0;

    reader->is_idle = is_between_lines;
    do {
        is_halted = is_between_lines && reader->is_halted;
        if (!is_halted)
            n = recv(reader->fd, reader->data + reader->end, reader->capacity - reader->end, 0);
    } while (n < 0 && errno == EINTR && !is_halted);
    reader->is_idle = false;
    if (is_halted)
        return LINE_READER_E_HALTED;
    if (n < 0)
        return errno == ECONNRESET ? LINE_READER_E_END : -errno;
    if (n == 0)
        return LINE_READER_E_END;
    reader->end += n;
    return 0;
}

static char *find_newline(struct line_reader *reader)
{
    char *newline = NULL;

    if (reader->end > reader->scanned)
        newline = memchr(reader->data + reader->scanned, '\n', reader->end - reader->scanned);
    reader->scanned = newline ? (size_t)(newline - reader->data) + 1 : reader->end;
    return newline;
}

int line_reader_next(struct line_reader *reader, const char **ret, size_t *ret_size)
{
    char *newline;
    size_t size;
    int r;

    settle(reader);
    while (!(newline = find_newline(reader))) {
        if (reader->end - reader->start > reader->limit)
            reader->skipping = true;
        if (reader->skipping)
            drop_line(reader);
        r = make_room(reader);
        if (r == 0)
            r = receive(reader);
        if (r)
            return r;
    }

    size = newline - (reader->data + reader->start);
    *ret = reader->data + reader->start;
    reader->start = reader->scanned;
    if (reader->skipping || size > reader->limit) {
        reader->skipping = false;
        return LINE_READER_E_TOO_LONG;
    }
    *ret_size = size;
    return 0;
}
