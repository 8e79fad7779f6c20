#pragma once

#include <stdatomic.h>
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
    LINE_READER_E_HALTED = 3, /* line_reader_halt(); nothing of a line was read and not given out */
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
    atomic_bool is_halted;
    atomic_bool is_idle; /* waiting for a line to begin */
};

void line_reader_init(struct line_reader *reader, int fd, size_t limit);
void line_reader_deinit(struct line_reader *reader);

/* For another thread: what the reader holds is given out, and a line that has begun is read to its
 * end, but nothing more is taken from the socket. If the reader is idle it is blocked in recv(), or
 * about to be, and sees this when a signal interrupts it. */
void line_reader_halt(struct line_reader *reader);
bool line_reader_is_idle(struct line_reader *reader);

/* The next line, without its newline and not NUL-terminated, valid until the next call. What is
 * left unended at the end of the stream is no line. 0; a positive code; -errno. */
int line_reader_next(struct line_reader *reader, const char **ret, size_t *ret_size);
