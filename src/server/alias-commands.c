#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "alias/targets-orders.h"
#include "dns/name.h"
#include "resolve/resolver.h"
#include "server/commands.h"
#include "server/status-text.h"
#include "store/records.h"
#include "util/cleanup.h"
#include "util/log.h"

/* Of the ALIAS rows at one owner name, no more than these are looked at. */
#define TARGETS_MAX 64

/* The targets that a name stands for: itself, or those of the ALIAS rows there. */
struct names {
    char *items[TARGETS_MAX];
    size_t count;
};

static void names_deinit(struct names *names)
{
    while (names->count > 0)
        free(names->items[--names->count]);
}

static int add(struct names *names, const char *name)
{
    for (size_t i = 0; i < names->count; ++i) {
        if (strcmp(names->items[i], name) == 0)
            return 0;
    }
    char *copy = strdup(name);
    if (!copy)
        return -ENOMEM;
    names->items[names->count++] = copy;
    return 0;
}

static int add_targets_of_rows(struct session *session, const char *owner, struct names *names)
{
    CLEANUP(records_cursor_deinit) struct records_cursor cursor = {0};
    struct records_row row;
    struct database *db;

    int r = session_open(session, &db);
    if (r == 0)
        r = records_lookup(db, owner, "ANY", -1, &cursor);
    while (r == 0 && names->count < TARGETS_MAX && (r = records_next(&cursor, &row)) == 0) {
        char target[NAME_TEXT_SIZE];

        if (strcasecmp(row.type, "ALIAS") == 0 &&
            name_canonicalize_content(row.content, target) == 0)
            r = add(names, target);
    }
    return r == RECORDS_E_END ? 0 : r;
}

static void ignore(void *userdata, const struct targets_status *status)
{
}

/* 0; positive: `call` was told that there are none. */
static int find_names(struct command_call *call, const char *text, struct names *ret)
{
    char name[NAME_TEXT_SIZE];

    if (name_canonicalize(text, name) != 0) {
        fprintf(call->out, COMMANDS_ERROR "%s is no name", text);
        return 1;
    }
    int r = targets_status_of(call->session->shared->targets, name, ignore, NULL) == 0
                ? add(ret, name)
                : add_targets_of_rows(call->session, name, ret);
    if (r < 0 || ret->count > 0)
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

static void print_targets(struct command_call *call, const struct names *names)
{
    status_text_headings(call->out);
    for (size_t i = 0; i < names->count; ++i)
        print_target(call, names->items[i]);
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
    CLEANUP(names_deinit) struct names names = {0};

    if (call->count == 0)
        return print_all(call);
    int r = find_names(call, call->arguments[0], &names);
    if (r == 0)
        print_targets(call, &names);
    return r < 0 ? r : 0;
}

static int refresh_all(struct command_call *call)
{
    resolver_forget(call->session->shared->resolver);
    size_t count = targets_refresh_all(call->session->shared->targets);
    log_notice("all ALIAS targets are asked again (%zu questions), as was asked for", count);
    fprintf(call->out, "%zu questions are being asked again", count);
    return 0;
}

int command_alias_refresh(struct command_call *call)
{
    CLEANUP(names_deinit) struct names names = {0};
    struct session *session = call->session;

    if (strcmp(call->arguments[0], "--all") == 0)
        return refresh_all(call);
    int r = find_names(call, call->arguments[0], &names);
    if (r != 0)
        return r < 0 ? r : 0;
    resolver_forget(session->shared->resolver);
    r = targets_refresh(session->shared->targets, (const char *const *)names.items, names.count,
                        session->deadline);
    if (r == 0)
        print_targets(call, &names);
    return r;
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
