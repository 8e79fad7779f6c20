#pragma once

#include <stddef.h>
#include <stdint.h>

#include "dns/family.h"
#include "resolve/outcome.h"

/*
 * What libunbound's answer comes to
 *
 * Pure: the arguments of libunbound's callback in, an outcome out.
 */

struct verdict_answer {
    int rcode;             /* other than 0: libunbound gave up, there is no packet */
    const uint8_t *packet; /* borrowed */
    size_t size;
    int security;          /* 0 insecure, 1 bogus, 2 secure */
    const char *why_bogus; /* borrowed; NULL = not said */
};

/* Always an outcome: what can't be read is a failure. */
void verdict_of(const struct verdict_answer *answer, enum dns_family family, struct outcome *ret);

/* An OUTCOME_FAILURE with that reason. */
void verdict_failure(struct outcome *ret, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
