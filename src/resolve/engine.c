#include "resolve/engine.h"

#include <dlfcn.h>
#include <errno.h>
#include <event2/event.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unbound-event.h>
#include <unbound.h>

#include "dns/family.h"
#include "resolve/descriptors.h"
#include "resolve/forwarder.h"
#include "resolve/unbound-log.h"
#include "util/cleanup.h"
#include "util/log.h"

#define CLASS_IN 1

/* Queries under way at a time. With libunbound's default of 16 some hundred dead names delay every
 * good one by seconds. */
#define OUTGOING_RANGE   4096

#define OPTION_NAME_SIZE 64

static void delete_context(struct ub_ctx *context)
{
    ub_ctx_delete(context);
}
CLEANUP_DEFINE(struct ub_ctx *, delete_context)

static const struct {
    const char *name;
    const char *value;
} defaults[] = {
    {"num-queries-per-thread:", "4096"},
    /* The library's default is 2: a few dead servers would block all that needs TCP. */
    {"outgoing-num-tcp:", "64"},
    /* For how long a server that was silent is avoided, seconds (default 900). */
    {"infra-host-ttl:", "10"},
    {"infra-cache-numhosts:", "10000"},
    /* Bytes. The daemon has a memory of its own; these hold the way there. */
    {"msg-cache-size:", "4m"},
    {"rrset-cache-size:", "8m"},
    /* Stale answers and refreshing are decided in alias/. */
    {"serve-expired:", "no"},
    {"prefetch:", "no"},
    /* Off in the library, on in unbound. */
    {"harden-glue:", "yes"},
    /* Special-use zones that people do use inside (RFC 6761, RFC 8375): ask upstream. The other
     * built-in ones stay: localhost, which must not be asked for outside, and .onion. (Not
     * `nodefault`: from this interface it is taken and has no effect.) */
    {"local-zone:", "test. transparent"},
    {"local-zone:", "invalid. transparent"},
    {"local-zone:", "home.arpa. transparent"},
};

/* A setting that libunbound didn't take. */
static int refuse(const char *setting, const char *value, int error)
{
    const char *problem = unbound_log_release();

    if (error == UB_NOMEM)
        return -ENOMEM;
    log_error("%s '%s': %s", setting, value, *problem ? problem : ub_strerror(error));
    return -EINVAL;
}

static int set_option(struct ub_ctx *context, const char *name, const char *value)
{
    /* libunbound's prototype lacks const in older versions; it copies both. */
    int error = ub_ctx_set_option(context, (char *)name, (char *)value);

    return error == 0 ? 0 : refuse("unbound-option", name, error);
}

static int apply_defaults(struct ub_ctx *context)
{
    char range[16];

    for (size_t i = 0; i < sizeof(defaults) / sizeof(*defaults); ++i) {
        int r = set_option(context, defaults[i].name, defaults[i].value);

        if (r < 0)
            return r;
    }
    snprintf(range, sizeof(range), "%d", descriptors_provide(OUTGOING_RANGE));
    return set_option(context, "outgoing-range:", range);
}

/* libunbound reads files late and says little; so look first. "" = not set. */
static int check_file(const char *setting, const char *path)
{
    FILE *file;

    if (!path || !*path)
        return 0;
    file = fopen(path, "re");
    if (!file || fgetc(file) == EOF) {
        log_error("%s '%s': %s", setting, path,
                  !file          ? strerror(errno)
                  : ferror(file) ? strerror(errno)
                                 : "is empty");
        if (file)
            fclose(file);
        return -EINVAL;
    }
    fclose(file);
    return 0;
}

/* Whether libunbound is linked with OpenSSL, the only TLS library that it can use. Debian's is not,
 * takes the setting all the same, and then fails every resolution. A handle's symbols are those of
 * the library and of what it depends on, not of the whole process. */
static bool has_tls(void)
{
    void *function = dlsym(RTLD_DEFAULT, "ub_ctx_create_event");
    Dl_info info;
    void *library;
    bool found;

    if (!function || dladdr(function, &info) == 0)
        return false;
    library = dlopen(info.dli_fname, RTLD_LAZY | RTLD_NOLOAD);
    if (!library) /* linked into the daemon itself */
        library = dlopen(NULL, RTLD_LAZY);
    if (!library)
        return false;
    found = dlsym(library, "SSL_CTX_new");
    dlclose(library);
    return found;
}

static int require_tls(const char *setting)
{
    if (has_tls())
        return 0;
    log_error("%s: this libunbound (%s) was built without TLS", setting, ub_version());
    return -EINVAL;
}

static bool is_empty(const char *const *list)
{
    return !list || !*list;
}

static int apply_tls(struct ub_ctx *context, const struct resolver_config *config)
{
    int r;

    if (!config->forward_tls)
        return 0;
    if (is_empty(config->forward)) {
        log_error("DNS over TLS needs a forwarder to speak it to");
        return -EINVAL;
    }
    r = require_tls("DNS over TLS");
    if (r < 0)
        return r;
    ub_ctx_set_tls(context, 1);
    if (!config->tls_cert_bundle || !*config->tls_cert_bundle)
        return set_option(context, "tls-system-cert:", "yes");
    r = check_file("tls-cert-bundle", config->tls_cert_bundle);
    return r < 0 ? r : set_option(context, "tls-cert-bundle:", config->tls_cert_bundle);
}

static int apply_forwarders(struct ub_ctx *context, const struct resolver_config *config)
{
    const char *problem;
    char text[FORWARDER_TEXT_SIZE];
    int r;

    for (const char *const *p = config->forward; p && *p; ++p) {
        if (forwarder_parse(*p, config->forward_tls, text, &problem) < 0) {
            log_error("forward '%s': %s", *p, problem);
            return -EINVAL;
        }
        r = ub_ctx_set_fwd(context, text);
        if (r != 0)
            return refuse("forward", *p, r);
    }
    return 0;
}

static int apply_files(struct ub_ctx *context, const struct resolver_config *config)
{
    int r;

    /* Both would end up in one list. */
    if (is_empty(config->forward) && config->resolv_conf && *config->resolv_conf) {
        r = check_file("resolv-conf", config->resolv_conf);
        if (r < 0)
            return r;
        r = ub_ctx_resolvconf(context, config->resolv_conf);
        if (r != 0)
            return refuse("resolv-conf", config->resolv_conf, r);
    }
    if (config->root_hints && *config->root_hints) {
        r = check_file("root-hints", config->root_hints);
        if (r < 0)
            return r;
        return set_option(context, "root-hints:", config->root_hints);
    }
    return 0;
}

static bool has_anchors(const struct resolver_config *config)
{
    return (config->trust_anchor_file && *config->trust_anchor_file) ||
           !is_empty(config->trust_anchors);
}

static const char *modules(const struct resolver_config *config)
{
    return has_anchors(config) ? "validator iterator" : "iterator";
}

static int apply_anchors(struct ub_ctx *context, const struct resolver_config *config)
{
    int r;

    if (config->trust_anchor_file && *config->trust_anchor_file) {
        r = check_file("trust-anchor-file", config->trust_anchor_file);
        if (r < 0)
            return r;
        r = ub_ctx_add_ta_file(context, config->trust_anchor_file);
        if (r != 0)
            return refuse("trust-anchor-file", config->trust_anchor_file, r);
    }
    for (const char *const *p = config->trust_anchors; p && *p; ++p) {
        r = ub_ctx_add_ta(context, *p);
        if (r != 0)
            return refuse("trust-anchor", *p, r);
    }
    return set_option(context, "module-config:", modules(config));
}

/* Taken and without effect from this interface (1.17), unlike in unbound.conf. */
static bool is_nodefault(const char *name, const char *value)
{
    const char *type = strstr(value, "nodefault");

    return strcmp(name, "local-zone:") == 0 && type && type[strlen("nodefault")] == '\0';
}

static int apply_option(struct ub_ctx *context, const char *option)
{
    char name[OPTION_NAME_SIZE];
    const char *value = strchr(option, ':');
    int error;

    if (!value || value == option || (size_t)(value - option) > sizeof(name) - 2) {
        log_error("unbound-option '%s': not NAME:VALUE", option);
        return -EINVAL;
    }
    ++value;
    snprintf(name, sizeof(name), "%.*s", (int)(value - option), option);
    value += strspn(value, " \t");
    if (is_nodefault(name, value)) {
        log_error("unbound-option '%s': has no effect in libunbound, say 'transparent'", option);
        return -EINVAL;
    }
    error = ub_ctx_set_option(context, name, (char *)value);
    return error == 0 ? 0 : refuse("unbound-option", option, error);
}

static bool option_is(struct ub_ctx *context, const char *name, const char *expected)
{
    char *value = NULL;
    bool is;

    if (ub_ctx_get_option(context, (char *)name, &value) != 0)
        return false;
    is = value && strcmp(value, expected) == 0;
    free(value);
    return is;
}

/* What the operator may not pass through, whatever way it was written. */
static int check_options(struct ub_ctx *context, const struct resolver_config *config)
{
    /* An unknown module crashes libunbound 1.17 when the context is freed. */
    if (!option_is(context, "module-config", modules(config))) {
        log_error(
            "unbound-option 'module-config': not to be set, the validator is used if there is "
            "a trust anchor");
        return -EINVAL;
    }
    if (option_is(context, "serve-expired", "yes")) {
        log_error("unbound-option 'serve-expired: yes': stale answers are served by this daemon, "
                  "with limits and after a failure only; expired ones from libunbound would pass "
                  "for fresh (see stale-ttl and max-stale)");
        return -EINVAL;
    }
    if (option_is(context, "tls-upstream", "yes"))
        return require_tls("unbound-option 'tls-upstream: yes'");
    return 0;
}

static int apply_config(struct ub_ctx *context, const struct resolver_config *config)
{
    int r = apply_defaults(context);

    if (r == 0)
        r = apply_tls(context, config);
    if (r == 0)
        r = apply_forwarders(context, config);
    if (r == 0)
        r = apply_files(context, config);
    if (r == 0)
        r = apply_anchors(context, config);
    for (const char *const *p = config->options; r == 0 && p && *p; ++p)
        r = apply_option(context, *p);
    return r == 0 ? check_options(context, config) : r;
}

static void forget_answer(void *userdata, int rcode, void *packet, int size, int security,
                          char *why_bogus, int was_ratelimited)
{
}

/* libunbound looks at most of its settings only when it resolves something. `localhost` is answered
 * from a built-in zone; should the operator have taken that away, the query is cancelled. */
static int try_out(struct ub_ctx *context, const struct resolver_config *config)
{
    const char *problem;
    int id = 0, error;

    error = ub_resolve_event(context, "localhost.", DNS_TYPE_A, CLASS_IN, NULL, forget_answer, &id);
    problem = unbound_log_release();
    if (error != 0) {
        /* An anchor that can't be read is not named by libunbound. */
        log_error("libunbound can't be started: %s%s%s%s", ub_strerror(error), *problem ? ": " : "",
                  problem,
                  has_anchors(config) ? "; is each trust-anchor a DS or DNSKEY record?" : "");
        return error == UB_NOMEM ? -ENOMEM : -EINVAL;
    }
    if (*problem)
        log_warning("libunbound: %s", problem);
    if (id != 0)
        ub_cancel(context, id);
    return 0;
}

int engine_new(struct event_base *base, const struct resolver_config *config, struct ub_ctx **ret)
{
    CLEANUP(delete_contextp) struct ub_ctx *context = ub_ctx_create_event(base);
    int r;

    if (!context)
        return -ENOMEM;
    r = unbound_log_attach(context);
    if (r < 0)
        return r;
    unbound_log_hold();
    r = apply_config(context, config);
    if (r == 0)
        r = try_out(context, config);
    unbound_log_release();
    if (r < 0)
        return r;
    *ret = TAKE(context);
    return 0;
}
