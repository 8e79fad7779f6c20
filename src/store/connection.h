#pragma once

#include <stdint.h>
#include <sys/types.h>

#include "store/statements.h"

/* The inside of struct database, for the modules that read its tables. */
struct database {
    struct statements statements; /* with SQLite's handle */
    char *path;
    dev_t device; /* of the file that is open */
    ino_t inode;
    uint32_t default_ttl;
};
