#include "store/database.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "store/connection.h"
#include "store/sqlite.h"
#include "util/log.h"

/* The file's identity is taken before it is opened: if it is replaced in between, the connection
 * counts as replaced at once, and not never. */
static int identify(const char *path, struct database *db)
{
    struct stat status;

    if (stat(path, &status) < 0) {
        int r = -errno;
        log_error("%s: can't open the zone database: %s", path, strerror(errno));
        return r;
    }
    if (!S_ISREG(status.st_mode)) {
        log_error("%s: can't open the zone database: not a regular file", path);
        return S_ISDIR(status.st_mode) ? -EISDIR : -EINVAL;
    }
    db->device = status.st_dev;
    db->inode = status.st_ino;
    return 0;
}

static bool lacks_shm(sqlite3 *handle)
{
    int code = sqlite3_errcode(handle) & 0xff;

    return code == SQLITE_CANTOPEN || code == SQLITE_READONLY;
}

/* The schema is read before anything is written: an empty file has no tables, and must not be
 * turned into a database by a pragma. */
static int check(struct database *db, bool read_only)
{
    int r = statements_check(&db->statements);

    if (r < 0 && read_only && lacks_shm(db->statements.handle))
        log_error("%s: a database in WAL mode can be read only where its -shm file exists or can be"
                  " made: make the folder writable, or set another journal_mode in the file",
                  db->path);
    return r;
}

static int set_up(struct database *db, const struct database_config *config)
{
    int flags = config->read_only ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE;

    int r = identify(config->path, db);
    if (r < 0)
        return r;
    r = sqlite_open(config->path, flags, config->busy_timeout_ms, &db->statements.handle);
    if (r < 0)
        return r;
    r = check(db, config->read_only);
    if (r < 0 || config->read_only)
        return r;
    sqlite_prefer_wal(db->statements.handle);
    return sqlite_execute(db->statements.handle, "PRAGMA foreign_keys=ON");
}

int database_open(const struct database_config *config, struct database **ret)
{
    CLEANUP(database_freep) struct database *db = calloc(1, sizeof(*db));
    if (!db)
        return -ENOMEM;

    db->default_ttl = config->default_ttl;
    db->path = strdup(config->path);
    if (!db->path)
        return -ENOMEM;

    int r = set_up(db, config);
    if (r < 0)
        return r;
    *ret = TAKE(db);
    return 0;
}

void database_free(struct database *db)
{
    if (!db)
        return;
    statements_deinit(&db->statements);
    sqlite_close(db->statements.handle);
    free(db->path);
    free(db);
}

int database_data_version(struct database *db, int64_t *ret)
{
    sqlite3_stmt *statement;

    int r = statements_start(&db->statements, STATEMENT_DATA_VERSION, &statement);
    if (r < 0)
        return r;
    r = statements_next(&db->statements, statement);
    if (r < 0)
        return r;
    *ret = sqlite3_column_int64(statement, 0);
    statements_stop(statement);
    return 0;
}

bool database_is_replaced(const struct database *db)
{
    struct stat status;

    if (stat(db->path, &status) < 0)
        return false;
    return status.st_dev != db->device || status.st_ino != db->inode;
}

const char *database_error(const struct database *db)
{
    return db->statements.error;
}
