#pragma once

#include <stdbool.h>
#include <stdint.h>

/*
 * The values of all settings. src/config.c knows their names, defaults and bounds and fills this
 * in; everything is owned, lists end with NULL, text is never NULL ("" = not given).
 */

struct settings {
    /* the socket */
    char *socket;
    char *socket_owner;
    char *socket_group;
    int64_t socket_mode; /* permission bits */
    int64_t max_sessions;
    int64_t max_request_size; /* MiB */

    /* the process */
    char *setuid;
    char *setgid;
    int64_t loglevel;     /* enum log_level */
    char *status_address; /* "" = none */

    /* the zone database */
    char *zones_db;
    bool zone_upkeep;          /* false: opened read-only */
    int64_t busy_timeout;      /* ms */
    int64_t default_ttl;       /* s */
    int64_t lookup_memory_max; /* MiB, of each session; 0 = none */

    /* what PowerDNS and secondaries are told of changes; nothing without zone_upkeep */
    char **pdns_control_socket;   /* absolute paths that fit a socket's address */
    int64_t publish_delay;        /* ms */
    bool auto_serial;             /* where a zone's metadata don't say */
    int64_t transfer_refresh_min; /* s */

    /* the fallback database */
    char *fallback_db; /* "" = none */

    /* what an ALIAS answers */
    char **alias_deny; /* as ranges_read_denied() takes them */
    int64_t alias_addresses_max;
    int64_t alias_hops_max;
    bool alias_txt;
    int64_t resolve_timeout; /* ms */
    int64_t resolve_retries;
    int64_t answer_deadline; /* ms */
    int64_t stale_ttl;       /* s, as all that follow */
    int64_t max_stale;
    int64_t alias_ttl_min;
    int64_t alias_ttl_max;
    int64_t negative_ttl_max;
    int64_t retry_min;
    int64_t retry_max;
    int64_t refresh_idle;
    int64_t zone_targets_max;     /* this and the next three: 0 = no limit */
    int64_t zone_resolutions_max; /* a second, as the next */
    int64_t resolutions_max;
    int64_t alias_memory_max; /* MiB */
    char *handoff_address;    /* "" = none */

    /* the resolver */
    char **forward;
    bool forward_tls;
    char *tls_cert_bundle;
    char *resolv_conf;
    char *root_hints;
    char *trust_anchor_file;
    char **trust_anchor;
    char **unbound_option;
};
