#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dns/labels.h"
#include "dns/rdata-type.h"
#include "model.h"

/*
 * Random zones: what must hold of each once it is in order; and rectifyZone() itself, written down
 * as in pdns/dbdnsseckeeper.cc, without regard to speed.
 */

#define ZONES     4000
#define ROWS      24
#define TYPE_A    1
#define TYPE_AAAA 28
#define TYPE_DS   43

struct trial {
    unsigned seed;
    bool has_odd_rows; /* that rectifyZone() would treat otherwise */
    struct model model;
    /* Of the model's rows: */
    char names[MODEL_ROWS][NAME_TEXT_SIZE]; /* canonical */
    bool is_inside[MODEL_ROWS];
    bool is_exact[MODEL_ROWS];
};

static struct trial current;
static struct model before;

static unsigned pick(struct trial *trial, unsigned limit)
{
    return (unsigned)rand_r(&trial->seed) % limit;
}

#define PICK(trial, array) ((array)[pick(trial, sizeof(array) / sizeof((array)[0]))])

static void choose_rules(struct trial *trial)
{
    static const char *const zones[] = {"example", "example", "", "a\\.b.example"};
    static const char *const parameters[] = {"1 0 1 ab", "1 1 1 ab"};
    enum ordering_denial denial = (enum ordering_denial)pick(trial, 3);

    model_init(&trial->model, PICK(trial, zones), denial,
               denial == ORDERING_NSEC3 ? PICK(trial, parameters) : NULL);
    trial->model.rules.is_narrow = denial == ORDERING_NSEC3 && pick(trial, 4) == 0;
}

static void choose_name(struct trial *trial, char name[NAME_TEXT_SIZE])
{
    static const char *const labels[] = {"a", "b", "c", "*", "d\\.e", "a", "b"};
    static const char *const odd_labels[] = {"A", "\\097", "x..y"};
    static const char *const outside[] = {"example.net", "xexample", "net"};

    name[0] = '\0';
    for (unsigned depth = pick(trial, 5); depth > 0; --depth) {
        strcat(name, pick(trial, 30) ? PICK(trial, labels) : PICK(trial, odd_labels));
        strcat(name, ".");
    }
    strcat(name, pick(trial, 40) ? trial->model.rules.zone : PICK(trial, outside));
    size_t size = strlen(name);
    if (size > 1 && name[size - 1] == '.' && pick(trial, 40))
        name[size - 1] = '\0';
    if (size == 0)
        strcpy(name, ".");
}

static const char *choose_type(struct trial *trial)
{
    static const char *const types[] = {"A", "A", "AAAA", "TXT", "NS", "NS", "DS", "-"};
    static const char *const odd_types[] = {"ns", "TYPE2", "a", "ds", "NOSUCH", "", "RRSIG", "SOA"};

    return pick(trial, 12) ? PICK(trial, types) : PICK(trial, odd_types);
}

static void choose_place(struct trial *trial, struct model_row *row)
{
    char canonical[NAME_TEXT_SIZE];

    row->auth = (int8_t)((int)pick(trial, 3) - 1);
    row->has_ordername = pick(trial, 2);
    strcpy(row->ordername, row->has_ordername ? "a b" : "");
    if (row->has_ordername && pick(trial, 2) && name_canonicalize(row->name, canonical) == 0)
        model_hash(&trial->model, row->name, row->ordername);
}

static void choose_mark(struct trial *trial, struct model_row *row)
{
    row->mark = ZONE_TREE_MARK_ADDED;
    if (trial->has_odd_rows)
        row->mark = (enum zone_tree_mark)pick(trial, 3);
    row->has_hash = row->mark != ZONE_TREE_MARK_NONE && pick(trial, 2);
    strcpy(row->hash, row->has_hash ? "hash" : "");
}

static void add_rows(struct trial *trial)
{
    char name[NAME_TEXT_SIZE];
    const char *zone = trial->model.rules.zone;

    model_add(&trial->model, *zone ? zone : ".", "SOA");
    for (unsigned count = pick(trial, ROWS); count > 0; --count) {
        choose_name(trial, name);
        struct model_row *row = model_add(&trial->model, name, choose_type(trial));
        row->is_readable = pick(trial, 20) != 0;
        choose_place(trial, row);
        if (row->is_null)
            choose_mark(trial, row);
    }
}

static bool is_at_or_below(const char *name, const char *top)
{
    while (strlen(name) > strlen(top))
        name = labels_parent(name);
    return strcmp(name, top) == 0;
}

static bool is_below(const char *name, const char *top)
{
    return strcmp(name, top) != 0 && is_at_or_below(name, top);
}

static void look_at_names(struct trial *trial)
{
    for (size_t i = 0; i < trial->model.count; ++i) {
        const char *stored = trial->model.rows[i].name;
        char *name = trial->names[i];
        trial->is_inside[i] =
            name_canonicalize(stored, name) == 0 && is_at_or_below(name, trial->model.rules.zone);
        trial->is_exact[i] = trial->is_inside[i] && strcmp(*name ? name : ".", stored) == 0;
    }
}

static uint16_t type_of(const struct model_row *row)
{
    return row->is_null ? RDATA_TYPE_NONE : rdata_type(row->type);
}

static bool is_record(const struct trial *trial, size_t i)
{
    const struct model_row *row = &trial->model.rows[i];

    return trial->is_inside[i] && row->is_readable && type_of(row) != RDATA_TYPE_NONE;
}

static bool has_record(const struct trial *trial, const char *name, uint16_t type)
{
    for (size_t i = 0; i < trial->model.count; ++i) {
        if (is_record(trial, i) && strcmp(trial->names[i], name) == 0 &&
            (type == 0 || type_of(&trial->model.rows[i]) == type))
            return true;
    }
    return false;
}

static bool is_delegation(const struct trial *trial, const char *name)
{
    return strcmp(name, trial->model.rules.zone) != 0 && has_record(trial, name, RDATA_TYPE_NS);
}

/* Somebody's own empty non-terminal that stands alone is a name, too. */
static bool has_name_below(const struct trial *trial, const char *name)
{
    for (size_t i = 0; i < trial->model.count; ++i) {
        if (is_below(trial->names[i], name) && trial->is_inside[i] &&
            (is_record(trial, i) || (trial->model.rows[i].is_readable && trial->is_exact[i] &&
                                     trial->model.rows[i].mark == ZONE_TREE_MARK_FOREIGN)))
            return true;
    }
    return false;
}

/* Is there a row at this name that PowerDNS sees? */
static bool has_row(const struct trial *trial, const char *name)
{
    for (size_t i = 0; i < trial->model.count; ++i) {
        if (trial->is_inside[i] && trial->model.rows[i].is_readable &&
            strcmp(trial->names[i], name) == 0)
            return true;
    }
    return false;
}

/* rectifyZone: `auth` of a name that has records */
static bool is_authoritative(const struct trial *trial, const char *name)
{
    while (strcmp(name, trial->model.rules.zone) != 0 && !is_delegation(trial, name))
        name = labels_parent(name);
    return strcmp(name, trial->model.rules.zone) == 0;
}

/* rectifyZone: does this row put its name, and all above it, into nsec3set? */
static bool is_in_nsec3set(const struct trial *trial, size_t i)
{
    const struct ordering_rules *rules = &trial->model.rules;

    if (!is_record(trial, i))
        return false;
    if (strcmp(trial->names[i], rules->zone) != 0 &&
        !is_authoritative(trial, labels_parent(trial->names[i])))
        return false;
    return type_of(&trial->model.rows[i]) != RDATA_TYPE_NS || rules->nsec3.flags == 0;
}

/* rectifyZone: `nsec3set.count(qname)` */
static bool is_hashed(const struct trial *trial, const char *name)
{
    const struct ordering_rules *rules = &trial->model.rules;

    if (rules->denial != ORDERING_NSEC3 || (rules->is_narrow && rules->nsec3.flags))
        return false;
    for (size_t i = 0; i < trial->model.count; ++i) {
        if (is_at_or_below(trial->names[i], name) && is_in_nsec3set(trial, i))
            return true;
    }
    return false;
}

/* rectifyZone: `nonterm[qname]` */
static bool has_authoritative_below(const struct trial *trial, const char *name)
{
    for (size_t i = 0; i < trial->model.count; ++i) {
        if (is_record(trial, i) && is_below(trial->names[i], name) &&
            is_authoritative(trial, trial->names[i]))
            return true;
    }
    return false;
}

struct place {
    bool is_in_chain;
    bool auth;
};

/* rectifyZone: the first updateDNSSECOrderNameAndAuth() */
static struct place place_of_name(const struct trial *trial, const char *name)
{
    const struct ordering_rules *rules = &trial->model.rules;
    bool is_real = has_record(trial, name, 0);
    struct place place = {
        .auth = is_real ? is_authoritative(trial, name) : has_authoritative_below(trial, name),
        .is_in_chain = is_real && rules->denial == ORDERING_NSEC,
    };

    if (is_hashed(trial, name)) {
        place.is_in_chain = !rules->is_narrow;
        place.auth = place.auth || (!is_real && rules->nsec3.flags == 0);
    }
    return place;
}

/* rectifyZone: the others, each of which names a type */
static struct place place_of_row(const struct trial *trial, const char *name,
                                 const struct model_row *row)
{
    const struct ordering_rules *rules = &trial->model.rules;
    struct place place = place_of_name(trial, name);
    bool is_opt_out = rules->denial == ORDERING_NSEC3 && rules->nsec3.flags;
    bool has_ds = has_record(trial, name, TYPE_DS);

    if (!has_record(trial, name, 0))
        return place;
    bool is_cut = !place.auth || is_delegation(trial, name);
    if (has_ds && strcmp(row->type, "DS") == 0)
        place.auth = true;
    if (is_cut && ((is_opt_out && !has_ds && strcmp(row->type, "NS") == 0) ||
                   strcmp(row->type, "A") == 0 || strcmp(row->type, "AAAA") == 0))
        place = (struct place){.auth = false};
    return place;
}

static void make_ordername(const struct trial *trial, const char *name, char ret[NAME_TEXT_SIZE])
{
    char relative[NAME_TEXT_SIZE];
    size_t size = strlen(name) - strlen(trial->model.rules.zone);

    if (trial->model.rules.denial == ORDERING_NSEC3) {
        model_hash(&trial->model, name, ret);
        return;
    }
    snprintf(relative, sizeof(relative), "%.*s", (int)size, name);
    char *reversed = labels_reverse(relative, '.', ' ');
    strcpy(ret, reversed);
    free(reversed);
}

static void compare_with_rectify(const struct trial *trial, unsigned seed)
{
    char ordername[NAME_TEXT_SIZE];

    for (size_t i = 0; i < trial->model.count; ++i) {
        const struct model_row *row = &trial->model.rows[i];
        const char *name = trial->names[i];
        if (!trial->is_exact[i] || !(has_record(trial, name, 0) || has_name_below(trial, name)))
            continue;
        struct place place = place_of_row(trial, name, row);
        make_ordername(trial, name, ordername);
        cr_assert_eq(row->auth, place.auth, "seed %u: auth of '%s' %s in %s", seed, name, row->type,
                     model_render(&trial->model));
        cr_assert_str_eq(row->has_ordername ? row->ordername : "NULL",
                         place.is_in_chain ? ordername : "NULL", "seed %u: '%s' %s in %s", seed,
                         name, row->type, model_render(&trial->model));
    }
}

static void check_names_above(const struct trial *trial, size_t i, unsigned seed)
{
    const char *zone = trial->model.rules.zone;
    const char *name = trial->names[i];

    if (!is_record(trial, i))
        return;
    for (; strcmp(name, zone) != 0; name = labels_parent(name))
        cr_assert(has_row(trial, name), "seed %u: no row at '%s' in %s", seed, name,
                  model_render(&trial->model));
}

static void check_empty_non_terminal(const struct trial *trial, size_t i, unsigned seed)
{
    const struct model_row *row = &trial->model.rows[i];
    const char *name = trial->names[i];

    if (!row->is_null || !trial->is_exact[i])
        return;
    cr_assert_neq(row->mark, ZONE_TREE_MARK_NONE, "seed %u: '%s' has no mark", seed, name);
    if (row->mark != ZONE_TREE_MARK_ADDED)
        return;
    cr_assert(!has_record(trial, name, 0) && has_name_below(trial, name),
              "seed %u: '%s' isn't needed in %s", seed, name, model_render(&trial->model));
    for (size_t j = 0; j < trial->model.count; ++j)
        cr_assert(j == i || strcmp(trial->model.rows[j].name, row->name) != 0 ||
                      !trial->model.rows[j].is_readable,
                  "seed %u: another row at '%s' in %s", seed, name, model_render(&trial->model));
}

/* Rows that can't be found by their names are as they were. */
static void check_untouched(const struct trial *trial, size_t i, unsigned seed)
{
    const struct model_row *row = &trial->model.rows[i];

    if (trial->is_exact[i])
        return;
    for (size_t j = 0; j < before.count; ++j) {
        const struct model_row *old = &before.rows[j];
        cr_assert(old->id != row->id ||
                      (old->auth == row->auth && strcmp(old->ordername, row->ordername) == 0),
                  "seed %u: '%s' was touched", seed, row->name);
    }
}

static void run_trial(unsigned seed, bool has_odd_rows, bool is_presigned)
{
    struct trial *trial = &current;

    trial->seed = seed;
    trial->has_odd_rows = has_odd_rows;
    choose_rules(trial);
    trial->model.rules.is_presigned = is_presigned;
    add_rows(trial);
    before = trial->model;
    model_settle(&trial->model);
    look_at_names(trial);
    for (size_t i = 0; i < trial->model.count; ++i) {
        check_names_above(trial, i, seed);
        check_empty_non_terminal(trial, i, seed);
        check_untouched(trial, i, seed);
    }
    if (!has_odd_rows && !is_presigned)
        compare_with_rectify(trial, seed);
    cr_assert_eq(model_settle(&trial->model), 0, "seed %u: not in order after the first time: %s",
                 seed, model_render(&trial->model));
}

Test(ordering_random, zone_is_as_rectify_zone_would_have_left_it)
{
    for (unsigned seed = 1; seed <= ZONES; ++seed)
        run_trial(seed, false, false);
}

Test(ordering_random, zone_with_rows_of_others_is_in_order_after_the_first_time)
{
    for (unsigned seed = 1; seed <= ZONES; ++seed)
        run_trial(seed, true, false);
}

Test(ordering_random, presigned_zone_is_in_order_after_the_first_time)
{
    for (unsigned seed = 1; seed <= ZONES; ++seed)
        run_trial(seed, seed % 2 == 0, true);
}
