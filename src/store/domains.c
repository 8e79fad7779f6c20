#include "store/domains.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/name.h"
#include "store/connection.h"
#include "store/number.h"
#include "store/primaries.h"

/* In the order of DOMAIN_COLUMNS in statements.c. */
enum column {
    COLUMN_ID,
    COLUMN_NAME,
    COLUMN_KIND,
    COLUMN_MASTERS,
    COLUMN_NOTIFIED_SERIAL,
    COLUMN_LAST_CHECK,
    COLUMN_SOA,
};

enum filter {
    FILTER_NONE,
    FILTER_UPDATED,
    FILTER_UNFRESH,
};

/* What became of a row. */
enum verdict {
    VERDICT_TAKEN,
    VERDICT_LEFT_OUT,
};

static int start(struct database *db, enum statement id, enum filter filter,
                 struct domains_cursor *cursor)
{
    int r = statements_start(&db->statements, id, &cursor->statement);

    cursor->db = db;
    cursor->filter = filter;
    return r;
}

void domains_cursor_deinit(struct domains_cursor *cursor)
{
    statements_stop(cursor->statement);
    cursor->statement = NULL;
    free(cursor->masters);
    cursor->masters = NULL;
}

int domains_list(struct database *db, bool include_disabled, struct domains_cursor *ret)
{
    return start(db, include_disabled ? STATEMENT_DOMAINS : STATEMENT_DOMAINS_WITH_SOA, FILTER_NONE,
                 ret);
}

int domains_list_updated_primaries(struct database *db, struct domains_cursor *ret)
{
    return start(db, STATEMENT_DOMAINS_PRIMARY, FILTER_UPDATED, ret);
}

int domains_list_unfresh_secondaries(struct database *db, int64_t now, struct domains_cursor *ret)
{
    ret->now = now;
    return start(db, STATEMENT_DOMAINS_SECONDARY, FILTER_UNFRESH, ret);
}

static const char *text(struct domains_cursor *cursor, enum column column)
{
    return statements_text(&cursor->db->statements, cursor->statement, column);
}

static int read_masters(struct domains_cursor *cursor, struct domains_row *row)
{
    const char *stored = text(cursor, COLUMN_MASTERS);

    char *masters = realloc(cursor->masters, strlen(stored) + 1);
    if (!masters)
        return statements_no_memory(&cursor->db->statements, "reading domains.master");
    cursor->masters = masters;
    primaries_filter(stored, masters);
    row->masters = masters;
    return 0;
}

/* Everything but the numbers. */
static int read_texts(struct domains_cursor *cursor, struct domains_row *row)
{
    *row = (struct domains_row){
        .id = sqlite3_column_int64(cursor->statement, COLUMN_ID),
        .name = text(cursor, COLUMN_NAME),
        .kind = text(cursor, COLUMN_KIND),
    };
    return read_masters(cursor, row);
}

/* The column that can't be read, or NULL if all can. */
static const char *read_numbers(struct domains_cursor *cursor, struct domains_row *row,
                                const char **ret_value)
{
    struct number_soa soa;

    if (number_parse_soa(text(cursor, COLUMN_SOA), &soa) == 0)
        row->serial = soa.serial;
    *ret_value = text(cursor, COLUMN_NOTIFIED_SERIAL);
    if (number_parse(*ret_value, &row->notified_serial) != 0)
        return "domains.notified_serial";
    *ret_value = text(cursor, COLUMN_LAST_CHECK);
    if (number_parse_signed(*ret_value, &row->last_check) != 0)
        return "domains.last_check";
    return NULL;
}

int domains_find(struct database *db, const char *name, struct domains_cursor *cursor,
                 struct domains_row *ret)
{
    struct domains_row row;
    const char *value;

    int r = start(db, STATEMENT_DOMAIN_BY_NAME, FILTER_NONE, cursor);
    if (r < 0)
        return r;
    statements_bind_name(&db->statements, cursor->statement, 1, name);

    r = statements_next(&db->statements, cursor->statement);
    if (r != 0) {
        cursor->statement = NULL;
        return r < 0 ? r : DOMAINS_E_NOT_FOUND;
    }
    r = read_texts(cursor, &row);
    if (r < 0)
        return r;
    const char *unreadable = read_numbers(cursor, &row, &value);
    if (unreadable)
        return statements_unreadable(&db->statements, row.name, unreadable, value);
    *ret = row;
    return 0;
}

static enum verdict leave_out(struct domains_cursor *cursor, const struct domains_row *row,
                              const char *what, const char *value)
{
    statements_log_skipped(&cursor->db->statements, row->name, what, value);
    return VERDICT_LEFT_OUT;
}

static enum verdict judge_updated(struct domains_cursor *cursor, struct domains_row *row)
{
    const char *content = text(cursor, COLUMN_SOA);
    const char *notified = text(cursor, COLUMN_NOTIFIED_SERIAL);
    struct number_soa soa;

    if (number_parse(notified, &row->notified_serial) != 0)
        return leave_out(cursor, row, "domains.notified_serial", notified);
    if (number_parse_soa(content, &soa) != 0)
        return leave_out(cursor, row, "the content of its SOA", content);
    row->serial = soa.serial;
    number_parse_signed(text(cursor, COLUMN_LAST_CHECK), &row->last_check);
    return row->serial == row->notified_serial ? VERDICT_LEFT_OUT : VERDICT_TAKEN;
}

/* The sum has 32 bits, as PowerDNS's has. */
static enum verdict judge_unfresh(struct domains_cursor *cursor, struct domains_row *row)
{
    const char *content = text(cursor, COLUMN_SOA);
    const char *last_check = text(cursor, COLUMN_LAST_CHECK);
    struct number_soa soa;
    uint32_t checked = 0;

    if (!*row->masters)
        return leave_out(cursor, row, "domains.master", text(cursor, COLUMN_MASTERS));
    number_parse(text(cursor, COLUMN_NOTIFIED_SERIAL), &row->notified_serial);
    number_parse_signed(last_check, &row->last_check);
    if (!*content)
        return VERDICT_TAKEN;
    if (number_parse_soa(content, &soa) != 0)
        return leave_out(cursor, row, "the content of its SOA", content);
    if (number_parse(last_check, &checked) != 0)
        return leave_out(cursor, row, "domains.last_check", last_check);
    row->serial = soa.serial;
    return (uint32_t)(checked + soa.refresh) > cursor->now ? VERDICT_LEFT_OUT : VERDICT_TAKEN;
}

static enum verdict judge(struct domains_cursor *cursor, struct domains_row *row)
{
    char canonical[NAME_TEXT_SIZE];
    const char *value;

    if (name_canonicalize(row->name, canonical) != 0)
        return leave_out(cursor, row, "domains.name", row->name);
    if (cursor->filter == FILTER_UPDATED)
        return judge_updated(cursor, row);
    if (cursor->filter == FILTER_UNFRESH)
        return judge_unfresh(cursor, row);
    const char *unreadable = read_numbers(cursor, row, &value);
    return unreadable ? leave_out(cursor, row, unreadable, value) : VERDICT_TAKEN;
}

int domains_next(struct domains_cursor *cursor, struct domains_row *ret)
{
    struct domains_row row;

    if (!cursor->statement)
        return DOMAINS_E_END;
    do {
        int r = statements_next(&cursor->db->statements, cursor->statement);
        if (r != 0) {
            cursor->statement = NULL;
            return r < 0 ? r : DOMAINS_E_END;
        }
        r = read_texts(cursor, &row);
        if (r < 0)
            return r;
    } while (judge(cursor, &row) == VERDICT_LEFT_OUT);
    int r = statements_end_row(&cursor->db->statements, cursor->statement);
    if (r < 0) {
        cursor->statement = NULL;
        return r;
    }
    *ret = row;
    return 0;
}
