#include "request.h"

#include "methods.h"
#include "parameters.h"
#include "plain-lookup.h"
#include "raw-bytes.h"
#include "request-memory.h"

#include <errno.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    /* Of what a client sent, no more than this much is quoted in a message. */
    QUOTE_MAX = 64,
};

__attribute__((format(printf, 2, 3))) static int refuse(struct pdns_decoder *decoder,
                                                        const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(decoder->error->message, sizeof(decoder->error->message), format, arguments);
    va_end(arguments);
    return PDNS_REQUEST_E_INVALID;
}

/* jansson goes on with the text that it stumbled over, which may be anything. */
static int refuse_json(struct pdns_decoder *decoder, json_error_t *error)
{
    char *near = strstr(error->text, " near ");

    if (json_error_code(error) == json_error_out_of_memory)
        return -ENOMEM;
    if (near)
        *near = '\0';
    return refuse(decoder, "invalid JSON at column %d: %s", error->column, error->text);
}

static bool is_printable(char c)
{
    return c >= ' ' && c < 0x7f;
}

/* Of UTF-8, a code point is one '?'. */
static bool is_continuation(char c)
{
    return ((unsigned char)c & 0xc0) == 0x80;
}

static int refuse_method(struct pdns_decoder *decoder, const char *name)
{
    char quote[QUOTE_MAX + 1];
    size_t size = 0;

    for (; *name && size < QUOTE_MAX; name++)
        if (!is_continuation(*name))
            quote[size++] = is_printable(*name) ? *name : '?';
    quote[size] = '\0';
    return refuse(decoder, "unknown method '%s%s'", quote, *name ? "..." : "");
}

/* jansson counts columns in code points, and a marked byte is one: columns are bytes of the line.
 */
static int parse_marked(struct pdns_decoder *decoder, const char *line, size_t size, size_t raw,
                        json_error_t *ret_error)
{
    size_t marked_size;
    char *marked;

    if (__builtin_mul_overflow(raw, 3, &marked_size) ||
        __builtin_add_overflow(marked_size, size, &marked_size))
        return -ENOMEM;
    marked = malloc(marked_size);
    if (!marked)
        return -ENOMEM;

    pdns_raw_bytes_mark(line, size, marked);
    decoder->has_raw_bytes = true;
    decoder->memory->root = json_loadb(marked, marked_size, JSON_ALLOW_NUL, ret_error);
    free(marked);
    return 0;
}

static int parse(struct pdns_decoder *decoder, const char *line, size_t size)
{
    size_t raw = pdns_raw_bytes_count(line, size);
    json_error_t error;
    int r;

    if (raw == 0) {
        decoder->memory->root = json_loadb(line, size, JSON_ALLOW_NUL, &error);
    } else {
        r = parse_marked(decoder, line, size, raw, &error);
        if (r != 0)
            return r;
    }

    if (!decoder->memory->root)
        return refuse_json(decoder, &error);
    if (!json_is_object(decoder->memory->root))
        return refuse(decoder, "the request is no JSON object");
    return 0;
}

static int decode_method(struct pdns_decoder *decoder)
{
    const json_t *method = json_object_get(decoder->memory->root, "method");

    if (!method || json_is_null(method))
        return refuse(decoder, "no 'method'");
    if (!json_is_string(method))
        return refuse(decoder, "'method' must be a string");
    decoder->method = pdns_methods_find(json_string_value(method));
    if (decoder->method == PDNS_METHODS)
        return refuse_method(decoder, json_string_value(method));
    decoder->error->method = decoder->method;
    return 0;
}

static int decode_parameters(struct pdns_decoder *decoder, struct pdns_request *ret)
{
    const json_t *object = json_object_get(decoder->memory->root, "parameters");
    struct pdns_parameters parameters = {decoder, object, NULL, SIZE_MAX};

    /* Some languages can't tell an empty object from an empty list. */
    if (json_is_null(object) || (json_is_array(object) && json_array_size(object) == 0))
        parameters.object = NULL;
    else if (object && !json_is_object(object))
        return refuse(decoder, "%s: 'parameters' must be an object",
                      pdns_method_name(decoder->method));

    pdns_methods[decoder->method].decode(&parameters, ret);
    return decoder->status;
}

static int decode(struct pdns_decoder *decoder, const char *line, size_t size,
                  struct pdns_request *ret)
{
    int r;

    r = pdns_plain_lookup_decode(line, size, decoder->memory, ret);
    if (r != PDNS_PLAIN_LOOKUP_E_OTHER) {
        decoder->method = PDNS_METHOD_LOOKUP;
        return r;
    }
    r = parse(decoder, line, size);
    if (r != 0)
        return r;
    r = decode_method(decoder);
    if (r != 0)
        return r;
    return decode_parameters(decoder, ret);
}

int pdns_request_decode(const char *line, size_t size, struct pdns_request *ret,
                        struct pdns_request_error *ret_error)
{
    struct pdns_request request = {0};
    struct pdns_decoder decoder = {
        .memory = pdns_request_memory_new(),
        .error = ret_error,
        .method = PDNS_METHODS,
    };
    int r;

    ret_error->message[0] = '\0';
    ret_error->method = PDNS_METHODS;
    if (!decoder.memory)
        return -ENOMEM;

    r = decode(&decoder, line, size, &request);
    if (r != 0) {
        pdns_request_memory_free(decoder.memory);
        return r;
    }
    request.method = decoder.method;
    request.memory = decoder.memory;
    *ret = request;
    return 0;
}

void pdns_request_deinit(struct pdns_request *request)
{
    pdns_request_memory_free(request->memory);
    request->memory = NULL;
}

const char *pdns_method_name(enum pdns_method method)
{
    return (unsigned)method < PDNS_METHODS ? pdns_methods[method].name : "unknown";
}
