#include "fixture.h"

#include <criterion/criterion.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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

struct rendering {
    char text[8192];
    size_t used;
};

static int render_row(void *data, int count, char **values, char **names)
{
    struct rendering *rendering = data;

    for (int i = 0; i < count; ++i) {
        size_t left = sizeof(rendering->text) - rendering->used;
        int size = snprintf(rendering->text + rendering->used, left, "%s%c",
                            values[i] ? values[i] : "", i + 1 < count ? '|' : ';');
        cr_assert_lt((size_t)size, left);
        rendering->used += (size_t)size;
    }
    return 0;
}

const char *fixture_query(const char *sql)
{
    static struct rendering rendering;
    sqlite3 *db = fixture_connect();
    char *message = NULL;

    rendering = (struct rendering){0};
    int code = sqlite3_exec(db, sql, render_row, &rendering, &message);
    cr_assert_eq(code, SQLITE_OK, "%s: %s", sql, message);
    sqlite3_close(db);
    return rendering.text;
}

int fixture_open(bool read_only, struct database **ret)
{
    const struct database_config config = {
        .path = fixture.path,
        .read_only = read_only,
        .busy_timeout_ms = FIXTURE_BUSY_TIMEOUT,
        .default_ttl = FIXTURE_DEFAULT_TTL,
        .is_cancelled = &fixture.is_cancelled,
    };

    return database_open(&config, ret);
}

void fixture_set_up(void)
{
    CLEANUP(cleanup_freep) char *schema = fixture_read(ZONE_SCHEMA);

    cr_assert_not_null(schema);
    snprintf(fixture.folder, sizeof(fixture.folder), "%s", "/tmp/pdns-aliasd-store-XXXXXX");
    cr_assert_not_null(mkdtemp(fixture.folder));
    snprintf(fixture.path, sizeof(fixture.path), "%s/zones.db", fixture.folder);
    fixture_execute(schema);
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
    for (size_t i = 0; i < size; ++i)
        fputc(0xa5, file);
    fclose(file);
}

void fixture_leave_wal(void)
{
    database_free(TAKE(fixture.db));
    fixture_execute("PRAGMA journal_mode=DELETE");
    cr_assert_eq(fixture_open(true, &fixture.db), 0);
}

char *fixture_read(const char *path)
{
    const size_t size = 1 << 20;
    FILE *file = fopen(path, "r");

    if (!file)
        return NULL;
    char *text = malloc(size);
    cr_assert_not_null(text);
    size_t used = fread(text, 1, size - 1, file);
    cr_assert(feof(file));
    text[used] = '\0';
    fclose(file);
    return text;
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

int fixture_count_logged(const char *text)
{
    CLEANUP(cleanup_freep) char *log = NULL;
    char path[128];
    char *rest;
    int count = 0;

    fflush(stderr);
    dup2(saved_stderr, STDERR_FILENO);
    close(saved_stderr);
    log_path(path, sizeof(path));
    log = fixture_read(path);
    cr_assert_not_null(log);
    for (char *line = strtok_r(log, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest))
        count += strstr(line, text) != NULL;
    return count;
}

bool fixture_logged(const char *text)
{
    return fixture_count_logged(text) > 0;
}
