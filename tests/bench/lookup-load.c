/*
 * lookup-load SOCKET NAMES SESSIONS SECONDS RATE
 *
 * Lookups sent straight to the daemon's socket, as PowerDNS sends them: SESSIONS connections, each
 * with a thread and one call at a time, for SECONDS. NAMES is a file with a line "NAME ZONE-ID" for
 * each name; each session goes through them from a place of its own. RATE is that of all sessions
 * together, in lookups a second, evenly spread; a lookup's time then begins when it was due, so
 * that one that is late counts. 0: as fast as replies come.
 *
 * Prints one JSON object: lookups, seconds (measured), rate, median, p99 and worst in microseconds,
 * rows (mean of a reply), failed (replies without a result, or with none where `rows` are expected
 * are for the caller to judge).
 */

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

enum {
    LINE_MAX_SIZE = 64 * 1024,
    SECOND = 1000000000,
    /* Microseconds up to which times are told apart; what takes longer counts as this. */
    TIMES = 5000000,
};

struct load {
    const char *socket;
    char **requests;
    size_t count;
    int sessions;
    double seconds;
    double rate;
    int64_t start;
};

struct session {
    const struct load *load;
    int number;
    uint64_t lookups, rows, failed;
    uint32_t *times; /* how many lookups took so many microseconds */
};

__attribute__((noreturn)) static void fail(const char *what)
{
    fprintf(stderr, "lookup-load: %s: %s\n", what, strerror(errno));
    exit(EXIT_FAILURE);
}

static int64_t now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * SECOND + time.tv_nsec;
}

static int connect_to(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
        fail(path);
    strcpy(address.sun_path, path);
    if (connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
        fail(path);
    return fd;
}

/* The reply without its newline, ended by a NUL. */
static void call(int fd, const char *request, char *reply)
{
    size_t size = 0;
    ssize_t n;

    if (send(fd, request, strlen(request), MSG_NOSIGNAL) < 0)
        fail("send");
    do {
        n = recv(fd, reply + size, LINE_MAX_SIZE - 1 - size, 0);
        if (n <= 0)
            fail("the daemon closed the connection");
        size += n;
    } while (reply[size - 1] != '\n');
    reply[size - 1] = '\0';
}

static uint64_t count_rows(const char *reply)
{
    uint64_t rows = 0;

    while ((reply = strstr(reply, "\"qname\""))) {
        ++reply;
        ++rows;
    }
    return rows;
}

static void look_up(struct session *session, int fd, const char *request, int64_t due, char *reply)
{
    int64_t took;

    call(fd, request, reply);
    took = (now() - due) / 1000;
    ++session->times[took < TIMES ? took : TIMES - 1];
    ++session->lookups;
    session->rows += count_rows(reply);
    session->failed += !strstr(reply, "\"result\"");
}

static void wait_until(int64_t due)
{
    struct timespec time = {.tv_sec = due / SECOND, .tv_nsec = due % SECOND};

    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &time, NULL) == EINTR)
        ;
}

static void *run(void *argument)
{
    struct session *session = argument;
    const struct load *load = session->load;
    int64_t end = load->start + (int64_t)(load->seconds * SECOND);
    int64_t interval = load->rate > 0 ? (int64_t)((double)SECOND * load->sessions / load->rate) : 0;
    int64_t due = load->start + interval * session->number / load->sessions;
    size_t place = load->count * session->number / load->sessions;
    static const char initialize[] = "{\"method\": \"initialize\", \"parameters\": {}}\n";
    char *reply = malloc(LINE_MAX_SIZE);
    int fd = connect_to(load->socket);

    if (!reply)
        fail("memory");
    call(fd, initialize, reply);
    for (;;) {
        if (interval)
            wait_until(due);
        else
            due = now();
        if (due >= end)
            break;
        look_up(session, fd, load->requests[place], due, reply);
        due += interval;
        place = place + 1 < load->count ? place + 1 : 0;
    }
    close(fd);
    free(reply);
    return NULL;
}

static char *make_request(const char *name, const char *zone_id)
{
    char *request;

    if (asprintf(&request,
                 "{\"method\": \"lookup\", \"parameters\": {\"local\": \"127.0.0.1\","
                 " \"qname\": \"%s.\", \"qtype\": \"ANY\", \"real-remote\": \"127.0.0.1/32\","
                 " \"remote\": \"127.0.0.1\", \"zone-id\": %s}}\n",
                 name, zone_id) < 0)
        fail("memory");
    return request;
}

static void read_names(const char *path, struct load *load)
{
    FILE *file = fopen(path, "r");
    char name[1024], zone_id[32];
    size_t capacity = 0;

    if (!file)
        fail(path);
    while (fscanf(file, "%1023s %31s", name, zone_id) == 2) {
        if (load->count == capacity) {
            capacity = capacity ? 2 * capacity : 1024;
            load->requests = realloc(load->requests, capacity * sizeof(*load->requests));
            if (!load->requests)
                fail("memory");
        }
        load->requests[load->count++] = make_request(name, zone_id);
    }
    fclose(file);
    if (load->count == 0) {
        fprintf(stderr, "lookup-load: %s holds no names\n", path);
        exit(EXIT_FAILURE);
    }
}

/* Microseconds within which `share` of all lookups ended. */
static int percentile(const uint64_t *times, uint64_t lookups, double share)
{
    uint64_t seen = 0;
    int time = 0;

    while (time < TIMES - 1 && (seen += times[time]) < lookups * share)
        ++time;
    return time;
}

static void print_sums(const struct load *load, const struct session *sessions)
{
    double seconds = (double)(now() - load->start) / SECOND;
    uint64_t *times = calloc(TIMES, sizeof(*times));
    uint64_t lookups = 0, rows = 0, failed = 0;
    int worst = 0;

    if (!times)
        fail("memory");
    for (int i = 0; i < load->sessions; ++i) {
        lookups += sessions[i].lookups;
        rows += sessions[i].rows;
        failed += sessions[i].failed;
        for (int time = 0; time < TIMES; ++time) {
            times[time] += sessions[i].times[time];
            if (sessions[i].times[time] && time > worst)
                worst = time;
        }
    }
    printf("{\"lookups\": %" PRIu64 ", \"seconds\": %.3f, \"rate\": %.1f, \"median\": %d,"
           " \"p99\": %d, \"worst\": %d, \"rows\": %.3f, \"failed\": %" PRIu64 "}\n",
           lookups, seconds, (double)lookups / seconds, percentile(times, lookups, 0.5),
           percentile(times, lookups, 0.99), worst, lookups ? (double)rows / (double)lookups : 0.0,
           failed);
    free(times);
}

int main(int argc, char *argv[])
{
    struct load load = {0};
    struct session *sessions;
    pthread_t *threads;

    if (argc != 6) {
        fprintf(stderr, "usage: lookup-load SOCKET NAMES SESSIONS SECONDS RATE\n");
        return 2;
    }
    load.socket = argv[1];
    read_names(argv[2], &load);
    load.sessions = atoi(argv[3]);
    load.seconds = atof(argv[4]);
    load.rate = atof(argv[5]);
    sessions = calloc(load.sessions, sizeof(*sessions));
    threads = calloc(load.sessions, sizeof(*threads));
    if (load.sessions < 1 || !sessions || !threads)
        fail("sessions");
    load.start = now();
    for (int i = 0; i < load.sessions; ++i) {
        sessions[i] = (struct session){.load = &load, .number = i};
        sessions[i].times = calloc(TIMES, sizeof(*sessions[i].times));
        if (!sessions[i].times || pthread_create(&threads[i], NULL, run, &sessions[i]) != 0)
            fail("sessions");
    }
    for (int i = 0; i < load.sessions; ++i)
        pthread_join(threads[i], NULL);
    print_sums(&load, sessions);
    return 0;
}
