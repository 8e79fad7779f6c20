#include "relay/pieces.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* What is sent to `ends[1]` is read from `ends[0]`. */
static int ends[2];
static struct pieces pieces;

static void connect_ends(void)
{
    const struct timeval timeout = {.tv_usec = 100000};
    const int room = 1 << 20;

    cr_assert_eq(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    setsockopt(ends[0], SOL_SOCKET, SO_RCVTIMEO, &timeout, sizeof(timeout));
    setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &room, sizeof(room));
    pieces_init(&pieces, ends[0]);
}

static void disconnect_ends(void)
{
    close(ends[0]);
    close(ends[1]);
}

TestSuite(pieces, .init = connect_ends, .fini = disconnect_ends);

static void put(const char *data, size_t size)
{
    cr_assert_eq(write(ends[1], data, size), (ssize_t)size);
}

static void put_text(const char *text)
{
    put(text, strlen(text));
}

static void must_give(const char *text, bool is_end)
{
    struct piece piece;

    cr_assert_eq(pieces_next(&pieces, &piece), 0);
    cr_expect_eq(piece.size, strlen(text));
    cr_expect_eq(memcmp(piece.data, text, piece.size), 0, "'%.*s' is not '%s'", (int)piece.size,
                 piece.data, text);
    cr_expect_eq(piece.ends, is_end);
}

/* `size` times 'x', then a newline. */
static char *long_line(size_t size)
{
    char *line = malloc(size + 1);

    memset(line, 'x', size);
    line[size] = '\n';
    return line;
}

Test(pieces, line_is_one_piece_with_its_newline)
{
    put_text("one\n");
    must_give("one\n", true);
    cr_expect(!pieces_has_more(&pieces));
}

Test(pieces, line_that_comes_in_parts_is_one_piece)
{
    struct piece piece;

    put_text("on");
    cr_expect_eq(pieces_next(&pieces, &piece), -EAGAIN);
    put_text("e\n");
    must_give("one\n", true);
}

Test(pieces, one_read_may_not_be_enough)
{
    struct piece piece;

    put_text("on");
    cr_expect_eq(pieces_read(&pieces, &piece), PIECES_E_MORE);
    put_text("e");
    cr_expect_eq(pieces_read(&pieces, &piece), PIECES_E_MORE);
    cr_expect_eq(pieces_read(&pieces, &piece), -EAGAIN);
    put_text("\ntwo\n");
    cr_assert_eq(pieces_read(&pieces, &piece), 0);
    cr_expect_eq(piece.size, strlen("one\n"));
    cr_expect_eq(memcmp(piece.data, "one\n", piece.size), 0);
    must_give("two\n", true);
}

Test(pieces, lines_that_come_together_are_given_one_by_one)
{
    put_text("one\n\ntwo\nthr");
    must_give("one\n", true);
    cr_expect(pieces_has_more(&pieces));
    must_give("\n", true);
    must_give("two\n", true);
    cr_expect(pieces_has_more(&pieces));
    put_text("ee\n");
    must_give("three\n", true);
    cr_expect(!pieces_has_more(&pieces));
}

Test(pieces, line_of_the_full_size_is_one_piece)
{
    char *line = long_line(PIECES_SIZE - 1);
    struct piece piece;

    put(line, PIECES_SIZE);
    put_text("next\n");
    cr_assert_eq(pieces_next(&pieces, &piece), 0);
    cr_expect_eq(piece.size, PIECES_SIZE);
    cr_expect(piece.ends);
    must_give("next\n", true);
    free(line);
}

Test(pieces, longer_line_has_a_full_piece_first_and_then_what_comes)
{
    char *line = long_line(PIECES_SIZE);
    struct piece piece;

    put(line, PIECES_SIZE);
    cr_assert_eq(pieces_next(&pieces, &piece), 0);
    cr_expect_eq(piece.size, PIECES_SIZE);
    cr_expect(!piece.ends);
    put_text("abc");
    must_give("abc", false);
    put_text("def\nnext\n");
    must_give("def\n", true);
    must_give("next\n", true);
    free(line);
}

Test(pieces, newline_alone_ends_a_line_of_a_full_piece)
{
    char *line = long_line(PIECES_SIZE);
    struct piece piece;

    put(line, PIECES_SIZE + 1);
    cr_assert_eq(pieces_next(&pieces, &piece), 0);
    cr_expect_eq(piece.size, PIECES_SIZE);
    cr_expect(!piece.ends);
    must_give("\n", true);
    free(line);
}

Test(pieces, full_piece_is_made_behind_a_line_too)
{
    char *line = long_line(PIECES_SIZE);
    struct piece piece;

    put_text("first\n");
    put(line, PIECES_SIZE + 1);
    must_give("first\n", true);
    cr_assert_eq(pieces_next(&pieces, &piece), 0);
    cr_expect_eq(piece.size, PIECES_SIZE);
    cr_expect_eq(piece.data[0], 'x');
    must_give("\n", true);
    free(line);
}

Test(pieces, unended_rest_is_no_line)
{
    struct piece piece;

    put_text("one\nrest");
    shutdown(ends[1], SHUT_WR);
    must_give("one\n", true);
    cr_expect_eq(pieces_next(&pieces, &piece), PIECES_E_END);
}

Test(pieces, starts_anew_without_what_was_there)
{
    put_text("one\nrest");
    must_give("one\n", true);
    pieces_init(&pieces, ends[0]);
    put_text("two\n");
    must_give("two\n", true);
}
