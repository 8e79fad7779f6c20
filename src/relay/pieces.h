#pragma once

#include <stdbool.h>
#include <stddef.h>

/*
 * Lines from a file descriptor, in pieces, so that the memory is bounded however long they are
 *
 * A line of up to PIECES_SIZE bytes, its newline included, is one piece. Of a longer one the first
 * piece has that many, and the others are what comes.
 */

#define PIECES_SIZE ((size_t)64 * 1024)

enum {
    PIECES_E_END = 1,  /* end of file; what is left unended is no line */
    PIECES_E_MORE = 2, /* what was read ends no piece */
};

struct piece {
    const char *data;
    size_t size;
    bool ends; /* its last byte is the newline */
};

struct pieces {
    int fd;
    bool is_inside; /* the last piece did not end its line */
    size_t start;   /* what was read and not given out yet */
    size_t end;
    size_t scanned; /* from `start` on there is no newline in so much */
    char data[PIECES_SIZE];
};

/* Also to start anew, with another descriptor. */
void pieces_init(struct pieces *pieces, int fd);

/* The next piece, valid until the next call. 0; PIECES_E_END; -errno, of which -EAGAIN means that
 * nothing came within the descriptor's SO_RCVTIMEO. */
int pieces_next(struct pieces *pieces, struct piece *ret);

/* The same, but reads once at the most: PIECES_E_MORE where that isn't enough. For whoever looks at
 * the clock in between, since SO_RCVTIMEO is for each read. */
int pieces_read(struct pieces *pieces, struct piece *ret);

/* Whether there is something behind the piece given out last. */
bool pieces_has_more(const struct pieces *pieces);
