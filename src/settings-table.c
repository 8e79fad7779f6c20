#include "settings-table.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "build-config.h"
#include "util/cleanup.h"

#define FIELD(field) .offset = offsetof(struct settings, field)

const struct setting settings_table[] = {
    {"socket", SETTING_TEXT, FIELD(socket), DEFAULT_RUN_DIR "/remote.sock",
     .meaning = "Unix socket that PowerDNS connects to"},
    {"socket-mode", SETTING_MODE, FIELD(socket_mode), "0660", 0, 0777,
     .meaning = "its permissions, octal"},
    {"socket-owner", SETTING_TEXT, FIELD(socket_owner), "",
     .meaning = "user, by name or number, that shall own it"},
    {"socket-group", SETTING_TEXT, FIELD(socket_group), "",
     .meaning = "group, by name or number, that shall own it: the one PowerDNS runs as"},
    {"max-sessions", SETTING_NUMBER, FIELD(max_sessions), "128", 1, 10000, "connections", true,
     "more connections at a time than this are refused"},
    {"max-request-size", SETTING_NUMBER, FIELD(max_request_size), "512", 1, 4096, "MiB", true,
     "longer requests are refused"},

    {"loglevel", SETTING_NUMBER, FIELD(loglevel), "5", 3, 7, "", true,
     "3 errors, 4 warnings, 5 notices, 6 information, 7 debugging"},
    {"setuid", SETTING_TEXT, FIELD(setuid), "",
     .meaning = "user to become once the socket is made"},
    {"setgid", SETTING_TEXT, FIELD(setgid), "",
     .meaning = "group to become; empty: that of setuid"},

    {"zones-db", SETTING_TEXT, FIELD(zones_db), DEFAULT_STATE_DIR "/zones.db",
     .meaning = "SQLite database of the zones, in gsqlite3's schema"},
    {"zone-upkeep", SETTING_BOOLEAN, FIELD(zone_upkeep), "yes",
     .meaning = "no: the zone database is opened read-only (a replica)"},
    {"busy-timeout", SETTING_NUMBER, FIELD(busy_timeout), "500", 0, 60000, "ms",
     .meaning = "how long to wait for another writer's lock before the call fails"},
    {"default-ttl", SETTING_NUMBER, FIELD(default_ttl), "3600", 0, INT32_MAX, "s",
     .meaning = "TTL of rows whose ttl is NULL"},

    {"fallback-db", SETTING_TEXT, FIELD(fallback_db), DEFAULT_STATE_DIR "/fallback.db",
     .meaning = "SQLite database of the answers learned; empty: keep them in memory only"},

    {"forward", SETTING_LIST, FIELD(forward), "", .unit = "ADDR[@PORT]", .reloads = true,
     .meaning = "resolvers to ask; none: full recursion, or those of resolv-conf"},
    {"forward-tls", SETTING_BOOLEAN, FIELD(forward_tls), "no", .unit = "", .reloads = true,
     .meaning = "ask them over TLS (needs a libunbound with TLS)"},
    {"tls-cert-bundle", SETTING_TEXT, FIELD(tls_cert_bundle), "", .reloads = true,
     .meaning = "PEM file of the authorities that vouch for them"},
    {"resolv-conf", SETTING_TEXT, FIELD(resolv_conf), "", .reloads = true,
     .meaning = "file to take the resolvers from, /etc/resolv.conf say"},
    {"root-hints", SETTING_TEXT, FIELD(root_hints), "", .reloads = true,
     .meaning = "file with the root's name servers, for full recursion; empty: built in"},
    {"trust-anchor-file", SETTING_TEXT, FIELD(trust_anchor_file), "", .reloads = true,
     .meaning = "file with DS or DNSKEY records; with any trust anchor, answers are validated"},
    {"trust-anchor", SETTING_REPEATED, FIELD(trust_anchor), "", .unit = "DS or DNSKEY",
     .reloads = true, .meaning = "one such record; may be given several times"},
    {"unbound-option", SETTING_REPEATED, FIELD(unbound_option), "", .unit = "NAME:VALUE",
     .reloads = true, .meaning = "any option of unbound.conf(5); may be given several times"},

    {"resolve-timeout", SETTING_NUMBER, FIELD(resolve_timeout), "500", 1, 60000, "ms", true,
     "how long a query waits for an ALIAS target before it gets the stale answer"},
    {"resolve-retries", SETTING_NUMBER, FIELD(resolve_retries), "1", 0, 100, "", true,
     "how often it waits that long again if nothing is known yet"},
    {"answer-deadline", SETTING_NUMBER, FIELD(answer_deadline), "1000", 1, 60000, "ms", true,
     "no query waits longer than this in all (PowerDNS gives up at 2000)"},
    {"stale-ttl", SETTING_NUMBER, FIELD(stale_ttl), "30", 0, INT32_MAX, "s", true,
     "TTL of stale answers"},
    {"max-stale", SETTING_NUMBER, FIELD(max_stale), "259200", 0, INT32_MAX, "s", true,
     "how long after expiry an answer is still served"},
    {"alias-ttl-min", SETTING_NUMBER, FIELD(alias_ttl_min), "5", 0, INT32_MAX, "s", true,
     "smallest TTL of answers for ALIAS, and how long they are fresh at least"},
    {"alias-ttl-max", SETTING_NUMBER, FIELD(alias_ttl_max), "86400", 1, INT32_MAX, "s", true,
     "largest TTL of answers for ALIAS, and how long they are fresh at most"},
    {"negative-ttl-max", SETTING_NUMBER, FIELD(negative_ttl_max), "300", 0, INT32_MAX, "s", true,
     "how long at most a target is known to have no address before it is asked again"},
    {"retry-min", SETTING_NUMBER, FIELD(retry_min), "1", 1, 86400, "s", true,
     "how long a target is left alone after its first failure; doubles"},
    {"retry-max", SETTING_NUMBER, FIELD(retry_max), "300", 1, 86400, "s", true, "up to this"},
};

_Static_assert(sizeof(settings_table) / sizeof(settings_table[0]) == SETTINGS_COUNT,
               "SETTINGS_COUNT is the number of settings");

static void *field_of(const struct setting *setting, const struct settings *settings)
{
    return (char *)settings + setting->offset;
}

const struct setting *setting_find(const char *name)
{
    for (size_t i = 0; i < SETTINGS_COUNT; ++i) {
        if (strcmp(settings_table[i].name, name) == 0)
            return &settings_table[i];
    }
    return NULL;
}

static int parse_boolean(const char *value, bool *ret)
{
    static const char *const words[] = {"no", "yes", "off", "on", "false", "true", "0", "1"};

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); ++i) {
        if (strcasecmp(value, words[i]) == 0) {
            *ret = i % 2 == 1;
            return 0;
        }
    }
    return SETTING_E_INVALID;
}

static int parse_number(const struct setting *setting, const char *value, int64_t *ret)
{
    char *end;
    long long number;

    /* strtoll() takes white space and signs; a setting has neither. */
    if (*value < '0' || *value > '9')
        return SETTING_E_INVALID;
    errno = 0;
    number = strtoll(value, &end, setting->kind == SETTING_MODE ? 8 : 10);
    if (errno || *end || number < setting->minimum || number > setting->maximum)
        return SETTING_E_INVALID;
    *ret = number;
    return 0;
}

static void list_free(char **list)
{
    for (char **item = list; item && *item; ++item)
        free(*item);
    free(list);
}

static int list_append(char ***list, const char *text, size_t length)
{
    size_t count = 0;
    char **grown;

    while (*list && (*list)[count])
        ++count;
    grown = realloc(*list, (count + 2) * sizeof(*grown));
    if (!grown)
        return -ENOMEM;
    *list = grown;
    grown[count + 1] = NULL;
    grown[count] = strndup(text, length);
    return grown[count] ? 0 : -ENOMEM;
}

static int split_list(const char *value, char ***ret)
{
    static const char separators[] = ", \t;";
    char **list = calloc(1, sizeof(*list));
    int r = list ? 0 : -ENOMEM;

    for (const char *p = value + strspn(value, separators); *p && r == 0;) {
        size_t length = strcspn(p, separators);

        r = list_append(&list, p, length);
        p += length;
        p += strspn(p, separators);
    }
    if (r) {
        list_free(list);
        return r;
    }
    *ret = list;
    return 0;
}

static int assign_text(char **field, const char *value)
{
    char *copy = strdup(value);

    if (!copy)
        return -ENOMEM;
    free(*field);
    *field = copy;
    return 0;
}

static int assign_list(char ***field, const char *value)
{
    char **list;
    int r = split_list(value, &list);

    if (r)
        return r;
    list_free(*field);
    *field = list;
    return 0;
}

int setting_assign(const struct setting *setting, struct settings *settings, const char *value,
                   bool check_only)
{
    void *field = field_of(setting, settings);
    bool boolean;
    int64_t number;
    int r = 0;

    switch (setting->kind) {
    case SETTING_TEXT:
        return check_only ? 0 : assign_text(field, value);
    case SETTING_LIST:
        return check_only ? 0 : assign_list(field, value);
    case SETTING_REPEATED:
        return check_only || !*value ? 0 : list_append(field, value, strlen(value));
    case SETTING_BOOLEAN:
        r = parse_boolean(value, &boolean);
        if (r == 0 && !check_only)
            *(bool *)field = boolean;
        return r;
    case SETTING_NUMBER:
    case SETTING_MODE:
        r = parse_number(setting, value, &number);
        if (r == 0 && !check_only)
            *(int64_t *)field = number;
        return r;
    }
    return SETTING_E_INVALID;
}

static bool lists_are_equal(char *const *a, char *const *b)
{
    while (*a && *b && strcmp(*a, *b) == 0) {
        ++a;
        ++b;
    }
    return !*a && !*b;
}

bool setting_is_equal(const struct setting *setting, const struct settings *a,
                      const struct settings *b)
{
    const void *field_a = field_of(setting, a), *field_b = field_of(setting, b);

    switch (setting->kind) {
    case SETTING_TEXT:
        return strcmp(*(char *const *)field_a, *(char *const *)field_b) == 0;
    case SETTING_LIST:
    case SETTING_REPEATED:
        return lists_are_equal(*(char **const *)field_a, *(char **const *)field_b);
    case SETTING_BOOLEAN:
        return *(const bool *)field_a == *(const bool *)field_b;
    case SETTING_NUMBER:
    case SETTING_MODE:
        return *(const int64_t *)field_a == *(const int64_t *)field_b;
    }
    return true;
}

static size_t size_of(enum setting_kind kind)
{
    switch (kind) {
    case SETTING_TEXT:
        return sizeof(char *);
    case SETTING_BOOLEAN:
        return sizeof(bool);
    case SETTING_NUMBER:
    case SETTING_MODE:
        return sizeof(int64_t);
    case SETTING_LIST:
    case SETTING_REPEATED:
        return sizeof(char **);
    }
    return 0;
}

void setting_swap(const struct setting *setting, struct settings *a, struct settings *b)
{
    char kept[sizeof(int64_t)];
    size_t size = size_of(setting->kind);

    memcpy(kept, field_of(setting, a), size);
    memcpy(field_of(setting, a), field_of(setting, b), size);
    memcpy(field_of(setting, b), kept, size);
}

void setting_describe_expected(const struct setting *setting, char *buffer, size_t size)
{
    const char *unit = setting->unit ? setting->unit : "";

    switch (setting->kind) {
    case SETTING_BOOLEAN:
        snprintf(buffer, size, "yes or no");
        break;
    case SETTING_NUMBER:
        snprintf(buffer, size, "a whole number%s%s from %" PRId64 " to %" PRId64,
                 *unit ? " of " : "", unit, setting->minimum, setting->maximum);
        break;
    case SETTING_MODE:
        snprintf(buffer, size, "octal permission bits from 0 to %" PRIo64, setting->maximum);
        break;
    case SETTING_TEXT:
    case SETTING_LIST:
    case SETTING_REPEATED:
        snprintf(buffer, size, "%s", *unit ? unit : "text");
        break;
    }
}

static const char *value_name(const struct setting *setting)
{
    if (setting->unit && *setting->unit)
        return setting->unit;
    switch (setting->kind) {
    case SETTING_BOOLEAN:
        return "yes|no";
    case SETTING_NUMBER:
        return "N";
    case SETTING_MODE:
        return "MODE";
    default:
        return "TEXT";
    }
}

void setting_print_help(const struct setting *setting)
{
    printf("%c --%s=%s\n        %s", setting->reloads ? '*' : ' ', setting->name,
           value_name(setting), setting->meaning);
    if (*setting->initial)
        printf(" (default: %s)", setting->initial);
    putchar('\n');
}

int settings_set_defaults(struct settings *settings)
{
    for (size_t i = 0; i < SETTINGS_COUNT; ++i) {
        const struct setting *setting = &settings_table[i];
        int r;

        if (setting->kind == SETTING_REPEATED)
            r = split_list("", field_of(setting, settings));
        else
            r = setting_assign(setting, settings, setting->initial, false);
        if (r)
            return r;
    }
    return 0;
}

void settings_deinit(struct settings *settings)
{
    for (size_t i = 0; i < SETTINGS_COUNT; ++i) {
        void *field = field_of(&settings_table[i], settings);

        if (settings_table[i].kind == SETTING_TEXT)
            free(*(char **)field);
        else if (settings_table[i].kind == SETTING_LIST ||
                 settings_table[i].kind == SETTING_REPEATED)
            list_free(*(char ***)field);
    }
}
