#include "store/fallback-row.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "util/log.h"

/* The end of the year 9999, as far as SQLite's datetime() goes: beyond it nobody's clock can be. */
#define LATEST_TIME INT64_C(253402300799)

static struct log_limit invalid_limit = LOG_LIMIT(10, 10000);

enum column {
    COLUMN_TARGET,
    COLUMN_FAMILY,
    COLUMN_STATE,
    COLUMN_ADDRESSES,
    COLUMN_TTL,
    COLUMN_RESOLVED_AT,
    COLUMN_FRESH_UNTIL,
    COLUMN_LAST_ERROR,
    COLUMN_LAST_ERROR_AT,
};

/* "" where it is no text; SQLite's until the next step. */
static const char *read_text(sqlite3_stmt *statement, enum column column)
{
    const char *text = NULL;

    if (sqlite3_column_type(statement, column) == SQLITE_TEXT)
        text = (const char *)sqlite3_column_text(statement, column);
    return text ? text : "";
}

static int read_integer(sqlite3_stmt *statement, enum column column, int64_t highest, int64_t *ret)
{
    int64_t value = sqlite3_column_int64(statement, column);

    if (sqlite3_column_type(statement, column) != SQLITE_INTEGER || value < 0 || value > highest)
        return FALLBACK_ROW_E_INVALID;
    *ret = value;
    return 0;
}

static int read_times(sqlite3_stmt *statement, struct fallback_entry *entry)
{
    int64_t ttl = 0;

    if (read_integer(statement, COLUMN_TTL, UINT32_MAX, &ttl) != 0 ||
        read_integer(statement, COLUMN_RESOLVED_AT, LATEST_TIME, &entry->resolved_at) != 0 ||
        read_integer(statement, COLUMN_FRESH_UNTIL, LATEST_TIME, &entry->fresh_until) != 0 ||
        read_integer(statement, COLUMN_LAST_ERROR_AT, LATEST_TIME, &entry->last_error_at) != 0)
        return FALLBACK_ROW_E_INVALID;
    entry->ttl = ttl;
    return 0;
}

static int read_family(sqlite3_stmt *statement, enum dns_family *ret)
{
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        if (strcmp(read_text(statement, COLUMN_FAMILY), dns_family_name(i)) == 0) {
            *ret = i;
            return 0;
        }
    }
    return FALLBACK_ROW_E_INVALID;
}

/* Only what the daemon would have written, or the name would never be found again. */
static int read_target(sqlite3_stmt *statement, const char **ret)
{
    const char *target = read_text(statement, COLUMN_TARGET);
    char canonical[NAME_TEXT_SIZE];

    if (sqlite3_column_type(statement, COLUMN_TARGET) != SQLITE_TEXT ||
        name_canonicalize(target, canonical) != 0 || strcmp(target, canonical) != 0)
        return FALLBACK_ROW_E_INVALID;
    *ret = target;
    return 0;
}

static int read_addresses(sqlite3_stmt *statement, enum dns_family family, struct address_set *set)
{
    CLEANUP(cleanup_freep) char *text = strdup(read_text(statement, COLUMN_ADDRESSES));
    char *position = text, *word;

    if (!text)
        return -ENOMEM;
    while ((word = strsep(&position, " "))) {
        struct address address;

        if (!*word)
            continue;
        if (address_from_text(word, family, &address) < 0)
            return FALLBACK_ROW_E_INVALID;
        int r = address_set_add(set, &address);
        if (r < 0)
            return r;
    }
    return 0;
}

static int read_row(sqlite3_stmt *statement, struct fallback_entry *entry)
{
    const char *state = read_text(statement, COLUMN_STATE);

    int r = read_target(statement, &entry->target);
    if (r == 0)
        r = read_family(statement, &entry->family);
    if (r == 0)
        r = read_times(statement, entry);
    if (r == 0)
        r = read_addresses(statement, entry->family, &entry->addresses);
    if (r != 0)
        return r;
    entry->last_error = read_text(statement, COLUMN_LAST_ERROR);
    entry->is_empty = strcmp(state, "empty") == 0;
    if (!entry->is_empty && strcmp(state, "addresses") != 0)
        return FALLBACK_ROW_E_INVALID;
    return entry->is_empty == (entry->addresses.count == 0) ? 0 : FALLBACK_ROW_E_INVALID;
}

int fallback_row_read(sqlite3_stmt *statement, fallback_entry_fn loaded, void *userdata)
{
    struct fallback_entry entry = {0};

    int r = read_row(statement, &entry);
    if (r == FALLBACK_ROW_E_INVALID)
        log_write_limited(&invalid_limit, LOG_LEVEL_WARNING,
                          "fallback database: the row of target '%.255s', family '%.10s' can't be "
                          "read, skipped",
                          read_text(statement, COLUMN_TARGET), read_text(statement, COLUMN_FAMILY));
    if (r == 0)
        r = loaded(userdata, &entry);
    address_set_deinit(&entry.addresses);
    return r;
}

/* The addresses with a space between two; from malloc(), NULL: out of memory. */
static char *write_addresses(const struct fallback_entry *entry)
{
    char *text = malloc(entry->addresses.count * ADDRESS_TEXT_SIZE + 1);
    char *position = text;

    if (!text)
        return NULL;
    for (size_t i = 0; i < entry->addresses.count; ++i) {
        if (i > 0)
            *position++ = ' ';
        address_to_text(&entry->addresses.items[i], entry->family, position);
        position += strlen(position);
    }
    *position = '\0';
    return text;
}

static int bind_text(sqlite3_stmt *statement, enum column column, const char *text)
{
    return sqlite3_bind_text(statement, column + 1, text, -1, SQLITE_STATIC);
}

int fallback_row_bind_key(sqlite3_stmt *statement, const struct fallback_entry *entry)
{
    if (bind_text(statement, COLUMN_TARGET, entry->target) != SQLITE_OK ||
        bind_text(statement, COLUMN_FAMILY, dns_family_name(entry->family)) != SQLITE_OK)
        return -ENOMEM;
    return 0;
}

int fallback_row_bind(sqlite3_stmt *statement, const struct fallback_entry *entry)
{
    char *addresses = write_addresses(entry);

    if (!addresses)
        return -ENOMEM;
    /* Which frees it, also where binding fails. */
    if (sqlite3_bind_text(statement, COLUMN_ADDRESSES + 1, addresses, -1, free) != SQLITE_OK ||
        bind_text(statement, COLUMN_STATE, entry->is_empty ? "empty" : "addresses") != SQLITE_OK ||
        bind_text(statement, COLUMN_LAST_ERROR, entry->last_error) != SQLITE_OK)
        return -ENOMEM;
    sqlite3_bind_int64(statement, COLUMN_TTL + 1, entry->ttl);
    sqlite3_bind_int64(statement, COLUMN_RESOLVED_AT + 1, entry->resolved_at);
    sqlite3_bind_int64(statement, COLUMN_FRESH_UNTIL + 1, entry->fresh_until);
    sqlite3_bind_int64(statement, COLUMN_LAST_ERROR_AT + 1, entry->last_error_at);
    return fallback_row_bind_key(statement, entry);
}
