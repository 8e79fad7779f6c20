#pragma once

#include <sqlite3.h>
#include <stdint.h>
#include <sys/types.h>

#include "store/fallback-queue.h"
#include "store/fallback.h"

/*
 * The fallback database's file: open or make it, read it, write to it
 *
 * One thread at a time. Failures are not logged here, for they come again at each attempt: `error`
 * says what it was, and fallback.c decides. That a file was moved aside, or a row skipped, is
 * logged.
 */

struct fallback_file {
    char *path;
    fallback_entry_fn loaded; /* to be called with each row at the next opening; NULL: was loaded */
    void *userdata;
    bool was_rescued; /* what could be read of a file that doesn't open was loaded */
    sqlite3 *db;      /* NULL: not open */
    sqlite3_stmt *put;
    sqlite3_stmt *remove;
    dev_t device; /* of what was opened: the path may lead elsewhere since */
    ino_t inode;
    char error[256]; /* of the last failure, for people */
};

/* 0 or -ENOMEM. */
int fallback_file_init(struct fallback_file *file, const char *path, fallback_entry_fn loaded,
                       void *userdata);
void fallback_file_deinit(struct fallback_file *file);

/* Opens or makes the file; hands its rows to `loaded`, the first time that this works. What can't
 * be used is moved aside (fallback.h), but another program's database never: that is a mistyped
 * path. A file that can only be read is read, and writing will fail. 0; negative: not open now. */
int fallback_file_open(struct fallback_file *file);

/* Writes all items in one transaction; opens the file first if need be. 0; negative: nothing was
 * written, and the file is closed. */
int fallback_file_write(struct fallback_file *file, const struct fallback_items *items);
