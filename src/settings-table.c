#include "settings-table.h"

#include <string.h>
#include <sys/un.h>

#include "build-config.h"
#include "server/handoff-address.h"
#include "server/setup.h"

#define FIELD(field) .offset = offsetof(struct settings, field)

static bool is_option(const char *item)
{
    const char *colon = strchr(item, ':');

    return colon && colon != item;
}

static bool is_socket_path(const char *text)
{
    return text[0] == '/' && strlen(text) < sizeof(((struct sockaddr_un *)NULL)->sun_path);
}

const struct setting settings_table[] = {
    {"socket", SETTING_TEXT, FIELD(socket), DEFAULT_SOCKET,
     .meaning = "Unix socket that PowerDNS connects to"},
    {"socket-mode", SETTING_MODE, FIELD(socket_mode), "0660", 0, 0777,
     .meaning = "its permissions, octal"},
    {"socket-owner", SETTING_TEXT, FIELD(socket_owner), "",
     .meaning = "user, by name or number, that shall own it"},
    {"socket-group", SETTING_TEXT, FIELD(socket_group), "",
     .meaning = "group, by name or number, that shall own it: the one PowerDNS runs as"},
    {"max-sessions", SETTING_NUMBER, FIELD(max_sessions), "128", 1, 10000, "connections", true,
     "more connections at a time than this are refused"},
    {"max-request-size", SETTING_NUMBER, FIELD(max_request_size), "512", 1, 4096, "MiB", true,
     "longer requests are refused"},

    {"loglevel", SETTING_NUMBER, FIELD(loglevel), "5", 0, 9, "", true,
     "as PowerDNS's: 3 errors, 4 warnings, 5 notices, 6 information, 7 and above debugging"},
    {"status-address", SETTING_TEXT, FIELD(status_address), "", .unit = "ADDR:PORT",
     .meaning = "where metrics are given over HTTP, 127.0.0.1:9853 say; empty: nowhere"},
    {"setuid", SETTING_TEXT, FIELD(setuid), "",
     .meaning = "user to become once the socket is made"},
    {"setgid", SETTING_TEXT, FIELD(setgid), "",
     .meaning = "group to become; empty: that of setuid"},

    {"zones-db", SETTING_TEXT, FIELD(zones_db), DEFAULT_STATE_DIR "/zones.db",
     .meaning = "SQLite database of the zones, in gsqlite3's schema"},
    {"zone-upkeep", SETTING_BOOLEAN, FIELD(zone_upkeep), "yes",
     .meaning = "keep zones in order, and let PowerDNS write; no: the zone database is opened "
                "read-only (a replica)"},
    {"busy-timeout", SETTING_NUMBER, FIELD(busy_timeout), "500", 0, 60000, "ms",
     .meaning = "how long to wait for another writer's lock before the call fails"},
    {"default-ttl", SETTING_NUMBER, FIELD(default_ttl), "3600", 0, INT32_MAX, "s",
     .meaning = "TTL of rows whose ttl is NULL"},
    {"lookup-memory-max", SETTING_NUMBER, FIELD(lookup_memory_max), "8", 0, 64, "MiB", true,
     "of each connection, for what it has looked up; it is forgotten when anything is committed"},

    {"pdns-control-socket", SETTING_REPEATED, FIELD(pdns_control_socket), "", .unit = "/PATH",
     .meaning = "control socket of a PowerDNS, which is told at once what to forget and whom to "
                "notify when a zone changes; may be given several times",
     .is_valid = is_socket_path},
    {"publish-delay", SETTING_NUMBER, FIELD(publish_delay), "2000", 0, 600000, "ms", true,
     "how long after a change of a primary zone it is published (serial, NOTIFY), together with "
     "all that has changed meanwhile"},
    {"auto-serial", SETTING_BOOLEAN, FIELD(auto_serial), "yes", .unit = "", .reloads = true,
     .meaning = "raise the SOA serial of a primary zone that has changed, if nobody else did; "
                "metadata X-AUTO-SERIAL, 1 or 0, wins for a zone"},
    {"transfer-refresh-min", SETTING_NUMBER, FIELD(transfer_refresh_min), "60", 1, 86400, "s", true,
     "ALIAS targets of primary zones are resolved anew at their TTL, whether or not anybody asks, "
     "but not more often than this"},

    {"fallback-db", SETTING_TEXT, FIELD(fallback_db), DEFAULT_STATE_DIR "/fallback.db",
     .meaning = "SQLite database of the answers learned; empty: keep them in memory only"},

    {"forward", SETTING_LIST, FIELD(forward), "", .unit = "ADDR[@PORT]", .reloads = true,
     .meaning = "resolvers to ask, ADDR, ADDR@PORT or ADDR:PORT, by comma; none: those of "
                "resolv-conf, or full recursion",
     .is_valid = setup_is_forwarder},
    {"forward-tls", SETTING_BOOLEAN, FIELD(forward_tls), "no", .unit = "", .reloads = true,
     .meaning = "ask them over TLS (needs a libunbound with TLS)"},
    {"tls-cert-bundle", SETTING_TEXT, FIELD(tls_cert_bundle), "", .reloads = true,
     .meaning = "PEM file of the authorities that vouch for them"},
    {"resolv-conf", SETTING_TEXT, FIELD(resolv_conf), "", .reloads = true,
     .meaning = "file to take the resolvers from, /etc/resolv.conf say"},
    {"root-hints", SETTING_TEXT, FIELD(root_hints), "", .reloads = true,
     .meaning = "file with the root's name servers, for full recursion; empty: built in"},
    {"trust-anchor-file", SETTING_TEXT, FIELD(trust_anchor_file), "", .reloads = true,
     .meaning = "file with DS or DNSKEY records; with any trust anchor, answers are validated"},
    {"trust-anchor", SETTING_REPEATED, FIELD(trust_anchor), "", .unit = "DS or DNSKEY",
     .reloads = true, .meaning = "one such record; may be given several times"},
    {"unbound-option", SETTING_REPEATED, FIELD(unbound_option), "", .unit = "NAME:VALUE",
     .reloads = true, .meaning = "any option of unbound.conf(5); may be given several times",
     .is_valid = is_option},

    {"resolve-timeout", SETTING_NUMBER, FIELD(resolve_timeout), "500", 1, 60000, "ms", true,
     "how long a query waits for an ALIAS target before it gets the stale answer"},
    {"resolve-retries", SETTING_NUMBER, FIELD(resolve_retries), "1", 0, 100, "", true,
     "how often it waits that long again if nothing is known yet"},
    {"answer-deadline", SETTING_NUMBER, FIELD(answer_deadline), "1000", 1, 60000, "ms", true,
     "no query waits longer than this in all (PowerDNS gives up at 2000)"},
    {"stale-ttl", SETTING_NUMBER, FIELD(stale_ttl), "30", 0, INT32_MAX, "s", true,
     "TTL of stale answers"},
    {"max-stale", SETTING_NUMBER, FIELD(max_stale), "259200", 0, INT32_MAX, "s", true,
     "how long after expiry an answer is still served"},
    {"alias-ttl-min", SETTING_NUMBER, FIELD(alias_ttl_min), "5", 0, INT32_MAX, "s", true,
     "smallest TTL of answers for ALIAS, and how long they are fresh at least"},
    {"alias-ttl-max", SETTING_NUMBER, FIELD(alias_ttl_max), "86400", 1, INT32_MAX, "s", true,
     "largest TTL of answers for ALIAS, and how long they are fresh at most"},
    {"negative-ttl-max", SETTING_NUMBER, FIELD(negative_ttl_max), "300", 0, INT32_MAX, "s", true,
     "how long at most a target is known to have no address before it is asked again"},
    {"retry-min", SETTING_NUMBER, FIELD(retry_min), "1", 1, 86400, "s", true,
     "how long a target is left alone after its first failure; doubles"},
    {"retry-max", SETTING_NUMBER, FIELD(retry_max), "300", 1, 86400, "s", true, "up to this"},
    {"refresh-idle", SETTING_NUMBER, FIELD(refresh_idle), "3600", 0, INT32_MAX, "s", true,
     "how often a target that nobody asks for is resolved anew; 0: such targets aren't resolved"},
    {"zone-targets-max", SETTING_NUMBER, FIELD(zone_targets_max), "20000", 0, INT32_MAX, "", true,
     "how many targets the ALIAS rows of one zone may lead to; 0: any number, as for the next three"},
    {"zone-resolutions-max", SETTING_NUMBER, FIELD(zone_resolutions_max), "500", 0, 1000000, "",
     true, "how many resolutions of targets a second one zone may cause; more are put off"},
    {"resolutions-max", SETTING_NUMBER, FIELD(resolutions_max), "5000", 0, 1000000, "", true,
     "the same for all zones together, which have their turns"},
    {"alias-memory-max", SETTING_NUMBER, FIELD(alias_memory_max), "256", 0, 1048576, "MiB", true,
     "memory for targets, their names and addresses; no zone gets more of it than is left"},
    {"handoff-address", SETTING_TEXT, FIELD(handoff_address), "", .unit = "LOOPBACK:PORT",
     .meaning = "where to answer PowerDNS's questions about ALIAS targets that aren't known yet, "
                "instead of letting it wait; pdns.conf needs expand-alias=yes and resolver= this "
                "address; empty: off",
     .is_valid = handoff_address_is_valid},
    {"alias-deny", SETTING_LIST, FIELD(alias_deny), "default",
     .unit = "default, private, none, ADDR/PREFIX or ADDR", .reloads = true,
     .meaning = "addresses that no ALIAS leads to, by comma; the default ones always are among "
                "them, but for where the word none is",
     .is_valid = setup_is_range},
    {"alias-addresses-max", SETTING_NUMBER, FIELD(alias_addresses_max), "256", 1, 4000, "", true,
     "how many A and how many AAAA records an ALIAS becomes at most"},
    {"alias-hops-max", SETTING_NUMBER, FIELD(alias_hops_max), "16", 1, SETUP_HOPS_LIMIT, "", true,
     "how many ALIAS, CNAME and DNAME rows of our own zones are followed one after the other"},
    {"alias-txt", SETTING_BOOLEAN, FIELD(alias_txt), "no", .unit = "", .reloads = true,
     .meaning = "put a TXT record that tells the target beside each ALIAS, for debugging"},
};

_Static_assert(sizeof(settings_table) / sizeof(settings_table[0]) == SETTINGS_COUNT,
               "SETTINGS_COUNT is the number of settings");

const struct setting *setting_find(const char *name)
{
    for (size_t i = 0; i < SETTINGS_COUNT; ++i) {
        if (strcmp(settings_table[i].name, name) == 0)
            return &settings_table[i];
    }
    return NULL;
}

int settings_set_defaults(struct settings *settings)
{
    int r = 0;

    for (size_t i = 0; i < SETTINGS_COUNT && r == 0; ++i)
        r = setting_assign(&settings_table[i], settings, settings_table[i].initial,
                           SETTING_REPLACE);
    return r;
}

void settings_deinit(struct settings *settings)
{
    for (size_t i = 0; i < SETTINGS_COUNT; ++i)
        setting_clear(&settings_table[i], settings);
}
