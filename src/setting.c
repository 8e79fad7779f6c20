#include "setting.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void *field_of(const struct setting *setting, const struct settings *settings)
{
    return (char *)settings + setting->offset;
}

bool setting_is_list(const struct setting *setting)
{
    return setting->kind == SETTING_LIST || setting->kind == SETTING_REPEATED;
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

static bool are_valid(const struct setting *setting, char *const *items)
{
    for (; *items; ++items) {
        if (setting->is_valid && !setting->is_valid(*items))
            return false;
    }
    return true;
}

static int append_all(char ***field, char *const *items)
{
    int r = 0;

    for (; *items && r == 0; ++items)
        r = list_append(field, *items, strlen(*items));
    return r;
}

static int assign_items(const struct setting *setting, char ***field, char **items,
                        enum setting_action action)
{
    char **replaced = *field;

    if (!are_valid(setting, items)) {
        list_free(items);
        return SETTING_E_INVALID;
    }
    if (action == SETTING_REPLACE && (setting->kind == SETTING_LIST || !replaced)) {
        *field = items;
        list_free(replaced);
        return 0;
    }
    int r = action == SETTING_CHECK ? 0 : append_all(field, items);
    list_free(items);
    return r;
}

static int assign_list(const struct setting *setting, char ***field, const char *value,
                       enum setting_action action)
{
    char **items = NULL;
    int r;

    r = setting->kind == SETTING_LIST ? split_list(value, &items) : split_list("", &items);
    if (r == 0 && setting->kind == SETTING_REPEATED && *value)
        r = list_append(&items, value, strlen(value));
    if (r) {
        list_free(items);
        return r;
    }
    return assign_items(setting, field, items, action);
}

static int assign_checked_text(const struct setting *setting, char **field, const char *value,
                               bool store)
{
    if (*value && setting->is_valid && !setting->is_valid(value))
        return SETTING_E_INVALID;
    return store ? assign_text(field, value) : 0;
}

/* What is one value and no list. */
static int assign_value(const struct setting *setting, void *field, const char *value, bool store)
{
    bool boolean;
    int64_t number;
    int r;

    if (setting->kind == SETTING_TEXT)
        return assign_checked_text(setting, field, value, store);
    if (setting->kind == SETTING_BOOLEAN) {
        r = parse_boolean(value, &boolean);
        if (r == 0 && store)
            *(bool *)field = boolean;
        return r;
    }
    r = parse_number(setting, value, &number);
    if (r == 0 && store)
        *(int64_t *)field = number;
    return r;
}

int setting_assign(const struct setting *setting, struct settings *settings, const char *value,
                   enum setting_action action)
{
    void *field = field_of(setting, settings);

    if (setting_is_list(setting))
        return assign_list(setting, field, value, action);
    return assign_value(setting, field, value, action == SETTING_REPLACE);
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
    switch (setting->kind) {
    case SETTING_BOOLEAN:
        return "yes|no";
    case SETTING_NUMBER:
        return "N";
    case SETTING_MODE:
        return "MODE";
    default:
        return setting->unit && *setting->unit ? setting->unit : "TEXT";
    }
}

void setting_print_help(const struct setting *setting)
{
    bool has_unit = setting->kind == SETTING_NUMBER && *setting->unit;

    printf("%c --%s=%s\n        %s", setting->reloads ? '*' : ' ', setting->name,
           value_name(setting), setting->meaning);
    if (*setting->initial)
        printf(" (default: %s%s%s)", setting->initial, has_unit ? " " : "",
               has_unit ? setting->unit : "");
    putchar('\n');
}

void setting_clear(const struct setting *setting, struct settings *settings)
{
    void *field = field_of(setting, settings);

    if (setting->kind == SETTING_TEXT)
        free(*(char **)field);
    else if (setting_is_list(setting))
        list_free(*(char ***)field);
}
