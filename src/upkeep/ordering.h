#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/nsec3.h"
#include "upkeep/zone-tree.h"

/*
 * What has to change in a zone's rows so that PowerDNS can serve it: `ordername`, `auth`, and rows
 * for empty non-terminals
 *
 * Pure: rows in, changes out. For each row the outcome is that of `pdnsutil rectify-zone`
 * (DNSSECKeeper::rectifyZone in pdns/dbdnsseckeeper.cc); in presigned zones, which that refuses,
 * the outcome of a transfer in (pdns/slavecommunicator.cc). The differences:
 * - An empty non-terminal that isn't marked yet, at a name where there is nothing else, nor below
 *   it, is marked as somebody's own. Such a one stays, and counts as a name. All others are ours.
 * - There is no limit of 100,000 empty non-terminals, past which rectify-zone would remove all.
 * - Names outside of the zone are left alone. (They would make empty non-terminals up to the root.)
 * - A presigned opt-out zone: which delegations without DS are in the primary's chain only a
 *   transfer can tell, so their NS rows keep what they have.
 */

enum {
    ORDERING_E_NO_APEX = 1, /* no SOA row: no zone to PowerDNS, to be left alone */
};

enum ordering_denial {
    ORDERING_UNSIGNED,
    ORDERING_NSEC,
    ORDERING_NSEC3,
};

struct ordering_rules {
    const char *zone; /* canonical; borrowed */
    enum ordering_denial denial;
    struct nsec3_parameters nsec3; /* opt-out, if any of the flags is set, as PowerDNS has it */
    bool is_narrow;
    bool is_presigned;
};

enum ordering_action {
    ORDERING_UPDATE, /* row `id`: ordername, auth */
    ORDERING_ADD,    /* an empty non-terminal: name, ordername, auth; marked as ours, with hash */
    ORDERING_REMOVE, /* row `id`, one of ours */
    ORDERING_MARK,   /* row `id`: is_ours, hash */
    ORDERING_UNMARK, /* row `id` */
};

struct ordering_change {
    enum ordering_action action;
    bool auth;
    bool is_ours;
    int64_t id;
    const char *name;      /* as it is to be stored */
    const char *ordername; /* NULL: NULL */
    const char *hash;      /* NULL: NULL */
};

struct ordering {
    struct ordering_rules rules;
    struct zone_tree tree;
    struct ordering_change
        *changes; /* the outcome: one for each row that differs; empty: in order */
    size_t change_count;
    size_t change_capacity;
};

/* 0 or -ENOMEM, as all of these. */
int ordering_init(struct ordering *ordering, const struct ordering_rules *rules);
void ordering_deinit(struct ordering *ordering);

/* A row of the zone that isn't disabled, in whatever order: zone_tree_add(). */
int ordering_add(struct ordering *ordering, const struct zone_tree_row *row, const char *name,
                 const char *type);

/* After the last row. O(n). 0; ORDERING_E_NO_APEX; -ENOMEM. */
int ordering_finish(struct ordering *ordering);
