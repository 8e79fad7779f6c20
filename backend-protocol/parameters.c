#include "parameters.h"

#include "json-values.h"
#include "raw-bytes.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void refuse(const struct pdns_parameters *parameters, const char *name, const char *why)
{
    struct pdns_decoder *decoder = parameters->decoder;
    struct pdns_request_error *error = decoder->error;
    char path[128];

    if (decoder->status != 0)
        return;
    decoder->status = PDNS_REQUEST_E_INVALID;

    if (!parameters->parent)
        snprintf(path, sizeof(path), "%s", name);
    else if (parameters->index == SIZE_MAX)
        snprintf(path, sizeof(path), "%s.%s", parameters->parent, name);
    else
        snprintf(path, sizeof(path), "%s[%zu].%s", parameters->parent, parameters->index, name);
    snprintf(error->message, sizeof(error->message), "%s: parameter '%s' %s",
             pdns_method_name(decoder->method), path, why);
}

static void refuse_element(const struct pdns_parameters *parameters, const char *name, size_t index,
                           const char *why)
{
    char element[64];

    snprintf(element, sizeof(element), "%s[%zu]", name, index);
    refuse(parameters, element, why);
}

static void *allocate(struct pdns_decoder *decoder, size_t count, size_t size)
{
    void *memory = pdns_request_memory_allocate(decoder->memory, count, size);

    if (!memory && decoder->status == 0)
        decoder->status = -ENOMEM;
    return memory;
}

static const json_t *find_other_spelling(const json_t *object, const char *name)
{
    char other[32];
    size_t size = strcspn(name, "-_");

    if (!name[size] || strlen(name) >= sizeof(other))
        return NULL;

    strcpy(other, name);
    for (char *c = other; *c; c++)
        if (*c == '-' || *c == '_')
            *c = *c == '-' ? '_' : '-';
    return json_object_get(object, other);
}

/* NULL where there is nothing to be read. */
static const json_t *find(const struct pdns_parameters *parameters, const char *name)
{
    const json_t *value;

    if (parameters->decoder->status != 0)
        return NULL;

    value = json_object_get(parameters->object, name);
    if (!value)
        value = find_other_spelling(parameters->object, name);
    return json_is_null(value) ? NULL : value;
}

static const json_t *find_required(const struct pdns_parameters *parameters, const char *name)
{
    const json_t *value = find(parameters, name);

    if (!value)
        refuse(parameters, name, "is missing");
    return value;
}

/* `text` as PowerDNS meant it. "" when out of memory. */
static struct pdns_bytes restore(struct pdns_decoder *decoder, const char *text, size_t size)
{
    char *restored;

    if (!decoder->has_raw_bytes || !pdns_raw_bytes_is_marked(text, size))
        return (struct pdns_bytes){text, size};

    restored = allocate(decoder, 1, size + 1);
    if (!restored)
        return (struct pdns_bytes){"", 0};
    size = pdns_raw_bytes_restore(text, size, restored);
    return (struct pdns_bytes){restored, size};
}

static struct pdns_bytes read_bytes(struct pdns_decoder *decoder, const json_t *value)
{
    return restore(decoder, json_string_value(value), json_string_length(value));
}

struct pdns_bytes pdns_parameters_bytes(const struct pdns_parameters *parameters, const char *name)
{
    const json_t *value = find_required(parameters, name);

    if (!value)
        return (struct pdns_bytes){"", 0};
    if (!json_is_string(value)) {
        refuse(parameters, name, "must be a string");
        return (struct pdns_bytes){"", 0};
    }
    return read_bytes(parameters->decoder, value);
}

/* What keeps `value` from being a string without NUL, or NULL. */
static const char *check_string(const json_t *value)
{
    if (!json_is_string(value))
        return "must be a string";
    if (memchr(json_string_value(value), '\0', json_string_length(value)))
        return "holds a NUL byte";
    return NULL;
}

static const char *read_string(const struct pdns_parameters *parameters, const char *name,
                               const json_t *value)
{
    const char *problem = check_string(value);

    if (problem) {
        refuse(parameters, name, problem);
        return "";
    }
    return read_bytes(parameters->decoder, value).data;
}

const char *pdns_parameters_string(const struct pdns_parameters *parameters, const char *name)
{
    const json_t *value = find_required(parameters, name);

    return value ? read_string(parameters, name, value) : "";
}

const char *pdns_parameters_string_or(const struct pdns_parameters *parameters, const char *name,
                                      const char *fallback)
{
    const json_t *value = find(parameters, name);

    return value ? read_string(parameters, name, value) : fallback;
}

static int64_t read_integer(const struct pdns_parameters *parameters, const char *name,
                            const json_t *value, int64_t min, int64_t max)
{
    int64_t integer;

    if (!pdns_json_values_to_integer(value, &integer)) {
        refuse(parameters, name, "must be an integer");
        return 0;
    }
    if (integer < min || integer > max) {
        refuse(parameters, name, "is out of range");
        return 0;
    }
    return integer;
}

int64_t pdns_parameters_integer(const struct pdns_parameters *parameters, const char *name)
{
    const json_t *value = find_required(parameters, name);

    return value ? read_integer(parameters, name, value, INT64_MIN, INT64_MAX) : 0;
}

int64_t pdns_parameters_integer_or(const struct pdns_parameters *parameters, const char *name,
                                   int64_t fallback)
{
    const json_t *value = find(parameters, name);

    return value ? read_integer(parameters, name, value, INT64_MIN, INT64_MAX) : fallback;
}

uint32_t pdns_parameters_uint32(const struct pdns_parameters *parameters, const char *name)
{
    const json_t *value = find_required(parameters, name);

    return value ? (uint32_t)read_integer(parameters, name, value, 0, UINT32_MAX) : 0;
}

uint32_t pdns_parameters_wrapped_uint32(const struct pdns_parameters *parameters, const char *name)
{
    const json_t *value = find_required(parameters, name);

    return value ? (uint32_t)read_integer(parameters, name, value, INT32_MIN, UINT32_MAX) : 0;
}

static bool read_bool(const struct pdns_parameters *parameters, const char *name,
                      const json_t *value)
{
    bool result = false;

    if (!pdns_json_values_to_bool(value, &result))
        refuse(parameters, name, "must be true or false");
    return result;
}

bool pdns_parameters_bool(const struct pdns_parameters *parameters, const char *name)
{
    const json_t *value = find_required(parameters, name);

    return value ? read_bool(parameters, name, value) : false;
}

bool pdns_parameters_bool_or(const struct pdns_parameters *parameters, const char *name,
                             bool fallback)
{
    const json_t *value = find(parameters, name);

    return value ? read_bool(parameters, name, value) : fallback;
}

struct pdns_parameters pdns_parameters_object(const struct pdns_parameters *parameters,
                                              const char *name)
{
    const json_t *value = find_required(parameters, name);

    if (value && !json_is_object(value)) {
        refuse(parameters, name, "must be an object");
        value = NULL;
    }
    return (struct pdns_parameters){parameters->decoder, value, name, SIZE_MAX};
}

static const json_t *find_array(const struct pdns_parameters *parameters, const char *name)
{
    const json_t *value = find_required(parameters, name);

    if (!value || json_is_array(value))
        return value;
    refuse(parameters, name, "must be an array");
    return NULL;
}

const void *
pdns_parameters_objects(const struct pdns_parameters *parameters, const char *name, size_t size,
                        void (*decode)(const struct pdns_parameters *element, void *ret),
                        size_t *ret_count)
{
    struct pdns_decoder *decoder = parameters->decoder;
    const json_t *array = find_array(parameters, name);
    size_t count = json_array_size(array);
    char *elements = array ? allocate(decoder, count, size) : NULL;

    for (size_t i = 0; elements && i < count && decoder->status == 0; i++) {
        struct pdns_parameters element = {decoder, json_array_get(array, i), name, i};

        if (json_is_object(element.object))
            decode(&element, elements + i * size);
        else
            refuse_element(parameters, name, i, "must be an object");
    }
    *ret_count = elements ? count : 0;
    return elements;
}

static const char *const *one_string(const struct pdns_parameters *parameters, const char *name,
                                     const json_t *value, size_t *ret_count)
{
    const char **string = allocate(parameters->decoder, 1, sizeof(*string));

    if (!string)
        return NULL;
    *string = read_string(parameters, name, value);
    *ret_count = 1;
    return string;
}

static const char *const *many_strings(const struct pdns_parameters *parameters, const char *name,
                                       const json_t *array, size_t *ret_count)
{
    struct pdns_decoder *decoder = parameters->decoder;
    size_t count = json_array_size(array);
    const char **strings = allocate(decoder, count, sizeof(*strings));

    for (size_t i = 0; strings && i < count; i++) {
        const json_t *value = json_array_get(array, i);
        const char *problem = check_string(value);

        if (problem)
            refuse_element(parameters, name, i, problem);
        strings[i] = problem ? "" : read_bytes(decoder, value).data;
    }
    *ret_count = strings ? count : 0;
    return strings;
}

const char *const *pdns_parameters_strings(const struct pdns_parameters *parameters,
                                           const char *name, size_t *ret_count)
{
    const json_t *value = find_required(parameters, name);

    *ret_count = 0;
    if (!value)
        return NULL;
    if (json_is_string(value))
        return one_string(parameters, name, value, ret_count);
    value = find_array(parameters, name);
    return value ? many_strings(parameters, name, value, ret_count) : NULL;
}

static const char *number_to_text(struct pdns_decoder *decoder, const json_t *value)
{
    char *text = allocate(decoder, 1, 32);

    if (!text)
        return "";
    if (json_is_integer(value))
        snprintf(text, 32, "%" JSON_INTEGER_FORMAT, json_integer_value(value));
    else
        snprintf(text, 32, "%.17g", json_real_value(value));
    return text;
}

static const char *option_value(const struct pdns_parameters *parameters, const char *name,
                                const json_t *value)
{
    switch (json_typeof(value)) {
    case JSON_STRING:
        return read_string(parameters, name, value);
    case JSON_INTEGER:
    case JSON_REAL:
        return number_to_text(parameters->decoder, value);
    case JSON_TRUE:
        return "true";
    case JSON_FALSE:
        return "false";
    case JSON_NULL:
        return "";
    default:
        refuse(parameters, name, "must be a string");
        return "";
    }
}

const struct pdns_option *pdns_parameters_options(const struct pdns_parameters *parameters,
                                                  size_t *ret_count)
{
    struct pdns_decoder *decoder = parameters->decoder;
    /* jansson iterates over objects that it may change, so the iterator wants one without const. */
    json_t *object = (json_t *)parameters->object;
    struct pdns_option *options = allocate(decoder, json_object_size(object), sizeof(*options));
    size_t count = 0;
    const char *name;
    json_t *value;

    *ret_count = 0;
    if (!options)
        return NULL;
    json_object_foreach(object, name, value)
    {
        options[count].name = restore(decoder, name, strlen(name)).data;
        options[count].value = option_value(parameters, options[count].name, value);
        count++;
    }
    *ret_count = count;
    return options;
}
