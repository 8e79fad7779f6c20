#include "alias/announcement.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* A dead upstream takes every target with it: the first ones are worth a line, not all. */
static struct log_limit limit = LOG_LIMIT(20, 10000);

/* What is no trouble has a budget of its own, and takes nothing of the other's. */
static struct log_limit info_limit = LOG_LIMIT(20, 10000);

/* Each zone says it once a minute already (limits_may_say()). */
static struct log_limit reached_limit = LOG_LIMIT(20, 10000);

__attribute__((format(printf, 4, 5))) static void add_line(struct announcement *announcement,
                                                           enum log_level level,
                                                           const struct table_entry *entry,
                                                           const char *format, ...)
{
    va_list arguments;
    char words[256];

    if (!log_is_enabled(level))
        return;
    if (announcement->count == ANNOUNCEMENT_LINES) {
        if (announcement->left_out++ == 0 || level < announcement->left_out_level)
            announcement->left_out_level = level;
        return;
    }
    va_start(arguments, format);
    vsnprintf(words, sizeof(words), format, arguments);
    va_end(arguments);

    size_t i = announcement->count++;

    announcement->lines[i].level = level;
    /* A name is at most 255 octets, if it isn't full of escapes: those are cut. */
    snprintf(announcement->lines[i].text, sizeof(announcement->lines[i].text),
             "ALIAS target %.240s. %s: %s", entry->target->name, dns_family_name(entry->family),
             words);
}

void announcement_failing(struct announcement *announcement, const struct table_entry *entry,
                          int64_t now)
{
    const struct state *state = &entry->state;

    if (state->knowledge == STATE_NOTHING)
        add_line(announcement, LOG_LEVEL_NOTICE, entry, "failing (%s), nothing to serve",
                 state->reason);
    else
        add_line(announcement, LOG_LEVEL_NOTICE, entry,
                 "failing (%s), serving %s from %" PRId64 " s ago", state->reason,
                 state_freshness(state, now) == STATE_IS_FRESH ? "what is known" : "stale",
                 (now - state->resolved_at) / 1000);
}

/* Which addresses of the answer are kept out of it. */
static void say_denied(struct announcement *announcement, const struct table_entry *entry)
{
    char denied[160];

    address_set_to_text(&entry->state.denied.addresses, entry->family, denied, sizeof(denied));
    add_line(announcement, LOG_LEVEL_NOTICE, entry, "alias-deny drops %s", denied);
}

void announcement_parted(struct announcement *announcement, const struct table_entry *entry)
{
    if (entry->state.denied.addresses.count > 0)
        say_denied(announcement, entry);
    else
        add_line(announcement, LOG_LEVEL_NOTICE, entry, "alias-deny drops none of its addresses");
}

void announcement_learned(struct announcement *announcement, const struct table_entry *entry,
                          const struct announcement_before *before)
{
    const struct state *state = &entry->state;
    bool is_empty = state->knowledge == STATE_EMPTY;

    if (state->denied.addresses.count > 0 &&
        address_set_hash(&state->denied.addresses) != before->denied)
        say_denied(announcement, entry);
    if (state->is_denied)
        return;
    if (before->failures > 0 && is_empty) {
        add_line(announcement, LOG_LEVEL_NOTICE, entry, "answers again: no address (%s)",
                 state->reason);
        return;
    }
    if (before->failures > 0)
        add_line(announcement, LOG_LEVEL_NOTICE, entry, "answers again (%zu addresses)",
                 state->addresses.count);
    if (before->knowledge == STATE_ADDRESSES && is_empty)
        add_line(announcement, LOG_LEVEL_NOTICE, entry, "has no address any more (%s)",
                 state->reason);
    else if (before->knowledge == STATE_ADDRESSES &&
             address_set_hash(&state->addresses) != before->addresses)
        add_line(announcement, LOG_LEVEL_INFO, entry, "addresses have changed");
    else if (before->knowledge == STATE_EMPTY && !is_empty)
        add_line(announcement, LOG_LEVEL_INFO, entry, "has addresses now");
    else if (before->knowledge == STATE_NOTHING && is_empty)
        add_line(announcement, LOG_LEVEL_INFO, entry, "has no address (%s)", state->reason);
    else if (before->status == STATUS_STALE)
        add_line(announcement, LOG_LEVEL_INFO, entry, "fresh again");
}

void announcement_stale(struct announcement *announcement, const struct table_entry *entry,
                        int64_t now)
{
    const struct state *state = &entry->state;

    add_line(announcement, LOG_LEVEL_INFO, entry,
             "stale (resolved %" PRId64 " s ago for %" PRIu32 " s, not again since)",
             (now - state->resolved_at) / 1000, state->ttl);
}

void announcement_dropped(struct announcement *announcement, const struct table_entry *entry,
                          const struct alias_config *config)
{
    const char *reason = entry->state.reason;

    add_line(announcement, LOG_LEVEL_NOTICE, entry,
             "dropped, nothing to serve any more (stale for %" PRIu32 " s, which is max-stale%s%s)",
             config->max_stale, *reason ? "; last heard: " : "", reason);
}

void announcement_forgotten(struct announcement *announcement, const struct table_entry *entry)
{
    add_line(announcement, LOG_LEVEL_NOTICE, entry, "forgotten, as was asked for");
}

/* How much it is, and what becomes of the target. */
static void describe_limit(enum limits_reason reason, const struct limits_config *config,
                           char *buffer, size_t size)
{
    switch (reason) {
    case LIMITS_NOT_REACHED:
        break;
    case LIMITS_ZONE_TARGETS:
        snprintf(buffer, size, "its ALIAS rows lead to more than %" PRIu32 " targets",
                 config->zone_targets_max);
        break;
    case LIMITS_ZONE_RATE:
        snprintf(buffer, size, "more than %" PRIu32 " resolutions a second, or too many under way",
                 config->zone_resolutions_max);
        break;
    case LIMITS_RATE:
        snprintf(buffer, size, "more than %" PRIu32 " resolutions a second in all",
                 config->resolutions_max);
        break;
    case LIMITS_MEMORY:
        snprintf(buffer, size, "more than its share of what is left of %" PRIu64 " MiB",
                 config->memory_max / (1024 * 1024));
        break;
    case LIMITS_REASONS:
        break;
    }
}

void announcement_limit(struct announcement *announcement, int64_t id, enum limits_reason reason,
                        const struct limits_config *config, const char *target)
{
    bool is_rate = reason == LIMITS_ZONE_RATE || reason == LIMITS_RATE;
    size_t i = announcement->count++;
    char zone[48] = "no zone in particular";
    char words[128] = "";

    if (id != 0)
        snprintf(zone, sizeof(zone), "zone with domain_id %" PRId64, id);
    describe_limit(reason, config, words, sizeof(words));
    announcement->lines[i].level = LOG_LEVEL_WARNING;
    announcement->lines[i].is_of_limit = true;
    snprintf(announcement->lines[i].text, sizeof(announcement->lines[i].text),
             "%s: %s (%s): ALIAS target %.240s. is %s", zone, words, limits_setting(reason), target,
             is_rate ? "put off" : "not resolved");
}

static struct log_limit *limit_of(enum log_level level)
{
    return level < LOG_LEVEL_INFO ? &limit : &info_limit;
}

void announcement_write(struct announcement *announcement)
{
    for (size_t i = 0; i < announcement->count; ++i)
        log_write_limited(announcement->lines[i].is_of_limit
                              ? &reached_limit
                              : limit_of(announcement->lines[i].level),
                          announcement->lines[i].level, "%s", announcement->lines[i].text);
    if (announcement->left_out > 0)
        log_write_limited(limit_of(announcement->left_out_level), announcement->left_out_level,
                          "ALIAS targets: %zu more lines like these", announcement->left_out);
}
