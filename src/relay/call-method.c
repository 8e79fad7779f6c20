#include "relay/call-method.h"

#include <string.h>

#include "backend-protocol/methods.h"

/* As json11 writes it. */
static const char beginning[] = "{\"method\": \"";

/* The longest is getBeforeAndAfterNamesAbsolute. */
#define NAME_MAX_LENGTH 40

static enum pdns_method find_at_beginning(const struct piece *first)
{
    const size_t skipped = sizeof(beginning) - 1;
    char name[NAME_MAX_LENGTH + 1];
    const char *quote;
    size_t length;

    if (first->size < skipped || memcmp(first->data, beginning, skipped) != 0)
        return PDNS_METHODS;
    quote = memchr(first->data + skipped, '"', first->size - skipped);
    if (!quote)
        return PDNS_METHODS;
    length = quote - (first->data + skipped);
    if (length > NAME_MAX_LENGTH)
        return PDNS_METHODS;
    memcpy(name, first->data + skipped, length);
    name[length] = '\0';
    return pdns_methods_find(name);
}

static enum pdns_method decode(const struct piece *line)
{
    struct pdns_request request;
    struct pdns_request_error error;
    enum pdns_method method;

    if (pdns_request_decode(line->data, line->size, &request, &error) != 0)
        return error.method;
    method = request.method;
    pdns_request_deinit(&request);
    return method;
}

enum pdns_method call_method(const struct piece *first)
{
    enum pdns_method method = find_at_beginning(first);

    return method == PDNS_METHODS && first->ends ? decode(first) : method;
}
