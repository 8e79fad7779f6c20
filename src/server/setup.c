#include "server/setup.h"

#include "dns/ranges.h"
#include "resolve/forwarder.h"

/* Seconds: one until anything new can be learned, up to two that refreshes are spread over, and
 * some for the resolution and a short backlog. No setting: more would only make answers older, and
 * less would have people wait. */
#define REFRESH_GRACE 5

bool setup_is_forwarder(const char *text)
{
    char address[FORWARDER_TEXT_SIZE];
    const char *problem;

    return forwarder_parse(text, true, address, &problem) == 0;
}

bool setup_is_range(const char *text)
{
    return ranges_is_word(text);
}

struct database_config setup_database(const struct settings *settings)
{
    return (struct database_config){
        .path = settings->zones_db,
        .read_only = !settings->zone_upkeep,
        .busy_timeout_ms = settings->busy_timeout,
        .default_ttl = settings->default_ttl,
    };
}

struct alias_config setup_alias(const struct settings *settings, const struct ranges *deny)
{
    return (struct alias_config){
        .resolve_timeout_ms = settings->resolve_timeout,
        .resolve_retries = settings->resolve_retries,
        .answer_deadline_ms = settings->answer_deadline,
        .stale_ttl = settings->stale_ttl,
        .max_stale = settings->max_stale,
        .ttl_min = settings->alias_ttl_min,
        .ttl_max = settings->alias_ttl_max,
        .negative_ttl_max = settings->negative_ttl_max,
        .retry_min = settings->retry_min,
        .retry_max = settings->retry_max,
        .grace = REFRESH_GRACE,
        .refresh_idle = settings->refresh_idle,
        .publish_min = settings->transfer_refresh_min,
        .deny = deny,
        .limits =
            {
                .zone_targets_max = settings->zone_targets_max,
                .zone_resolutions_max = settings->zone_resolutions_max,
                .resolutions_max = settings->resolutions_max,
                .memory_max = (uint64_t)settings->alias_memory_max * 1024 * 1024,
            },
    };
}

struct resolver_config setup_resolver(const struct settings *settings)
{
    return (struct resolver_config){
        .forward = (const char *const *)settings->forward,
        .forward_tls = settings->forward_tls,
        .tls_cert_bundle = settings->tls_cert_bundle,
        .resolv_conf = settings->resolv_conf,
        .root_hints = settings->root_hints,
        .trust_anchor_file = settings->trust_anchor_file,
        .trust_anchors = (const char *const *)settings->trust_anchor,
        .options = (const char *const *)settings->unbound_option,
    };
}
