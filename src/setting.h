#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "server/settings.h"

/*
 * One setting: what it is called and may be, and reading, comparing and explaining its value
 */

enum setting_kind {
    SETTING_TEXT,
    SETTING_BOOLEAN,  /* yes/no, as pdns.conf also on/off, true/false, 1/0 */
    SETTING_NUMBER,   /* decimal, between minimum and maximum */
    SETTING_MODE,     /* octal permission bits */
    SETTING_LIST,     /* separated by commas or blanks; given again, the last one wins, but for
                         `name+=value`, which adds */
    SETTING_REPEATED, /* each time it is given adds one value */
};

struct setting {
    const char *name;
    enum setting_kind kind;
    size_t offset; /* in struct settings */
    const char *initial;
    int64_t minimum;
    int64_t maximum;
    const char *unit; /* "" = none */
    bool reloads;     /* SIGHUP puts a new value into force */
    const char *meaning;
    /* Lists and text that isn't empty: whether it, or one item, can be used, as far as that can be
     * told from the text; NULL: any. */
    bool (*is_valid)(const char *item);
};

enum {
    /* Not a value of that kind, or out of bounds. */
    SETTING_E_INVALID = 1,
};

/* Whether it can hold several values. */
bool setting_is_list(const struct setting *setting);

enum setting_action {
    SETTING_REPLACE,
    SETTING_APPEND, /* lists only */
    SETTING_CHECK,  /* parsed, but not stored */
};

/* Parses `value` and stores it. 0; SETTING_E_INVALID; -ENOMEM. */
int setting_assign(const struct setting *setting, struct settings *settings, const char *value,
                   enum setting_action action);

bool setting_is_equal(const struct setting *setting, const struct settings *a,
                      const struct settings *b);

/* Exchanges one setting's values. */
void setting_swap(const struct setting *setting, struct settings *a, struct settings *b);

/* "a whole number of milliseconds from 1 to 60000" */
void setting_describe_expected(const struct setting *setting, char *buffer, size_t size);

void setting_print_help(const struct setting *setting);

/* Frees the value. */
void setting_clear(const struct setting *setting, struct settings *settings);
