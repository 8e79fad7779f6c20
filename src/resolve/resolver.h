#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "dns/family.h"
#include "resolve/outcome.h"

/*
 * Resolution with libunbound, on the main thread's event base
 *
 * resolver_request() may be called from any thread and returns at once; the resolution starts and
 * ends on the main thread. Each request gets exactly one call of `done`, from the event loop, never
 * from inside resolver_request(). Requests for what libunbound is asking for already join that
 * query.
 *
 * Options can't be changed in a libunbound context once it has resolved; resolver_reconfigure()
 * makes a new context. Requests that are under way in the old one end there; it is freed after the
 * last of them, outside libunbound's callbacks.
 */

struct event_base;
struct resolver;

struct resolver_config {
    /* Name servers to forward to, "ADDR", "ADDR@PORT" or "ADDR:PORT" ("[V6]:PORT"), NULL-ended.
     * Empty, and no `resolv_conf`: full recursion. */
    const char *const *forward;
    bool forward_tls;                 /* DNS over TLS to them (RFC 7858) */
    const char *tls_cert_bundle;      /* PEM file to authenticate them with; "" = system's */
    const char *resolv_conf;          /* without `forward`: take them from this file; "" = don't */
    const char *root_hints;           /* file; "" = built in */
    const char *trust_anchor_file;    /* zone-file format; "" = none. With an anchor, answers are
                                         validated and bogus ones are failures. */
    const char *const *trust_anchors; /* DS or DNSKEY records as text, NULL-ended */
    const char *const *options;       /* "NAME:VALUE" as in unbound.conf, NULL-ended; set last */
};

/* `target` is borrowed for the call. `outcome` is owned by the callee's caller: copy, or take its
 * `addresses` by leaving an empty set behind. Called on the main thread. */
typedef void (*resolver_done_fn)(void *userdata, const char *target, enum dns_family family,
                                 struct outcome *outcome);

/* Makes a resolver on `base`. 0; -EINVAL after a logged message that names the setting that
 * libunbound refuses (TLS with a libunbound that has none, an unreadable file, an unknown option);
 * -ENOMEM. */
int resolver_new(struct event_base *base, const struct resolver_config *config,
                 resolver_done_fn done, void *userdata, struct resolver **ret);

/* A new context is wanted, one that remembers nothing: the callee calls resolver_reconfigure(), on
 * the main thread and outside libunbound's callbacks, before anything more is started. Either
 * because of resolver_forget(); or because the wall clock was set, by `clock_shift` seconds:
 * libunbound reckons its cache's times by that clock, and would keep what it has for as long as it
 * was set back, the servers that it avoids among them. */
typedef void (*resolver_renew_fn)(void *userdata, int64_t clock_shift);

/* Right after resolver_new(), whose `userdata` it is that `renew` gets. Without this libunbound's
 * cache is kept. */
void resolver_set_renewal(struct resolver *resolver, resolver_renew_fn renew);

/* What is requested from now on shall not be answered from libunbound's cache. Any thread. */
void resolver_forget(struct resolver *resolver);

/* Only outside callbacks. Resolutions under way get no `done` any more. NULL is allowed. */
void resolver_free(struct resolver *resolver);

/* The main thread only. As resolver_new(); on failure the old context goes on. */
int resolver_reconfigure(struct resolver *resolver, const struct resolver_config *config);

/* Any thread. `target` is copied. 0 or -ENOMEM. */
int resolver_request(struct resolver *resolver, const char *target, enum dns_family family);

/* Requests accepted whose `done` has not been called. Any thread. */
size_t resolver_pending(struct resolver *resolver);

/* Tries `config` out without an event base, for --check-config. 0 or -EINVAL, logged. */
int resolver_check(const struct resolver_config *config);
