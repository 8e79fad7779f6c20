#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/arena.h"

/*
 * The names of a zone as a tree, with the rows at each
 *
 * Every name that a row has inside of the zone is a node, and so is every name between it and the
 * apex. A node's parent is the name one label shorter, and comes before it in `nodes`; so what goes
 * up or down the tree is one walk through the array. The apex is node 0.
 */

#define ZONE_TREE_NONE UINT32_MAX

/* Types that dns/rdata-type.h has no name for. */
enum {
    ZONE_TREE_TYPE_A = 1,
    ZONE_TREE_TYPE_AAAA = 28,
    ZONE_TREE_TYPE_DS = 43,
};

/* What is known of a node. The first ones come from its rows, the others are for who walks through
 * the tree. */
enum {
    ZONE_TREE_REAL = 1 << 0,   /* has a record, not only an empty non-terminal */
    ZONE_TREE_NS = 1 << 1,     /* is a delegation; never the apex */
    ZONE_TREE_DS = 1 << 2,     /* has a DS */
    ZONE_TREE_NOT_NS = 1 << 3, /* has a record of another type than NS */
    ZONE_TREE_SOA = 1 << 4,    /* has an SOA that can be found */
    ZONE_TREE_ENT = 1 << 5,    /* has a row of somebody's that says: an empty non-terminal */

    ZONE_TREE_CUT = 1 << 6,      /* is a delegation or below one */
    ZONE_TREE_PARENT = 1 << 7,   /* something exists below */
    ZONE_TREE_IN_CHAIN = 1 << 8, /* has an NSEC3, if there are any */
    ZONE_TREE_AUTH = 1 << 9,     /* what exists below makes an empty non-terminal authoritative */
};

struct zone_tree_node {
    const char *name; /* canonical */
    uint32_t parent;  /* of the apex: ZONE_TREE_NONE */
    uint32_t rows;    /* the first row, or ZONE_TREE_NONE */
    uint32_t last;
    uint32_t flags;
};

/* A mark is what aliasd_ents says about a row. */
enum zone_tree_mark {
    ZONE_TREE_MARK_NONE,    /* not seen yet, or no empty non-terminal */
    ZONE_TREE_MARK_FOREIGN, /* somebody's own: it stays */
    ZONE_TREE_MARK_ADDED,   /* ours, made or taken over: it goes when it isn't needed */
};

/* A row that isn't disabled, as it is stored. */
struct zone_tree_row {
    int64_t id;
    const char *ordername; /* NULL where NULL */
    const char *hash;      /* of its mark; NULL where NULL */
    uint32_t next;         /* at this node, or ZONE_TREE_NONE */
    uint16_t type;         /* as PowerDNS reads it: 0 is an empty non-terminal */
    int8_t auth;           /* 0, 1; -1: neither */
    uint8_t mark;
    bool is_null : 1;       /* the type is NULL: an empty non-terminal beyond doubt */
    bool is_exact : 1;      /* the name is stored in canonical form: only then is it found */
    bool is_type_exact : 1; /* A, AAAA, NS, DS: the type isn't stored as "ns" or "TYPE2" */
    bool is_readable : 1;   /* PowerDNS sees it */
};

struct zone_tree {
    const char *zone; /* canonical; borrowed */
    struct arena texts;
    struct zone_tree_node *nodes;
    uint32_t node_count;
    uint32_t node_capacity;
    struct zone_tree_row *rows;
    uint32_t row_count;
    uint32_t row_capacity;
    uint32_t *table; /* node numbers by the hash of the name, + 1; 0: free */
    uint32_t table_size;
};

/* `zone` has to outlive the tree. 0 or -ENOMEM. */
int zone_tree_init(struct zone_tree *tree, const char *zone);
void zone_tree_deinit(struct zone_tree *tree);

/* Adds a row; its texts are copied. `name` and `type` (NULL: NULL) as stored. One whose name is
 * none, or isn't inside of the zone, is left out. 0 or -ENOMEM. */
int zone_tree_add(struct zone_tree *tree, const struct zone_tree_row *row, const char *name,
                  const char *type);
