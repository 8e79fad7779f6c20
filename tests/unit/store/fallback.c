#include "store/fallback.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glob.h>
#include <sched.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "slack.h"
#include "store/fallback-file.h"
#include "util/clock.h"
#include "util/log.h"

static char folder[64];
static char path[384];
static char log_path[96];

static void make_folder(void)
{
    strcpy(folder, "/tmp/test-fallback-XXXXXX");
    cr_assert_not_null(mkdtemp(folder));
    snprintf(path, sizeof(path), "%s/fallback.db", folder);
    snprintf(log_path, sizeof(log_path), "%s/log", folder);
    cr_assert_not_null(freopen(log_path, "w", stderr));
}

static int remove_entry(const char *name, const struct stat *status, int type, struct FTW *ftw)
{
    return remove(name);
}

static void remove_folder(void)
{
    nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

TestSuite(fallback, .init = make_folder, .fini = remove_folder, .timeout = 60);

/* How often `text` stands in the log. */
static int count_logged(const char *text)
{
    static char log[65536];
    int file = open(log_path, O_RDONLY);
    ssize_t size = read(file, log, sizeof(log) - 1);
    int count = 0;

    close(file);
    cr_assert_geq(size, 0);
    log[size] = '\0';
    for (char *found = log; (found = strstr(found, text)); ++found)
        ++count;
    return count;
}

static int count_files(const char *suffix)
{
    char pattern[400];
    glob_t found;

    snprintf(pattern, sizeof(pattern), "%s%s", path, suffix);
    int count = glob(pattern, 0, NULL, &found) == 0 ? (int)found.gl_pathc : 0;
    globfree(&found);
    return count;
}

/* What was loaded. */

struct loaded {
    struct {
        char target[64];
        char text[256];
    } entries[16];
    size_t count;
};

/* "A addresses 192.0.2.1 192.0.2.2 ttl=60 100-160 error=SERVFAIL@120" */
static void describe(const struct fallback_entry *entry, char *ret, size_t size)
{
    int used = snprintf(ret, size, "%s %s", dns_family_name(entry->family),
                        entry->is_empty ? "empty" : "addresses");

    for (size_t i = 0; i < entry->addresses.count; ++i) {
        char address[ADDRESS_TEXT_SIZE];

        address_to_text(&entry->addresses.items[i], entry->family, address);
        used += snprintf(ret + used, size - used, " %s", address);
    }
    snprintf(ret + used, size - used, " ttl=%u %ld-%ld error=%s@%ld", entry->ttl,
             (long)entry->resolved_at, (long)entry->fresh_until, entry->last_error,
             (long)entry->last_error_at);
}

static int take(void *userdata, const struct fallback_entry *entry)
{
    struct loaded *loaded = userdata;

    if (loaded->count < 16) {
        snprintf(loaded->entries[loaded->count].target, 64, "%s", entry->target);
        describe(entry, loaded->entries[loaded->count].text, 256);
    }
    ++loaded->count;
    return 0;
}

static struct fallback *open_fallback(struct loaded *loaded)
{
    struct fallback *fallback = NULL;

    *loaded = (struct loaded){0};
    cr_assert_eq(fallback_open(path, take, loaded, &fallback), 0);
    return fallback;
}

/* What the file holds, by opening it once more. */
static struct loaded reload(void)
{
    struct loaded loaded;

    fallback_free(open_fallback(&loaded));
    return loaded;
}

static const char *text_of(const struct loaded *loaded, const char *target)
{
    for (size_t i = 0; i < loaded->count; ++i) {
        if (strcmp(loaded->entries[i].target, target) == 0)
            return loaded->entries[i].text;
    }
    return "not there";
}

/* Addresses: text separated by spaces; "" = empty. */
static void store(struct fallback *fallback, const char *target, enum dns_family family,
                  const char *addresses, const char *error)
{
    struct fallback_entry entry = {
        .target = target,
        .family = family,
        .is_empty = !*addresses,
        .ttl = 60,
        .resolved_at = 100,
        .fresh_until = 160,
        .last_error = error,
        .last_error_at = *error ? 120 : 0,
    };
    char copy[256], *position = copy, *word;

    snprintf(copy, sizeof(copy), "%s", addresses);
    while ((word = strsep(&position, " "))) {
        struct address address;

        if (!*word)
            continue;
        cr_assert_eq(address_from_text(word, family, &address), 0);
        cr_assert_eq(address_set_add(&entry.addresses, &address), 0);
    }
    cr_assert_eq(fallback_store(fallback, &entry), 0);
    address_set_deinit(&entry.addresses);
}

static void store_one(struct fallback *fallback, const char *target)
{
    store(fallback, target, DNS_FAMILY_A, "192.0.2.1", "");
}

/* SQL on the file from outside, as a person with the sqlite3 shell. Returns the first column of the
 * first row. */
static const char *sql(const char *text)
{
    static char result[512];
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    const char *rest = text;

    *result = '\0';
    cr_assert_eq(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 5000);
    while (*rest) {
        cr_assert_eq(sqlite3_prepare_v2(db, rest, -1, &statement, &rest), SQLITE_OK, "%s: %s", text,
                     sqlite3_errmsg(db));
        if (sqlite3_step(statement) == SQLITE_ROW && sqlite3_column_text(statement, 0))
            snprintf(result, sizeof(result), "%s", sqlite3_column_text(statement, 0));
        sqlite3_finalize(statement);
        statement = NULL;
    }
    sqlite3_close(db);
    return result;
}

/* Whether `query` says `expected` within some seconds. */
static bool becomes(const char *query, const char *expected)
{
    for (int i = 0; i < 150; ++i) {
        if (access(path, F_OK) == 0 &&
            strcmp(sql("SELECT count(*) FROM sqlite_schema"), "0") != 0 &&
            strcmp(sql(query), expected) == 0)
            return true;
        usleep(100000);
    }
    return false;
}

/* Keeping. */

Test(fallback, remembers_everything_over_a_restart)
{
    struct loaded loaded;
    struct fallback *fallback = open_fallback(&loaded);

    cr_assert_eq(loaded.count, 0);
    store(fallback, "a.example", DNS_FAMILY_A, "192.0.2.2 192.0.2.1", "");
    store(fallback, "b.example", DNS_FAMILY_AAAA, "2001:db8::1", "SERVFAIL");
    store(fallback, "c.example", DNS_FAMILY_AAAA, "", "");
    fallback_free(fallback);

    loaded = reload();
    cr_assert_eq(loaded.count, 3);
    cr_assert_str_eq(text_of(&loaded, "a.example"),
                     "A addresses 192.0.2.1 192.0.2.2 ttl=60 100-160 error=@0");
    cr_assert_str_eq(text_of(&loaded, "b.example"),
                     "AAAA addresses 2001:db8::1 ttl=60 100-160 error=SERVFAIL@120");
    cr_assert_str_eq(text_of(&loaded, "c.example"), "AAAA empty ttl=60 100-160 error=@0");
}

Test(fallback, keeps_what_was_there_when_more_is_stored)
{
    struct loaded loaded;
    struct fallback *fallback = open_fallback(&loaded);

    store_one(fallback, "a.example");
    fallback_free(fallback);
    fallback = open_fallback(&loaded);
    store_one(fallback, "b.example");
    fallback_free(fallback);
    cr_assert_eq(reload().count, 2);
}

Test(fallback, keeps_the_newest_of_several)
{
    struct loaded loaded;
    struct fallback *fallback = open_fallback(&loaded);

    for (int i = 1; i <= 50; ++i) {
        char address[32];

        snprintf(address, sizeof(address), "192.0.2.%d", i);
        store(fallback, "a.example", DNS_FAMILY_A, address, "");
    }
    fallback_free(fallback);
    loaded = reload();
    cr_assert_eq(loaded.count, 1);
    cr_assert_str_eq(text_of(&loaded, "a.example"),
                     "A addresses 192.0.2.50 ttl=60 100-160 error=@0");
}

Test(fallback, removes_one_family_only)
{
    struct loaded loaded;
    struct fallback *fallback = open_fallback(&loaded);

    store(fallback, "a.example", DNS_FAMILY_A, "192.0.2.1", "");
    store(fallback, "a.example", DNS_FAMILY_AAAA, "", "");
    fallback_free(fallback);
    fallback = open_fallback(&loaded);
    cr_assert_eq(fallback_remove(fallback, "a.example", DNS_FAMILY_A), 0);
    fallback_free(fallback);
    loaded = reload();
    cr_assert_eq(loaded.count, 1);
    cr_assert_str_eq(text_of(&loaded, "a.example"), "AAAA empty ttl=60 100-160 error=@0");
}

Test(fallback, stores_again_after_a_removal)
{
    struct loaded loaded;
    struct fallback *fallback = open_fallback(&loaded);

    store_one(fallback, "a.example");
    fallback_remove(fallback, "a.example", DNS_FAMILY_A);
    store(fallback, "a.example", DNS_FAMILY_A, "192.0.2.9", "");
    fallback_free(fallback);
    loaded = reload();
    cr_assert_str_eq(text_of(&loaded, "a.example"),
                     "A addresses 192.0.2.9 ttl=60 100-160 error=@0");
}

Test(fallback, keeps_more_than_one_batch)
{
    struct loaded loaded;
    struct fallback *fallback = open_fallback(&loaded);

    for (int i = 0; i < 7000; ++i) {
        char target[32];

        snprintf(target, sizeof(target), "host-%d.example", i);
        store_one(fallback, target);
    }
    fallback_free(fallback);
    cr_assert_eq(reload().count, 7000);
}

Test(fallback, writes_behind_without_being_closed)
{
    struct loaded loaded;
    struct fallback *fallback = open_fallback(&loaded);

    store_one(fallback, "a.example");
    cr_assert(becomes("SELECT count(*) FROM entries", "1"));
    store_one(fallback, "b.example");
    cr_assert(becomes("SELECT count(*) FROM entries", "2"));
    fallback_free(fallback);
}

Test(fallback, never_waits_for_the_disk)
{
    struct loaded loaded;
    struct fallback *fallback = open_fallback(&loaded);
    sqlite3 *other = NULL;

    cr_assert_eq(sqlite3_open(path, &other), SQLITE_OK);
    cr_assert_eq(sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL), SQLITE_OK);
    store_one(fallback, "a.example");
    usleep(1300000); /* the thread is at it now */
    int64_t before = clock_steady_ms();
    for (int i = 0; i < 100; ++i)
        store_one(fallback, "b.example");
    cr_assert_lt(clock_steady_ms() - before, slack(200));
    cr_assert_eq(sqlite3_exec(other, "COMMIT", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(other);
    cr_assert(becomes("SELECT count(*) FROM entries", "2"));
    fallback_free(fallback);
}

Test(fallback, is_readable_for_people)
{
    struct loaded loaded;
    struct fallback *fallback = open_fallback(&loaded);

    store(fallback, "a.example", DNS_FAMILY_A, "192.0.2.2 192.0.2.1", "SERVFAIL");
    fallback_free(fallback);
    cr_assert_str_eq(sql("SELECT concat FROM (SELECT target || ' ' || family || ' ' || addresses ||"
                         " ' ' || resolved_at || ' ' || fresh_until || ' ' || freshness || ' ' ||"
                         " last_error || ' ' || last_error_at AS concat FROM answers)"),
                     "a.example A 192.0.2.1 192.0.2.2 1970-01-01 00:01:40 1970-01-01 00:02:40 "
                     "expired SERVFAIL 1970-01-01 00:02:00");
}

Test(fallback, writes_ahead)
{
    fallback_free(open_fallback(&(struct loaded){0}));
    cr_assert_str_eq(sql("PRAGMA journal_mode"), "wal");
}

static int give_up(void *userdata, const struct fallback_entry *entry)
{
    return -ENOMEM;
}

Test(fallback, passes_on_that_the_loader_gave_up)
{
    struct loaded loaded;
    struct fallback *fallback = open_fallback(&loaded);

    store_one(fallback, "a.example");
    fallback_free(fallback);
    cr_assert_eq(fallback_open(path, give_up, NULL, &fallback), -ENOMEM);
    cr_assert_eq(reload().count, 1);
}

static int count_up(void *userdata, const struct fallback_entry *entry)
{
    atomic_fetch_add((atomic_int *)userdata, 1);
    return 0;
}

Test(fallback, loads_what_was_locked_when_the_lock_has_gone)
{
    struct fallback *fallback = open_fallback(&(struct loaded){0});
    sqlite3 *other = NULL;
    atomic_int count = 0;

    store_one(fallback, "a.example");
    fallback_free(fallback);
    cr_assert_eq(sqlite3_open(path, &other), SQLITE_OK);
    cr_assert_eq(
        sqlite3_exec(other, "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE", NULL, NULL, NULL),
        SQLITE_OK);
    cr_assert_eq(fallback_open(path, count_up, &count, &fallback), 0);
    cr_assert_eq(count, 0);
    sqlite3_close(other);
    for (int i = 0; i < 60 && count == 0; ++i)
        usleep(100000);
    cr_assert_eq(count, 1);
    store_one(fallback, "b.example");
    cr_assert(becomes("SELECT count(*) FROM entries", "2"));
    fallback_free(fallback);
    cr_assert_eq(count, 1);
    cr_assert_eq(count_logged("can't use the fallback database"), 1);
    cr_assert_eq(count_logged("database works again"), 1);
}

Test(fallback, has_words_for_a_failure_that_sqlite_did_not_see)
{
    struct fallback *fallback = open_fallback(&(struct loaded){0});
    struct fallback_file file;

    store_one(fallback, "a.example");
    fallback_free(fallback);
    cr_assert_eq(fallback_file_init(&file, path, give_up, NULL), 0);
    strcpy(file.error, "something older");
    cr_assert_eq(fallback_file_open(&file), -ENOMEM);
    cr_assert_str_eq(file.error, strerror(ENOMEM));
    fallback_file_deinit(&file);
}

/* Files that can't be used. */

static void expect_anew(const char *moved_to)
{
    struct loaded loaded;
    struct fallback *fallback = open_fallback(&loaded);

    cr_assert_eq(count_files(moved_to), 1, "%s", moved_to);
    cr_assert_eq(count_logged("moved aside"), 1);
    store_one(fallback, "new.example");
    fallback_free(fallback);
    loaded = reload();
    cr_assert_eq(loaded.count, 1);
    cr_assert_str_neq(text_of(&loaded, "new.example"), "not there");
    cr_assert_eq(count_logged("moved aside"), 1);
}

Test(fallback, moves_aside_what_is_no_database)
{
    FILE *file = fopen(path, "w");

    for (int i = 0; i < 1000; ++i)
        fprintf(file, "this is no database %d\n", i);
    fclose(file);
    expect_anew(".corrupt-*");
}

Test(fallback, moves_aside_what_is_damaged_inside)
{
    struct loaded loaded;
    struct fallback *fallback = open_fallback(&loaded);

    for (int i = 0; i < 2000; ++i) {
        char target[32];

        snprintf(target, sizeof(target), "host-%d.example", i);
        store_one(fallback, target);
    }
    fallback_free(fallback);

    int file = open(path, O_WRONLY);
    static const char garbage[8192] = "garbage";

    cr_assert_eq(pwrite(file, garbage, sizeof(garbage), 4096 * 8), sizeof(garbage));
    close(file);
    expect_anew(".corrupt-*");
}

/* With a name that leaves no room for a longer one. */
Test(fallback, says_once_that_a_damaged_file_cannot_be_moved)
{
    struct loaded loaded;
    char name[251];

    memset(name, 'x', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    for (int i = 0; i < 1000; ++i)
        fprintf(file, "this is no database %d\n", i);
    fclose(file);
    struct fallback *fallback = open_fallback(&loaded);
    store_one(fallback, "a.example");
    usleep(4500000); /* several attempts */
    cr_assert_eq(count_logged("not a database"), 1);
    cr_assert_eq(count_logged("can't be moved aside"), 1);
    cr_assert_eq(count_logged("can't use the fallback database"), 1);
    fallback_free(fallback);
}

Test(fallback, moves_aside_a_file_without_its_table)
{
    fallback_free(open_fallback(&(struct loaded){0}));
    sql("DROP VIEW answers; DROP TABLE entries");
    expect_anew(".corrupt-*");
}

Test(fallback, moves_aside_a_newer_version)
{
    fallback_free(open_fallback(&(struct loaded){0}));
    sql("PRAGMA user_version = 7");
    expect_anew(".version-7-*");
}

Test(fallback, leaves_another_programs_database_alone)
{
    struct loaded loaded;

    sql("CREATE TABLE domains (id INTEGER); INSERT INTO domains VALUES (42)");
    struct fallback *fallback = open_fallback(&loaded);
    store_one(fallback, "a.example");
    fallback_free(fallback);
    cr_assert_str_eq(sql("SELECT id FROM domains"), "42");
    cr_assert_str_eq(sql("SELECT count(*) FROM sqlite_schema"), "1");
    cr_assert_eq(count_files("?*"), 0);
    cr_assert_eq(count_logged("another program's database"), 1);
}

Test(fallback, makes_an_empty_file_a_database)
{
    close(open(path, O_WRONLY | O_CREAT, 0644));
    struct loaded loaded;
    struct fallback *fallback = open_fallback(&loaded);

    store_one(fallback, "a.example");
    fallback_free(fallback);
    cr_assert_eq(reload().count, 1);
    cr_assert_eq(count_logged("moved aside"), 0);
}

Test(fallback, skips_rows_that_make_no_sense)
{
    fallback_free(open_fallback(&(struct loaded){0}));
    sql("PRAGMA ignore_check_constraints = ON;"
        "INSERT INTO entries VALUES ('good.example','A','addresses',' 192.0.2.1 ',60,1,2,'',0);"
        "INSERT INTO entries VALUES ('address.example','A','addresses','2001:db8::1',60,1,2,'',0);"
        "INSERT INTO entries VALUES ('none.example','A','addresses','',60,1,2,'',0);"
        "INSERT INTO entries VALUES ('some.example','A','empty','192.0.2.1',60,1,2,'',0);"
        "INSERT INTO entries VALUES ('state.example','A','fresh','192.0.2.1',60,1,2,'',0);"
        "INSERT INTO entries VALUES ('family.example','MX','empty','',60,1,2,'',0);"
        "INSERT INTO entries VALUES ('Upper.example','A','empty','',60,1,2,'',0);"
        "INSERT INTO entries VALUES ('two..dots','A','empty','',60,1,2,'',0);"
        "INSERT INTO entries VALUES ('ttl.example','A','empty','',-1,1,2,'',0);"
        "INSERT INTO entries VALUES ('ttl2.example','A','empty','','soon',1,2,'',0);"
        "INSERT INTO entries VALUES ('time.example','A','empty','',60,-5,2,'',0);"
        "INSERT INTO entries VALUES ('time2.example','A','empty','',60,1,9223372036854775807,'',0);"
        "INSERT INTO entries VALUES (x'00ff','A','empty','',60,1,2,'',0);"
        "INSERT INTO entries VALUES ('also-good.example','AAAA','empty','',60,1,2,'',0)");
    struct loaded loaded = reload();

    cr_assert_eq(loaded.count, 2);
    cr_assert_str_eq(text_of(&loaded, "good.example"), "A addresses 192.0.2.1 ttl=60 1-2 error=@0");
    cr_assert_str_eq(text_of(&loaded, "also-good.example"), "AAAA empty ttl=60 1-2 error=@0");
    cr_assert_eq(count_logged("12 rows can't be read"), 1);
    cr_assert_eq(count_logged("moved aside"), 0);
}

/* Disks that don't work. */

Test(fallback, serves_on_without_a_folder_and_says_so_once)
{
    char inside[96];
    struct loaded loaded;

    snprintf(inside, sizeof(inside), "%s/later", folder);
    snprintf(path, sizeof(path), "%s/fallback.db", inside);
    struct fallback *fallback = open_fallback(&loaded);
    store_one(fallback, "a.example");
    usleep(3500000); /* several attempts */
    cr_assert_eq(count_logged("can't use the fallback database"), 1);
    cr_assert_eq(count_logged("error"), 1);

    cr_assert_eq(mkdir(inside, 0755), 0);
    cr_assert(becomes("SELECT count(*) FROM entries", "1"));
    usleep(200000);
    cr_assert_eq(count_logged("database works again"), 1);
    fallback_free(fallback);
}

Test(fallback, ends_at_once_though_nothing_could_be_written)
{
    struct loaded loaded;

    snprintf(path, sizeof(path), "%s/log/fallback.db", folder); /* a file, no folder */
    struct fallback *fallback = open_fallback(&loaded);
    store_one(fallback, "a.example");
    usleep(1500000);
    int64_t before = clock_steady_ms();
    fallback_free(fallback);
    cr_assert_lt(clock_steady_ms() - before, slack(1000));
    cr_assert_eq(count_logged("1 answers could not be written"), 1);
}

static void limit_file_size(rlim_t size)
{
    struct rlimit limit;

    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = size;
    cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

Test(fallback, keeps_what_a_full_disk_refused)
{
    struct loaded loaded;
    struct fallback *fallback = open_fallback(&loaded);

    store_one(fallback, "before.example");
    cr_assert(becomes("SELECT count(*) FROM entries", "1"));
    limit_file_size(16384); /* and the log, small, still goes */
    for (int i = 0; i < 3000; ++i) {
        char target[32];

        snprintf(target, sizeof(target), "host-%d.example", i);
        store_one(fallback, target);
    }
    store(fallback, "host-0.example", DNS_FAMILY_A, "192.0.2.77", "");
    usleep(4000000);
    cr_assert_eq(count_logged("can't use the fallback database"), 1);
    store(fallback, "host-1.example", DNS_FAMILY_A, "192.0.2.88", "");
    limit_file_size(RLIM_INFINITY);
    cr_assert(becomes("SELECT count(*) FROM entries", "3001"));
    cr_assert_eq(count_logged("database works again"), 1);
    fallback_free(fallback);
    cr_assert_str_eq(sql("SELECT addresses FROM entries WHERE target = 'host-0.example'"),
                     "192.0.2.77");
    cr_assert_str_eq(sql("SELECT addresses FROM entries WHERE target = 'host-1.example'"),
                     "192.0.2.88");
    cr_assert_eq(count_logged("moved aside"), 0);
}

Test(fallback, loads_from_a_full_disk)
{
    struct loaded loaded;

    snprintf(path, sizeof(path), "%s/100%% ?#.db", folder);
    struct fallback *fallback = open_fallback(&loaded);
    store_one(fallback, "a.example");
    fallback_free(fallback);

    limit_file_size(2048);
    fallback = open_fallback(&loaded);
    cr_assert_eq(loaded.count, 1);
    cr_assert_eq(count_logged("can't use the fallback database"), 1);
    limit_file_size(RLIM_INFINITY);
    store_one(fallback, "b.example");
    cr_assert(becomes("SELECT count(*) FROM entries", "2"));
    fallback_free(fallback);
}

/* A file system of 512 KiB of our own, with the database on it. */
static void mount_small_disk(void)
{
    char disk[80];

    snprintf(disk, sizeof(disk), "%s/disk", folder);
    cr_assert_eq(mkdir(disk, 0755), 0);
    if (unshare(CLONE_NEWNS) < 0 || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
        mount("none", disk, "tmpfs", 0, "size=512k") < 0)
        cr_skip_test("only root can mount");
    snprintf(path, sizeof(path), "%s/fallback.db", disk);
}

static void unmount_small_disk(void)
{
    *strrchr(path, '/') = '\0';
    umount2(path, MNT_DETACH);
}

static void fill_small_disk(void)
{
    static const char zeros[4096];
    char filler[400];

    snprintf(filler, sizeof(filler), "%s.filler", path);
    int file = open(filler, O_WRONLY | O_CREAT, 0644);
    while (write(file, zeros, sizeof(zeros)) > 0)
        ;
    close(file);
}

Test(fallback, loads_from_a_read_only_disk_and_says_so_once)
{
    struct loaded loaded;
    char disk[384];

    mount_small_disk();
    struct fallback *fallback = open_fallback(&loaded);
    store_one(fallback, "a.example");
    fallback_free(fallback);
    snprintf(disk, sizeof(disk), "%s", path);
    *strrchr(disk, '/') = '\0';
    cr_assert_eq(mount("none", disk, NULL, MS_REMOUNT | MS_RDONLY, NULL), 0);
    fallback = open_fallback(&loaded);
    cr_assert_eq(loaded.count, 1);
    store_one(fallback, "b.example");
    usleep(2500000);
    fallback_free(fallback);
    cr_assert_eq(count_logged("can't use the fallback database"), 1);
    cr_assert_eq(count_logged("moved aside"), 0);
    unmount_small_disk();
}

Test(fallback, survives_a_disk_without_space)
{
    struct loaded loaded;
    char filler[400];

    mount_small_disk();
    struct fallback *fallback = open_fallback(&loaded);
    store_one(fallback, "a.example");
    fallback_free(fallback);
    fill_small_disk();
    fallback = open_fallback(&loaded);
    cr_assert_eq(loaded.count, 1);
    store_one(fallback, "b.example");
    usleep(2500000);
    cr_assert_eq(count_logged("can't use the fallback database"), 1);
    snprintf(filler, sizeof(filler), "%s.filler", path);
    cr_assert_eq(unlink(filler), 0);
    cr_assert(becomes("SELECT count(*) FROM entries", "2"));
    usleep(200000);
    cr_assert_eq(count_logged("database works again"), 1);
    fallback_free(fallback);
    unmount_small_disk();
}

Test(fallback, makes_the_file_anew_when_it_was_removed)
{
    struct loaded loaded;
    struct fallback *fallback = open_fallback(&loaded);

    store_one(fallback, "a.example");
    cr_assert(becomes("SELECT count(*) FROM entries", "1"));
    cr_assert_eq(unlink(path), 0);
    store_one(fallback, "b.example");
    cr_assert(becomes("SELECT target FROM entries", "b.example"));
    fallback_free(fallback);
}

Test(fallback, begins_anew_when_the_file_is_damaged_while_in_use)
{
    struct loaded loaded;
    struct fallback *fallback = open_fallback(&loaded);

    store_one(fallback, "a.example");
    cr_assert(becomes("SELECT count(*) FROM entries", "1"));
    sql("PRAGMA wal_checkpoint(TRUNCATE); PRAGMA writable_schema = ON;"
        "UPDATE sqlite_schema SET sql = 'CREATE TABLE entries (nonsense' WHERE name = 'entries';"
        "PRAGMA schema_version = 99");
    store_one(fallback, "b.example");
    for (int i = 0; i < 100 && count_files(".corrupt-*") == 0; ++i)
        usleep(100000);
    fallback_free(fallback);
    cr_assert_eq(count_files(".corrupt-*"), 1);
    struct loaded again = reload();
    cr_assert_eq(again.count, 1);
    cr_assert_str_neq(text_of(&again, "b.example"), "not there");
}

Test(fallback, may_be_freed_when_it_is_null)
{
    fallback_free(NULL);
}
