#include "store/fallback-file.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sql-text.h"
#include "store/fallback-aside.h"
#include "store/fallback-row.h"
#include "store/fallback-uri.h"
#include "store/sqlite.h"
#include "util/log.h"

/* The marks that sql/fallback.sql sets. */
#define APPLICATION_ID 0x616c6941
#define VERSION        1

/* For somebody's sqlite3 shell that holds the lock; the thread has nothing else to do. */
#define BUSY_TIMEOUT_MS 1000

/* What is wrong with a file that opens. */
enum {
    FILE_E_DAMAGED = 1,
    FILE_E_NEWER = 2,
};

int fallback_file_init(struct fallback_file *file, const char *path, fallback_entry_fn loaded,
                       void *userdata)
{
    *file = (struct fallback_file){.path = strdup(path), .loaded = loaded, .userdata = userdata};
    return file->path ? 0 : -ENOMEM;
}

static void close_file(struct fallback_file *file)
{
    sqlite_finalize(TAKE(file->put));
    sqlite_finalize(TAKE(file->remove));
    sqlite_close(TAKE(file->db));
}

void fallback_file_deinit(struct fallback_file *file)
{
    close_file(file);
    free(TAKE(file->path));
}

__attribute__((format(printf, 2, 3))) static void say(struct fallback_file *file,
                                                      const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(file->error, sizeof(file->error), format, arguments);
    va_end(arguments);
}

/* Keeps SQLite's words for its result `code`, and the system's where it has some. */
static int fail(struct fallback_file *file, int code)
{
    int system_error = file->db ? sqlite3_system_errno(file->db) : 0;

    if (sqlite_is_damage(code)) {
        say(file, "%s", sqlite3_errmsg(file->db));
        return FILE_E_DAMAGED;
    }
    if (system_error > 0 && ((code & 0xff) == SQLITE_CANTOPEN || (code & 0xff) == SQLITE_IOERR))
        say(file, "%s: %s", sqlite3_errmsg(file->db), strerror(system_error));
    else
        say(file, "%s", file->db ? sqlite3_errmsg(file->db) : sqlite3_errstr(code));
    return sqlite_errno(code);
}

static int execute(struct fallback_file *file, const char *sql)
{
    int code = sqlite3_exec(file->db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? 0 : fail(file, code);
}

static int query_integer(struct fallback_file *file, const char *sql, int64_t *ret)
{
    CLEANUP(sqlite_finalizep) sqlite3_stmt *statement = NULL;

    int code = sqlite3_prepare_v2(file->db, sql, -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code != SQLITE_ROW)
        return fail(file, code);
    *ret = sqlite3_column_int64(statement, 0);
    return 0;
}

/* Two daemons that begin at once with one path: the second finds the tables made. */
static int make_tables(struct fallback_file *file)
{
    int64_t tables = 0;

    sqlite_prefer_wal(file->db);
    int r = execute(file, "BEGIN IMMEDIATE");
    if (r == 0)
        r = query_integer(file, "SELECT count(*) FROM sqlite_schema", &tables);
    if (r == 0 && tables == 0)
        r = execute(file, sql_fallback);
    if (r == 0)
        r = execute(file, "COMMIT");
    if (r < 0 && !sqlite3_get_autocommit(file->db))
        sqlite3_exec(file->db, "ROLLBACK", NULL, NULL, NULL);
    return r;
}

/* Whose file it is, and of which version. 0; FILE_E_*; negative. */
static int check_marks(struct fallback_file *file)
{
    int64_t application = 0, version = 0, tables = 0;

    int r = query_integer(file, "PRAGMA application_id", &application);
    if (r == 0)
        r = query_integer(file, "PRAGMA user_version", &version);
    if (r == 0)
        r = query_integer(file, "SELECT count(*) FROM sqlite_schema", &tables);
    if (r != 0)
        return r;
    if (application == 0 && version == 0 && tables == 0)
        return make_tables(file);
    if (application != APPLICATION_ID) {
        say(file, "this is another program's database, it is left alone");
        return -EEXIST;
    }
    if (version > VERSION) {
        say(file, "version-%" PRId64, version);
        return FILE_E_NEWER;
    }
    return 0;
}

/* Of the structure. A row that somebody has put in against the constraints costs only itself. */
static int check_integrity(struct fallback_file *file)
{
    CLEANUP(sqlite_finalizep) sqlite3_stmt *statement = NULL;

    int r = execute(file, "PRAGMA ignore_check_constraints = ON");
    if (r != 0)
        return r;
    int code = sqlite3_prepare_v2(file->db, "PRAGMA quick_check(1)", -1, &statement, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_step(statement);
    if (code != SQLITE_ROW)
        return fail(file, code);

    const char *verdict = (const char *)sqlite3_column_text(statement, 0);

    if (verdict && strcmp(verdict, "ok") == 0)
        return 0;
    say(file, "%s", verdict ? verdict : "quick_check says nothing");
    return FILE_E_DAMAGED;
}

static int prepare(struct fallback_file *file, const char *sql, sqlite3_stmt **ret)
{
    int code = sqlite3_prepare_v3(file->db, sql, -1, SQLITE_PREPARE_PERSISTENT, ret, NULL);

    if (code == SQLITE_OK)
        return 0;
    int r = fail(file, code);
    /* A table or column is missing from a file with our marks. */
    return (code & 0xff) == SQLITE_ERROR ? FILE_E_DAMAGED : r;
}

static int load(struct fallback_file *file)
{
    CLEANUP(sqlite_finalizep) sqlite3_stmt *statement = NULL;
    size_t count = 0, skipped = 0;
    int code;

    int r = prepare(file, FALLBACK_ROW_SELECT, &statement);
    if (r != 0)
        return r;
    while ((code = sqlite3_step(statement)) == SQLITE_ROW) {
        r = fallback_row_read(statement, file->loaded, file->userdata);
        if (r < 0)
            return r;
        if (r == FALLBACK_ROW_E_INVALID)
            ++skipped;
        else
            ++count;
    }
    if (code != SQLITE_DONE)
        return fail(file, code);
    if (skipped > 0)
        log_warning("%s: %zu rows can't be read and were skipped", file->path, skipped);
    log_info("%s: %zu answers loaded", file->path, count);
    return 0;
}

static void remember_identity(struct fallback_file *file)
{
    struct stat status;

    if (stat(file->path, &status) < 0)
        return;
    file->device = status.st_dev;
    file->inode = status.st_ino;
}

static int try_open(struct fallback_file *file)
{
    int code =
        sqlite3_open_v2(file->path, &file->db,
                        SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return fail(file, code);
    sqlite3_extended_result_codes(file->db, 1);
    sqlite3_busy_timeout(file->db, BUSY_TIMEOUT_MS);

    int r = check_marks(file);
    if (r == 0)
        r = check_integrity(file);
    if (r == 0)
        r = execute(file, "PRAGMA synchronous = NORMAL");
    if (r == 0)
        r = prepare(file, FALLBACK_ROW_REPLACE, &file->put);
    if (r == 0)
        r = prepare(file, FALLBACK_ROW_DELETE, &file->remove);
    if (r == 0 && file->loaded)
        r = load(file);
    if (r == 0) {
        file->loaded = NULL;
        remember_identity(file);
    }
    return r;
}

/* Closes the file, which can't be used (`outcome`: FILE_E_*, with its `error`), and renames it.
 * Said only if that worked: otherwise it comes again at each attempt. */
static int move_aside(struct fallback_file *file, int outcome)
{
    CLEANUP(cleanup_freep) char *to = NULL;
    char reason[sizeof(file->error)];
    bool is_newer = outcome == FILE_E_NEWER;

    memcpy(reason, file->error, sizeof(reason));
    close_file(file);
    int r = fallback_aside_move(file->path, is_newer ? reason : "corrupt", &to);
    if (r < 0)
        say(file, "%s: %.100s; can't be moved aside: %s",
            is_newer ? "made by a newer pdns-aliasd" : "damaged", reason, strerror(-r));
    else
        log_error("%s: the fallback database is %s (%s): moved aside to %s, beginning anew",
                  file->path, is_newer ? "a newer pdns-aliasd's" : "damaged", reason, to);
    return r;
}

/* For a disk that is full or read-only: there SQLite can't make what it keeps beside a database in
 * WAL mode, and refuses it. What lies in a WAL that wasn't written back is missed. */
static int load_immutable(struct fallback_file *file)
{
    CLEANUP(cleanup_freep) char *uri = fallback_uri_immutable(file->path);
    int64_t application = 0;

    if (!uri)
        return -ENOMEM;
    int code = sqlite3_open_v2(uri, &file->db,
                               SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX, NULL);
    int r = code == SQLITE_OK ? query_integer(file, "PRAGMA application_id", &application)
                              : fail(file, code);
    if (r == 0 && application == APPLICATION_ID)
        r = load(file);
    close_file(file);
    return r;
}

/* The file can't be opened for writing: at least it is read, once, if it can be. */
static int rescue(struct fallback_file *file, int failure)
{
    char error[sizeof(file->error)];

    memcpy(error, file->error, sizeof(error));
    int r = load_immutable(file);
    if (r == -ENOMEM)
        return r;
    memcpy(file->error, error, sizeof(error));
    file->was_rescued = r == 0;
    return failure;
}

static bool is_readable_perhaps(int failure)
{
    return failure == -EIO || failure == -EROFS || failure == -ENOSPC || failure == -EACCES;
}

static int open_file(struct fallback_file *file)
{
    int r = try_open(file);

    if (r > 0) {
        r = move_aside(file, r);
        if (r == 0) {
            file->loaded = NULL; /* what could be read of it was */
            r = try_open(file);
        }
        if (r > 0) /* whatever it is, it can't be used */
            r = -EIO;
    }
    if (r < 0)
        close_file(file);
    if (is_readable_perhaps(r) && file->loaded && !file->was_rescued)
        r = rescue(file, r);
    return r;
}

/* What went wrong is said for people, also where nobody had words for it. */
static int end_attempt(struct fallback_file *file, int r)
{
    if (r < 0) {
        close_file(file); /* and with it, what the transaction has written */
        if (!*file->error || r == -ENOMEM)
            say(file, "%s", strerror(-r));
    }
    return r;
}

int fallback_file_open(struct fallback_file *file)
{
    *file->error = '\0';
    return end_attempt(file, open_file(file));
}

/* Whether the path leads to another file than the one that is open, or nowhere: what is written now
 * would be lost. */
static bool is_replaced(const struct fallback_file *file)
{
    struct stat status;

    return stat(file->path, &status) < 0 || status.st_dev != file->device ||
           status.st_ino != file->inode;
}

static int write_items(struct fallback_file *file, const struct fallback_items *items)
{
    const struct fallback_item *item;

    int r = execute(file, "BEGIN IMMEDIATE");
    if (r != 0)
        return r;
    TAILQ_FOREACH(item, items, link)
    {
        sqlite3_stmt *statement = item->is_removal ? file->remove : file->put;

        r = item->is_removal ? fallback_row_bind_key(statement, &item->entry)
                             : fallback_row_bind(statement, &item->entry);
        if (r < 0)
            return r;
        int code = sqlite3_step(statement);
        if (code != SQLITE_DONE)
            return fail(file, code);
        sqlite3_reset(statement);
    }
    return execute(file, "COMMIT");
}

int fallback_file_write(struct fallback_file *file, const struct fallback_items *items)
{
    int r = 0;

    *file->error = '\0';
    if (file->db && is_replaced(file))
        close_file(file);
    if (!file->db)
        r = open_file(file);
    if (r == 0 && !TAILQ_EMPTY(items))
        r = write_items(file, items);
    if (r > 0) {
        /* Found by writing what quick_check has not seen. */
        r = move_aside(file, r);
        if (r == 0)
            r = -EIO;
    }
    return end_attempt(file, r);
}
