#pragma once

#include <stdio.h>

#include "server/session.h"

/*
 * Commands of operators: `pdnsutil backend-cmd remote COMMAND` and `pdns-aliasd ctl COMMAND`
 *
 * A command is words with blanks between them. What it says is text, a line or more. PowerDNS has
 * no other place for a failure than that text, so it begins with COMMANDS_ERROR if the command
 * could not be carried out, and with COMMANDS_USAGE if it is none.
 */

#define COMMANDS_ERROR "error: "
#define COMMANDS_USAGE "usage: "

/* Arguments of a command, behind its own words. */
#define COMMANDS_ARGUMENTS 4

struct command_call {
    struct session *session;
    FILE *out;
    char *arguments[COMMANDS_ARGUMENTS];
    size_t count;
};

typedef int (*command_fn)(struct command_call *call);

/* Carries `text` out; what it says goes to `out`. 0, also if that is an error; negative: the call
 * fails (-ENOMEM, or of the database, logged). */
int commands_run(struct session *session, const char *text, FILE *out);

/* alias-commands.c */
int command_alias_status(struct command_call *call);
int command_alias_refresh(struct command_call *call);
int command_alias_forget(struct command_call *call);
