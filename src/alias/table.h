#pragma once

#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "alias/limits.h"
#include "alias/state.h"
#include "alias/status.h"
#include "dns/family.h"

/*
 * The targets by name, each with what is kept for its two families
 *
 * Memory only: the rules are state.c's, the locking and the lists those of targets*.c.
 */

/* In which of the lists of targets-entry.h an entry stands. */
enum table_list {
    TABLE_LIST_NONE,
    TABLE_LIST_FLYING,   /* being resolved, not overdue */
    TABLE_LIST_OVERDUE,  /* being resolved, for too long */
    TABLE_LIST_OUTDATED, /* to be asked, or asked again, in the resolver's new context */
    TABLE_LIST_FAILING,  /* failing, and not being resolved */
    TABLE_LISTS,
};

TAILQ_HEAD(table_entries, table_entry);

/* One target in one family. Ordered by size, as struct state. */
struct table_entry {
    struct table_target *target;
    struct state state;
    int64_t wall_resolved_at; /* as state's, by the wall clock of that moment */
    int64_t wall_fresh_until;
    int64_t clock_shift; /* of struct keeping_clock, when the wall times were right */
    TAILQ_ENTRY(table_entry) link;
    int64_t scheduled_at; /* schedule.c's, as the next two */
    struct table_entries *scheduled_in;
    TAILQ_ENTRY(table_entry) schedule_link;
    struct turns_item turn;
    struct limits_zone *payer; /* being resolved: on whose account; else NULL */
    enum limits_use use;       /* the same: what for */
    enum dns_family family;
    unsigned askers;     /* calls that hold a pointer to it: it must not go */
    unsigned ends;       /* resolutions that have ended: tells those who wait that theirs did */
    unsigned requests;   /* to the resolver, whose end it hasn't told; > 1: in several contexts */
    uint32_t kept_error; /* hash of the error that the fallback database has; 0 = none */
    uint32_t content;    /* hash of what is known, as it was last looked at; 0 = nothing */
    enum status status;  /* as it was last counted and said */
    enum table_list list;
    bool is_outdated; /* what is known, or being resolved, is of an old context of the resolver */
    bool is_own;      /* learned by this process, not restored: its wall times follow the clock */
    bool is_unasked;  /* being resolved without anybody having asked */
};

struct table_target {
    const char *name; /* the tree's key: first */
    struct table_entry entries[DNS_FAMILIES];
    uint32_t expected_ttl; /* see targets_watch_expect() */
    int64_t expected_at;   /* steady; STATE_NEVER */
    struct limits_charge charge;
    bool has_changed; /* stands in the list of those */
    TAILQ_ENTRY(table_target) changed_link;
    TAILQ_ENTRY(table_target) link;
    TAILQ_ENTRY(table_target) in_order;
};

struct table {
    void *tree;                                  /* tsearch(3) */
    TAILQ_HEAD(table_targets, table_target) all; /* the next to be swept first */
    struct table_targets made;                   /* the same in the order of their making */
    size_t count;
};

void table_init(struct table *table);
void table_deinit(struct table *table);

/* NULL if it isn't there. */
struct table_target *table_find(struct table *table, const char *name);

/* Finds it or makes it, with nothing known. 0 or -ENOMEM. */
int table_ensure(struct table *table, const char *name, struct table_target **ret);

/* Frees it; its entries must stand in no list. */
void table_remove(struct table *table, struct table_target *target);

/* About how many octets a new one with that name takes, with room for TABLE_ADDRESSES in each
 * family. */
#define TABLE_ADDRESSES 16
size_t table_size_of(const char *name);

/* How many more those addresses in one family take than there is room for. */
size_t table_size_beyond(const struct address_set *addresses);

/* FNV-1a, never 0. */
uint32_t table_hash(const char *text);
