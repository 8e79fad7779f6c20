-- The fallback database of pdns-aliasd: what was last learned about each ALIAS target.
--
-- The daemon makes this file itself and is the only one that writes it. To look into it, at any
-- time, also while the daemon runs:
--
--     sqlite3 fallback.db "SELECT * FROM answers"
--
-- The version of this layout is `user_version`; `application_id` marks the file as ours. A newer
-- version is never read: the daemon moves such a file aside and begins a new one.

PRAGMA application_id = 1634494785; -- "aliA"
PRAGMA user_version = 1;

CREATE TABLE entries (
    target        TEXT    NOT NULL, -- lower case, no trailing dot
    family        TEXT    NOT NULL, -- 'A' or 'AAAA'
    state         TEXT    NOT NULL, -- 'addresses'; 'empty': the target has none of this family
    addresses     TEXT    NOT NULL, -- with one space between two; '' where the state is 'empty'
    ttl           INTEGER NOT NULL, -- seconds
    resolved_at   INTEGER NOT NULL, -- seconds since 1970, as all times here
    fresh_until   INTEGER NOT NULL,
    last_error    TEXT    NOT NULL, -- why the last resolution failed; '': it did not fail
    last_error_at INTEGER NOT NULL, -- 0: it did not fail
    PRIMARY KEY (target, family),
    CHECK (family IN ('A', 'AAAA')),
    CHECK (state IN ('addresses', 'empty'))
) WITHOUT ROWID;

-- The same for people: times in UTC, and whether an answer is still fresh as you read it.
CREATE VIEW answers AS
SELECT target, family, state, addresses, ttl,
       datetime(resolved_at, 'unixepoch') AS resolved_at,
       datetime(fresh_until, 'unixepoch') AS fresh_until,
       CASE WHEN fresh_until > CAST(strftime('%s', 'now') AS INTEGER) THEN 'fresh' ELSE 'expired'
       END AS freshness,
       last_error,
       CASE WHEN last_error_at > 0 THEN datetime(last_error_at, 'unixepoch') ELSE ''
       END AS last_error_at
FROM entries;
