#include "server/figures.h"

#include <inttypes.h>

#include "alias/counters.h"
#include "alias/targets-status.h"
#include "build-config.h"
#include "publish/publisher.h"
#include "server/sessions.h"
#include "store/fallback.h"
#include "upkeep/upkeep.h"

#define PREFIX "pdns_aliasd_"

struct writer {
    FILE *out;
    enum figures_form form;
};

/* What the samples that follow are. */
static void describe(const struct writer *writer, const char *name, const char *type,
                     const char *help)
{
    if (writer->form == FIGURES_FULL)
        fprintf(writer->out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_single(const struct writer *writer, const char *name, const char *type,
                         const char *help, uint64_t value)
{
    describe(writer, name, type, help);
    fprintf(writer->out, "%s %" PRIu64 "\n", name, value);
}

static void write_histogram(const struct writer *writer, const char *name, const char *help,
                            const struct histogram *histogram)
{
    uint64_t count = 0;

    describe(writer, name, "histogram", help);
    for (size_t i = 0; i < HISTOGRAM_BOUNDS; ++i) {
        count += counter_read(&histogram->classes[i]);
        fprintf(writer->out, "%s_bucket{le=\"%g\"} %" PRIu64 "\n", name,
                histogram_bounds_ms[i] / 1000.0, count);
    }
    count += counter_read(&histogram->classes[HISTOGRAM_BOUNDS]);
    fprintf(writer->out, "%s_bucket{le=\"+Inf\"} %" PRIu64 "\n%s_sum %.3f\n%s_count %" PRIu64 "\n",
            name, count, name, counter_read(&histogram->sum_ms) / 1000.0, name, count);
}

static void write_lookups(const struct writer *writer, const struct counters *counters)
{
    describe(writer, PREFIX "alias_lookups_total", "counter",
             "Questions about one ALIAS target and family, by what they were answered with.");
    for (size_t i = 0; i < COUNTERS_LOOKUPS; ++i)
        fprintf(writer->out, PREFIX "alias_lookups_total{outcome=\"%s\"} %" PRIu64 "\n",
                counters_lookup_name(i), counter_read(&counters->lookups[i]));
    write_histogram(writer, PREFIX "alias_wait_seconds",
                    "How long calls of PowerDNS waited for ALIAS targets; those that didn't wait "
                    "aren't counted.",
                    &counters->waits);
}

static void write_resolutions(const struct writer *writer, const struct counters *counters)
{
    describe(writer, PREFIX "resolutions_started_total", "counter",
             "Resolutions of ALIAS targets, by what they were started for.");
    for (size_t i = 0; i < COUNTERS_CAUSES; ++i)
        fprintf(writer->out, PREFIX "resolutions_started_total{cause=\"%s\"} %" PRIu64 "\n",
                counters_cause_name(i), counter_read(&counters->started[i]));
    describe(writer, PREFIX "resolutions_total", "counter",
             "Resolutions of ALIAS targets that have ended, by outcome.");
    for (size_t i = 0; i < COUNTERS_OUTCOMES; ++i)
        fprintf(writer->out, PREFIX "resolutions_total{outcome=\"%s\"} %" PRIu64 "\n",
                counters_outcome_name(i), counter_read(&counters->resolutions[i]));
    write_single(writer, PREFIX "resolutions_overdue_total", "counter",
                 "Resolutions that took longer than anybody waits.",
                 counter_read(&counters->overdue));
    write_histogram(writer, PREFIX "resolution_duration_seconds",
                    "How long resolutions took that have ended.", &counters->durations);
}

static void write_limits(const struct writer *writer, const struct counters *counters,
                         struct targets *targets)
{
    struct targets_limits_figures figures;

    targets_limits_look(targets, &figures);
    describe(writer, PREFIX "limited_total", "counter",
             "How often something was put off (zone_rate, rate) or refused (zone_targets, memory) "
             "for a limit that a zone or all of them have reached.");
    for (size_t i = LIMITS_NOT_REACHED + 1; i < LIMITS_REASONS; ++i)
        fprintf(writer->out, PREFIX "limited_total{limit=\"%s\"} %" PRIu64 "\n",
                counters_limit_name(i), counter_read(&counters->limited[i]));
    write_single(writer, PREFIX "targets_memory_bytes", "gauge",
                 "About how much memory ALIAS targets take.", figures.memory);
    write_single(writer, PREFIX "targets_memory_max_bytes", "gauge",
                 "As much as they may take (the setting alias-memory-max); 0: any.",
                 figures.memory_max);
}

static void write_targets(const struct writer *writer, struct targets *targets)
{
    size_t counts[DNS_FAMILIES][STATUSES];

    targets_status_count(targets, counts);
    describe(writer, PREFIX "targets", "gauge", "ALIAS targets by family and state.");
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        for (size_t j = 0; j < STATUSES; ++j)
            fprintf(writer->out, PREFIX "targets{family=\"%s\",state=\"%s\"} %zu\n",
                    dns_family_name(i), status_name(j), counts[i][j]);
    }
}

static void write_readings(const struct writer *writer, const struct figures_lookups *lookups)
{
    describe(writer, PREFIX "lookups_total", "counter",
             "Lookups of names, by where their rows came from: memory, if nothing was committed "
             "since the connection has read them.");
    fprintf(writer->out,
            PREFIX "lookups_total{from=\"database\"} %" PRIu64 "\n" PREFIX
                   "lookups_total{from=\"memory\"} %" PRIu64 "\n",
            counter_read(&lookups->from_database), counter_read(&lookups->from_memory));
}

static void write_sessions(const struct writer *writer, struct sessions *sessions)
{
    struct sessions_figures figures;

    sessions_look(sessions, &figures);
    write_single(writer, PREFIX "sessions", "gauge", "Connections that there are.", figures.count);
    write_single(writer, PREFIX "sessions_max", "gauge",
                 "As many as there may be (the setting max-sessions).", figures.maximum);
    write_single(writer, PREFIX "sessions_started_total", "counter", "Connections accepted.",
                 figures.started);
    write_single(writer, PREFIX "sessions_refused_total", "counter",
                 "Connections refused, for their number or for want of memory.", figures.refused);
}

static void write_fallback(const struct writer *writer, struct fallback *fallback)
{
    struct fallback_figures figures;

    fallback_look(fallback, &figures);
    write_single(writer, PREFIX "fallback_writes_total", "counter",
                 "Rows written to the fallback database, or removed there.", figures.written);
    write_single(writer, PREFIX "fallback_write_failures_total", "counter",
                 "Attempts to open the fallback database, or to write to it, that failed.",
                 figures.failures);
    write_single(writer, PREFIX "fallback_queued", "gauge",
                 "Rows that wait to be written to the fallback database.", figures.queued);
}

static void write_upkeep(const struct writer *writer, struct upkeep *upkeep)
{
    struct upkeep_figures figures;

    upkeep_look(upkeep, &figures);
    write_single(writer, PREFIX "upkeep_zones_total", "counter",
                 "Zones put in order after somebody's change.", figures.zones);
    write_single(writer, PREFIX "upkeep_failures_total", "counter",
                 "Attempts to put zones in order that failed, and will be made again.",
                 figures.failures);
}

static void write_publishing(const struct writer *writer, const struct figures *figures)
{
    struct publisher_figures publisher;
    struct announcer_figures announcer;

    publisher_look(figures->publisher, &publisher);
    announcer_look(figures->announcer, &announcer);
    write_single(writer, PREFIX "serials_raised_total", "counter",
                 "Serials of primary zones that were raised for what had changed.",
                 publisher.raised);
    write_single(writer, PREFIX "purges_total", "counter",
                 "Names and zones that a PowerDNS was told to forget.", announcer.purges);
    write_single(writer, PREFIX "notifies_total", "counter",
                 "Zones for which a PowerDNS was told to notify.", announcer.notifies);
    write_single(writer, PREFIX "control_failures_total", "counter",
                 "Commands that a PowerDNS didn't get through its control socket, or refused.",
                 announcer.failures);
}

static void write_process(const struct writer *writer, const struct figures *figures)
{
    describe(writer, PREFIX "build_info", "gauge", "Constant 1; the version is in the label.");
    fprintf(writer->out, PREFIX "build_info{version=\"" PACKAGE_VERSION "\"} 1\n");
    write_single(writer, "process_start_time_seconds", "gauge",
                 "When the daemon was started, in seconds since 1970.", figures->started_at);
}

void figures_write(const struct figures *figures, enum figures_form form, FILE *out)
{
    const struct writer writer = {.out = out, .form = form};
    const struct counters *counters = targets_counters(figures->targets);

    write_process(&writer, figures);
    write_lookups(&writer, counters);
    write_resolutions(&writer, counters);
    write_targets(&writer, figures->targets);
    write_limits(&writer, counters, figures->targets);
    write_sessions(&writer, figures->sessions);
    write_readings(&writer, figures->lookups);
    if (figures->fallback)
        write_fallback(&writer, figures->fallback);
    if (figures->upkeep)
        write_upkeep(&writer, figures->upkeep);
    if (figures->publisher)
        write_publishing(&writer, figures);
}

void figures_summarize(const struct figures *figures, FILE *out)
{
    size_t counts[DNS_FAMILIES][STATUSES];
    struct sessions_figures sessions;

    targets_status_count(figures->targets, counts);
    sessions_look(figures->sessions, &sessions);
    fprintf(out, "pdns-aliasd " PACKAGE_VERSION "\nsessions: %d of %d\n", sessions.count,
            sessions.maximum);
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        fprintf(out, "targets, %s:", dns_family_name(i));
        for (size_t j = 0; j < STATUSES; ++j)
            fprintf(out, "%s %zu %s", j > 0 ? "," : "", counts[i][j], status_name(j));
        fputc('\n', out);
    }
}
