#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Lines from a stream socket, one at a time, blocking
 *
 * The buffer grows with what has come, not with what may come, and shrinks again after a line of
 * unusual length. A line over the limit is read to its end and thrown away, so that the next one
 * can be read.
 */

enum {
    LINE_READER_E_END = 1,      /* the peer has closed, or the socket was shut down */
    LINE_READER_E_TOO_LONG = 2, /* a line was longer than the limit; it has been passed over */
};

struct line_reader {
    int fd;
    size_t limit; /* bytes, without the newline */
    char *data;
    size_t capacity;
    size_t start;   /* where the next line begins */
    size_t end;     /* behind the last byte read */
    size_t scanned; /* up to here no newline */
    bool skipping;  /* inside a line that is too long */
};

void line_reader_init(struct line_reader *reader, int fd, size_t limit);
void line_reader_deinit(struct line_reader *reader);

/* The next line, without its newline and not NUL-terminated, valid until the next call. What is
 * left unended at the end of the stream is no line. 0; a positive code; -errno. */
int line_reader_next(struct line_reader *reader, const char **ret, size_t *ret_size);
