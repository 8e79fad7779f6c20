#pragma once

#include <sqlite3.h>
#include <stddef.h>
#include <stdint.h>

#include "store/waiting.h"

/*
 * All the SQL that is run on the zone database, and how it is run
 *
 * A statement is prepared when first used, kept as long as the connection, and started anew for
 * each call. statements_start() takes it, statements_next() walks through its rows, and the end, a
 * failure or statements_stop() resets it: only then does its read transaction end. One walk through
 * a statement at a time; starting one that is under way is a mistake and -EINVAL.
 */

enum statement {
    STATEMENT_RECORDS_BY_NAME,
    STATEMENT_RECORDS_BY_NAME_TYPE,
    STATEMENT_RECORDS_BY_NAME_ZONE,
    STATEMENT_RECORDS_BY_NAME_ZONE_TYPE,
    STATEMENT_RECORDS_BY_ZONE,
    STATEMENT_RECORDS_ALIASES,
    STATEMENT_RECORDS_MATCHING,
    STATEMENT_RECORDS_SOA,
    STATEMENT_ORDERNAME_BEFORE,
    STATEMENT_ORDERNAME_AFTER,
    STATEMENT_ORDERNAME_FIRST,
    STATEMENT_ORDERNAME_LAST,
    STATEMENT_DOMAIN_BY_NAME,
    STATEMENT_DOMAINS,
    STATEMENT_DOMAINS_WITH_SOA,
    STATEMENT_DOMAINS_PRIMARY,
    STATEMENT_DOMAINS_SECONDARY,
    STATEMENT_METADATA,
    STATEMENT_METADATA_OF_KIND,
    STATEMENT_METADATA_VALUES,
    STATEMENT_METADATA_ALIAS,
    STATEMENT_METADATA_PUBLISHING,
    STATEMENT_KEYS,
    STATEMENT_TSIG_KEYS,
    STATEMENT_TSIG_KEY_BY_NAME,

    /* Writing */
    STATEMENT_BEGIN_READING,
    STATEMENT_BEGIN,
    STATEMENT_COMMIT,
    STATEMENT_ROLLBACK,
    STATEMENT_DOMAIN_ID,
    STATEMENT_DOMAIN_NAME,
    STATEMENT_DOMAIN_IS_PRIMARY,
    STATEMENT_DOMAIN_SET_NOTIFIED,
    STATEMENT_DOMAIN_SET_CHECKED,
    STATEMENT_DOMAIN_CREATE_SECONDARY,
    STATEMENT_SOA_SET_CONTENT,
    STATEMENT_METADATA_CLEAR,
    STATEMENT_METADATA_ADD,
    STATEMENT_KEY_ADD,
    STATEMENT_KEY_REMOVE,
    STATEMENT_KEY_SET_ACTIVE,
    STATEMENT_KEY_SET_PUBLISHED,
    STATEMENT_TSIG_KEY_SET,
    STATEMENT_TSIG_KEY_REMOVE,
    STATEMENT_AUTOPRIMARY_ACCOUNT,
    STATEMENT_AUTOPRIMARY_ADDRESSES,

    /* What follows names tables that aren't in every database: statements_check() leaves it out. */
    STATEMENT_UNCHECKED,

    /* The spool of a transaction: transaction.c */
    STATEMENT_SPOOL_ADD = STATEMENT_UNCHECKED,
    STATEMENT_SPOOL_DROP_ADDED,
    STATEMENT_SPOOL_REMOVE,
    STATEMENT_SPOOL_RECORDS_BY_NAME,
    STATEMENT_SPOOL_RECORDS_BY_ZONE,
    STATEMENT_SPOOL_KIND,
    STATEMENT_SPOOL_METADATA_CLEAR,
    STATEMENT_SPOOL_METADATA_ADD,
    STATEMENT_SPOOL_METADATA,
    STATEMENT_SPOOL_KEY_COPY,
    STATEMENT_SPOOL_KEY_MARK,
    STATEMENT_SPOOL_KEY_NEXT_ID,
    STATEMENT_SPOOL_KEY_ADD,
    STATEMENT_SPOOL_KEY_REMOVE,
    STATEMENT_SPOOL_KEY_SET_ACTIVE,
    STATEMENT_SPOOL_KEY_SET_PUBLISHED,
    STATEMENT_SPOOL_KEYS,
    STATEMENT_APPLY_CLEAR_ZONE,
    STATEMENT_APPLY_REMOVE,
    STATEMENT_APPLY_ADD,
    STATEMENT_APPLY_COMMENTS,
    STATEMENT_APPLY_METADATA_CLEAR,
    STATEMENT_APPLY_METADATA_ADD,
    STATEMENT_APPLY_KEYS_CLEAR,
    STATEMENT_APPLY_KEYS_ADD,

    /* The tables of sql/upkeep.sql: changes.c, zone-rows.c, ents.c, published.c
     */
    STATEMENT_UPKEEP_IS_INSTALLED,
    STATEMENT_UPKEEP_OBJECT,
    STATEMENT_UPKEEP_DATA_VERSION,
    STATEMENT_UPKEEP_SCHEMA_VERSION,
    STATEMENT_CHANGES_COUNT,
    STATEMENT_CHANGES_COUNTERS,
    STATEMENT_CHANGES_SETTLE,
    STATEMENT_CHANGES_RESTORE,
    STATEMENT_CHANGES_DIRTY,
    STATEMENT_CHANGES_NOTE,
    STATEMENT_CHANGES_ADD_MISSING,
    STATEMENT_CHANGES_DROP_ZONES,
    STATEMENT_CHANGES_DROP_ENTS,
    STATEMENT_CHANGES_DROP_PUBLISHED,
    STATEMENT_ZONE_NEXT,
    STATEMENT_ZONE_HAS_KEY,
    STATEMENT_ZONE_ROWS,
    STATEMENT_ZONE_ROWS_MARKED,
    STATEMENT_ZONE_ROW_UPDATE,
    STATEMENT_ZONE_ROW_ADD,
    STATEMENT_ZONE_ROW_REMOVE,
    STATEMENT_ENT_MARK,
    STATEMENT_ENT_UNMARK,
    STATEMENT_ENT_BY_HASH,
    STATEMENT_ENT_HAS_HASH,
    STATEMENT_PUBLISHED,
    STATEMENT_PUBLISHED_SET,

    /* The check of the zones: records.c, raw-zones.c */
    STATEMENT_RAW_RECORDS_OF_ZONE,
    STATEMENT_RAW_RECORDS_OF_NO_ZONE,
    STATEMENT_RAW_RECORDS_NEXT,
    STATEMENT_RAW_ZONE_NEXT,
    STATEMENT_RAW_ZONE_BY_NAME,

    STATEMENT_COUNT,
};

enum {
    STATEMENTS_E_END = 1,
};

/* Initialised with the connection; the rest zero. */
struct statements {
    sqlite3 *handle;
    sqlite3_stmt *prepared[STATEMENT_COUNT];
    struct waiting waiting;
    int pending;     /* SQLite's code for a parameter or column that memory did not suffice for */
    char error[512]; /* see database_error() */
};

void statements_deinit(struct statements *statements);

/* Whether each statement before STATEMENT_UNCHECKED can be prepared, that is, whether the database
 * has every table and column of PowerDNS's that we use. 0; -ENOTSUP, logged with what is missing;
 * other failures. */
int statements_check(struct statements *statements);

/* Every failure goes through here: logs it (a flood of them is cut short), keeps it in `error`,
 * and returns `failure`. */
__attribute__((format(printf, 3, 4))) int statements_fail(struct statements *statements,
                                                          int failure, const char *format, ...);

/* statements_fail() with -ENOMEM; `what` was to be done: "reading a TTL". */
int statements_no_memory(struct statements *statements, const char *what);

/* The statement, ready for its parameters to be bound, all of them. `error` is empty then. 0 or
 * negative. */
int statements_start(struct statements *statements, enum statement id, sqlite3_stmt **ret);

/* Runs what is no prepared statement and has no rows; `task` as messages say it. 0 or negative. */
int statements_execute(struct statements *statements, const char *task, const char *sql);

/* Parameters are numbered from 1. Text and octets are copied. That memory did not suffice is
 * reported by the following statements_next(). */
void statements_bind_integer(struct statements *statements, sqlite3_stmt *statement, int parameter,
                             int64_t value);
void statements_bind_null(struct statements *statements, sqlite3_stmt *statement, int parameter);
void statements_bind_text(struct statements *statements, sqlite3_stmt *statement, int parameter,
                          const char *value);
void statements_bind_blob(struct statements *statements, sqlite3_stmt *statement, int parameter,
                          const void *value, size_t size);

/* A domain name, as dns/name.h; the root is written "." in the zone database
 * (DNSName::toStringRootDot). */
void statements_bind_name(struct statements *statements, sqlite3_stmt *statement, int parameter,
                          const char *name);

/* The next row. 0; STATEMENTS_E_END; negative, logged and kept in `error`. Everything but 0 has
 * reset the statement. */
int statements_next(struct statements *statements, sqlite3_stmt *statement);

/* Runs a statement that has no rows, to its end. 0 or negative, as statements_next(). */
int statements_run(struct statements *statements, sqlite3_stmt *statement);

/* The same from its start, for one without parameters. */
int statements_perform(struct statements *statements, enum statement id);

/* The same with one parameter, a number. */
int statements_perform_on(struct statements *statements, enum statement id, int64_t value);

/* When the connection is opened: so that no transaction can outlive a call for want of memory. 0 or
 * negative. */
int statements_prepare_roll_back(struct statements *statements);

/* Ends a transaction, if one is open (some failures have ended it). What has failed in it stays in
 * `error`. */
void statements_roll_back(struct statements *statements);

/* How many rows the last INSERT, UPDATE or DELETE has written, its triggers' not counted. */
int statements_written(const struct statements *statements);

/* NULL is allowed. */
void statements_stop(sqlite3_stmt *statement);

/* Once the columns of a row have been read: 0, or -ENOMEM (logged) if one of them could not be had,
 * and then the statement is closed. Without this a text that there was no memory for is "". */
int statements_end_row(struct statements *statements, sqlite3_stmt *statement);

/* A column as text, "" where NULL. Any bytes, NUL among them. Valid until the next row. */
const char *statements_text(struct statements *statements, sqlite3_stmt *statement, int column);

/* A column as octets, as it is stored; of size 0 where NULL. Valid until the next row. */
const void *statements_blob(struct statements *statements, sqlite3_stmt *statement, int column,
                            size_t *ret_size);

/* Logs (a flood is cut short) that a row is left out because a column can't be read; `what` is
 * "records.ttl". gsqlite3 leaves such rows out, too, in silence. */
void statements_log_skipped(struct statements *statements, const char *name, const char *what,
                            const char *value);

/* The same where the row can't be left out: statements_fail() with -EBADMSG. */
int statements_unreadable(struct statements *statements, const char *name, const char *what,
                          const char *value);
