#pragma once

#include <sqlite3.h>
#include <stdatomic.h>
#include <stdbool.h>

#include "store/database.h"

/*
 * A zone database in a folder of its own, made anew for each test from sql/schema.sql, and the
 * connection under test. What goes wrong in here fails the test.
 */

#define FIXTURE_ZONE         1 /* the id of example.com, a NATIVE zone with SOA and NS */
#define FIXTURE_DEFAULT_TTL  3600
#define FIXTURE_BUSY_TIMEOUT 200

struct fixture {
    char folder[64];
    char path[96];
    struct database *db;
    atomic_bool is_cancelled; /* of every connection that is opened here */
};

extern struct fixture fixture;

/* TestSuite(x, .init = fixture_set_up, .fini = fixture_tear_down) */
void fixture_set_up(void);
void fixture_tear_down(void);

/* Opens the fixture's file as `read_only` says; what database_open() returned. */
int fixture_open(bool read_only, struct database **ret);

/* Runs SQL through a connection that is opened for it and closed after it, as the sqlite3 shell's.
 */
void fixture_execute(const char *sql);

/* The same on a connection that the caller keeps. */
sqlite3 *fixture_connect(void);
void fixture_execute_on(sqlite3 *db, const char *sql);

/* What SQL answers, as the sqlite3 shell shows it: columns joined by '|', NULL as nothing; each row
 * ended by ';'. Borrowed until the next call. */
const char *fixture_query(const char *sql);

/* Overwrites `size` bytes of the file from `offset` on. */
void fixture_overwrite(long offset, size_t size);

/* Makes `fixture.db` wait for other connections' locks: out of WAL mode every writer locks readers
 * out. */
void fixture_leave_wal(void);

/* The whole file, ended by a NUL, to be freed; NULL if there is none. */
char *fixture_read(const char *path);

/* Reads what the daemon logs from here on: fixture_logged() ends it and says whether `text` was in
 * it; fixture_count_logged() ends it and says in how many lines. */
void fixture_log_start(void);
bool fixture_logged(const char *text);
int fixture_count_logged(const char *text);
