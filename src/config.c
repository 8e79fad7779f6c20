#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "build-config.h"
#include "server/handoff-address.h"
#include "settings-table.h"
#include "util/log.h"

/* Where a value comes from, for messages, and who wins. */
struct origin {
    const char *file; /* NULL: the command line */
    int line;
};

struct parser {
    struct settings *settings;
    bool given_on_command_line[SETTINGS_COUNT];
    const char *config_file;
    bool has_command;
    bool has_faults;
};

__attribute__((format(printf, 3, 4))) static void
fault(struct parser *parser, const struct origin *origin, const char *format, ...)
{
    char message[1024];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(message, sizeof(message), format, arguments);
    va_end(arguments);
    if (origin->file)
        log_error("%s:%d: %s", origin->file, origin->line, message);
    else
        log_error("command line: %s", message);
    parser->has_faults = true;
}

/* What is in the file is read after the command line, and doesn't replace it. */
static bool is_overridden(const struct parser *parser, const struct setting *setting,
                          const struct origin *origin)
{
    return origin->file && parser->given_on_command_line[setting - settings_table];
}

static enum setting_action action_for(const struct parser *parser, const struct setting *setting,
                                      const struct origin *origin, bool adds)
{
    if (is_overridden(parser, setting, origin))
        return SETTING_CHECK;
    return adds ? SETTING_APPEND : SETTING_REPLACE;
}

/* `adds`: written as `name+=value`. */
static int set(struct parser *parser, const struct origin *origin, const char *name,
               const char *value, bool adds)
{
    const struct setting *setting = setting_find(name);
    char expected[256];
    int r;

    if (!setting) {
        fault(parser, origin, "unknown setting '%s' (see --help)", name);
        return 0;
    }
    if (!value && setting->kind != SETTING_BOOLEAN) {
        fault(parser, origin, "%s: a value is missing, expected %s=VALUE", name, name);
        return 0;
    }
    if (adds && !setting_is_list(setting)) {
        fault(parser, origin, "%s: += is for lists, expected %s=VALUE", name, name);
        return 0;
    }
    r = setting_assign(setting, parser->settings, value ? value : "yes",
                       action_for(parser, setting, origin, adds));
    if (r == SETTING_E_INVALID) {
        setting_describe_expected(setting, expected, sizeof(expected));
        fault(parser, origin, "%s: expected %s, found '%s'", name, expected, value);
        return 0;
    }
    if (!origin->file)
        parser->given_on_command_line[setting - settings_table] = true;
    return r;
}

static char *trim(char *text)
{
    char *end;

    while (isspace((unsigned char)*text))
        ++text;
    end = text + strlen(text);
    while (end > text && isspace((unsigned char)end[-1]))
        --end;
    *end = '\0';
    return text;
}

/* As pdns.conf: a `#` starts a comment at the start of a line and after white space. */
static void cut_comment(char *line)
{
    for (char *p = line; (p = strchr(p, '#')); ++p) {
        if (p == line || isspace((unsigned char)p[-1])) {
            *p = '\0';
            return;
        }
    }
}

static int parse_line(struct parser *parser, const struct origin *origin, char *line)
{
    char *name, *value;
    bool adds = false;

    cut_comment(line);
    name = trim(line);
    if (!*name)
        return 0;
    value = strchr(name, '=');
    if (value) {
        adds = value > name && value[-1] == '+';
        value[adds ? -1 : 0] = '\0';
        value = trim(value + 1);
    }
    return set(parser, origin, trim(name), value, adds);
}

/* Takes white space at the end and a continuation mark off. Returns whether the next line belongs
 * to it. */
static bool chomp(char *line, size_t *length)
{
    while (*length > 0 && isspace((unsigned char)line[*length - 1]))
        line[--*length] = '\0';
    if (*length == 0 || line[*length - 1] != '\\')
        return false;
    line[--*length] = '\0';
    return true;
}

static int parse_file(struct parser *parser, FILE *file)
{
    CLEANUP(cleanup_freep) char *line = NULL;
    CLEANUP(cleanup_freep) char *joined = NULL;
    size_t line_size = 0, joined_length = 0;
    struct origin origin = {.file = parser->config_file, .line = 1};
    ssize_t length;
    int r;

    for (int number = 1; (length = getline(&line, &line_size, file)) >= 0; ++number) {
        size_t used = length;
        bool goes_on = chomp(line, &used);
        char *grown = realloc(joined, joined_length + used + 1);

        if (!grown)
            return -ENOMEM;
        joined = grown;
        memcpy(joined + joined_length, line, used + 1);
        joined_length += used;
        if (goes_on)
            continue;
        r = parse_line(parser, &origin, joined);
        if (r)
            return r;
        joined_length = 0;
        origin.line = number + 1;
    }
    return joined_length > 0 ? parse_line(parser, &origin, joined) : 0;
}

static int load_file(struct parser *parser)
{
    bool is_named = parser->config_file != NULL;
    FILE *file;
    int r;

    if (!is_named)
        parser->config_file = DEFAULT_CONFIG_FILE;
    file = fopen(parser->config_file, "re");
    if (!file) {
        if (!is_named && errno == ENOENT)
            return 0;
        log_error("%s: can't read the configuration: %m", parser->config_file);
        parser->has_faults = true;
        return 0;
    }
    r = parse_file(parser, file);
    if (ferror(file)) {
        log_error("%s: can't read the configuration", parser->config_file);
        parser->has_faults = true;
    }
    fclose(file);
    return r;
}

/* `--name=value`, or `--name` for what is yes or no. Returns the text behind '=', or NULL. */
static const char *split_option(const char *argument, char name[static 64])
{
    const char *equals = strchr(argument, '=');
    size_t length = equals ? (size_t)(equals - argument) : strlen(argument);

    snprintf(name, 64, "%.*s", length > 63 ? 63 : (int)length, argument);
    return equals ? equals + 1 : NULL;
}

static const struct origin command_line = {0};

/* --help and --version win, whatever else is asked for. */
static void choose(struct parser *parser, struct config *config, enum config_action action)
{
    if (config->action == CONFIG_HELP || config->action == CONFIG_VERSION)
        return;
    if (config->action != CONFIG_RUN && config->action != action)
        fault(parser, &command_line,
              "check, ctl and --check-config are different things: ask for one");
    config->action = action;
}

static bool find_command(const char *word, enum config_action *ret)
{
    if (strcmp(word, "check") != 0 && strcmp(word, "ctl") != 0)
        return false;
    *ret = strcmp(word, "ctl") == 0 ? CONFIG_CONTROL : CONFIG_CHECK_ZONES;
    return true;
}

/* What isn't an option: the command, then what belongs to it. */
static void parse_word(struct parser *parser, struct config *config, char *word)
{
    enum config_action action;
    size_t count = 0;

    if (!parser->has_command) {
        parser->has_command = find_command(word, &action);
        if (parser->has_command)
            choose(parser, config, action);
        else
            fault(parser, &command_line,
                  "expected --name=value, check or ctl (or relay as the first word), found '%s' "
                  "(see --help)",
                  word);
        return;
    }
    while (config->words[count])
        ++count;
    config->words[count] = word;
}

static int parse_argument(struct parser *parser, struct config *config, char *argument)
{
    char name[64];
    const char *value;

    /* Behind `ctl` everything is the daemon's: its commands have options of their own. */
    if (strncmp(argument, "--", 2) != 0 ||
        (parser->has_command && config->action == CONFIG_CONTROL)) {
        parse_word(parser, config, argument);
        return 0;
    }
    value = split_option(argument + 2, name);
    if (strcmp(name, "help") == 0)
        config->action = CONFIG_HELP;
    else if (strcmp(name, "version") == 0)
        config->action = CONFIG_VERSION;
    else if (strcmp(name, "check-config") == 0)
        choose(parser, config, CONFIG_CHECK_SETTINGS);
    else if (strcmp(name, "config") == 0 && value)
        parser->config_file = value;
    else if (strcmp(name, "config") == 0)
        fault(parser, &command_line, "config: a value is missing, expected --config=FILE");
    else
        return set(parser, &command_line, name, value, false);
    return 0;
}

/* What no single setting's bounds can say. Logs what is wrong. */
static bool are_consistent(const struct settings *s)
{
    bool is_good = true;

    if (s->alias_ttl_min > s->alias_ttl_max) {
        log_error("settings: alias-ttl-min (%ld) is above alias-ttl-max (%ld)",
                  (long)s->alias_ttl_min, (long)s->alias_ttl_max);
        is_good = false;
    }
    if (s->retry_min > s->retry_max) {
        log_error("settings: retry-min (%ld) is above retry-max (%ld)", (long)s->retry_min,
                  (long)s->retry_max);
        is_good = false;
    }
    if (s->busy_timeout >= s->answer_deadline) {
        log_error("settings: busy-timeout (%ld ms) has to be below answer-deadline (%ld ms)",
                  (long)s->busy_timeout, (long)s->answer_deadline);
        is_good = false;
    }
    if (handoff_address_is_forwarder(s)) {
        log_error("settings: handoff-address (%s) is one of forward: nobody would answer there",
                  s->handoff_address);
        is_good = false;
    }
    if (s->forward_tls && !s->forward[0]) {
        log_error("settings: forward-tls needs a forwarder: set forward");
        is_good = false;
    }
    return is_good;
}

static int parse_all(struct parser *parser, struct config *config, int argc, char *const argv[])
{
    int r;

    for (int i = 1; i < argc; ++i) {
        r = parse_argument(parser, config, argv[i]);
        if (r)
            return r;
    }
    /* Who asks for help gets it, whatever else is wrong. */
    if (config->action == CONFIG_HELP || config->action == CONFIG_VERSION) {
        parser->has_faults = false;
        return 0;
    }
    r = load_file(parser);
    if (r)
        return r;
    if (!parser->has_faults && !are_consistent(parser->settings))
        parser->has_faults = true;
    return 0;
}

int config_load(int argc, char *const argv[], struct config **ret)
{
    CLEANUP(config_freep) struct config *config = calloc(1, sizeof(*config));
    struct parser parser = {0};
    int r;

    if (!config)
        return -ENOMEM;
    config->words = calloc(argc + 1, sizeof(*config->words));
    if (!config->words)
        return -ENOMEM;
    parser.settings = &config->settings;
    r = settings_set_defaults(&config->settings);
    if (r)
        return r;
    r = parse_all(&parser, config, argc, argv);
    if (r)
        return r;
    if (parser.has_faults)
        return CONFIG_E_INVALID;
    *ret = TAKE(config);
    return 0;
}

void config_free(struct config *config)
{
    settings_deinit(&config->settings);
    free(config->words);
    free(config);
}

/* Settings that are read at start only change places; done twice, all is as before. */
static void exchange_fixed(struct settings *running, struct settings *loaded)
{
    for (size_t i = 0; i < SETTINGS_COUNT; ++i) {
        if (!settings_table[i].reloads)
            setting_swap(&settings_table[i], running, loaded);
    }
}

static void log_ignored_changes(const struct settings *running, const struct settings *loaded)
{
    for (size_t i = 0; i < SETTINGS_COUNT; ++i) {
        const struct setting *setting = &settings_table[i];

        if (!setting->reloads && !setting_is_equal(setting, running, loaded))
            log_warning("%s has changed: that takes effect at the next start only", setting->name);
    }
}

int config_reload(struct config *config, int argc, char *const argv[], server_try_fn try,
                  void *userdata)
{
    CLEANUP(config_freep) struct config *loaded = NULL;
    struct settings before;
    int r;

    r = config_load(argc, argv, &loaded);
    if (r)
        return r < 0 ? r : -EINVAL;
    log_ignored_changes(&config->settings, &loaded->settings);
    exchange_fixed(&config->settings, &loaded->settings);
    r = are_consistent(&loaded->settings) ? try(userdata, &loaded->settings) : -EINVAL;
    if (r < 0) {
        exchange_fixed(&config->settings, &loaded->settings);
        return r;
    }
    before = config->settings;
    config->settings = loaded->settings;
    loaded->settings = before;
    return 0;
}

void config_print_help(void)
{
    printf(
        "Usage: pdns-aliasd [--config=FILE] [--NAME=VALUE ...]\n"
        "       pdns-aliasd [--config=FILE] [--NAME=VALUE ...] check [ZONE ...]\n"
        "       pdns-aliasd [--config=FILE] [--NAME=VALUE ...] ctl COMMAND\n"
        "       pdns-aliasd relay [--socket PATH] [--timeout MS] [--write-timeout MS]\n"
        "       pdns-aliasd --check-config | --help | --version\n"
        "\n"
        "Answers PowerDNS's remote backend from an SQLite zone database and turns ALIAS\n"
        "records into addresses.\n"
        "\n"
        "  check             look for faults in the rows of all zones, or of those named:\n"
        "                    one line each on standard output, exit status 1 if there are any\n"
        "  ctl COMMAND       have the running daemon carry a command out: `ctl help` lists them;\n"
        "                    exit status 1 if it can't, or isn't there, 2 if there is no such\n"
        "  relay             what PowerDNS's pipe connector starts where replies are long;\n"
        "                    reads no settings: see pdns-aliasd relay --help\n"
        "  --config=FILE     settings as in pdns.conf, NAME=VALUE lines\n"
        "                    (default: %s)\n"
        "  --check-config    try all settings out, say what is wrong, and end\n"
        "  --help            this text\n"
        "  --version         name and version\n"
        "\n"
        "Settings (also on the command line, which wins over the file; * = SIGHUP rereads it):\n",
        DEFAULT_CONFIG_FILE);
    for (size_t i = 0; i < SETTINGS_COUNT; ++i)
        setting_print_help(&settings_table[i]);
}
