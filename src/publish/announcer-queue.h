#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

/*
 * What one PowerDNS is to be told, as lines for its control socket
 *
 * Purges go before NOTIFYs that were asked for later, many in one line. Nothing waits twice, and
 * more than ANNOUNCER_QUEUE_PURGES_MAX purges become one of everything: that bounds the purges, and
 * the zones bound the NOTIFYs. Pure: no clock, no lock, no socket.
 *
 * The source for the lines is PowerDNS's pdns/dynlistener.cc (one line, split at blanks, at most
 * 1,023,999 octets) and pdns/dynhandler.cc (DLPurgeHandler, DLNotifyHandler). Names are written
 * with a dot at the end, so that neither a `$` at the end of a name, which would make it a zone,
 * nor a zone that is called `*`, which would be all, is taken for what it isn't.
 */

#define ANNOUNCER_QUEUE_PURGES_MAX 1000

/* Longer than a line with the longest name (NAME_TEXT_SIZE). */
#define ANNOUNCER_QUEUE_LINE_SIZE 4000

struct announcer_queue_item;
TAILQ_HEAD(announcer_queue_list, announcer_queue_item);

/* One kind of command, in the order of asking. */
struct announcer_queue_half {
    struct announcer_queue_list items;
    void *tree; /* the same by text: tsearch(3) */
    size_t count;
};

struct announcer_queue {
    struct announcer_queue_half purges;
    struct announcer_queue_half notifies;
    uint64_t asked;         /* counts all that is asked for: the order */
    uint64_t everything_at; /* the oldest of the purges that became one of everything; 0 = none */
};

void announcer_queue_init(struct announcer_queue *queue);
void announcer_queue_deinit(struct announcer_queue *queue);

/* As announcer.h says, also of wildcards. What is no name is passed over. Without memory a purge
 * becomes one of everything, and a NOTIFY is given up (logged). */
void announcer_queue_purge_zone(struct announcer_queue *queue, const char *zone);
void announcer_queue_purge_name(struct announcer_queue *queue, const char *name);
void announcer_queue_notify(struct announcer_queue *queue, const char *zone);

bool announcer_queue_is_empty(const struct announcer_queue *queue);

enum announcer_queue_kind {
    ANNOUNCER_QUEUE_PURGE,
    ANNOUNCER_QUEUE_NOTIFY,
};

struct announcer_queue_command {
    enum announcer_queue_kind kind;
    size_t count;                         /* names in it; of everything: 1 */
    char line[ANNOUNCER_QUEUE_LINE_SIZE]; /* without the end of line */
};

enum {
    /* Nothing waits. */
    ANNOUNCER_QUEUE_E_EMPTY = 1,
};

/* Takes out what is to be sent next. 0; ANNOUNCER_QUEUE_E_EMPTY. */
int announcer_queue_take(struct announcer_queue *queue, struct announcer_queue_command *ret);
