#include "server/commands.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "build-config.h"
#include "server/figures.h"
#include "util/cleanup.h"

struct command {
    const char *words;
    const char *arguments; /* for people */
    size_t least, most;    /* how many */
    command_fn run;
    const char *meaning;
};

static int ping(struct command_call *call)
{
    fputs("pong", call->out);
    return 0;
}

static int version(struct command_call *call)
{
    fputs("pdns-aliasd " PACKAGE_VERSION, call->out);
    return 0;
}

static int stats(struct command_call *call)
{
    figures_write(call->session->shared->figures, FIGURES_VALUES, call->out);
    return 0;
}

static int help(struct command_call *call);

static const struct command commands[] = {
    {"alias status", "[NAME]", 0, 1, command_alias_status,
     "what is known of all ALIAS targets, of one, or of those of an owner name"},
    {"alias refresh", "NAME | --all", 1, 1, command_alias_refresh,
     "resolves them now, past libunbound's cache"},
    {"alias forget", "TARGET", 1, 1, command_alias_forget,
     "gives up what is known of it, in the fallback database too"},
    {"stats", "", 0, 0, stats, "counts, as in the metrics"},
    {"ping", "", 0, 0, ping, "answers pong"},
    {"version", "", 0, 0, version, "name and version of the daemon"},
    {"help", "", 0, 0, help, "this list"},
};

#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static int help(struct command_call *call)
{
    for (size_t i = 0; i < COMMAND_COUNT; ++i)
        fprintf(call->out, "%s%-13s %-12s  %s", i > 0 ? "\n" : "", commands[i].words,
                commands[i].arguments, commands[i].meaning);
    return 0;
}

/* Takes the command's words off the front of `text`. NULL: it doesn't begin with them. */
static char *match(const struct command *command, char *text)
{
    const char *word = command->words;

    while (*word) {
        size_t length = strcspn(word, " ");

        text += strspn(text, " \t");
        if (strncmp(text, word, length) != 0 || strcspn(text, " \t") != length)
            return NULL;
        text += length;
        word += length + (word[length] == ' ');
    }
    return text;
}

/* False: there are more than any command has. */
static bool split(struct command_call *call, char *text)
{
    char *word;

    while ((word = strsep(&text, " \t"))) {
        if (!*word)
            continue;
        if (call->count == COMMANDS_ARGUMENTS)
            return false;
        call->arguments[call->count++] = word;
    }
    return true;
}

static int run(const struct command *command, struct command_call *call, char *arguments)
{
    if (split(call, arguments) && call->count >= command->least && call->count <= command->most)
        return command->run(call);
    fprintf(call->out, COMMANDS_USAGE "%s%s%s", command->words, *command->arguments ? " " : "",
            command->arguments);
    return 0;
}

int commands_run(struct session *session, const char *text, FILE *out)
{
    CLEANUP(cleanup_freep) char *copy = strdup(text);
    struct command_call call = {.session = session, .out = out};

    if (!copy)
        return -ENOMEM;
    for (size_t i = 0; i < COMMAND_COUNT; ++i) {
        char *arguments = match(&commands[i], copy);

        if (arguments)
            return run(&commands[i], &call, arguments);
    }
    fputs(COMMANDS_USAGE "unknown command; try help", out);
    return 0;
}
