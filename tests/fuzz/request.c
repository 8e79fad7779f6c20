/* libFuzzer: no line may crash the decoder, each is either a request or has a message, and what is
 * decoded without jansson (plain-lookup.h) comes out as with it, where a blank ahead takes it. */

#include "request.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_same(const struct pdns_request *request, const uint8_t *data, size_t size)
{
    struct pdns_request_error error;
    struct pdns_request other;
    char *blank = malloc(size + 1);

    if (!blank)
        return;
    blank[0] = ' ';
    memcpy(blank + 1, data, size);
    if (pdns_request_decode(blank, size + 1, &other, &error) != 0 ||
        other.method != request->method)
        abort();
    if (other.method == PDNS_METHOD_LOOKUP &&
        (strcmp(other.parameters.lookup.qname, request->parameters.lookup.qname) != 0 ||
         strcmp(other.parameters.lookup.qtype, request->parameters.lookup.qtype) != 0 ||
         strcmp(other.parameters.lookup.remote, request->parameters.lookup.remote) != 0 ||
         strcmp(other.parameters.lookup.local, request->parameters.lookup.local) != 0 ||
         strcmp(other.parameters.lookup.real_remote, request->parameters.lookup.real_remote) != 0 ||
         other.parameters.lookup.zone_id != request->parameters.lookup.zone_id))
        abort();
    pdns_request_deinit(&other);
    free(blank);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pdns_request_error error;
    struct pdns_request request;
    int r;

    r = pdns_request_decode((const char *)data, size, &request, &error);
    if (r == 0) {
        check_same(&request, data, size);
        pdns_request_deinit(&request);
    } else if (r != PDNS_REQUEST_E_INVALID || error.message[0] == '\0') {
        abort();
    }
    return 0;
}
