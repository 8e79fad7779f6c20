#pragma once

#include "parameters.h"
#include "request.h"

/*
 * The methods: what each is called and how its parameters are read. Indexed by enum pdns_method.
 */

struct pdns_method_entry {
    const char *name; /* as PowerDNS spells it */
    void (*decode)(const struct pdns_parameters *parameters, struct pdns_request *ret);
};

extern const struct pdns_method_entry pdns_methods[PDNS_METHODS];

/* The method of that name, in any case, or PDNS_METHODS. */
enum pdns_method pdns_methods_find(const char *name);
