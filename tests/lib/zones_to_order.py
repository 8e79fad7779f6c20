"""What is done to many zones at once before the daemon, or rectify-zone, puts them in order."""

from .zones_db import quote

# Signatures are made anew in each server. Those of Ed25519 come out the same, and then equal bytes
# say that the answers are equal; ECDSA's have to be compared without their bytes.
ALGORITHMS = ("ed25519", "ed25519", "ed25519", "ecdsa256")
NSEC3PARAM = {"nsec3": ("1 0 1 ab", "1 0 0 -", "1 0 10 00ff"), "optout": ("1 1 0 -", "1 1 2 beef"),
              "narrow": ("1 0 0 -", "1 0 1 cd", "1 1 0 -")}


def set_metadata(zone, kind, value):
    return (f"INSERT INTO domainmetadata(domain_id,kind,content) SELECT id,{quote(kind)},"
            f"{quote(value)} FROM domains WHERE name={quote(zone.name)};")


def give_keys(zones_db, pdnsutil, zones, numbers):
    """Keys and metadata, but none of what rectify does: made by pdnsutil for one zone, the others
    get the same."""
    for algorithm in set(ALGORITHMS):
        zones_db.add_zone(f"{algorithm}.keys", soa=False)
        pdnsutil("add-zone-key", f"{algorithm}.keys", "ksk", "active", algorithm)
        pdnsutil("add-zone-key", f"{algorithm}.keys", "zsk", "active", algorithm)
    statements = ["BEGIN;"]
    for zone in zones:
        if zone.secure:
            statements.append(
                "INSERT INTO cryptokeys(domain_id,flags,active,published,content) SELECT zone.id,"
                "flags,active,published,content FROM cryptokeys JOIN domains AS source ON "
                f"source.id=domain_id, domains AS zone WHERE zone.name={quote(zone.name)} AND "
                f"source.name={quote(numbers.choice(ALGORITHMS) + '.keys')};")
        if zone.secure in NSEC3PARAM:
            statements.append(set_metadata(zone, "NSEC3PARAM",
                                           numbers.choice(NSEC3PARAM[zone.secure])))
        if zone.secure == "narrow":
            statements.append(set_metadata(zone, "NSEC3NARROW", "1"))
    zones_db.sql("\n".join(statements + ["DELETE FROM domains WHERE name LIKE '%.keys';",
                                         "DELETE FROM cryptokeys WHERE domain_id NOT IN "
                                         "(SELECT id FROM domains);", "COMMIT;"]))


def drop_lone_empty_non_terminals(zones_db):
    """With nothing at the name, nor below it (`a\\.b.test` isn't below `b.test`): rectify-zone removes
    them, the daemon lets them be."""
    zones_db.sql("DELETE FROM records WHERE type IS NULL AND NOT EXISTS (SELECT 1 FROM records AS "
                 "other WHERE other.domain_id=records.domain_id AND other.type IS NOT NULL AND "
                 "other.disabled=0 AND substr('.'||other.name,-length(records.name)-1)="
                 "'.'||records.name AND substr('.'||other.name,-length(records.name)-2,1)<>"
                 "char(92));")


def spoil_order(zones_db):
    """What no rectify has seen: any `auth`, and `ordername`s of long ago. Not where rectify-zone
    finds nothing to mend: at names with an escape too many."""
    where = "instr(name,char(92))=0"
    zones_db.sql(f"UPDATE records SET auth=0 WHERE id%5=1 AND {where};"
                 f"UPDATE records SET auth=NULL WHERE id%7=2 AND {where};"
                 f"UPDATE records SET ordername='long ago' WHERE id%11=3 AND {where};"
                 f"UPDATE records SET ordername='' WHERE id%13=4 AND {where};")
