#include "store/sqlite.h"

#include <errno.h>
#include <pthread.h>
#include <string.h>

#include "util/log.h"

/* Long enough for what SQLite says, short enough for a line: statements can be long. */
#define LOGGED_SQL_LENGTH 160

static struct log_limit failure_limit = LOG_LIMIT(10, 10000);

int sqlite_errno(int code)
{
    switch (code & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return -EBUSY;
    case SQLITE_NOMEM:
        return -ENOMEM;
    case SQLITE_PERM:
    case SQLITE_AUTH:
        return -EACCES;
    case SQLITE_READONLY:
        return -EROFS;
    case SQLITE_FULL:
        return -ENOSPC;
    case SQLITE_TOOBIG:
        return -EMSGSIZE;
    case SQLITE_CONSTRAINT:
        return -EEXIST;
    case SQLITE_INTERRUPT:
        return -EINTR;
    case SQLITE_ERROR:
    case SQLITE_MISUSE:
    case SQLITE_RANGE:
    case SQLITE_MISMATCH:
        return -EINVAL;
    default: /* SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_NOTADB, SQLITE_CANTOPEN, ... */
        return -EIO;
    }
}

bool sqlite_is_damage(int code)
{
    return (code & 0xff) == SQLITE_CORRUPT || (code & 0xff) == SQLITE_NOTADB;
}

int sqlite_failure(sqlite3 *db, int code, const char *what)
{
    const char *path = sqlite3_db_filename(db, "main");

    log_write_limited(&failure_limit, LOG_LEVEL_ERROR, "%s: %.*s: %s (SQLite code %d)",
                      path ? path : "", LOGGED_SQL_LENGTH, what, sqlite3_errmsg(db), code);
    return sqlite_errno(code);
}

/* The system's own reason, where SQLite kept it: "unable to open database file" helps nobody. */
static int opening_failure(sqlite3 *db, int code, const char *path)
{
    int system_error = db ? sqlite3_system_errno(db) : 0;

    if ((code & 0xff) == SQLITE_CANTOPEN && system_error > 0) {
        log_write_limited(&failure_limit, LOG_LEVEL_ERROR, "%s: can't open the database: %s", path,
                          strerror(system_error));
        return -system_error;
    }
    log_write_limited(&failure_limit, LOG_LEVEL_ERROR, "%s: can't open the database: %s", path,
                      db ? sqlite3_errmsg(db) : sqlite3_errstr(code));
    return sqlite_errno(code);
}

/* Without its count of all memory, which nobody asks for, SQLite takes no lock for each piece: that
 * was a tenth of a lookup's time in user space. */
static void configure(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
}

int sqlite_open(const char *path, int flags, sqlite3 **ret)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    CLEANUP(sqlite_closep) sqlite3 *db = NULL;

    pthread_once(&once, configure);
    int code = sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (code != SQLITE_OK)
        return opening_failure(db, code, path);
    if ((flags & SQLITE_OPEN_READWRITE) && sqlite3_db_readonly(db, "main") == 1) {
        log_write_limited(&failure_limit, LOG_LEVEL_ERROR,
                          "%s: can't open the database for writing: file or file system is"
                          " read-only",
                          path);
        return -EROFS;
    }
    sqlite3_extended_result_codes(db, 1);
    *ret = TAKE(db);
    return 0;
}

void sqlite_close(sqlite3 *db)
{
    sqlite3_close_v2(db);
}

void sqlite_finalize(sqlite3_stmt *statement)
{
    sqlite3_finalize(statement);
}

int sqlite_execute(sqlite3 *db, const char *sql)
{
    int code = sqlite3_exec(db, sql, NULL, NULL, NULL);

    return code == SQLITE_OK ? 0 : sqlite_failure(db, code, sql);
}

/* Whether the pragma's answer, the mode that holds after it, is WAL. */
static bool answers_wal(sqlite3 *db, const char *pragma)
{
    CLEANUP(sqlite_finalizep) sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(db, pragma, -1, &statement, NULL) != SQLITE_OK ||
        sqlite3_step(statement) != SQLITE_ROW)
        return false;
    const unsigned char *mode = sqlite3_column_text(statement, 0);
    return mode && sqlite3_stricmp((const char *)mode, "wal") == 0;
}

bool sqlite_is_wal(sqlite3 *db)
{
    return answers_wal(db, "PRAGMA journal_mode");
}

void sqlite_prefer_wal(sqlite3 *db)
{
    static struct log_limit limit = LOG_LIMIT(5, 60000);

    if (sqlite_is_wal(db) || answers_wal(db, "PRAGMA journal_mode=WAL"))
        return;
    log_write_limited(
        &limit, LOG_LEVEL_WARNING,
        "%s: can't switch to WAL, so readers and writers will wait for each other: %s",
        sqlite3_db_filename(db, "main"),
        sqlite3_errcode(db) == SQLITE_OK ? "the file system doesn't support it"
                                         : sqlite3_errmsg(db));
}
