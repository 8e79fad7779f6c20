#pragma once

/*
 * A fallback database that can't be used, put out of the way
 */

/* Renames the file to "PATH.WORD-TIME", and with it what SQLite keeps beside it. `ret_to`: the new
 * path, from malloc. 0; -errno: it stays where it is; -ENOMEM. */
int fallback_aside_move(const char *path, const char *word, char **ret_to);
