#include "store/statements-sql.h"

/*
 * Which rows match, in which order, is what PowerDNS's gsqlite3 4.7 asks for (the defaults in
 * modules/gsqlite3backend/gsqlite3backend.cc), since an answer is to be the same down to the order
 * of its records. The differences: disabled rows are never selected, and columns that the remote
 * backend has no use for (options, catalog) are left alone, so that older databases work.
 *
 * `records.name` is compared byte by byte, `domains.name`, `domainmetadata.kind` and
 * `tsigkeys.name` without regard to case: that is how the schema declares them.
 */

#define RECORD_COLUMNS "SELECT domain_id, name, type, content, ttl, prio, auth, id FROM records "

/* What is hidden though nobody may have meant to hide it comes, too. */
#define RAW_RECORD_COLUMNS                                                                         \
    "SELECT domain_id, name, type, content, ttl, prio, auth, id, disabled FROM records"            \
    " WHERE disabled IS NOT 1 AND "

/* Rows of the zone ?1 that are wanted by name are read by the index that has them so. Else, where
 * ANALYZE has seen zones of a row or two, SQLite takes the index on ordername and sorts: a zone of
 * a million rows before the first of them is out. */
#define IN_ZONE_BY_NAME  "likely(domain_id = ?1)"

#define RAW_ZONE_COLUMNS "SELECT id, name, type FROM domains "

/* A row of the zone that a transaction changes, ?4, which the transaction has removed; ?5: all of
 * them are. */
#define REMOVED_BY_SPOOL                                                                           \
    "(domain_id IS ?4 AND (?5 OR EXISTS (SELECT 1 FROM spool.removed"                              \
    " WHERE removed.name = records.name AND removed.type IN ('ANY', records.type))))"

/* In the order of RECORD_COLUMNS. */
#define SPOOLED_RECORDS "SELECT ?4, name, type, content, ttl, prio, auth, 0 FROM spool.added "

#define DOMAIN_COLUMNS                                                                             \
    "SELECT domains.id, domains.name, domains.type, domains.master,"                               \
    " domains.notified_serial, domains.last_check, records.content "

#define DOMAINS_LEFT_JOIN_SOA                                                                      \
    DOMAIN_COLUMNS "FROM domains LEFT JOIN records ON records.domain_id = domains.id"              \
                   " AND records.type = 'SOA' AND records.name = domains.name "

/* Beginning with the zones, whose SOA an index finds: without ANALYZE SQLite would go through all
 * records. So they come in the order of their ids: with all zones gsqlite3's do, and with
 * primaries, which PowerDNS only notifies, its order is that or another, as ANALYZE has it. */
#define DOMAINS_WITH_SOA                                                                           \
    DOMAIN_COLUMNS "FROM domains CROSS JOIN records ON records.domain_id = domains.id"             \
                   " AND records.type = 'SOA' AND records.name = domains.name"                     \
                   " WHERE records.disabled = 0"

const char *const statements_sql[STATEMENT_COUNT] = {
    [STATEMENT_RECORDS_BY_NAME] = RECORD_COLUMNS "WHERE disabled = 0 AND name = ?1",
    [STATEMENT_RECORDS_BY_NAME_TYPE] =
        RECORD_COLUMNS "WHERE disabled = 0 AND type = ?2 AND name = ?1",
    [STATEMENT_RECORDS_BY_NAME_ZONE] =
        RECORD_COLUMNS "WHERE disabled = 0 AND name = ?1 AND domain_id = ?2",
    [STATEMENT_RECORDS_BY_NAME_ZONE_TYPE] =
        RECORD_COLUMNS "WHERE disabled = 0 AND type = ?3 AND name = ?1 AND domain_id = ?2",
    [STATEMENT_RECORDS_BY_ZONE] =
        RECORD_COLUMNS "WHERE disabled = 0 AND " IN_ZONE_BY_NAME " ORDER BY name, type",
    /* PowerDNS reads types in any case. That index has the type, too: of other rows no more is
     * read than what stands there. */
    [STATEMENT_RECORDS_ALIASES] = RECORD_COLUMNS "WHERE disabled = 0 AND " IN_ZONE_BY_NAME
                                                 " AND type = 'ALIAS' COLLATE NOCASE ORDER BY name",
    [STATEMENT_RECORDS_MATCHING] =
        RECORD_COLUMNS "WHERE disabled = 0 AND"
                       " (name LIKE ?1 ESCAPE '\\' OR content LIKE ?1 ESCAPE '\\') LIMIT ?2",

    /* A lookup gives them in this order. */
    [STATEMENT_RECORDS_SOA] =
        "SELECT id, content FROM records WHERE disabled = 0 AND name = ?1 AND domain_id = ?2"
        " AND type = 'SOA' COLLATE NOCASE ORDER BY id",

    [STATEMENT_ORDERNAME_BEFORE] =
        "SELECT ordername, name FROM records WHERE disabled = 0 AND ordername <= ?2"
        " AND domain_id = ?1 AND ordername IS NOT NULL ORDER BY 1 DESC LIMIT 1",
    [STATEMENT_ORDERNAME_AFTER] =
        "SELECT min(ordername) FROM records WHERE disabled = 0 AND ordername > ?2"
        " AND domain_id = ?1 AND ordername IS NOT NULL",
    [STATEMENT_ORDERNAME_FIRST] =
        "SELECT ordername FROM records WHERE disabled = 0 AND domain_id = ?1"
        " AND ordername IS NOT NULL ORDER BY 1 ASC LIMIT 1",
    [STATEMENT_ORDERNAME_LAST] =
        "SELECT ordername, name FROM records WHERE disabled = 0 AND ordername != ''"
        " AND domain_id = ?1 AND ordername IS NOT NULL ORDER BY 1 DESC LIMIT 1",

    /* The SOA as a lookup of the name that was asked for finds it: the row in `domains` may be
     * written in another case. */
    [STATEMENT_DOMAIN_BY_NAME] =
        DOMAIN_COLUMNS "FROM domains LEFT JOIN records ON records.domain_id = domains.id"
                       " AND records.type = 'SOA' AND records.name = ?1 AND records.disabled = 0"
                       " WHERE domains.name = ?1",
    [STATEMENT_DOMAINS] = DOMAINS_LEFT_JOIN_SOA,
    [STATEMENT_DOMAINS_WITH_SOA] = DOMAINS_WITH_SOA,
    [STATEMENT_DOMAINS_PRIMARY] = DOMAINS_WITH_SOA " AND domains.type = 'MASTER'",
    [STATEMENT_DOMAINS_SECONDARY] =
        DOMAINS_LEFT_JOIN_SOA "WHERE domains.type IN ('SLAVE', 'CONSUMER')",

    /* Kinds apart that differ in case only: PowerDNS's map of them does so, too. */
    [STATEMENT_METADATA] = "SELECT kind, content FROM domains JOIN domainmetadata"
                           " ON domainmetadata.domain_id = domains.id WHERE domains.name = ?1"
                           " ORDER BY kind COLLATE BINARY, domainmetadata.id",
    [STATEMENT_METADATA_OF_KIND] =
        "SELECT kind, content FROM domains JOIN domainmetadata"
        " ON domainmetadata.domain_id = domains.id WHERE domains.name = ?1"
        " AND domainmetadata.kind = ?2 ORDER BY domainmetadata.id",
    [STATEMENT_METADATA_VALUES] = "SELECT kind, content FROM domainmetadata WHERE domain_id = ?1"
                                  " AND kind = ?2 COLLATE BINARY ORDER BY id",
    [STATEMENT_METADATA_ALIAS] =
        "SELECT kind, content FROM domainmetadata WHERE domain_id = ?1"
        " AND kind COLLATE BINARY IN ('PRESIGNED', 'X-ALIAS-TXT') ORDER BY id",
    [STATEMENT_METADATA_PUBLISHING] =
        "SELECT kind, content FROM domainmetadata WHERE domain_id = ?1"
        " AND kind COLLATE BINARY IN ('PRESIGNED', 'SOA-EDIT', 'X-AUTO-SERIAL')"
        " ORDER BY kind COLLATE BINARY, id",

    [STATEMENT_KEYS] =
        "SELECT cryptokeys.id, flags, active, published, content FROM domains JOIN cryptokeys"
        " ON cryptokeys.domain_id = domains.id WHERE domains.name = ?1 ORDER BY cryptokeys.id",

    [STATEMENT_TSIG_KEYS] = "SELECT name, algorithm, secret FROM tsigkeys",
    [STATEMENT_TSIG_KEY_BY_NAME] = "SELECT name, algorithm, secret FROM tsigkeys WHERE name = ?1",

    [STATEMENT_BEGIN_READING] = "BEGIN",
    [STATEMENT_BEGIN] = "BEGIN IMMEDIATE",
    [STATEMENT_COMMIT] = "COMMIT",
    [STATEMENT_ROLLBACK] = "ROLLBACK",
    [STATEMENT_DOMAIN_ID] = "SELECT id FROM domains WHERE name = ?1",
    [STATEMENT_DOMAIN_NAME] = "SELECT name FROM domains WHERE id = ?1",
    [STATEMENT_DOMAIN_IS_PRIMARY] =
        "SELECT count(*) FROM domains WHERE id = ?1 AND type = 'MASTER'",
    [STATEMENT_DOMAIN_SET_NOTIFIED] = "UPDATE domains SET notified_serial = ?2 WHERE id = ?1",
    [STATEMENT_DOMAIN_SET_CHECKED] = "UPDATE domains SET last_check = ?2 WHERE id = ?1",
    [STATEMENT_DOMAIN_CREATE_SECONDARY] =
        "INSERT INTO domains(type, name, master, account) SELECT 'SLAVE', ?1, ?2, ?3"
        " WHERE NOT EXISTS (SELECT 1 FROM domains WHERE name = ?1)",
    [STATEMENT_SOA_SET_CONTENT] = "UPDATE records SET content = ?2 WHERE id = ?1",
    [STATEMENT_METADATA_CLEAR] = "DELETE FROM domainmetadata WHERE domain_id = ?1 AND kind = ?2",
    [STATEMENT_METADATA_ADD] =
        "INSERT INTO domainmetadata(domain_id, kind, content) VALUES (?1, ?2, ?3)",
    [STATEMENT_KEY_ADD] = "INSERT INTO cryptokeys(domain_id, flags, active, published, content)"
                          " VALUES (?1, ?2, ?3, ?4, ?5)",
    [STATEMENT_KEY_REMOVE] = "DELETE FROM cryptokeys WHERE domain_id = ?1 AND id = ?2",
    [STATEMENT_KEY_SET_ACTIVE] =
        "UPDATE cryptokeys SET active = ?3 WHERE domain_id = ?1 AND id = ?2",
    [STATEMENT_KEY_SET_PUBLISHED] =
        "UPDATE cryptokeys SET published = ?3 WHERE domain_id = ?1 AND id = ?2",
    [STATEMENT_TSIG_KEY_SET] = "REPLACE INTO tsigkeys(name, algorithm, secret) VALUES (?1, ?2, ?3)",
    [STATEMENT_TSIG_KEY_REMOVE] = "DELETE FROM tsigkeys WHERE name = ?1",
    /* Names written by hand may have their dot at the end. */
    [STATEMENT_AUTOPRIMARY_ACCOUNT] =
        "SELECT account FROM supermasters WHERE ip = ?1 AND nameserver IN (?2, ?2 || '.')",
    [STATEMENT_AUTOPRIMARY_ADDRESSES] =
        "SELECT ip FROM supermasters WHERE nameserver IN (?1, ?1 || '.') AND account = ?2",

    [STATEMENT_SPOOL_ADD] =
        "INSERT INTO spool.added(name, type, content, ttl, prio, auth, ordername)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    [STATEMENT_SPOOL_DROP_ADDED] =
        "DELETE FROM spool.added WHERE name = ?1 AND ?2 IN ('ANY', type)",
    [STATEMENT_SPOOL_REMOVE] =
        "INSERT INTO spool.removed(name, type, with_comments) VALUES (?1, ?2, ?3)"
        " ON CONFLICT DO UPDATE SET with_comments = with_comments OR excluded.with_comments",
    [STATEMENT_SPOOL_RECORDS_BY_NAME] = RECORD_COLUMNS
    "WHERE disabled = 0 AND name = ?1 AND ?2 IN ('ANY', type)"
    " AND (?3 < 0 OR domain_id = ?3) AND NOT " REMOVED_BY_SPOOL " UNION ALL " SPOOLED_RECORDS
    "WHERE name = ?1 AND ?2 IN ('ANY', type) AND (?3 < 0 OR ?3 = ?4)",
    [STATEMENT_SPOOL_RECORDS_BY_ZONE] =
        RECORD_COLUMNS "WHERE disabled = 0 AND domain_id = ?4 AND NOT " REMOVED_BY_SPOOL
                       " UNION ALL " SPOOLED_RECORDS "ORDER BY name, type",
    [STATEMENT_SPOOL_KIND] = "INSERT OR IGNORE INTO spool.kinds(kind) VALUES (?1)",
    [STATEMENT_SPOOL_METADATA_CLEAR] = "DELETE FROM spool.metadata WHERE kind = ?1",
    [STATEMENT_SPOOL_METADATA_ADD] = "INSERT INTO spool.metadata(kind, content) VALUES (?1, ?2)",
    /* ?3: the kind matters; ?4: the zone that is changed. What is new comes behind what was there.
     */
    [STATEMENT_SPOOL_METADATA] =
        "SELECT kind, content, 0 AS step, domainmetadata.id FROM domains JOIN domainmetadata"
        " ON domainmetadata.domain_id = domains.id WHERE domains.name = ?1"
        " AND (NOT ?3 OR kind = ?2) AND NOT (domains.id = ?4 AND EXISTS"
        " (SELECT 1 FROM spool.kinds WHERE kinds.kind = domainmetadata.kind))"
        " UNION ALL SELECT kind, content, 1, metadata.id FROM domains JOIN spool.metadata"
        " WHERE domains.name = ?1 AND domains.id = ?4 AND (NOT ?3 OR kind = ?2)"
        " ORDER BY kind COLLATE BINARY, step, 4",
    /* A key that is changed is copied first, and marked: what stands in the zone isn't looked at
     * any more. */
    [STATEMENT_SPOOL_KEY_COPY] =
        "INSERT INTO spool.keys(id, flags, active, published, content)"
        " SELECT id, flags, active, published, content FROM cryptokeys WHERE domain_id = ?1"
        " AND id = ?2 AND id NOT IN (SELECT id FROM spool.key_ids)",
    [STATEMENT_SPOOL_KEY_MARK] =
        "INSERT OR IGNORE INTO spool.key_ids(id) SELECT id FROM spool.keys WHERE id = ?1",
    [STATEMENT_SPOOL_KEY_NEXT_ID] = "SELECT 1 + max((SELECT coalesce(max(id), 0) FROM cryptokeys),"
                                    " (SELECT coalesce(max(id), 0) FROM spool.key_ids))",
    [STATEMENT_SPOOL_KEY_ADD] = "INSERT INTO spool.keys(id, flags, active, published, content)"
                                " VALUES (?1, ?2, ?3, ?4, ?5)",
    [STATEMENT_SPOOL_KEY_REMOVE] = "DELETE FROM spool.keys WHERE id = ?1",
    [STATEMENT_SPOOL_KEY_SET_ACTIVE] = "UPDATE spool.keys SET active = ?2 WHERE id = ?1",
    [STATEMENT_SPOOL_KEY_SET_PUBLISHED] = "UPDATE spool.keys SET published = ?2 WHERE id = ?1",
    [STATEMENT_SPOOL_KEYS] =
        "SELECT cryptokeys.id AS id, flags, active, published, content FROM domains"
        " JOIN cryptokeys ON cryptokeys.domain_id = domains.id WHERE domains.name = ?1"
        " AND NOT (domains.id = ?2 AND cryptokeys.id IN (SELECT id FROM spool.key_ids))"
        " UNION ALL SELECT keys.id, flags, active, published, content FROM domains"
        " JOIN spool.keys WHERE domains.name = ?1 AND domains.id = ?2 ORDER BY id",

    [STATEMENT_APPLY_CLEAR_ZONE] = "DELETE FROM records WHERE domain_id = ?1",
    [STATEMENT_APPLY_REMOVE] =
        "DELETE FROM records WHERE id IN (SELECT records.id FROM spool.removed CROSS JOIN records"
        " ON domain_id = ?1 AND records.name = removed.name"
        " AND removed.type IN ('ANY', records.type) WHERE disabled = 0)",
    [STATEMENT_APPLY_ADD] =
        "INSERT INTO records(domain_id, name, type, content, ttl, prio, disabled, ordername, auth)"
        " SELECT ?1, name, type, content, ttl, prio, 0, ordername, auth FROM spool.added"
        " ORDER BY id",
    [STATEMENT_APPLY_COMMENTS] =
        "DELETE FROM comments WHERE id IN (SELECT comments.id FROM spool.removed CROSS JOIN"
        " comments ON domain_id = ?1 AND comments.name = removed.name"
        " AND comments.type = removed.type WHERE with_comments)",
    [STATEMENT_APPLY_METADATA_CLEAR] = "DELETE FROM domainmetadata WHERE domain_id = ?1"
                                       " AND kind IN (SELECT kind FROM spool.kinds)",
    [STATEMENT_APPLY_METADATA_ADD] = "INSERT INTO domainmetadata(domain_id, kind, content)"
                                     " SELECT ?1, kind, content FROM spool.metadata ORDER BY id",
    [STATEMENT_APPLY_KEYS_CLEAR] = "DELETE FROM cryptokeys WHERE domain_id = ?1"
                                   " AND id IN (SELECT id FROM spool.key_ids)",
    [STATEMENT_APPLY_KEYS_ADD] =
        "INSERT INTO cryptokeys(id, domain_id, flags, active, published, content)"
        " SELECT id, ?1, flags, active, published, content FROM spool.keys",

    [STATEMENT_UPKEEP_IS_INSTALLED] = "SELECT count(*) = 2 FROM sqlite_schema WHERE type = 'table'"
                                      " AND name IN ('aliasd_zones', 'aliasd_ents')",
    [STATEMENT_UPKEEP_OBJECT] = "SELECT type, sql FROM sqlite_schema WHERE name = ?1",
    [STATEMENT_UPKEEP_DATA_VERSION] = "PRAGMA data_version",
    [STATEMENT_UPKEEP_SCHEMA_VERSION] = "PRAGMA schema_version",
    [STATEMENT_CHANGES_COUNT] = "SELECT changes, done FROM aliasd_zones WHERE domain_id = ?1",
    [STATEMENT_CHANGES_COUNTERS] = "SELECT domain_id, changes FROM aliasd_zones ORDER BY domain_id",
    [STATEMENT_CHANGES_SETTLE] =
        "UPDATE aliasd_zones SET changes = ?2, done = ?2 WHERE domain_id = ?1",
    [STATEMENT_CHANGES_RESTORE] = "UPDATE aliasd_zones SET changes = ?2 WHERE domain_id = ?1",
    /* Rows of what is no zone have nothing to be put in order. Without being told SQLite may, after
     * ANALYZE, go through all zones for the first that is: each time, with a million of them. */
    [STATEMENT_CHANGES_DIRTY] =
        "SELECT domain_id FROM aliasd_zones INDEXED BY aliasd_zones_dirty"
        " CROSS JOIN domains ON domains.id = domain_id"
        " WHERE changes <> abs(done) AND domain_id > ?1 ORDER BY domain_id LIMIT 1",
    [STATEMENT_CHANGES_NOTE] = "UPDATE aliasd_zones SET done = 0 WHERE domain_id = ?1 AND done < 0",
    /* Materialized, lest random() be called twice for a row. */
    [STATEMENT_CHANGES_ADD_MISSING] = "INSERT INTO aliasd_zones(domain_id, changes, done)"
                                      " WITH missing(id, changes) AS MATERIALIZED"
                                      " (SELECT id, 1 + (random() & 0x7fffffff) FROM domains"
                                      " WHERE id NOT IN (SELECT domain_id FROM aliasd_zones))"
                                      " SELECT id, changes, -changes FROM missing",
    [STATEMENT_CHANGES_DROP_ZONES] =
        "DELETE FROM aliasd_zones WHERE domain_id NOT IN (SELECT id FROM domains)",
    [STATEMENT_CHANGES_DROP_ENTS] =
        "DELETE FROM aliasd_ents WHERE NOT EXISTS (SELECT 1 FROM records"
        " WHERE id = record_id AND type IS NULL"
        " AND records.domain_id = aliasd_ents.domain_id)",
    [STATEMENT_CHANGES_DROP_PUBLISHED] =
        "DELETE FROM aliasd_published WHERE domain_id NOT IN (SELECT id FROM domains)",
    [STATEMENT_ZONE_NEXT] = "SELECT id FROM domains WHERE id > ?1 ORDER BY id LIMIT 1",
    [STATEMENT_ZONE_HAS_KEY] =
        "SELECT count(*) FROM cryptokeys WHERE domain_id = ?1 AND CAST(active AS TEXT) = '1'",
    /* The index gives them in this order. */
    [STATEMENT_ZONE_ROWS] = "SELECT id, name, type, ttl, ordername, auth, NULL, NULL FROM records"
                            " WHERE " IN_ZONE_BY_NAME " AND disabled = 0 ORDER BY name",
    [STATEMENT_ZONE_ROWS_MARKED] =
        "SELECT id, name, type, ttl, ordername, auth, added, hash FROM records"
        " LEFT JOIN aliasd_ents ON type IS NULL AND record_id = id"
        " AND aliasd_ents.domain_id = records.domain_id"
        " WHERE likely(records.domain_id = ?1) AND disabled = 0 ORDER BY name",
    [STATEMENT_ZONE_ROW_UPDATE] = "UPDATE records SET ordername = ?2, auth = ?3 WHERE id = ?1",
    [STATEMENT_ZONE_ROW_ADD] =
        "INSERT INTO records(domain_id, name, type, content, ttl, prio, disabled, ordername, auth)"
        " VALUES (?1, ?2, NULL, NULL, NULL, NULL, 0, ?3, ?4)",
    [STATEMENT_ZONE_ROW_REMOVE] = "DELETE FROM records WHERE id = ?1",
    [STATEMENT_ENT_MARK] = "REPLACE INTO aliasd_ents(record_id, domain_id, added, hash)"
                           " VALUES (?1, ?2, ?3, ?4)",
    [STATEMENT_ENT_UNMARK] = "DELETE FROM aliasd_ents WHERE record_id = ?1",
    [STATEMENT_ENT_BY_HASH] =
        "SELECT hash, name FROM aliasd_ents JOIN records ON id = record_id"
        " WHERE aliasd_ents.domain_id = ?1 AND hash = ?2 AND records.domain_id = ?1"
        " AND type IS NULL AND disabled = 0 AND ordername IS NULL LIMIT 1",
    [STATEMENT_ENT_HAS_HASH] =
        "SELECT 1 FROM aliasd_ents WHERE record_id = ?1 AND hash IS NOT NULL",
    [STATEMENT_PUBLISHED] =
        "SELECT serial, rows, answers FROM aliasd_published WHERE domain_id = ?1",
    [STATEMENT_PUBLISHED_SET] = "REPLACE INTO aliasd_published(domain_id, serial, rows, answers)"
                                " VALUES (?1, ?2, ?3, ?4)",

    [STATEMENT_RAW_RECORDS_OF_ZONE] = RAW_RECORD_COLUMNS IN_ZONE_BY_NAME " ORDER BY name",
    [STATEMENT_RAW_RECORDS_OF_NO_ZONE] =
        RAW_RECORD_COLUMNS "id > ?1 AND id <= ?2 AND NOT EXISTS"
                           " (SELECT 1 FROM domains WHERE domains.id = domain_id) ORDER BY id",
    [STATEMENT_RAW_RECORDS_NEXT] =
        "SELECT max(id) FROM (SELECT id FROM records WHERE id > ?1 ORDER BY id LIMIT ?2)",
    [STATEMENT_RAW_ZONE_NEXT] = RAW_ZONE_COLUMNS "WHERE id > ?1 ORDER BY id LIMIT 1",
    [STATEMENT_RAW_ZONE_BY_NAME] = RAW_ZONE_COLUMNS "WHERE name = ?1",
};

const char *const statements_task[STATEMENT_COUNT] = {
    [STATEMENT_RECORDS_BY_NAME... STATEMENT_RECORDS_SOA] = "reading records",
    [STATEMENT_ORDERNAME_BEFORE... STATEMENT_ORDERNAME_LAST] = "reading ordernames",
    [STATEMENT_DOMAIN_BY_NAME... STATEMENT_DOMAINS_SECONDARY] = "reading zones",
    [STATEMENT_METADATA... STATEMENT_METADATA_PUBLISHING] = "reading metadata",
    [STATEMENT_KEYS] = "reading DNSSEC keys",
    [STATEMENT_TSIG_KEYS... STATEMENT_TSIG_KEY_BY_NAME] = "reading TSIG keys",
    [STATEMENT_BEGIN_READING] = "beginning to read",
    [STATEMENT_BEGIN] = "beginning to write",
    [STATEMENT_COMMIT] = "committing",
    [STATEMENT_ROLLBACK] = "rolling back",
    [STATEMENT_DOMAIN_ID... STATEMENT_DOMAIN_IS_PRIMARY] = "reading zones",
    [STATEMENT_DOMAIN_SET_NOTIFIED... STATEMENT_DOMAIN_CREATE_SECONDARY] = "writing zones",
    [STATEMENT_SOA_SET_CONTENT] = "writing an SOA",
    [STATEMENT_METADATA_CLEAR... STATEMENT_METADATA_ADD] = "writing metadata",
    [STATEMENT_KEY_ADD... STATEMENT_KEY_SET_PUBLISHED] = "writing DNSSEC keys",
    [STATEMENT_TSIG_KEY_SET... STATEMENT_TSIG_KEY_REMOVE] = "writing TSIG keys",
    [STATEMENT_AUTOPRIMARY_ACCOUNT... STATEMENT_AUTOPRIMARY_ADDRESSES] = "reading supermasters",
    [STATEMENT_SPOOL_ADD... STATEMENT_SPOOL_REMOVE] = "spooling records",
    [STATEMENT_SPOOL_RECORDS_BY_NAME... STATEMENT_SPOOL_RECORDS_BY_ZONE] = "reading records",
    [STATEMENT_SPOOL_KIND... STATEMENT_SPOOL_METADATA_ADD] = "spooling metadata",
    [STATEMENT_SPOOL_METADATA] = "reading metadata",
    [STATEMENT_SPOOL_KEY_COPY... STATEMENT_SPOOL_KEY_SET_PUBLISHED] = "spooling DNSSEC keys",
    [STATEMENT_SPOOL_KEYS] = "reading DNSSEC keys",
    [STATEMENT_APPLY_CLEAR_ZONE... STATEMENT_APPLY_ADD] = "writing records",
    [STATEMENT_APPLY_COMMENTS] = "writing comments",
    [STATEMENT_APPLY_METADATA_CLEAR... STATEMENT_APPLY_METADATA_ADD] = "writing metadata",
    [STATEMENT_APPLY_KEYS_CLEAR... STATEMENT_APPLY_KEYS_ADD] = "writing DNSSEC keys",
    [STATEMENT_UPKEEP_IS_INSTALLED... STATEMENT_UPKEEP_SCHEMA_VERSION] = "reading the schema",
    [STATEMENT_CHANGES_COUNT... STATEMENT_CHANGES_COUNTERS] = "reading which zones changed",
    [STATEMENT_CHANGES_SETTLE... STATEMENT_CHANGES_RESTORE] = "writing which zones changed",
    [STATEMENT_CHANGES_DIRTY] = "reading which zones changed",
    [STATEMENT_CHANGES_NOTE... STATEMENT_CHANGES_DROP_PUBLISHED] = "writing which zones changed",
    [STATEMENT_ZONE_NEXT... STATEMENT_ZONE_ROWS_MARKED] = "reading a zone",
    [STATEMENT_ZONE_ROW_UPDATE... STATEMENT_ENT_UNMARK] = "putting a zone in order",
    [STATEMENT_ENT_BY_HASH... STATEMENT_ENT_HAS_HASH] = "reading empty non-terminals",
    [STATEMENT_PUBLISHED] = "reading what was published",
    [STATEMENT_PUBLISHED_SET] = "writing what was published",
    [STATEMENT_RAW_RECORDS_OF_ZONE... STATEMENT_RAW_RECORDS_NEXT] = "reading records",
    [STATEMENT_RAW_ZONE_NEXT... STATEMENT_RAW_ZONE_BY_NAME] = "reading zones",
};
