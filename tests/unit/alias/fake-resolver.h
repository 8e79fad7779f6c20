#pragma once

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "alias/targets.h"

/*
 * A resolver that only notes what was asked of it; the test answers when it likes. A target whose
 * name begins with "quick-" is answered by a thread at once: A with 192.0.2.1, TTL 300, AAAA with
 * NODATA, TTL 300.
 */

#define FAKE_RESOLVER_STARTS 4096

struct fake_resolver {
    struct targets *targets;
    pthread_mutex_t lock;
    struct {
        char target[64];
        enum dns_family family;
    } starts[FAKE_RESOLVER_STARTS];
    size_t started;
    size_t answered; /* of `starts`, by the thread */
    bool is_refusing;
    bool is_ending;
    pthread_t thread;
};

/* Timeouts that tests can wait for: 200 ms, one retry, 400 ms deadline. */
extern const struct alias_config fake_resolver_config;

void fake_resolver_init(struct fake_resolver *fake, const struct alias_config *config);
void fake_resolver_deinit(struct fake_resolver *fake);

/* A deadline that isn't the one that ends a wait: those of the configuration do. */
int64_t fake_resolver_patience(void);

/* Resolutions started so far. */
size_t fake_resolver_started(struct fake_resolver *fake);

/* Those of one target and family. */
size_t fake_resolver_started_of(struct fake_resolver *fake, const char *target,
                                enum dns_family family);

/* Waits until as many were started. */
void fake_resolver_await(struct fake_resolver *fake, size_t started);

/* Ends a resolution. `addresses` are separated by spaces; "" = none (EMPTY); NULL = FAILURE. */
void fake_resolver_answer(struct fake_resolver *fake, const char *target, enum dns_family family,
                          const char *addresses, uint32_t ttl);
