#include "store/transaction.h"

#include <errno.h>
#include <string.h>

#include "store/changes.h"
#include "store/connection.h"
#include "store/priority.h"
#include "store/zones.h"
#include "util/log.h"

/*
 * The spool is an attached database without a name: a file that SQLite makes in the folder for
 * temporary files and has unlinked already, of which no more than the cache is in memory. TEMP
 * tables would be as fast, but their file never shrinks while the connection lives; this one is
 * gone with DETACH. It needs no journal: what fails ends the transaction, and the spool with it.
 *
 * There is no index over the names of what is fed until somebody looks for one: a transfer never
 * does.
 */
static const char begin_sql[] =
    "PRAGMA temp_store = FILE;"
    "ATTACH '' AS spool;"
    "PRAGMA spool.journal_mode = OFF;"
    "PRAGMA spool.cache_size = -4096;"
    "CREATE TABLE spool.added(id INTEGER PRIMARY KEY, name TEXT, type TEXT, content TEXT,"
    " ttl INTEGER, prio INTEGER, auth INTEGER, ordername TEXT);"
    "CREATE TABLE spool.removed(name TEXT, type TEXT, with_comments INTEGER,"
    " PRIMARY KEY(name, type)) WITHOUT ROWID;"
    "CREATE TABLE spool.kinds(kind TEXT COLLATE NOCASE PRIMARY KEY);"
    "CREATE TABLE spool.metadata(id INTEGER PRIMARY KEY, kind TEXT COLLATE NOCASE, content TEXT);"
    "CREATE TABLE spool.key_ids(id INTEGER PRIMARY KEY);"
    "CREATE TABLE spool.keys(id INTEGER PRIMARY KEY, flags INTEGER, active INTEGER,"
    " published INTEGER, content TEXT);";

static const char index_sql[] = "CREATE INDEX spool.added_by_name ON added(name)";

/* What apply_changes() runs, in this order, each with the zone's id. */
static const enum statement removing[] = {STATEMENT_APPLY_REMOVE, STATEMENT_APPLY_COMMENTS};
static const enum statement replacing[] = {STATEMENT_APPLY_CLEAR_ZONE, STATEMENT_APPLY_COMMENTS};
static const enum statement adding[] = {
    STATEMENT_APPLY_ADD,        STATEMENT_APPLY_METADATA_CLEAR, STATEMENT_APPLY_METADATA_ADD,
    STATEMENT_APPLY_KEYS_CLEAR, STATEMENT_APPLY_KEYS_ADD,
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool transaction_is_open(const struct database *db)
{
    return db->transaction.is_open;
}

int64_t transaction_zone(const struct database *db)
{
    return db->transaction.zone_id;
}

/* Lets the spool go. If it can't be detached the next one can't be attached, and whoever owns the
 * connection opens it anew. */
static void end(struct database *db)
{
    if (!db->transaction.is_open)
        return;
    sqlite3_exec(db->statements.handle, "DETACH spool", NULL, NULL, NULL);
    db->transaction = (struct transaction){0};
}

void transaction_abort(struct database *db)
{
    if (db->transaction.is_open)
        database_rollback(db);
    end(db);
}

static int abort_with(struct database *db, int failure)
{
    transaction_abort(db);
    return failure;
}

/* Logs that the zone, whose name it finds, `what`. */
static int lose(struct database *db, int failure, const char *what)
{
    char name[NAME_TEXT_SIZE];

    int r = zones_find_name(db, db->transaction.zone_id, name);
    if (r < 0)
        return r;
    return statements_fail(&db->statements, failure, "zone %.255s %s", r == 0 ? name : "?", what);
}

int transaction_begin(struct database *db, int64_t zone_id, bool is_replacement)
{
    struct transaction transaction = {
        .is_open = true,
        .is_replacement = is_replacement,
        .zone_id = zone_id,
    };
    char name[NAME_TEXT_SIZE];

    if (db->transaction.is_open)
        return statements_fail(&db->statements, -EINVAL, "a transaction is open already");
    int r = changes_count(db, zone_id, &transaction.count);
    if (r == 0)
        r = zones_find_name(db, zone_id, name);
    if (r == ZONES_E_NOT_FOUND)
        return TRANSACTION_E_NO_ZONE;
    if (r < 0)
        return r;
    db->transaction = transaction;
    r = statements_execute(&db->statements, "beginning a transaction", begin_sql);
    return r < 0 ? abort_with(db, r) : 0;
}

int transaction_index(struct database *db)
{
    if (db->transaction.is_indexed)
        return 0;
    int r = statements_execute(&db->statements, "spooling records", index_sql);
    if (r < 0)
        return abort_with(db, r);
    db->transaction.is_indexed = true;
    return 0;
}

static int spool_record(struct database *db, const struct transaction_record *record,
                        const char *content, uint32_t priority)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_SPOOL_ADD, &statement);
    if (r < 0)
        return r;
    statements_bind_name(statements, statement, 1, record->name);
    if (*record->type) {
        statements_bind_text(statements, statement, 2, record->type);
        statements_bind_text(statements, statement, 3, content);
        statements_bind_integer(statements, statement, 4, record->ttl);
        statements_bind_integer(statements, statement, 5, priority);
    } else {
        for (int parameter = 2; parameter <= 5; ++parameter)
            statements_bind_null(statements, statement, parameter);
    }
    statements_bind_integer(statements, statement, 6, record->auth);
    if (record->ordername)
        statements_bind_text(statements, statement, 7, record->ordername);
    else
        statements_bind_null(statements, statement, 7);
    return statements_run(statements, statement);
}

int transaction_add(struct database *db, const struct transaction_record *record)
{
    const char *content = record->content;
    uint32_t priority = 0;
    int r = 0;

    if (priority_applies(record->type) && priority_split(content, &content, &priority) != 0)
        r = statements_fail(&db->statements, -EBADMSG,
                            "record of '%.255s': its priority is '%.40s'", record->name, content);
    if (r == 0)
        r = spool_record(db, record, content, priority);
    return r < 0 ? abort_with(db, r) : 0;
}

static int drop_added(struct database *db, const char *name, const char *type)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_SPOOL_DROP_ADDED, &statement);
    if (r < 0)
        return r;
    statements_bind_name(statements, statement, 1, name);
    statements_bind_text(statements, statement, 2, type);
    return statements_run(statements, statement);
}

static int mark_removed(struct database *db, const char *name, const char *type, bool with_comments)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_SPOOL_REMOVE, &statement);
    if (r < 0)
        return r;
    statements_bind_name(statements, statement, 1, name);
    statements_bind_text(statements, statement, 2, type);
    statements_bind_integer(statements, statement, 3, with_comments);
    return statements_run(statements, statement);
}

int transaction_remove(struct database *db, const char *name, const char *type, bool with_comments)
{
    int r = transaction_index(db);

    if (r == 0)
        r = drop_added(db, name, type);
    if (r == 0)
        r = mark_removed(db, name, type, with_comments);
    return r < 0 ? abort_with(db, r) : 0;
}

/* Under the write lock: whether the zone may be changed. */
static int check_zone(struct database *db)
{
    const struct transaction *transaction = &db->transaction;
    char name[NAME_TEXT_SIZE];
    int64_t count;

    int r = zones_find_name(db, transaction->zone_id, name);
    if (r == ZONES_E_NOT_FOUND)
        return statements_fail(&db->statements, -ENOENT, "the zone was deleted meanwhile");
    if (r == 0)
        r = changes_count(db, transaction->zone_id, &count);
    if (r < 0)
        return r;
    if (database_is_replaced(db))
        return lose(db, -ESTALE, "was to be changed, but another file is at the path now");
    if (!transaction->is_replacement && count != transaction->count)
        return lose(db, -EBUSY, "was changed meanwhile by another writer");
    return 0;
}

static int run_all(struct database *db, const enum statement *ids, size_t count)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    for (size_t i = 0; i < count; ++i) {
        int r = statements_start(statements, ids[i], &statement);
        if (r < 0)
            return r;
        statements_bind_integer(statements, statement, 1, db->transaction.zone_id);
        r = statements_run(statements, statement);
        if (r < 0)
            return r;
    }
    return 0;
}

int transaction_apply(struct database *db)
{
    int r = database_begin(db);
    if (r == 0)
        r = check_zone(db);
    if (r == 0)
        r = db->transaction.is_replacement ? run_all(db, replacing, COUNT(replacing))
                                           : run_all(db, removing, COUNT(removing));
    if (r == 0)
        r = run_all(db, adding, COUNT(adding));
    return r < 0 ? abort_with(db, r) : 0;
}

int transaction_commit(struct database *db)
{
    int r = database_commit(db);

    end(db);
    return r;
}
