#pragma once

#include <stdint.h>
#include <stdio.h>

#include "util/counter.h"

/*
 * What the daemon counts, in Prometheus's text form
 * (https://prometheus.io/docs/instrumenting/exposition_formats/)
 *
 * Names and labels are documented in pdns-aliasd(8): they are part of the interface.
 */

struct announcer;
struct fallback;
struct publisher;
struct sessions;
struct targets;
struct upkeep;

/* Lookups by where the rows were read. */
struct figures_lookups {
    struct counter from_database;
    struct counter from_memory; /* server/readings.h */
};

/* Where they come from; borrowed. */
struct figures {
    struct targets *targets;
    struct fallback *fallback; /* NULL: nothing is kept */
    struct upkeep *upkeep;     /* this and the next two: NULL: the zone database is read-only */
    struct publisher *publisher;
    struct announcer *announcer;
    struct sessions *sessions;
    const struct figures_lookups *lookups;
    int64_t started_at; /* wall clock, seconds */
};

enum figures_form {
    FIGURES_VALUES, /* names with their labels, and values */
    FIGURES_FULL,   /* and what they mean: # HELP and # TYPE */
};

/* Any thread. */
void figures_write(const struct figures *figures, enum figures_form form, FILE *out);

/* What is most worth knowing, in a few lines for people. Any thread. */
void figures_summarize(const struct figures *figures, FILE *out);
