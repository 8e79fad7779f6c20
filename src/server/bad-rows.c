#include "server/bad-rows.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <string.h>

#include "dns/name.h"
#include "dns/rdata-type.h"
#include "dns/rdata.h"
#include "store/zones.h"
#include "util/log.h"

/* How many rows are known to have been reported, for all sessions. Past that it begins anew. */
#define REPORTED_MAX 4096

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static uint64_t reported[2 * REPORTED_MAX]; /* by hash; 0: free */
static size_t reported_count;

/* FNV-1a */
static uint64_t hash_bytes(uint64_t hash, const void *data, size_t size)
{
    for (const unsigned char *byte = data; size-- > 0; ++byte)
        hash = (hash ^ *byte) * 1099511628211u;
    return hash;
}

/* A row that was changed, and still is bad, is news. Never 0. */
static uint64_t hash_row(const struct records_row *row)
{
    uint64_t hash = hash_bytes(14695981039346656037u, &row->id, sizeof(row->id));

    hash = hash_bytes(hash, row->type, strlen(row->type) + 1);
    return hash_bytes(hash, row->content, row->content_size) | 1;
}

static bool note(uint64_t hash)
{
    const size_t size = sizeof(reported) / sizeof(reported[0]);
    size_t place = hash % size;

    if (reported_count == REPORTED_MAX) {
        memset(reported, 0, sizeof(reported));
        reported_count = 0;
    }
    while (reported[place] && reported[place] != hash)
        place = (place + 1) % size;
    if (reported[place])
        return false;
    reported[place] = hash;
    ++reported_count;
    return true;
}

static bool is_news(const struct records_row *row)
{
    pthread_mutex_lock(&lock);
    bool result = note(hash_row(row));
    pthread_mutex_unlock(&lock);
    return result;
}

static void report(const struct records_row *row, const char *zone, const char *reason,
                   bool is_left_out)
{
    static struct log_limit limit = LOG_LIMIT(20, 10000);

    if (!is_news(row))
        return;
    log_write_limited(&limit, LOG_LEVEL_ERROR,
                      "zone %.255s: row %" PRId64 ", %.255s %.20s '%.100s': PowerDNS can't parse "
                      "it: %s; %s",
                      zone, row->id, row->name, row->type, row->content, reason,
                      is_left_out ? "it is left out" : "it answers SERVFAIL for the name");
}

static bool is_same_name(const char *a, const char *b)
{
    char canonical_a[NAME_TEXT_SIZE];
    char canonical_b[NAME_TEXT_SIZE];

    return name_canonicalize(a, canonical_a) == 0 && name_canonicalize(b, canonical_b) == 0 &&
           strcmp(canonical_a, canonical_b) == 0;
}

static int check(struct database *db, const struct records_row *row, bool *ret_is_left_out)
{
    char zone[NAME_TEXT_SIZE];
    const char *reason;

    *ret_is_left_out = false;
    if (rdata_judge(row->type, row->content, row->content_size, &reason) != RDATA_BAD)
        return 0;
    int r = zones_find_name(db, row->domain_id, zone);
    if (r < 0)
        return r;
    bool is_left_out =
        r == 0 && is_same_name(row->name, zone) && rdata_type(row->type) != RDATA_TYPE_SOA;
    report(row, r == 0 ? zone : "?", reason, is_left_out);
    *ret_is_left_out = is_left_out;
    return 0;
}

int bad_rows_next(struct records_cursor *cursor, struct records_row *ret)
{
    struct records_row row;
    bool is_left_out;
    int r;

    do {
        r = records_next(cursor, &row);
        if (r == 0)
            r = check(cursor->db, &row, &is_left_out);
    } while (r == 0 && is_left_out);
    if (r == 0)
        *ret = row;
    return r;
}
