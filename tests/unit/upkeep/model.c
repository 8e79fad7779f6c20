#include "model.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "util/cleanup.h"

void model_init(struct model *model, const char *zone, enum ordering_denial denial,
                const char *nsec3)
{
    memset(model, 0, sizeof(*model));
    model->rules = (struct ordering_rules){.zone = zone, .denial = denial};
    if (nsec3)
        cr_assert_eq(nsec3_parse(nsec3, &model->rules.nsec3), 0);
}

struct model_row *model_add(struct model *model, const char *name, const char *type)
{
    cr_assert_lt(model->count, MODEL_ROWS);

    struct model_row *row = &model->rows[model->count++];
    *row = (struct model_row){.id = ++model->last_id, .auth = 1, .is_readable = true};
    row->is_null = strcmp(type, "-") == 0;
    snprintf(row->name, sizeof(row->name), "%s", name);
    snprintf(row->type, sizeof(row->type), "%s", type);
    return row;
}

void model_add_all(struct model *model, const char *rows)
{
    char name[NAME_TEXT_SIZE];
    char type[16];
    int used;

    while (sscanf(rows, " %1024s %15[^; ]%n", name, type, &used) == 2) {
        model_add(model, name, type);
        rows += used;
        rows += strspn(rows, "; ");
    }
    cr_assert_str_empty(rows);
}

static void feed(const struct model *model, struct ordering *ordering)
{
    for (size_t i = 0; i < model->count; ++i) {
        const struct model_row *row = &model->rows[i];
        const struct zone_tree_row fed = {
            .id = row->id,
            .ordername = row->has_ordername ? row->ordername : NULL,
            .hash = row->has_hash ? row->hash : NULL,
            .auth = row->auth,
            .mark = (uint8_t)row->mark,
            .is_readable = row->is_readable,
        };
        cr_assert_eq(ordering_add(ordering, &fed, row->name, row->is_null ? NULL : row->type), 0);
    }
}

int model_judge(const struct model *model)
{
    CLEANUP(ordering_deinit) struct ordering ordering;

    cr_assert_eq(ordering_init(&ordering, &model->rules), 0);
    feed(model, &ordering);
    return ordering_finish(&ordering);
}

static struct model_row *find(struct model *model, int64_t id)
{
    for (size_t i = 0; i < model->count; ++i) {
        if (model->rows[i].id == id)
            return &model->rows[i];
    }
    cr_assert_fail("a change to row %d, which isn't there", (int)id);
    return NULL;
}

static void set_place(struct model_row *row, const struct ordering_change *change)
{
    const char *ordername = change->ordername ? change->ordername : "";

    cr_assert(row->auth != change->auth || row->has_ordername != (change->ordername != NULL) ||
                  strcmp(row->ordername, ordername) != 0,
              "an update of '%s' that changes nothing", row->name);
    row->auth = change->auth;
    row->has_ordername = change->ordername != NULL;
    snprintf(row->ordername, sizeof(row->ordername), "%s", ordername);
}

static void set_mark(struct model_row *row, const struct ordering_change *change)
{
    row->mark = change->is_ours ? ZONE_TREE_MARK_ADDED : ZONE_TREE_MARK_FOREIGN;
    row->has_hash = change->hash != NULL;
    snprintf(row->hash, sizeof(row->hash), "%s", change->hash ? change->hash : "");
}

static void add_from(struct model *model, const struct ordering_change *change)
{
    struct model_row *row = model_add(model, change->name, "-");

    row->auth = -1;
    set_place(row, change);
    cr_assert(change->is_ours);
    set_mark(row, change);
}

static void remove_row(struct model *model, struct model_row *row)
{
    cr_assert(row->is_null, "'%s' %s is removed", row->name, row->type);
    cr_assert_neq(row->mark, ZONE_TREE_MARK_FOREIGN, "somebody's own '%s' is removed", row->name);
    memmove(row, row + 1, (char *)&model->rows[--model->count] - (char *)row);
}

static void apply(struct model *model, const struct ordering_change *change)
{
    switch (change->action) {
    case ORDERING_UPDATE:
        set_place(find(model, change->id), change);
        break;
    case ORDERING_ADD:
        add_from(model, change);
        break;
    case ORDERING_REMOVE:
        remove_row(model, find(model, change->id));
        break;
    case ORDERING_MARK:
        set_mark(find(model, change->id), change);
        break;
    case ORDERING_UNMARK:
        find(model, change->id)->mark = ZONE_TREE_MARK_NONE;
        find(model, change->id)->has_hash = false;
        break;
    }
}

size_t model_settle(struct model *model)
{
    CLEANUP(ordering_deinit) struct ordering ordering;

    cr_assert_eq(ordering_init(&ordering, &model->rules), 0);
    feed(model, &ordering);
    cr_assert_eq(ordering_finish(&ordering), 0);
    for (size_t i = 0; i < ordering.change_count; ++i)
        apply(model, &ordering.changes[i]);
    return ordering.change_count;
}

void model_hash(const struct model *model, const char *name, char ret[NSEC3_TEXT_SIZE])
{
    unsigned char hash[NSEC3_HASH_SIZE];
    char canonical[NAME_TEXT_SIZE];

    cr_assert_eq(name_canonicalize(name, canonical), 0);
    nsec3_hash(&model->rules.nsec3, canonical, hash);
    nsec3_to_text(hash, ret);
}

static void render_ordername(const struct model *model, const struct model_row *row, FILE *file)
{
    char hash[NSEC3_TEXT_SIZE] = "";

    if (model->rules.denial == ORDERING_NSEC3)
        model_hash(model, row->name, hash);
    if (!row->has_ordername)
        fprintf(file, " -");
    else if (strcmp(row->ordername, hash) == 0 && *hash)
        fprintf(file, " #");
    else
        fprintf(file, " [%s]", row->ordername);
}

static void render_mark(const struct model *model, const struct model_row *row, FILE *file)
{
    char hash[NSEC3_TEXT_SIZE];

    if (row->mark == ZONE_TREE_MARK_NONE)
        return;
    fprintf(file, " %c", row->mark == ZONE_TREE_MARK_ADDED ? '+' : '~');
    if (!row->has_hash)
        return;
    model_hash(model, row->name, hash);
    fprintf(file, "%s", strcmp(row->hash, hash) == 0 ? "#" : row->hash);
}

const char *model_render(const struct model *model)
{
    static char text[65536];
    FILE *file = fmemopen(text, sizeof(text), "w");

    for (size_t i = 0; i < model->count; ++i) {
        const struct model_row *row = &model->rows[i];
        fprintf(file, "%s %s %d", row->name, row->type, row->auth);
        render_ordername(model, row, file);
        render_mark(model, row, file);
        fprintf(file, "; ");
    }
    fclose(file);
    return text;
}

void model_expect(struct model *model, const char *rows)
{
    model_settle(model);
    const char *actual = model_render(model);
    cr_expect_str_eq(actual, rows, "\nexpected %s\nnot      %s", rows, actual);
    cr_expect_eq(model_settle(model), 0, "not in order after the first time: %s",
                 model_render(model));
}
