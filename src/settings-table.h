#pragma once

#include "server/settings.h"
#include "setting.h"

/*
 * Every setting's name, kind, default, bounds and meaning: the one place to add one.
 */

#define SETTINGS_COUNT 48

extern const struct setting settings_table[SETTINGS_COUNT];

/* NULL if there is none of that name. */
const struct setting *setting_find(const char *name);

/* 0 or -ENOMEM. */
int settings_set_defaults(struct settings *settings);
void settings_deinit(struct settings *settings);
