#pragma once

#include "server/settings.h"

/* --check-config: tries out what the settings name (databases, resolver options, users, folders)
 * without serving. Writes nothing itself; SQLite may leave its -wal and -shm files beside a
 * database in WAL mode. Everything that is wrong is logged. 0 or -EINVAL. */
int check_settings(const struct settings *settings);
