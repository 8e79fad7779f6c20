/*
 * canned-responder SOCKET ZONE
 *
 * What PowerDNS's unix connector can do at most: a thread for each connection, no JSON, no SQL.
 * Requests are searched for their method and name, as PowerDNS 4.7 and later write them; replies
 * are put together from constants. Names in ZONE begin with what they have:
 *
 *   ZONE itself     SOA, NS and nothing else
 *   n...            one A record
 *   a...            one A and one AAAA record, as an ALIAS is answered
 *   anything else   nothing
 */

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum {
    /* Requests of a lookup take some 200 bytes. */
    BUFFER_SIZE = 16 * 1024,
    /* As in the zone that the daemon has beside: its replies are compared with these. */
    APEX_TTL = 3600,
    TTL = 300,
};

static const char *zone;
static size_t zone_length;

struct connection {
    int fd;
    size_t size;
    char request[BUFFER_SIZE];
    char reply[BUFFER_SIZE];
};

/* The string behind `key`, without the dot at its end. */
static const char *find_string(const char *request, const char *key, size_t *ret_length)
{
    const char *start = strstr(request, key);
    const char *end = start ? strchr(start + strlen(key), '"') : NULL;

    if (!end)
        return NULL;
    start += strlen(key);
    *ret_length = end - start;
    if (*ret_length > 0 && start[*ret_length - 1] == '.')
        --*ret_length;
    return start;
}

static int append_record(char *reply, size_t size, const char *name, size_t length,
                         const char *type, const char *content, int ttl)
{
    return snprintf(reply, size,
                    "{\"qname\":\"%.*s\",\"qtype\":\"%s\",\"content\":\"%s\",\"ttl\":%d,"
                    "\"domain_id\":1}",
                    (int)length, name, type, content, ttl);
}

static size_t reply_apex(char *reply, size_t size)
{
    char ns[300];
    size_t n;

    snprintf(ns, sizeof(ns), "ns1.%s", zone);
    n = snprintf(reply, size, "{\"result\":[");
    n += append_record(reply + n, size - n, zone, zone_length, "SOA",
                       "ns1.bench.example hostmaster.bench.example 1 10800 3600 604800 3600",
                       APEX_TTL);
    reply[n++] = ',';
    n += append_record(reply + n, size - n, zone, zone_length, "NS", ns, APEX_TTL);
    return n + snprintf(reply + n, size - n, "]}\n");
}

static size_t reply_lookup(const char *request, char *reply, size_t size)
{
    size_t length;
    const char *name = find_string(request, "\"qname\": \"", &length);
    size_t n;

    if (!name)
        return snprintf(reply, size, "{\"result\":[]}\n");
    if (length == zone_length && memcmp(name, zone, length) == 0)
        return reply_apex(reply, size);
    n = snprintf(reply, size, "{\"result\":[");
    if (*name == 'n' || *name == 'a')
        n += append_record(reply + n, size - n, name, length, "A", "192.0.2.1", TTL);
    if (*name == 'a') {
        reply[n++] = ',';
        n += append_record(reply + n, size - n, name, length, "AAAA", "2001:db8::1", TTL);
    }
    return n + snprintf(reply + n, size - n, "]}\n");
}

static size_t make_reply(const char *request, char *reply, size_t size)
{
    if (strstr(request, "\"method\": \"lookup\""))
        return reply_lookup(request, reply, size);
    if (strstr(request, "\"method\": \"initialize\""))
        return snprintf(reply, size, "{\"result\":true}\n");
    if (strstr(request, "\"method\": \"getAllDomains\""))
        return snprintf(reply, size, "{\"result\":[{\"id\":1,\"zone\":\"%s\",\"serial\":1}]}\n",
                        zone);
    if (strstr(request, "\"method\": \"getDomainInfo\""))
        return snprintf(reply, size, "{\"result\":{\"id\":1,\"zone\":\"%s\",\"serial\":1}}\n",
                        zone);
    if (strstr(request, "\"method\": \"getAllDomainMetadata\""))
        return snprintf(reply, size, "{\"result\":{}}\n");
    if (strstr(request, "\"method\": \"get"))
        return snprintf(reply, size, "{\"result\":[]}\n");
    return snprintf(reply, size, "{\"result\":false}\n");
}

/* One line in the buffer at a time: PowerDNS waits for the reply. */
static void *serve(void *argument)
{
    struct connection *connection = argument;
    ssize_t n;

    while ((n = recv(connection->fd, connection->request + connection->size,
                     sizeof(connection->request) - 1 - connection->size, 0)) > 0) {
        connection->size += n;
        connection->request[connection->size] = '\0';
        if (connection->request[connection->size - 1] != '\n')
            continue;
        connection->size = 0;
        n = make_reply(connection->request, connection->reply, sizeof(connection->reply));
        if (send(connection->fd, connection->reply, n, MSG_NOSIGNAL) != n)
            break;
    }
    close(connection->fd);
    free(connection);
    return NULL;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    if (fd < 0 || strlen(path) >= sizeof(address.sun_path))
        return -1;
    strcpy(address.sun_path, path);
    if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0 || listen(fd, 64) < 0)
        return -1;
    return fd;
}

static void start(int fd)
{
    struct connection *connection = malloc(sizeof(*connection));
    pthread_t thread;

    if (!connection)
        exit(EXIT_FAILURE);
    connection->fd = fd;
    connection->size = 0;
    if (pthread_create(&thread, NULL, serve, connection) != 0)
        exit(EXIT_FAILURE);
    pthread_detach(thread);
}

int main(int argc, char *argv[])
{
    int listener, fd;

    if (argc != 3) {
        fprintf(stderr, "usage: canned-responder SOCKET ZONE\n");
        return 2;
    }
    zone = argv[2];
    zone_length = strlen(zone);
    listener = listen_at(argv[1]);
    if (listener < 0) {
        fprintf(stderr, "canned-responder: %s: %s\n", argv[1], strerror(errno));
        return EXIT_FAILURE;
    }
    fprintf(stderr, "ready\n");
    while ((fd = accept(listener, NULL, NULL)) >= 0)
        start(fd);
    return EXIT_FAILURE;
}
