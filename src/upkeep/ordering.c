#include "upkeep/ordering.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/labels.h"
#include "dns/name.h"
#include "dns/rdata-type.h"

/* What a row ought to have. */
struct value {
    bool is_in_chain; /* the name's ordername, else NULL */
    bool auth;
};

int ordering_init(struct ordering *ordering, const struct ordering_rules *rules)
{
    *ordering = (struct ordering){.rules = *rules};
    return zone_tree_init(&ordering->tree, rules->zone);
}

void ordering_deinit(struct ordering *ordering)
{
    zone_tree_deinit(&ordering->tree);
    free(ordering->changes);
    ordering->changes = NULL;
}

int ordering_add(struct ordering *ordering, const struct zone_tree_row *row, const char *name,
                 const char *type)
{
    return zone_tree_add(&ordering->tree, row, name, type);
}

static bool is_opt_out(const struct ordering_rules *rules)
{
    return rules->denial == ORDERING_NSEC3 && rules->nsec3.flags != 0;
}

static bool has(const struct zone_tree_node *node, uint32_t flag)
{
    return (node->flags & flag) != 0;
}

/* An empty non-terminal with nothing below that somebody wants to be there. Nodes below have been
 * visited. */
static bool is_leaf(const struct zone_tree_node *node)
{
    return has(node, ZONE_TREE_ENT) && !has(node, ZONE_TREE_REAL | ZONE_TREE_PARENT);
}

/* Whether the name exists, and so has an outcome. */
static bool exists(const struct zone_tree_node *node)
{
    return has(node, ZONE_TREE_REAL | ZONE_TREE_PARENT) || is_leaf(node);
}

static bool is_empty_non_terminal(const struct zone_tree_node *node)
{
    return has(node, ZONE_TREE_PARENT) && !has(node, ZONE_TREE_REAL);
}

/* The place in the chain, as PowerDNS writes it: the NSEC3 hash, or the name relative to the zone
 * with its labels turned around. NULL: no memory. */
static const char *make_ordername(struct ordering *ordering, const struct zone_tree_node *node)
{
    unsigned char hash[NSEC3_HASH_SIZE];
    char text[NAME_TEXT_SIZE];
    size_t zone_size = strlen(ordering->rules.zone);
    size_t size = strlen(node->name) - zone_size;

    if (ordering->rules.denial == ORDERING_NSEC3) {
        nsec3_hash(&ordering->rules.nsec3, node->name, hash);
        nsec3_to_text(hash, text);
        return arena_copy(&ordering->tree.texts, text, NSEC3_TEXT_SIZE - 1);
    }
    if (size > 0 && zone_size > 0)
        --size; /* the dot between */
    memcpy(text, node->name, size);
    text[size] = '\0';
    CLEANUP(cleanup_freep) char *reversed = labels_reverse(text, '.', ' ');
    return reversed ? arena_copy(&ordering->tree.texts, reversed, strlen(reversed)) : NULL;
}

/* Presigned: is a delegation in the primary's chain? Those with a DS are. */
static int find_chained(struct ordering *ordering, const struct zone_tree_node *node, bool *ret)
{
    *ret = !is_opt_out(&ordering->rules) || has(node, ZONE_TREE_DS);
    if (*ret)
        return 0;
    const char *hash = make_ordername(ordering, node);
    if (!hash)
        return -ENOMEM;
    for (uint32_t i = node->rows; i != ZONE_TREE_NONE; i = ordering->tree.rows[i].next) {
        const struct zone_tree_row *row = &ordering->tree.rows[i];
        if (row->type == RDATA_TYPE_NS && row->ordername && strcmp(row->ordername, hash) == 0)
            *ret = true;
    }
    return 0;
}

/* Whether an empty non-terminal above has auth because of this name. */
static bool gives_auth(const struct ordering_rules *rules, const struct zone_tree_node *node)
{
    if (!has(node, ZONE_TREE_CUT))
        return true;
    return rules->is_presigned &&
           (has(node, ZONE_TREE_DS) || (has(node, ZONE_TREE_NS) && has(node, ZONE_TREE_IN_CHAIN)));
}

/* Whether the name is in an NSEC3 chain that we make ourselves, for its own sake. */
static bool is_chained(const struct ordering_rules *rules, const struct zone_tree_node *node,
                       const struct zone_tree_node *parent)
{
    if (rules->denial != ORDERING_NSEC3 || (rules->is_narrow && is_opt_out(rules)))
        return false;
    if (!has(node, ZONE_TREE_REAL))
        return !has(node, ZONE_TREE_CUT);
    if (parent && has(parent, ZONE_TREE_CUT))
        return false;
    return has(node, ZONE_TREE_NOT_NS) || !is_opt_out(rules);
}

/* Sets the flags of a node whose rows and whose descendants' flags are known, and those of its
 * parent that follow. */
static int visit(struct ordering *ordering, struct zone_tree_node *node,
                 struct zone_tree_node *parent)
{
    const struct ordering_rules *rules = &ordering->rules;
    bool chained = false;

    if (has(node, ZONE_TREE_REAL) || is_leaf(node)) {
        int r = 0;
        if (!rules->is_presigned)
            chained = is_chained(rules, node, parent);
        else if (has(node, ZONE_TREE_NS))
            r = find_chained(ordering, node, &chained);
        if (r < 0)
            return r;
        node->flags |= chained ? ZONE_TREE_IN_CHAIN : 0;
        if (parent && gives_auth(rules, node))
            parent->flags |= ZONE_TREE_AUTH;
        if (is_leaf(node) && gives_auth(rules, node))
            node->flags |= ZONE_TREE_AUTH;
    }
    if (!parent || !exists(node))
        return 0;
    parent->flags |= ZONE_TREE_PARENT | (node->flags & ZONE_TREE_AUTH);
    if (!rules->is_presigned)
        parent->flags |= node->flags & ZONE_TREE_IN_CHAIN;
    return 0;
}

static struct zone_tree_node *parent_of(struct zone_tree *tree, const struct zone_tree_node *node)
{
    return node->parent == ZONE_TREE_NONE ? NULL : &tree->nodes[node->parent];
}

static int visit_all(struct ordering *ordering)
{
    struct zone_tree *tree = &ordering->tree;
    int r = 0;

    for (uint32_t i = 0; i < tree->node_count; ++i) {
        struct zone_tree_node *node = &tree->nodes[i];
        struct zone_tree_node *parent = parent_of(tree, node);
        if (has(node, ZONE_TREE_NS) || (parent && has(parent, ZONE_TREE_CUT)))
            node->flags |= ZONE_TREE_CUT;
    }
    for (uint32_t i = tree->node_count; i-- > 0 && r == 0;)
        r = visit(ordering, &tree->nodes[i], parent_of(tree, &tree->nodes[i]));
    return r;
}

/* rectifyZone, before `if(realrr)` */
static struct value node_value(const struct ordering_rules *rules,
                               const struct zone_tree_node *node)
{
    bool is_chained3 = rules->denial == ORDERING_NSEC3 && has(node, ZONE_TREE_IN_CHAIN);
    struct value value = {.is_in_chain = is_chained3 && !rules->is_narrow};

    if (has(node, ZONE_TREE_REAL)) {
        value.auth = !has(node, ZONE_TREE_CUT);
        value.is_in_chain = value.is_in_chain || rules->denial == ORDERING_NSEC;
    } else {
        value.auth = has(node, ZONE_TREE_AUTH) || (is_chained3 && !is_opt_out(rules));
    }
    return value;
}

/* rectifyZone, after `if(realrr)`: its statements name the type, in capitals. */
static struct value row_value(const struct ordering_rules *rules, const struct zone_tree_node *node,
                              const struct zone_tree_row *row)
{
    struct value value = node_value(rules, node);

    if (!row->is_type_exact || !has(node, ZONE_TREE_REAL))
        return value;
    if (row->type == ZONE_TREE_TYPE_DS) {
        value.auth = has(node, ZONE_TREE_DS) || value.auth;
    } else if (!value.auth) {
        if (row->type != RDATA_TYPE_NS || (is_opt_out(rules) && !has(node, ZONE_TREE_DS)))
            value.is_in_chain = false;
    }
    return value;
}

/* CommunicatorClass::suck, the loop over `rrs` */
static struct value presigned_value(const struct ordering_rules *rules,
                                    const struct zone_tree_node *node,
                                    const struct zone_tree_row *row)
{
    struct value value = {.auth = !has(node, ZONE_TREE_CUT)};

    if (!has(node, ZONE_TREE_REAL)) {
        value.auth = has(node, ZONE_TREE_AUTH);
        value.is_in_chain =
            rules->denial == ORDERING_NSEC3 && has(node, ZONE_TREE_PARENT) && value.auth;
        return value;
    }
    if (row->type == RDATA_TYPE_RRSIG)
        return (struct value){.auth = true};
    value.auth = value.auth || row->type == ZONE_TREE_TYPE_DS;
    value.is_in_chain = value.auth || (row->type == RDATA_TYPE_NS && has(node, ZONE_TREE_IN_CHAIN));
    return value;
}

static int add_change(struct ordering *ordering, struct ordering_change change)
{
    if (ordering->change_count == ordering->change_capacity) {
        size_t capacity = ordering->change_capacity ? 2 * ordering->change_capacity : 64;
        struct ordering_change *changes =
            realloc(ordering->changes, capacity * sizeof(*ordering->changes));
        if (!changes)
            return -ENOMEM;
        ordering->changes = changes;
        ordering->change_capacity = capacity;
    }
    ordering->changes[ordering->change_count++] = change;
    return 0;
}

static bool is_same_text(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

/* Rows that aren't found by their name are never written, as by rectifyZone's statements. */
static int compare_row(struct ordering *ordering, const struct zone_tree_node *node,
                       const struct zone_tree_row *row, const char *ordername)
{
    const struct ordering_rules *rules = &ordering->rules;

    if (!row->is_exact)
        return 0;
    struct value value =
        rules->is_presigned ? presigned_value(rules, node, row) : row_value(rules, node, row);
    const char *wanted = value.is_in_chain ? ordername : NULL;
    if (row->auth == value.auth && is_same_text(row->ordername, wanted))
        return 0;
    return add_change(ordering, (struct ordering_change){.action = ORDERING_UPDATE,
                                                         .id = row->id,
                                                         .ordername = wanted,
                                                         .auth = value.auth});
}

static bool can_be_marked(const struct zone_tree_row *row)
{
    return row->is_null && row->is_exact;
}

/* Whether an empty non-terminal is ours: it goes when it isn't needed. One without a mark becomes
 * so if something is below it, or at it: most likely rectify-zone or a transfer has made it. */
static bool is_ours(const struct zone_tree_node *node, const struct zone_tree_row *row)
{
    if (!can_be_marked(row))
        return false;
    if (row->mark == ZONE_TREE_MARK_NONE)
        return row->is_readable && has(node, ZONE_TREE_PARENT | ZONE_TREE_REAL);
    return row->mark == ZONE_TREE_MARK_ADDED;
}

/* Which of our rows at an empty non-terminal is to stay: none, if it isn't needed or somebody else
 * has one there. `ret_is_covered`: there will be one. */
static const struct zone_tree_row *choose(const struct ordering *ordering,
                                          const struct zone_tree_node *node, bool *ret_is_covered)
{
    const struct zone_tree_row *chosen = NULL;
    bool is_needed = is_empty_non_terminal(node);

    *ret_is_covered = !is_needed;
    for (uint32_t i = node->rows; i != ZONE_TREE_NONE; i = ordering->tree.rows[i].next) {
        const struct zone_tree_row *row = &ordering->tree.rows[i];
        if (!row->is_readable)
            continue;
        if (!is_ours(node, row))
            *ret_is_covered = true;
        else if (!chosen || row->id < chosen->id)
            chosen = row;
    }
    if (*ret_is_covered)
        return NULL;
    *ret_is_covered = chosen != NULL;
    return chosen;
}

/* What stands in for an NSEC3 that isn't in the chain: see sql/upkeep.sql. */
static bool needs_hash(const struct ordering_rules *rules, const struct zone_tree_node *node)
{
    return is_opt_out(rules) && !rules->is_presigned && !rules->is_narrow &&
           is_empty_non_terminal(node) && !has(node, ZONE_TREE_IN_CHAIN | ZONE_TREE_CUT);
}

static int compare_mark(struct ordering *ordering, const struct zone_tree_row *row,
                        bool is_ours_now, const char *hash)
{
    enum zone_tree_mark wanted = is_ours_now ? ZONE_TREE_MARK_ADDED : ZONE_TREE_MARK_FOREIGN;

    if (!can_be_marked(row)) {
        if (row->mark == ZONE_TREE_MARK_NONE)
            return 0;
        return add_change(ordering,
                          (struct ordering_change){.action = ORDERING_UNMARK, .id = row->id});
    }
    if (row->mark == wanted && is_same_text(row->hash, hash))
        return 0;
    return add_change(ordering, (struct ordering_change){.action = ORDERING_MARK,
                                                         .id = row->id,
                                                         .is_ours = is_ours_now,
                                                         .hash = hash});
}

static int compare_rows(struct ordering *ordering, const struct zone_tree_node *node,
                        const struct zone_tree_row *chosen, const char *ordername)
{
    const char *hash = needs_hash(&ordering->rules, node) ? ordername : NULL;
    int r = 0;

    for (uint32_t i = node->rows; i != ZONE_TREE_NONE && r == 0;) {
        const struct zone_tree_row *row = &ordering->tree.rows[i];
        bool ours = is_ours(node, row);
        i = row->next;
        if (ours && row != chosen) {
            r = add_change(ordering,
                           (struct ordering_change){.action = ORDERING_REMOVE, .id = row->id});
            continue;
        }
        if (exists(node))
            r = compare_row(ordering, node, row, ordername);
        if (r == 0)
            r = compare_mark(ordering, row, ours, hash);
    }
    return r;
}

static int add_row(struct ordering *ordering, const struct zone_tree_node *node,
                   const char *ordername)
{
    const struct ordering_rules *rules = &ordering->rules;
    struct value value =
        rules->is_presigned ? presigned_value(rules, node, NULL) : node_value(rules, node);

    return add_change(ordering,
                      (struct ordering_change){.action = ORDERING_ADD,
                                               .name = *node->name ? node->name : ".",
                                               .ordername = value.is_in_chain ? ordername : NULL,
                                               .auth = value.auth,
                                               .is_ours = true,
                                               .hash = needs_hash(rules, node) ? ordername : NULL});
}

static int compare_node(struct ordering *ordering, const struct zone_tree_node *node)
{
    const char *ordername = NULL;
    bool is_covered;

    if (ordering->rules.denial != ORDERING_UNSIGNED && exists(node)) {
        ordername = make_ordername(ordering, node);
        if (!ordername)
            return -ENOMEM;
    }
    const struct zone_tree_row *chosen = choose(ordering, node, &is_covered);
    int r = compare_rows(ordering, node, chosen, ordername);
    return r < 0 || is_covered ? r : add_row(ordering, node, ordername);
}

int ordering_finish(struct ordering *ordering)
{
    if (!has(&ordering->tree.nodes[0], ZONE_TREE_SOA))
        return ORDERING_E_NO_APEX;

    int r = visit_all(ordering);
    for (uint32_t i = 0; i < ordering->tree.node_count && r == 0; ++i)
        r = compare_node(ordering, &ordering->tree.nodes[i]);
    return r;
}
