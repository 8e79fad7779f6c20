#pragma once

#include "request-memory.h"
#include "request.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Typed access to the members of one JSON object
 *
 * The first thing that is wrong is noted in the decoder and sticks; from then on every call returns
 * something harmless. So a method reads all its parameters in a row, and one look at `status` at
 * the end says whether they are good.
 *
 * A name is found in both spellings, with '-' and with '_': PowerDNS uses both. A member that is
 * null counts as not given. Numbers may come as integers, as reals without a fraction, or as
 * strings; booleans as true and false, or as 1 and 0.
 */

struct pdns_decoder {
    struct pdns_request_memory *memory;
    struct pdns_request_error *error;
    enum pdns_method method;
    bool has_raw_bytes; /* strings may hold marks (raw-bytes.h) */
    int status;         /* 0, PDNS_REQUEST_E_INVALID, -ENOMEM */
};

struct pdns_parameters {
    struct pdns_decoder *decoder;
    const json_t *object; /* NULL = empty */
    const char *parent;   /* what the object is called in messages; NULL for the parameters */
    size_t index;         /* in `parent`; SIZE_MAX where that is no list */
};

const char *pdns_parameters_string(const struct pdns_parameters *parameters, const char *name);
const char *pdns_parameters_string_or(const struct pdns_parameters *parameters, const char *name,
                                      const char *fallback);

/* A string that may hold NUL. */
struct pdns_bytes pdns_parameters_bytes(const struct pdns_parameters *parameters, const char *name);

int64_t pdns_parameters_integer(const struct pdns_parameters *parameters, const char *name);
int64_t pdns_parameters_integer_or(const struct pdns_parameters *parameters, const char *name,
                                   int64_t fallback);
uint32_t pdns_parameters_uint32(const struct pdns_parameters *parameters, const char *name);

/* A uint32 that PowerDNS sends through a signed int: from 2^31 it arrives negative. */
uint32_t pdns_parameters_wrapped_uint32(const struct pdns_parameters *parameters, const char *name);

bool pdns_parameters_bool(const struct pdns_parameters *parameters, const char *name);
bool pdns_parameters_bool_or(const struct pdns_parameters *parameters, const char *name,
                             bool fallback);

/* An object within the object. */
struct pdns_parameters pdns_parameters_object(const struct pdns_parameters *parameters,
                                              const char *name);

/* A list of objects, each decoded by `decode` into the next `size` bytes. */
const void *
pdns_parameters_objects(const struct pdns_parameters *parameters, const char *name, size_t size,
                        void (*decode)(const struct pdns_parameters *element, void *ret),
                        size_t *ret_count);

/* A list of strings; a single string is a list of one. */
const char *const *pdns_parameters_strings(const struct pdns_parameters *parameters,
                                           const char *name, size_t *ret_count);

/* Every member, whatever its name, with its value as text. */
const struct pdns_option *pdns_parameters_options(const struct pdns_parameters *parameters,
                                                  size_t *ret_count);
