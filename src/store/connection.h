#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "store/statements.h"

/* transaction.c's */
struct transaction {
    bool is_open;
    bool is_replacement;
    bool is_indexed; /* spooled records can be found by name */
    int64_t zone_id;
    int64_t count; /* changes_count() at the begin */
};

/* The inside of struct database, for the modules that read its tables. */
struct database {
    struct statements statements; /* with SQLite's handle */
    char *path;
    dev_t device; /* of the file that is open */
    ino_t inode;
    bool is_wal; /* as it was opened; nobody can change it while it is open */
    uint32_t default_ttl;
    struct transaction transaction;
};
