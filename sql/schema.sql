-- The zone database of pdns-aliasd
--
--     sqlite3 zones.db < schema.sql
--
-- These are the tables of PowerDNS's gsqlite3 backend, version 4.7, to the last index: a database
-- that PowerDNS already uses needs nothing from here, and pdnsutil, zone2sql and web front ends
-- work on one made here. The least that a zone needs is
--
--     INSERT INTO domains(name, type) VALUES ('example.com', 'NATIVE');
--     INSERT INTO records(domain_id, name, type, content)
--     SELECT id, name, 'SOA', 'ns1.example.com hostmaster.example.com 1 10800 3600 604800 3600'
--       FROM domains WHERE name = 'example.com';
--
-- Names are written without the dot at their end and in lower case. What is in capitals in a record
-- is not found. The root zone is '.'.

-- Readers go on while somebody writes. This is kept in the file.
PRAGMA journal_mode = WAL;

-- This one isn't: whoever deletes a zone by hand says it first, or the zone's rows stay behind.
PRAGMA foreign_keys = ON;

BEGIN;

-- Comments inside the tables stay in the database, where `.schema` shows them. They have no commas:
-- ALTER TABLE .. DROP COLUMN takes one for the end of the column before.

-- A row for each zone.
CREATE TABLE domains (
    id              INTEGER PRIMARY KEY,
    name            VARCHAR(255) NOT NULL COLLATE NOCASE,
    -- The primaries of a secondary zone: addresses separated by blanks
    master          VARCHAR(128) DEFAULT NULL,
    -- When the primary was last asked (seconds since 1970); written by PowerDNS
    last_check      INTEGER DEFAULT NULL,
    -- NATIVE (no NOTIFY to anybody) or MASTER (primary) or SLAVE (secondary); in capitals
    type            VARCHAR(8) NOT NULL,
    -- The serial that secondaries were last told of; written by PowerDNS
    notified_serial INTEGER DEFAULT NULL,
    -- Whatever you like; shown by pdnsutil and the API
    account         VARCHAR(40) DEFAULT NULL,
    -- Catalog zones (gsqlite3 only): JSON; the catalog that the zone is a member of
    options         VARCHAR(65535) DEFAULT NULL,
    catalog         VARCHAR(255) DEFAULT NULL
);

CREATE UNIQUE INDEX name_index ON domains(name);
CREATE INDEX catalog_idx ON domains(catalog);

-- A row for each record of every zone.
CREATE TABLE records (
    id        INTEGER PRIMARY KEY,
    -- The zone: domains.id
    domain_id INTEGER DEFAULT NULL,
    -- The full name: 'www.example.com'
    name      VARCHAR(255) DEFAULT NULL,
    -- 'A' or 'MX' or 'ALIAS' ...; NULL: an empty non-terminal
    type      VARCHAR(10) DEFAULT NULL,
    -- As in a zone file but with full names: 'host.example.net'; TXT in quotes: '"v=spf1 -all"'
    content   VARCHAR(65535) DEFAULT NULL,
    -- Seconds; NULL: the setting default-ttl
    ttl       INTEGER DEFAULT NULL,
    -- MX and SRV: the priority which then isn't in content; needed there
    prio      INTEGER DEFAULT NULL,
    -- 1: as if the row weren't there
    disabled  BOOLEAN DEFAULT 0,
    -- The place in the zone's NSEC or NSEC3 chain
    ordername VARCHAR(255),
    -- 0: a delegation's NS or glue; never signed
    auth      BOOL DEFAULT 1,
    FOREIGN KEY (domain_id) REFERENCES domains(id) ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX records_lookup_idx ON records(name, type);
CREATE INDEX records_lookup_id_idx ON records(domain_id, name, type);
CREATE INDEX records_order_idx ON records(domain_id, ordername);

-- Primaries that may have this server make secondary zones by itself, when they notify it.
CREATE TABLE supermasters (
    ip         VARCHAR(64) NOT NULL,
    -- Has to be among the new zone's NS
    nameserver VARCHAR(255) NOT NULL COLLATE NOCASE,
    -- Becomes domains.account
    account    VARCHAR(40) NOT NULL
);

CREATE UNIQUE INDEX ip_nameserver_pk ON supermasters(ip, nameserver);

-- Remarks on record sets; nothing is served from here.
CREATE TABLE comments (
    id          INTEGER PRIMARY KEY,
    domain_id   INTEGER NOT NULL,
    name        VARCHAR(255) NOT NULL,
    type        VARCHAR(10) NOT NULL,
    -- Seconds since 1970
    modified_at INT NOT NULL,
    account     VARCHAR(40) DEFAULT NULL,
    comment     VARCHAR(65535) NOT NULL,
    FOREIGN KEY (domain_id) REFERENCES domains(id) ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX comments_idx ON comments(domain_id, name, type);
CREATE INDEX comments_order_idx ON comments(domain_id, modified_at);

-- Settings of a zone, one row for each value: 'ALLOW-AXFR-FROM', 'ALSO-NOTIFY', 'NSEC3PARAM',
-- 'PRESIGNED', ... (PowerDNS's documentation, 'Per zone settings'). Write the kinds in capitals.
CREATE TABLE domainmetadata (
    id        INTEGER PRIMARY KEY,
    domain_id INT NOT NULL,
    kind      VARCHAR(32) COLLATE NOCASE,
    content   TEXT,
    FOREIGN KEY (domain_id) REFERENCES domains(id) ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX domainmetaidindex ON domainmetadata(domain_id);

-- DNSSEC keys, private parts included: who can read this file can sign for its zones.
CREATE TABLE cryptokeys (
    id        INTEGER PRIMARY KEY,
    domain_id INT NOT NULL,
    -- 257: KSK or CSK; 256: ZSK
    flags     INT NOT NULL,
    -- 1: signs
    active    BOOL,
    -- 1: is in the DNSKEY set
    published BOOL DEFAULT 1,
    -- PowerDNS's private key format
    content   TEXT,
    FOREIGN KEY (domain_id) REFERENCES domains(id) ON DELETE CASCADE ON UPDATE CASCADE
);

CREATE INDEX domainidindex ON cryptokeys(domain_id);

-- Shared secrets for signed zone transfers and updates. Zones refer to them by metadata.
CREATE TABLE tsigkeys (
    id        INTEGER PRIMARY KEY,
    name      VARCHAR(255) COLLATE NOCASE,
    -- 'hmac-sha256' ...
    algorithm VARCHAR(50) COLLATE NOCASE,
    -- Base64
    secret    VARCHAR(255)
);

CREATE UNIQUE INDEX namealgoindex ON tsigkeys(name, algorithm);

COMMIT;
