#include "store/soa.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/connection.h"
#include "store/number.h"
#include "util/cleanup.h"

enum column {
    COLUMN_ID,
    COLUMN_CONTENT,
};

void soa_deinit(struct soa *soa)
{
    free(soa->content);
    *soa = (struct soa){0};
}

/* The row, in place of the one before it; a content with a NUL can't be written back as it is and
 * counts as one whose serial can't be read. */
static int read_row(struct database *db, sqlite3_stmt *statement, struct soa *soa,
                    bool *ret_is_good)
{
    struct statements *statements = &db->statements;
    const char *text = statements_text(statements, statement, COLUMN_CONTENT);
    size_t size = (size_t)sqlite3_column_bytes(statement, COLUMN_CONTENT);
    struct number_soa numbers;

    int r = statements_end_row(statements, statement);
    if (r < 0)
        return r;
    soa_deinit(soa);
    *ret_is_good = strlen(text) == size && number_parse_soa(text, &numbers) == 0;
    if (!*ret_is_good)
        return 0;
    soa->row_id = sqlite3_column_int64(statement, COLUMN_ID);
    soa->serial = numbers.serial;
    soa->content = strdup(text);
    if (soa->content)
        return 0;
    statements_stop(statement);
    return statements_no_memory(statements, "reading an SOA");
}

int soa_find(struct database *db, int64_t zone_id, const char *apex, struct soa *ret)
{
    CLEANUP(soa_deinit) struct soa soa = {0};
    struct statements *statements = &db->statements;
    bool is_good = false;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_RECORDS_SOA, &statement);
    if (r < 0)
        return r;
    statements_bind_name(statements, statement, 1, apex);
    statements_bind_integer(statements, statement, 2, zone_id);
    while ((r = statements_next(statements, statement)) == 0) {
        r = read_row(db, statement, &soa, &is_good);
        if (r < 0)
            return r;
    }
    if (r < 0)
        return r;
    if (!is_good)
        return SOA_E_NOT_FOUND;
    soa_deinit(ret);
    *ret = soa;
    soa.content = NULL;
    return 0;
}

int soa_set_serial(struct database *db, const struct soa *soa, uint32_t serial)
{
    CLEANUP(cleanup_freep) char *content = NULL;
    struct statements *statements = &db->statements;
    const char *old = number_soa_serial(soa->content);
    sqlite3_stmt *statement;

    if (asprintf(&content, "%.*s%" PRIu32 "%s", (int)(old - soa->content), soa->content, serial,
                 old + strcspn(old, NUMBER_BLANKS)) < 0) {
        content = NULL;
        return statements_no_memory(statements, "writing an SOA");
    }
    int r = statements_start(statements, STATEMENT_SOA_SET_CONTENT, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, soa->row_id);
    statements_bind_text(statements, statement, 2, content);
    return statements_run(statements, statement);
}
