#include "upkeep/zone-tree.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "dns/labels.h"
#include "dns/name.h"
#include "dns/rdata-type.h"
#include "util/hash.h"

static uint32_t hash_name(const char *name)
{
    return hash_octets(HASH_START, name, strlen(name));
}

/* Where the name is in the table, or the free place where it belongs. */
static uint32_t *find_place(struct zone_tree *tree, const char *name)
{
    uint32_t mask = tree->table_size - 1;
    uint32_t place = hash_name(name) & mask;

    while (tree->table[place] && strcmp(tree->nodes[tree->table[place] - 1].name, name) != 0)
        place = (place + 1) & mask;
    return &tree->table[place];
}

static int grow_table(struct zone_tree *tree)
{
    uint32_t size = tree->table_size ? 2 * tree->table_size : 64;

    uint32_t *table = calloc(size, sizeof(*table));
    if (!table)
        return -ENOMEM;
    free(tree->table);
    tree->table = table;
    tree->table_size = size;
    for (uint32_t i = 0; i < tree->node_count; ++i)
        *find_place(tree, tree->nodes[i].name) = i + 1;
    return 0;
}

/* Makes room for one element more. */
static int grow(void **array, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity)
        return 0;
    uint32_t wanted = *capacity ? 2 * *capacity : 64;
    if (wanted <= *capacity)
        return -ENOMEM;
    void *larger = realloc(*array, wanted * size);
    if (!larger)
        return -ENOMEM;
    *array = larger;
    *capacity = wanted;
    return 0;
}

static int add_node(struct zone_tree *tree, const char *name, uint32_t parent)
{
    if (2 * (tree->node_count + 1) > tree->table_size && grow_table(tree) < 0)
        return -ENOMEM;
    if (grow((void **)&tree->nodes, tree->node_count, &tree->node_capacity, sizeof(*tree->nodes)))
        return -ENOMEM;
    char *copy = arena_copy(&tree->texts, name, strlen(name));
    if (!copy)
        return -ENOMEM;
    *find_place(tree, name) = tree->node_count + 1;
    tree->nodes[tree->node_count++] = (struct zone_tree_node){
        .name = copy, .parent = parent, .rows = ZONE_TREE_NONE, .last = ZONE_TREE_NONE};
    return 0;
}

int zone_tree_init(struct zone_tree *tree, const char *zone)
{
    *tree = (struct zone_tree){.zone = zone};
    int r = add_node(tree, zone, ZONE_TREE_NONE);
    if (r < 0)
        zone_tree_deinit(tree);
    return r;
}

void zone_tree_deinit(struct zone_tree *tree)
{
    arena_deinit(&tree->texts);
    free(tree->nodes);
    free(tree->rows);
    free(tree->table);
    *tree = (struct zone_tree){0};
}

/* How many labels `name` has more than the zone; -1: it isn't inside of it. */
static int depth_in_zone(const struct zone_tree *tree, const char *name)
{
    size_t zone_size = strlen(tree->zone);
    const char *rest = name;
    int depth = 0;

    for (; strlen(rest) > zone_size; ++depth)
        rest = labels_parent(rest);
    return strcmp(rest, tree->zone) == 0 ? depth : -1;
}

/* The node of a name that is `depth` labels below the apex, made if it isn't there, and so are
 * those above it. */
static int find_node(struct zone_tree *tree, const char *name, int depth, uint32_t *ret)
{
    const char *missing[LABELS_WIRE_SIZE];
    int count = 0;
    uint32_t found;

    while (depth > 0 && !(found = *find_place(tree, name))) {
        missing[count++] = name;
        name = labels_parent(name);
        --depth;
    }
    uint32_t node = depth > 0 ? found - 1 : 0;
    while (count > 0) {
        int r = add_node(tree, missing[--count], node);
        if (r < 0)
            return r;
        node = tree->node_count - 1;
    }
    *ret = node;
    return 0;
}

/* What a row says about its name. */
static uint32_t flags_of(const struct zone_tree_row *row, bool is_apex)
{
    if (!row->is_readable)
        return 0;
    if (row->is_null)
        return row->is_exact && row->mark != ZONE_TREE_MARK_ADDED ? ZONE_TREE_ENT : 0;
    if (row->type == RDATA_TYPE_NONE)
        return 0;
    if (row->type == RDATA_TYPE_NS)
        return ZONE_TREE_REAL | (is_apex ? 0 : ZONE_TREE_NS);
    return ZONE_TREE_REAL | ZONE_TREE_NOT_NS | (row->type == ZONE_TREE_TYPE_DS ? ZONE_TREE_DS : 0) |
           (row->type == RDATA_TYPE_SOA && row->is_exact ? ZONE_TREE_SOA : 0);
}

static int copy_text(struct zone_tree *tree, const char **text)
{
    if (*text && !(*text = arena_copy(&tree->texts, *text, strlen(*text))))
        return -ENOMEM;
    return 0;
}

static int append_row(struct zone_tree *tree, uint32_t node_number, struct zone_tree_row row)
{
    struct zone_tree_node *node = &tree->nodes[node_number];

    if (grow((void **)&tree->rows, tree->row_count, &tree->row_capacity, sizeof(*tree->rows)) < 0 ||
        copy_text(tree, &row.ordername) < 0 || copy_text(tree, &row.hash) < 0)
        return -ENOMEM;
    row.next = ZONE_TREE_NONE;
    if (node->last == ZONE_TREE_NONE)
        node->rows = tree->row_count;
    else
        tree->rows[node->last].next = tree->row_count;
    node->last = tree->row_count;
    tree->rows[tree->row_count++] = row;
    node->flags |= flags_of(&row, node_number == 0);
    return 0;
}

/* Only these types are looked for by name. */
static bool is_type_exact(uint16_t code, const char *type)
{
    return (code == ZONE_TREE_TYPE_A && strcmp(type, "A") == 0) ||
           (code == ZONE_TREE_TYPE_AAAA && strcmp(type, "AAAA") == 0) ||
           (code == RDATA_TYPE_NS && strcmp(type, "NS") == 0) ||
           (code == ZONE_TREE_TYPE_DS && strcmp(type, "DS") == 0);
}

int zone_tree_add(struct zone_tree *tree, const struct zone_tree_row *row, const char *name,
                  const char *type)
{
    struct zone_tree_row added = *row;
    char canonical[NAME_TEXT_SIZE];
    uint32_t node;

    if (name_canonicalize(name, canonical) != 0)
        return 0;
    int depth = depth_in_zone(tree, canonical);
    if (depth < 0)
        return 0;
    int r = find_node(tree, canonical, depth, &node);
    if (r < 0)
        return r;
    added.is_null = !type;
    added.type = type ? rdata_type(type) : RDATA_TYPE_NONE;
    added.is_exact = strcmp(*canonical ? canonical : ".", name) == 0;
    added.is_type_exact = type && is_type_exact(added.type, type);
    return append_row(tree, node, added);
}
