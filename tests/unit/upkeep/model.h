#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/name.h"
#include "upkeep/ordering.h"

/*
 * A zone's rows and their marks in memory, as the tables `records` and `aliasd_ents` hold them;
 * what ordering.c wants to be changed is changed here. What makes no sense fails the test.
 */

#define MODEL_ROWS 256

struct model_row {
    int64_t id;
    char name[NAME_TEXT_SIZE];
    char type[16];
    bool is_null; /* the type is */
    bool is_readable;
    bool has_ordername;
    char ordername[NAME_TEXT_SIZE];
    int8_t auth; /* as in struct zone_tree_row */
    enum zone_tree_mark mark;
    bool has_hash;
    char hash[NSEC3_TEXT_SIZE];
};

struct model {
    struct ordering_rules rules;
    struct model_row rows[MODEL_ROWS];
    size_t count;
    int64_t last_id;
};

/* An empty zone. `nsec3` is for ORDERING_NSEC3: "1 0 1 ab". `zone` is borrowed. */
void model_init(struct model *model, const char *zone, enum ordering_denial denial,
                const char *nsec3);

/* A row with auth 1 and without an ordername, as people insert them; `type` "-" is NULL. Valid
 * until rows are removed. */
struct model_row *model_add(struct model *model, const char *name, const char *type);

/* "NAME TYPE; NAME TYPE" */
void model_add_all(struct model *model, const char *rows);

/* What ordering_finish() says of the rows; nothing is changed. */
int model_judge(const struct model *model);

/* Puts the zone in order. How many changes it took. */
size_t model_settle(struct model *model);

/* Writes the hash of the name, as it is stored; it has to be a name. */
void model_hash(const struct model *model, const char *name, char ret[NSEC3_TEXT_SIZE]);

/* The rows by their ids: "NAME TYPE AUTH ORDERNAME MARK; ". ORDERNAME is "[b a]", "#" for the hash
 * of the row's own name, "-" for NULL. MARK is left out where there is none, "+" for ours, "~" for
 * somebody's own, each with a "#" behind if it has the hash of the name. Borrowed until the next
 * call. */
const char *model_render(const struct model *model);

/* Puts the zone in order, expects these rows, and that a second time finds nothing to do. */
void model_expect(struct model *model, const char *rows);
