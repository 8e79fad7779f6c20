#include "store/commit-mark.h"

#include <stdatomic.h>
#include <stdint.h>
#include <string.h>

#include "store/connection.h"

/* Of wal.c: what SQLite maps at a time, and the only layout that there has been. */
#define REGION_SIZE 32768
#define VERSION     3007000

/* Where in the header. */
#define OFFSET_VERSION        0
#define OFFSET_IS_INITIALIZED 12

/* The start of the shared memory. SQLite has mapped it already, and knows where it is. */
static const volatile unsigned char *find_region(struct database *db)
{
    sqlite3_file *file = NULL;
    void volatile *region = NULL;

    sqlite3_file_control(db->statements.handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    if (!file || !file->pMethods || file->pMethods->iVersion < 2)
        return NULL;
    int code = file->pMethods->xShmMap(file, 0, REGION_SIZE, 0, &region);
    return code == SQLITE_OK ? region : NULL;
}

static bool is_valid(const unsigned char header[COMMIT_MARK_SIZE])
{
    uint32_t version;

    memcpy(&version, header + OFFSET_VERSION, sizeof(version));
    return version == VERSION && header[OFFSET_IS_INITIALIZED];
}

/* There are two copies, the second of which is written first: unless they are equal it is being
 * written. */
bool commit_mark_read(struct database *db, struct commit_mark *ret)
{
    bool is_outside = sqlite3_get_autocommit(db->statements.handle);
    const volatile unsigned char *region = db->is_wal && is_outside ? find_region(db) : NULL;
    unsigned char second[COMMIT_MARK_SIZE];

    if (!region)
        return false;
    memcpy(ret->header, (const void *)region, COMMIT_MARK_SIZE);
    atomic_thread_fence(memory_order_seq_cst);
    memcpy(second, (const void *)(region + COMMIT_MARK_SIZE), COMMIT_MARK_SIZE);
    return memcmp(ret->header, second, COMMIT_MARK_SIZE) == 0 && is_valid(second);
}

bool commit_mark_equal(const struct commit_mark *a, const struct commit_mark *b)
{
    return memcmp(a->header, b->header, COMMIT_MARK_SIZE) == 0;
}
