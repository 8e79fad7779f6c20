#include "store/ordernames.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "dns/labels.h"
#include "dns/name.h"
#include "store/changes.h"
#include "store/connection.h"
#include "store/metadata.h"

/*
 * An ordername is the name relative to the zone with its labels turned around and separated by
 * blanks, so that SQL's order of text is DNSSEC's canonical order of names (RFC 4034 6.1), or an
 * NSEC3 hash, which is a single label. A blank inside a label is written \032, a dot \. (DNSName's
 * toString in pdns/dnsname.cc), so separators can't be mistaken.
 */

#define HASH_LENGTH 32

void ordernames_neighbours_deinit(struct ordernames_neighbours *neighbours)
{
    free(neighbours->unhashed);
    free(neighbours->before);
    free(neighbours->after);
    *neighbours = (struct ordernames_neighbours){0};
}

static char *name_to_ordername(const char *name)
{
    return strcmp(name, ".") == 0 ? strdup("") : labels_reverse(name, '.', ' ');
}

/* Whatever the blanks mean: gsqlite3 makes them dots before it reads the text as a name. */
static char *ordername_to_name(const char *ordername)
{
    CLEANUP(cleanup_freep) char *dotted = strdup(ordername);
    if (!dotted)
        return NULL;

    for (char *c = dotted; (c = strchr(c, ' '));)
        *c = '.';
    return labels_reverse(dotted, '.', '.');
}

/* Replaces what `*target` holds. */
static int take(struct statements *statements, char *value, char **target)
{
    if (!value)
        return statements_no_memory(statements, "reading ordernames");
    free(*target);
    *target = value;
    return 0;
}

/* Reads the first row, if there is one with a name that can be read: `before` and `unhashed` if it
 * has a name column, else `after`. Absent is NULL. */
static int read_row(struct statements *statements, sqlite3_stmt *statement,
                    struct ordernames_neighbours *neighbours)
{
    char canonical[NAME_TEXT_SIZE];

    int r = statements_next(statements, statement);
    if (r != 0)
        return r < 0 ? r : 0;
    if (sqlite3_column_type(statement, 0) == SQLITE_NULL)
        return 0;

    const char *ordername = statements_text(statements, statement, 0);
    if (sqlite3_column_count(statement) == 1)
        return take(statements, ordername_to_name(ordername), &neighbours->after);

    const char *name = statements_text(statements, statement, 1);
    if (name_canonicalize(name, canonical) != 0) {
        statements_log_skipped(statements, name, "records.name", name);
        return 0;
    }
    r = take(statements, ordername_to_name(ordername), &neighbours->before);
    return r < 0 ? r : take(statements, strdup(name), &neighbours->unhashed);
}

/* `ordername` is NULL for the statements that don't take one. */
static int query(struct database *db, enum statement id, int64_t zone_id, const char *ordername,
                 struct ordernames_neighbours *neighbours)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    int r = statements_start(statements, id, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, zone_id);
    if (ordername)
        statements_bind_text(statements, statement, 2, ordername);
    r = read_row(statements, statement, neighbours);
    if (r == 0)
        r = statements_end_row(statements, statement);
    statements_stop(statement);
    return r;
}

/* Past the last name comes the first one, before the first (among hashes) the last one. */
static int find(struct database *db, int64_t zone_id, const char *ordername,
                struct ordernames_neighbours *found)
{
    int r = query(db, STATEMENT_ORDERNAME_AFTER, zone_id, ordername, found);
    if (r == 0 && !found->after)
        r = query(db, STATEMENT_ORDERNAME_FIRST, zone_id, NULL, found);
    if (r == 0)
        r = query(db, STATEMENT_ORDERNAME_BEFORE, zone_id, ordername, found);
    if (r == 0 && !found->unhashed)
        r = query(db, STATEMENT_ORDERNAME_LAST, zone_id, NULL, found);
    return r;
}

static int find_nothing(struct database *db, int64_t zone_id,
                        struct ordernames_neighbours *neighbours)
{
    bool has_nsec3;

    int r = metadata_has_nsec3(db, zone_id, &has_nsec3);
    if (r < 0)
        return r;
    if (has_nsec3)
        return ORDERNAMES_E_NONE;
    r = take(&db->statements, strdup(""), &neighbours->unhashed);
    if (r == 0)
        r = take(&db->statements, strdup(""), &neighbours->before);
    return r == 0 ? take(&db->statements, strdup(""), &neighbours->after) : r;
}

/* base32hex of SHA-1 */
static bool is_hash(const char *ordername)
{
    return strspn(ordername, "0123456789abcdefghijklmnopqrstuv") == HASH_LENGTH &&
           !ordername[HASH_LENGTH];
}

/* Instead of the neighbour before: an empty non-terminal of just this hash that the chain of an
 * opt-out zone leaves out, if there is one. */
static int find_ent(struct database *db, int64_t zone_id, const char *hash,
                    struct ordernames_neighbours *found)
{
    bool are_noted;

    if (!is_hash(hash) || !found->before || strcmp(found->before, hash) == 0)
        return 0;
    int r = changes_are_noted(db, &are_noted);
    return r < 0 || !are_noted ? r : query(db, STATEMENT_ENT_BY_HASH, zone_id, hash, found);
}

int ordernames_find(struct database *db, int64_t zone_id, const char *qname,
                    struct ordernames_neighbours *ret)
{
    CLEANUP(ordernames_neighbours_deinit) struct ordernames_neighbours found = {0};
    CLEANUP(cleanup_freep) char *ordername = name_to_ordername(qname);
    if (!ordername)
        return statements_no_memory(&db->statements, "reading ordernames");

    int r = find(db, zone_id, ordername, &found);
    if (r == 0)
        r = find_ent(db, zone_id, ordername, &found);
    if (r == 0 && (!found.unhashed || !found.after))
        r = find_nothing(db, zone_id, &found);
    if (r != 0)
        return r;
    *ret = found;
    found = (struct ordernames_neighbours){0};
    return 0;
}

int ordernames_has_own_proof(struct database *db, int64_t id, bool *ret)
{
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;
    bool are_noted;

    int r = changes_are_noted(db, &are_noted);
    if (r < 0)
        return r;
    *ret = false;
    if (!are_noted)
        return 0;
    r = statements_start(statements, STATEMENT_ENT_HAS_HASH, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, id);
    r = statements_next(statements, statement);
    if (r < 0)
        return r;
    *ret = r == 0;
    statements_stop(statement);
    return 0;
}
