#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "alias/expansion.h"
#include "alias/targets-orders.h"
#include "dns/name.h"
#include "resolve/resolver.h"
#include "server/commands.h"
#include "server/status-text.h"
#include "store/links.h"
#include "store/records.h"
#include "util/cleanup.h"
#include "util/log.h"

/* Of the ALIAS rows at one owner name, and the names that they lead to, no more than these are
 * looked at. */
#define TARGETS_MAX 64

struct names {
    char *items[TARGETS_MAX];
    size_t count;
};

/* The targets that a name stands for: itself, or where the ALIAS rows there lead to. */
struct targets_found {
    struct names outside; /* that the resolver is asked about */
    struct names own;     /* that lead to none: a question about them would come back to us */
};

static void names_deinit(struct names *names)
{
    while (names->count > 0)
        free(names->items[--names->count]);
}

static void targets_found_deinit(struct targets_found *found)
{
    names_deinit(&found->outside);
    names_deinit(&found->own);
}

static int add(struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; ++i) {
        if (strcmp(names->items[i], name) == 0)
            return 0;
    }
    if (names->count == TARGETS_MAX)
        return 0;
    char *copy = strdup(name);
    if (!copy)
        return -ENOMEM;
    names->items[names->count++] = copy;
    return 0;
}

static int read_rows(struct database *db, const char *owner, struct expansion *rows)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    struct records_row row;
    bool is_alias;

    int r = records_lookup(db, owner, "ANY", -1, &cursor);
    while (r == 0 && rows->alias_count < TARGETS_MAX && (r = records_next(&cursor, &row)) == 0)
        r = expansion_see(rows, &row, &is_alias);
    return r == RECORDS_E_END ? 0 : r;
}

/* As the noticer does: for both families, whatever stands beside. */
static int follow_row(struct local *local, const struct expansion *rows, const char *target,
                      struct targets_found *found)
{
    const struct chain_row way = {
        .owner = rows->owner, .target = target, .families = CHAIN_FAMILIES, .ttl = UINT32_MAX};
    const struct local_answer *answer;

    int r = local_follow(local, &way, rows->domain_id, &answer);
    if (r == 0 && answer->count == 0)
        r = add(&found->own, target);
    for (size_t i = 0; r == 0 && i < answer->count; ++i)
        r = add(&found->outside, answer->questions[i].target);
    return r;
}

static int add_targets_of_rows(struct session *session, struct database *db, const char *owner,
                               struct targets_found *found)
{
    CLEANUP(expansion_deinit) struct expansion rows = {0};
    CLEANUP(local_deinit)
    struct local local = {.db = db, .hops_max = session->shared->alias_hops_max};

    int r = read_rows(db, owner, &rows);
    for (size_t i = 0; r == 0 && i < rows.alias_count; ++i) {
        if (rows.aliases[i].target)
            r = follow_row(&local, &rows, rows.aliases[i].target, found);
    }
    return r;
}

/* It may have become a name of ours since it was asked for. */
static int add_target(struct database *db, const char *name, struct targets_found *found)
{
    CLEANUP(chain_links_deinit) struct chain_links links = {0};

    int r = links_find(db, name, &links);
    if (r < 0)
        return r;
    return add(links.outside ? &found->outside : &found->own, name);
}

static void ignore(void *userdata, const struct targets_status *status)
{
}

static int read_snapshot(struct session *session, struct database *db, const char *name,
                         struct targets_found *found)
{
    int r = add_targets_of_rows(session, db, name, found);

    if (r == 0 && found->outside.count == 0 && found->own.count == 0 &&
        targets_status_of(session->shared->targets, name, ignore, NULL) == 0)
        r = add_target(db, name, found);
    return r;
}

/* 0; positive: `call` was told that there are none. */
static int find_targets(struct command_call *call, const char *text, struct targets_found *ret)
{
    char name[NAME_TEXT_SIZE];
    struct database *db;

    if (name_canonicalize(text, name) != 0) {
        fprintf(call->out, COMMANDS_ERROR "%s is no name", text);
        return 1;
    }
    int r = session_open(call->session, &db);
    if (r == 0)
        r = database_begin_reading(db);
    if (r < 0)
        return r;
    r = read_snapshot(call->session, db, name, ret);
    database_end_reading(db);
    if (r < 0 || ret->outside.count > 0 || ret->own.count > 0)
        return r;
    fprintf(call->out,
            COMMANDS_ERROR "%s is no target that was ever asked for, and has no ALIAS record",
            text);
    return 1;
}

static void print(void *userdata, const struct targets_status *status)
{
    status_text_line(userdata, status);
}

/* Of one that nobody has asked for yet there is only that to say. */
static void print_target(struct command_call *call, const char *target)
{
    static const struct address_set none;

    if (targets_status_of(call->session->shared->targets, target, print, call->out) == 0)
        return;
    for (size_t i = 0; i < DNS_FAMILIES; ++i)
        print(call->out, &(struct targets_status){.target = target,
                                                  .family = i,
                                                  .status = STATUS_UNKNOWN,
                                                  .addresses = &none,
                                                  .age = TARGETS_STATUS_NONE,
                                                  .next = TARGETS_STATUS_NONE,
                                                  .reason = ""});
}

static void print_targets(struct command_call *call, const struct targets_found *found)
{
    if (found->outside.count > 0)
        status_text_headings(call->out);
    for (size_t i = 0; i < found->outside.count; ++i)
        print_target(call, found->outside.items[i]);
    for (size_t i = 0; i < found->own.count; ++i)
        fprintf(call->out, "%s: answered from our own zones\n",
                *found->own.items[i] ? found->own.items[i] : ".");
}

/* A long list grows outside of the table's lock, since that can take longer than lookups may wait:
 * a turn's lines come together here, and go to the list then. */
struct turn {
    FILE *out;
    FILE *lines;
    char *text;
    size_t size;
};

static void print_in_turn(void *userdata, const struct targets_status *status)
{
    struct turn *turn = userdata;

    status_text_line(turn->lines, status);
}

static void end_turn(void *userdata)
{
    struct turn *turn = userdata;

    fflush(turn->lines);
    fwrite(turn->text, 1, turn->size, turn->out);
    rewind(turn->lines);
}

static int print_all(struct command_call *call)
{
    struct turn turn = {.out = call->out};

    turn.lines = open_memstream(&turn.text, &turn.size);
    if (!turn.lines)
        return -ENOMEM;
    status_text_headings(call->out);
    targets_status_all(call->session->shared->targets, print_in_turn, end_turn, &turn);
    bool has_failed = ferror(turn.lines);
    fclose(turn.lines);
    free(turn.text);
    return has_failed ? -ENOMEM : 0;
}

int command_alias_status(struct command_call *call)
{
    CLEANUP(targets_found_deinit) struct targets_found found = {0};

    if (call->count == 0)
        return print_all(call);
    int r = find_targets(call, call->arguments[0], &found);
    if (r == 0)
        print_targets(call, &found);
    return r < 0 ? r : 0;
}

static void print_what_stays(struct command_call *call)
{
    fputs("caches that this can't get past: those of a resolver in forward, and PowerDNS's own "
          "(pdns_control purge)",
          call->out);
}

static int refresh_all(struct command_call *call)
{
    resolver_forget(call->session->shared->resolver);
    size_t count = targets_refresh_all(call->session->shared->targets);
    log_notice("all ALIAS targets are asked again (%zu questions), as was asked for", count);
    fprintf(call->out, "%zu questions are being asked again\n", count);
    print_what_stays(call);
    return 0;
}

static int refresh(struct session *session, const struct names *names)
{
    if (names->count == 0)
        return 0;
    resolver_forget(session->shared->resolver);
    return targets_refresh(session->shared->targets, (const char *const *)names->items,
                           names->count, session->deadline);
}

int command_alias_refresh(struct command_call *call)
{
    CLEANUP(targets_found_deinit) struct targets_found found = {0};

    if (strcmp(call->arguments[0], "--all") == 0)
        return refresh_all(call);
    int r = find_targets(call, call->arguments[0], &found);
    if (r != 0)
        return r < 0 ? r : 0;
    r = refresh(call->session, &found.outside);
    if (r < 0)
        return r;
    print_targets(call, &found);
    print_what_stays(call);
    return 0;
}

int command_alias_forget(struct command_call *call)
{
    const char *text = call->arguments[0];
    char name[NAME_TEXT_SIZE];

    if (name_canonicalize(text, name) != 0)
        fprintf(call->out, COMMANDS_ERROR "%s is no name", text);
    else if (targets_forget(call->session->shared->targets, name) != 0)
        fprintf(call->out, COMMANDS_ERROR "%s is no target that was ever asked for", text);
    else
        fprintf(call->out, "%s is forgotten", text);
    return 0;
}
