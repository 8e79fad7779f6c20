#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

/*
 * Numbers and booleans in all the forms that clients write them in. False where `value` is neither
 * of those; `ret` is untouched then.
 */

/* 5, 5.0, 5e0, "5". */
bool pdns_json_values_to_integer(const json_t *value, int64_t *ret);

/* true, 1, 1.0, "1", "true", and the same for false. */
bool pdns_json_values_to_bool(const json_t *value, bool *ret);
