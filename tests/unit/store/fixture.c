#include "fixture.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sql/sql-text.h"

struct fixture fixture;

static int saved_stderr = -1;

sqlite3 *fixture_connect(void)
{
    sqlite3 *db;

    cr_assert_eq(sqlite3_open(fixture.path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    return db;
}

void fixture_execute_on(sqlite3 *db, const char *sql)
{
    char *message = NULL;

    int code = sqlite3_exec(db, sql, NULL, NULL, &message);
    cr_assert_eq(code, SQLITE_OK, "%s: %s", sql, message);
}

void fixture_execute(const char *sql)
{
    sqlite3 *db = fixture_connect();

    fixture_execute_on(db, sql);
    sqlite3_close(db);
}

int fixture_open(bool read_only, struct database **ret)
{
    const struct database_config config = {
        .path = fixture.path,
        .read_only = read_only,
        .busy_timeout_ms = FIXTURE_BUSY_TIMEOUT,
        .default_ttl = FIXTURE_DEFAULT_TTL,
    };

    return database_open(&config, ret);
}

void fixture_set_up(void)
{
    snprintf(fixture.folder, sizeof(fixture.folder), "%s", "/tmp/pdns-aliasd-store-XXXXXX");
    cr_assert_not_null(mkdtemp(fixture.folder));
    snprintf(fixture.path, sizeof(fixture.path), "%s/zones.db", fixture.folder);
    fixture_execute(sql_schema);
    fixture_execute("INSERT INTO domains(id, name, type) VALUES (1, 'example.com', 'NATIVE');"
                    "INSERT INTO records(domain_id, name, type, content, ttl) VALUES"
                    "(1, 'example.com', 'SOA', 'ns1.example.com h.example.com 7 10800 3600 604800"
                    " 3600', 3600), (1, 'example.com', 'NS', 'ns1.example.com', 3600)");
    cr_assert_eq(fixture_open(false, &fixture.db), 0);
}

static int remove_entry(const char *path, const struct stat *status, int type, struct FTW *walk)
{
    return remove(path);
}

void fixture_tear_down(void)
{
    database_free(fixture.db);
    fixture.db = NULL;
    nftw(fixture.folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

void fixture_overwrite(long offset, size_t size)
{
    FILE *file = fopen(fixture.path, "r+");

    cr_assert_not_null(file);
    fseek(file, offset, SEEK_SET);
    for (size_t i = 0; i < size; i++)
        fputc(0xa5, file);
    fclose(file);
}

static void log_path(char *path, size_t size)
{
    snprintf(path, size, "%s/log", fixture.folder);
}

void fixture_log_start(void)
{
    char path[128];

    log_path(path, sizeof(path));
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
    cr_assert_geq(file, 0);
    fflush(stderr);
    saved_stderr = dup(STDERR_FILENO);
    dup2(file, STDERR_FILENO);
    close(file);
}

bool fixture_logged(const char *text)
{
    char path[128];
    char log[8192] = "";

    fflush(stderr);
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    log_path(path, sizeof(path));
    FILE *file = fopen(path, "r");
    cr_assert_not_null(file);
    log[fread(log, 1, sizeof(log) - 1, file)] = '\0';
    fclose(file);
    return strstr(log, text) != NULL;
}
