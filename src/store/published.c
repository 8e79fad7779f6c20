#include "store/published.h"

#include <endian.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "store/connection.h"
#include "util/cleanup.h"
#include "util/log.h"

/* A key and a value in the blob, the highest octet first. */
#define ANSWER_SIZE 16

enum column {
    COLUMN_SERIAL,
    COLUMN_ROWS,
    COLUMN_ANSWERS,
};

/* What became of a row. */
enum verdict {
    VERDICT_READ,
    VERDICT_UNREADABLE,
    VERDICT_NO_MEMORY,
};

void published_deinit(struct published *published)
{
    free(published->answers);
    *published = (struct published){0};
}

static uint64_t get_bits(const uint8_t *data)
{
    uint64_t bits;

    memcpy(&bits, data, sizeof(bits));
    return be64toh(bits);
}

static void put_bits(uint8_t *data, uint64_t bits)
{
    bits = htobe64(bits);
    memcpy(data, &bits, sizeof(bits));
}

static enum verdict unpack_answers(const uint8_t *data, size_t size, struct published *published)
{
    size_t count = size / ANSWER_SIZE;

    if (size % ANSWER_SIZE != 0)
        return VERDICT_UNREADABLE;
    if (count == 0)
        return VERDICT_READ;
    published->answers = calloc(count, sizeof(*published->answers));
    if (!published->answers)
        return VERDICT_NO_MEMORY;
    published->count = count;
    for (size_t i = 0; i < count; ++i, data += ANSWER_SIZE) {
        published->answers[i] =
            (struct published_answer){.key = get_bits(data), .value = get_bits(data + 8)};
        if (i > 0 && published->answers[i - 1].key >= published->answers[i].key)
            return VERDICT_UNREADABLE;
    }
    return VERDICT_READ;
}

static enum verdict read_row(struct statements *statements, sqlite3_stmt *statement,
                             struct published *published)
{
    int64_t serial = sqlite3_column_int64(statement, COLUMN_SERIAL);
    size_t rows_size, answers_size;

    const void *rows = statements_blob(statements, statement, COLUMN_ROWS, &rows_size);
    const void *answers = statements_blob(statements, statement, COLUMN_ANSWERS, &answers_size);
    if (serial < 0 || serial > UINT32_MAX || rows_size != sizeof(published->rows))
        return VERDICT_UNREADABLE;
    published->is_known = true;
    published->serial = (uint32_t)serial;
    memcpy(published->rows, rows, rows_size);
    return unpack_answers(answers, answers_size, published);
}

int published_read(struct database *db, int64_t zone_id, struct published *ret)
{
    CLEANUP(published_deinit) struct published published = {0};
    struct statements *statements = &db->statements;
    enum verdict verdict = VERDICT_READ;
    sqlite3_stmt *statement;

    int r = statements_start(statements, STATEMENT_PUBLISHED, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, zone_id);
    r = statements_next(statements, statement);
    if (r < 0)
        return r;
    if (r == 0) {
        verdict = read_row(statements, statement, &published);
        r = statements_end_row(statements, statement);
        if (r < 0)
            return r;
        statements_stop(statement);
    }
    if (verdict == VERDICT_NO_MEMORY)
        return statements_no_memory(statements, "reading what was published");
    if (verdict == VERDICT_UNREADABLE) {
        log_warning("%s: what was last published of zone %" PRId64 " can't be read: it counts as"
                    " not known",
                    db->path, zone_id);
        published_deinit(&published);
    }
    published_deinit(ret);
    *ret = published;
    published = (struct published){0};
    return 0;
}

static uint8_t *pack_answers(const struct published *published)
{
    uint8_t *data = malloc(published->count * ANSWER_SIZE + 1);

    if (!data)
        return NULL;
    for (size_t i = 0; i < published->count; ++i) {
        put_bits(data + i * ANSWER_SIZE, published->answers[i].key);
        put_bits(data + i * ANSWER_SIZE + 8, published->answers[i].value);
    }
    return data;
}

int published_write(struct database *db, int64_t zone_id, const struct published *published)
{
    CLEANUP(cleanup_freep) uint8_t *answers = pack_answers(published);
    struct statements *statements = &db->statements;
    sqlite3_stmt *statement;

    if (!answers)
        return statements_no_memory(statements, "writing what was published");
    int r = statements_start(statements, STATEMENT_PUBLISHED_SET, &statement);
    if (r < 0)
        return r;
    statements_bind_integer(statements, statement, 1, zone_id);
    statements_bind_integer(statements, statement, 2, published->serial);
    statements_bind_blob(statements, statement, 3, published->rows, sizeof(published->rows));
    statements_bind_blob(statements, statement, 4, answers, published->count * ANSWER_SIZE);
    return statements_run(statements, statement);
}
