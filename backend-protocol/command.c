#include "command.h"

#include <errno.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

/* Names in DNS are ASCII, so nothing that means anything is lost. */
static void replace_bytes(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text >= 0x80)
            *text = '?';
}

static json_t *pack(const char *command)
{
    char *ascii = strdup(command);
    json_t *request;

    if (!ascii)
        return NULL;
    replace_bytes(ascii);
    request =
        json_pack("{s:s, s:{s:s}}", "method", "directBackendCmd", "parameters", "query", ascii);
    free(ascii);
    return request;
}

int pdns_command_encode(const char *command, char **ret)
{
    json_t *request = pack(command);
    char *text = request ? json_dumps(request, JSON_COMPACT) : NULL;
    size_t size = text ? strlen(text) : 0;
    char *line = text ? realloc(text, size + 2) : NULL;

    json_decref(request);
    if (!line) {
        free(text);
        return -ENOMEM;
    }
    strcpy(line + size, "\n");
    *ret = line;
    return 0;
}

int pdns_command_decode(const char *line, size_t size, char **ret)
{
    json_error_t error;
    json_t *reply = json_loadb(line, size, 0, &error);
    const char *result = json_string_value(json_object_get(reply, "result"));
    char *text = result ? strdup(result) : NULL;

    json_decref(reply);
    if (!result)
        return reply || json_error_code(&error) != json_error_out_of_memory ? PDNS_COMMAND_E_INVALID
                                                                            : -ENOMEM;
    if (!text)
        return -ENOMEM;
    *ret = text;
    return 0;
}
