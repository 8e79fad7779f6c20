-- What pdns-aliasd adds to the zone database (with zone-upkeep=yes): which zones were changed, by
-- whatever program, since they were last put in order.
--
-- The daemon makes these tables and triggers, compares them with this text, and makes anew what
-- differs. To be rid of them: set zone-upkeep=no, then drop everything that is called aliasd_*.
--
-- Whoever writes to the database runs these triggers. So they use plain SQL only, can't fail
-- whatever is written, and do as little as they can. None inserts into a table under somebody else's
-- REPLACE, which would hold inside of the trigger, too. A REPLACE fires no DELETE triggers.

-- A row for each zone. One where `changes` differs from `done` is about to be put in order: at once,
-- or, if `done` is -`changes` (never yet in order, and not changed since it got its row), when the walk
-- through all zones comes to it. (The text of a table isn't to be changed: it would be made anew.)
CREATE TABLE aliasd_zones (
    domain_id INTEGER PRIMARY KEY,
    -- Begins somewhere: a zone that is made anew under an old id must not look unchanged
    changes   INTEGER NOT NULL DEFAULT (1 + (random() & 0x7fffffff)),
    -- What `changes` was when the zone was last put in order; 0: never yet
    done      INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX aliasd_zones_dirty ON aliasd_zones(domain_id) WHERE changes <> abs(done);

-- Rows of `records` that are empty non-terminals, as far as the daemon has seen them.
CREATE TABLE aliasd_ents (
    record_id INTEGER PRIMARY KEY,
    domain_id INTEGER NOT NULL,
    -- 1: the daemon's, made or taken over: it goes when it isn't needed. 0: somebody else's; it stays
    added     INTEGER NOT NULL,
    -- NSEC3 hash of the name where it isn't in the chain; NULL: it is there or needs no proof
    hash      TEXT
);

CREATE INDEX aliasd_ents_hash ON aliasd_ents(domain_id, hash);

-- What the secondaries of a primary zone were last given.
CREATE TABLE aliasd_published (
    domain_id INTEGER PRIMARY KEY,
    -- As the SOA row had it
    serial    INTEGER NOT NULL,
    -- Digest of the zone's rows but for that serial
    rows      BLOB NOT NULL,
    -- For each owner of ALIAS rows, target and family a hash of that and one of the addresses
    answers   BLOB NOT NULL
);

-- The id is -1 here where none was given.
CREATE TRIGGER aliasd_records_replace BEFORE INSERT ON records
WHEN NEW.id <> -1
BEGIN
    UPDATE aliasd_zones SET changes = changes + 1
     WHERE domain_id = (SELECT domain_id FROM records WHERE id = NEW.id);
END;

CREATE TRIGGER aliasd_records_insert AFTER INSERT ON records
BEGIN
    UPDATE aliasd_zones SET changes = changes + 1 WHERE domain_id = NEW.domain_id;
END;

CREATE TRIGGER aliasd_records_update AFTER UPDATE ON records
WHEN OLD.name IS NOT NEW.name OR OLD.type IS NOT NEW.type OR OLD.content IS NOT NEW.content
  OR OLD.ttl IS NOT NEW.ttl OR OLD.prio IS NOT NEW.prio OR OLD.disabled IS NOT NEW.disabled
  OR OLD.ordername IS NOT NEW.ordername OR OLD.auth IS NOT NEW.auth
BEGIN
    UPDATE aliasd_zones SET changes = changes + 1 WHERE domain_id = NEW.domain_id;
END;

CREATE TRIGGER aliasd_records_move AFTER UPDATE OF id, domain_id ON records
WHEN OLD.id <> NEW.id OR OLD.domain_id IS NOT NEW.domain_id
BEGIN
    UPDATE aliasd_zones SET changes = changes + 1 WHERE domain_id IN (OLD.domain_id, NEW.domain_id);
END;

CREATE TRIGGER aliasd_records_delete AFTER DELETE ON records
BEGIN
    UPDATE aliasd_zones SET changes = changes + 1 WHERE domain_id = OLD.domain_id;
END;

-- What becomes of a row that the daemon added once somebody else has touched it is somebody else's.
CREATE TRIGGER aliasd_ents_insert AFTER INSERT ON records
WHEN NEW.type IS NULL
BEGIN
    DELETE FROM aliasd_ents WHERE record_id = NEW.id;
END;

CREATE TRIGGER aliasd_ents_update AFTER UPDATE OF id, domain_id, name, type, disabled ON records
WHEN (OLD.type IS NULL OR NEW.type IS NULL)
 AND (OLD.id <> NEW.id OR OLD.domain_id IS NOT NEW.domain_id OR OLD.name IS NOT NEW.name
      OR OLD.type IS NOT NEW.type OR OLD.disabled IS NOT NEW.disabled)
BEGIN
    DELETE FROM aliasd_ents WHERE record_id IN (OLD.id, NEW.id);
END;

CREATE TRIGGER aliasd_ents_delete AFTER DELETE ON records
WHEN OLD.type IS NULL
BEGIN
    DELETE FROM aliasd_ents WHERE record_id = OLD.id;
END;

CREATE TRIGGER aliasd_domains_insert AFTER INSERT ON domains
BEGIN
    INSERT INTO aliasd_zones(domain_id)
    SELECT NEW.id WHERE NOT EXISTS (SELECT 1 FROM aliasd_zones WHERE domain_id = NEW.id);
    UPDATE aliasd_zones SET changes = changes + 1 WHERE domain_id = NEW.id;
END;

CREATE TRIGGER aliasd_domains_update AFTER UPDATE OF id, name, type ON domains
WHEN OLD.id <> NEW.id OR OLD.name IS NOT NEW.name OR OLD.type IS NOT NEW.type
BEGIN
    INSERT INTO aliasd_zones(domain_id)
    SELECT NEW.id WHERE NOT EXISTS (SELECT 1 FROM aliasd_zones WHERE domain_id = NEW.id);
    UPDATE aliasd_zones SET changes = changes + 1 WHERE domain_id = NEW.id;
    DELETE FROM aliasd_zones WHERE domain_id = OLD.id AND OLD.id <> NEW.id;
    DELETE FROM aliasd_published WHERE domain_id = OLD.id AND OLD.id <> NEW.id;
END;

CREATE TRIGGER aliasd_domains_delete AFTER DELETE ON domains
BEGIN
    DELETE FROM aliasd_zones WHERE domain_id = OLD.id;
    DELETE FROM aliasd_ents WHERE domain_id = OLD.id;
    DELETE FROM aliasd_published WHERE domain_id = OLD.id;
END;

CREATE TRIGGER aliasd_metadata_insert AFTER INSERT ON domainmetadata
WHEN upper(NEW.kind) IN ('NSEC3PARAM', 'NSEC3NARROW', 'PRESIGNED', 'SOA-EDIT', 'X-AUTO-SERIAL',
                          'X-ALIAS-ALLOW', 'X-ALIAS-TXT', 'PUBLISH-CDS', 'PUBLISH-CDNSKEY')
BEGIN
    UPDATE aliasd_zones SET changes = changes + 1 WHERE domain_id = NEW.domain_id;
END;

CREATE TRIGGER aliasd_metadata_update AFTER UPDATE ON domainmetadata
WHEN upper(OLD.kind) IN ('NSEC3PARAM', 'NSEC3NARROW', 'PRESIGNED', 'SOA-EDIT', 'X-AUTO-SERIAL',
                          'X-ALIAS-ALLOW', 'X-ALIAS-TXT', 'PUBLISH-CDS', 'PUBLISH-CDNSKEY')
  OR upper(NEW.kind) IN ('NSEC3PARAM', 'NSEC3NARROW', 'PRESIGNED', 'SOA-EDIT', 'X-AUTO-SERIAL',
                          'X-ALIAS-ALLOW', 'X-ALIAS-TXT', 'PUBLISH-CDS', 'PUBLISH-CDNSKEY')
BEGIN
    UPDATE aliasd_zones SET changes = changes + 1 WHERE domain_id IN (OLD.domain_id, NEW.domain_id);
END;

CREATE TRIGGER aliasd_metadata_delete AFTER DELETE ON domainmetadata
WHEN upper(OLD.kind) IN ('NSEC3PARAM', 'NSEC3NARROW', 'PRESIGNED', 'SOA-EDIT', 'X-AUTO-SERIAL',
                          'X-ALIAS-ALLOW', 'X-ALIAS-TXT', 'PUBLISH-CDS', 'PUBLISH-CDNSKEY')
BEGIN
    UPDATE aliasd_zones SET changes = changes + 1 WHERE domain_id = OLD.domain_id;
END;

CREATE TRIGGER aliasd_keys_insert AFTER INSERT ON cryptokeys
BEGIN
    UPDATE aliasd_zones SET changes = changes + 1 WHERE domain_id = NEW.domain_id;
END;

CREATE TRIGGER aliasd_keys_update AFTER UPDATE OF domain_id, flags, active, published, content
ON cryptokeys
WHEN OLD.domain_id <> NEW.domain_id OR OLD.flags <> NEW.flags OR OLD.active IS NOT NEW.active
  OR OLD.published IS NOT NEW.published OR OLD.content IS NOT NEW.content
BEGIN
    UPDATE aliasd_zones SET changes = changes + 1 WHERE domain_id IN (OLD.domain_id, NEW.domain_id);
END;

CREATE TRIGGER aliasd_keys_delete AFTER DELETE ON cryptokeys
BEGIN
    UPDATE aliasd_zones SET changes = changes + 1 WHERE domain_id = OLD.domain_id;
END;
