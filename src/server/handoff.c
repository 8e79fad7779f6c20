#include "server/handoff.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <unistd.h>

#include "alias/targets-watch.h"
#include "dns/response.h"
#include "server/handoff-address.h"
#include "util/cleanup.h"
#include "util/clock.h"
#include "util/integer.h"
#include "util/log.h"

/* Questions that wait at a time; each holds some 2 KB. PowerDNS itself keeps 65,536 at most. */
#define PENDING_MAX 4096

/* Packets that are read before other events have their turn. */
#define TURN_PACKETS 64

/* Both ways: what comes while the main thread does something else must not be lost. */
#define SOCKET_BUFFER (1024 * 1024)

/* Larger than any question. */
#define PACKET_SIZE 4096

/* One that waits. */
struct entry {
    struct response_query query;
    struct sockaddr_storage client;
    socklen_t client_size;
    struct targets_watch watch;
    TAILQ_ENTRY(entry) link;
};

struct handoff {
    int fd;
    struct event *readable;
    struct event *due; /* the time of one that waits has passed; or something has ended */
    int64_t due_at;    /* steady ms */
    struct targets *targets;
    const atomic_int *deadline_ms;
    const atomic_int *addresses_max;
    TAILQ_HEAD(, entry) pending;
    size_t count;
};

static struct log_limit full_limit = LOG_LIMIT(1, 10000);
static struct log_limit refusal_limit = LOG_LIMIT(3, 60000);
static struct log_limit many_limit = LOG_LIMIT(5, 60000);
static struct log_limit room_limit = LOG_LIMIT(5, 60000);
static struct log_limit send_limit = LOG_LIMIT(1, 10000);
static struct log_limit receive_limit = LOG_LIMIT(1, 10000);

int handoff_new(const char *address, struct handoff **ret)
{
    struct handoff *handoff = calloc(1, sizeof(*handoff));

    if (!handoff)
        return -ENOMEM;
    TAILQ_INIT(&handoff->pending);
    handoff->fd = handoff_address_bind(address, SOCKET_BUFFER);
    if (handoff->fd < 0) {
        int r = handoff->fd;

        free(handoff);
        return r;
    }
    *ret = handoff;
    return 0;
}

static void send_response(struct handoff *handoff, const struct entry *entry,
                          const struct response *response)
{
    if (sendto(handoff->fd, response->octets, response->size, MSG_DONTWAIT,
               (const struct sockaddr *)&entry->client, entry->client_size) < 0)
        log_write_limited(&send_limit, LOG_LEVEL_WARNING,
                          "handoff-address: an answer can't be sent: %m");
}

static void send_error(struct handoff *handoff, const struct entry *entry, int rcode)
{
    struct response response;

    response_begin(&response, &entry->query, rcode);
    send_response(handoff, entry, &response);
}

/* The families in turn, so that neither is left out for the other. How many addresses are. */
static size_t add_addresses(struct response *response, const struct targets_watch *watch)
{
    size_t left_out = 0, most = 0;

    for (size_t i = 0; i < watch->count; ++i)
        most = integer_max(most, watch->questions[i].addresses.count);
    for (size_t item = 0; item < most; ++item) {
        for (size_t i = 0; i < watch->count; ++i) {
            const struct targets_question *question = &watch->questions[i];

            if (item < question->addresses.count)
                left_out += !response_add(response, &question->addresses.items[item],
                                          question->family, question->ttl);
        }
    }
    return left_out;
}

/* As many of each family as an ALIAS becomes inside a call (alias/expansion.h). */
static void bound(const struct handoff *handoff, struct entry *entry)
{
    size_t most = *handoff->addresses_max;

    for (size_t i = 0; i < entry->watch.count; ++i) {
        struct targets_question *question = &entry->watch.questions[i];

        if (question->addresses.count <= most)
            continue;
        log_write_limited(&many_limit, LOG_LEVEL_WARNING,
                          "ALIAS target %.255s: %zu addresses for %s, more than "
                          "alias-addresses-max; the first %zu are answered",
                          entry->query.name, question->addresses.count,
                          dns_family_name(question->family), most);
        address_set_truncate(&question->addresses, most);
    }
}

/* Nothing is told that isn't known: that there are no addresses only if that is so of all families
 * asked about, or `alias-deny` leaves none. */
static void answer(struct handoff *handoff, struct entry *entry)
{
    const struct targets_watch *watch = &entry->watch;
    struct response response;
    bool is_known = true;
    size_t count = 0;

    bound(handoff, entry);
    for (size_t i = 0; i < watch->count; ++i) {
        is_known = is_known && (watch->questions[i].freshness != STATE_IS_UNKNOWN ||
                                watch->questions[i].is_denied_alone);
        count += watch->questions[i].addresses.count;
    }
    if (count == 0 && !is_known) {
        send_error(handoff, entry, ns_r_servfail);
        return;
    }
    response_begin(&response, &entry->query, ns_r_noerror);
    size_t left_out = add_addresses(&response, watch);
    send_response(handoff, entry, &response);
    if (left_out > 0)
        log_write_limited(&room_limit, LOG_LEVEL_WARNING,
                          "ALIAS target %.255s: %zu of %zu addresses have no room in what PowerDNS "
                          "reads from handoff-address, left out until it asks for the name again",
                          entry->query.name, left_out, count);
}

/* Answers it if it hasn't to wait. Whether it has. */
static bool look(struct handoff *handoff, struct entry *entry, int64_t *ret_until)
{
    int r = targets_watch_look(handoff->targets, &entry->watch, ret_until);

    if (r == TARGETS_WATCH_E_PENDING)
        return true;
    if (r == 0)
        answer(handoff, entry);
    else
        send_error(handoff, entry, ns_r_servfail);
    targets_watch_deinit(&entry->watch);
    return false;
}

static void remove_entry(struct handoff *handoff, struct entry *entry)
{
    TAILQ_REMOVE(&handoff->pending, entry, link);
    --handoff->count;
    free(entry);
}

static void wait_until(struct handoff *handoff, int64_t until)
{
    int64_t ms = integer_max(1, until - clock_steady_ms());
    struct timeval interval = {.tv_sec = ms / 1000, .tv_usec = ms % 1000 * 1000};

    handoff->due_at = until;
    event_add(handoff->due, &interval);
}

/* However many resolutions have ended since the last time. */
static void on_due(evutil_socket_t fd, short what, void *userdata)
{
    struct handoff *handoff = userdata;
    int64_t until, next_until = INT64_MAX;
    struct entry *entry, *next;

    for (entry = TAILQ_FIRST(&handoff->pending); entry; entry = next) {
        next = TAILQ_NEXT(entry, link);
        if (look(handoff, entry, &until))
            next_until = integer_min(next_until, until);
        else
            remove_entry(handoff, entry);
    }
    if (handoff->count > 0)
        wait_until(handoff, next_until);
}

static void keep(struct handoff *handoff, struct entry *entry, int64_t until)
{
    TAILQ_INSERT_TAIL(&handoff->pending, entry, link);
    if (++handoff->count == 1 || until < handoff->due_at)
        wait_until(handoff, until);
}

static bool which_families(const struct response_query *query, bool ret[DNS_FAMILIES])
{
    for (size_t i = 0; i < DNS_FAMILIES; ++i)
        ret[i] = query->type == dns_family_type(i) || query->type == ns_t_any;
    return query->is_internet && (ret[DNS_FAMILY_A] || ret[DNS_FAMILY_AAAA]);
}

/* `entry->query` and the client are there. Whether the entry is kept. */
static bool take_question(struct handoff *handoff, struct entry *entry)
{
    int64_t deadline = clock_steady_ms() + *handoff->deadline_ms;
    bool wanted[DNS_FAMILIES];
    int64_t until;
    int r = TARGETS_WATCH_E_UNKNOWN;

    if (which_families(&entry->query, wanted))
        r = targets_watch_begin(handoff->targets, entry->query.name, wanted, deadline,
                                &entry->watch);
    if (r == TARGETS_WATCH_E_UNKNOWN) {
        log_write_limited(&refusal_limit, LOG_LEVEL_WARNING,
                          "handoff-address: '%.255s' (type %d) is no address of an ALIAS target "
                          "that was looked up, refused",
                          entry->query.name, entry->query.type);
        send_error(handoff, entry, ns_r_refused);
        return false;
    }
    if (r < 0) {
        send_error(handoff, entry, ns_r_servfail);
        return false;
    }
    if (!look(handoff, entry, &until))
        return false;
    keep(handoff, entry, until);
    return true;
}

static void take_packet(struct handoff *handoff, const uint8_t *packet, size_t size,
                        const struct sockaddr_storage *client, socklen_t client_size)
{
    CLEANUP(cleanup_freep) struct entry *entry = NULL;

    if (!handoff_address_is_loopback(client))
        return;
    entry = calloc(1, sizeof(*entry));
    if (!entry || response_read_query(packet, size, &entry->query) < 0)
        return;
    entry->client = *client;
    entry->client_size = client_size;
    if (handoff->count >= PENDING_MAX) {
        log_write_limited(&full_limit, LOG_LEVEL_WARNING,
                          "handoff-address: %d questions are waiting, the others fail",
                          PENDING_MAX);
        send_error(handoff, entry, ns_r_servfail);
        return;
    }
    if (take_question(handoff, entry))
        (void)TAKE(entry);
}

static void on_readable(evutil_socket_t fd, short what, void *userdata)
{
    struct handoff *handoff = userdata;
    uint8_t packet[PACKET_SIZE];

    for (int i = 0; i < TURN_PACKETS; ++i) {
        struct sockaddr_storage client;
        socklen_t client_size = sizeof(client);
        ssize_t size = recvfrom(fd, packet, sizeof(packet), MSG_DONTWAIT,
                                (struct sockaddr *)&client, &client_size);

        if (size < 0) {
            if (errno != EAGAIN && errno != EINTR)
                log_write_limited(&receive_limit, LOG_LEVEL_WARNING,
                                  "handoff-address: can't receive: %m");
            return;
        }
        take_packet(handoff, packet, size, &client, client_size);
    }
}

int handoff_start(struct handoff *handoff, struct event_base *base, struct targets *targets,
                  const atomic_int *deadline_ms, const atomic_int *addresses_max)
{
    handoff->targets = targets;
    handoff->deadline_ms = deadline_ms;
    handoff->addresses_max = addresses_max;
    handoff->readable = event_new(base, handoff->fd, EV_READ | EV_PERSIST, on_readable, handoff);
    handoff->due = event_new(base, -1, 0, on_due, handoff);
    if (!handoff->readable || !handoff->due || event_add(handoff->readable, NULL) < 0)
        return -ENOMEM;
    return 0;
}

void handoff_wake(struct handoff *handoff)
{
    if (handoff && handoff->count > 0)
        event_active(handoff->due, EV_TIMEOUT, 0);
}

size_t handoff_end(struct handoff *handoff)
{
    if (!handoff)
        return 0;
    event_del(handoff->readable);
    return handoff->count;
}

static void give_up(struct handoff *handoff, struct entry *entry)
{
    send_error(handoff, entry, ns_r_servfail);
    targets_watch_cancel(handoff->targets, &entry->watch);
    remove_entry(handoff, entry);
}

void handoff_free(struct handoff *handoff)
{
    if (!handoff)
        return;
    while (!TAILQ_EMPTY(&handoff->pending))
        give_up(handoff, TAILQ_FIRST(&handoff->pending));
    if (handoff->readable)
        event_free(handoff->readable);
    if (handoff->due)
        event_free(handoff->due);
    close(handoff->fd);
    free(handoff);
}
