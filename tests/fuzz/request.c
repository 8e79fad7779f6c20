/* libFuzzer: no line may crash the decoder, and each is either a request or has a message. */

#include "request.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct pdns_request_error error;
    struct pdns_request request;
    int r;

    r = pdns_request_decode((const char *)data, size, &request, &error);
    if (r == 0)
        pdns_request_deinit(&request);
    else if (r != PDNS_REQUEST_E_INVALID || error.message[0] == '\0')
        abort();
    return 0;
}
