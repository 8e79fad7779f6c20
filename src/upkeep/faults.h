#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dns/chain.h"
#include "dns/name.h"
#include "store/records.h"
#include "util/arena.h"

/*
 * What is wrong with a zone's rows: that PowerDNS can't read them, never finds them, or that they
 * can't be answered as they are meant
 *
 * Pure: rows in, faults out; where an ALIAS or a CNAME leads to is asked of a function. A fault is
 * what costs answers. What works but looks like a mistake, or may work with another PowerDNS, is a
 * warning.
 */

struct faults_item {
    bool is_warning;
    int64_t row_id;   /* 0: it isn't about one row */
    const char *name; /* as stored; NULL: it is about the zone */
    const char *type; /* as stored; "" is an empty non-terminal */
    const char *why;  /* for people; whatever bytes the row has */
};

/* A zone as it is stored. */
struct faults_zone {
    const char *name;
    bool is_binary;    /* as struct raw_zone */
    bool is_secondary; /* may have no row yet */
    bool is_presigned;
};

struct faults {
    struct faults_zone zone;
    bool has_apex; /* the zone's name is one: `apex`, canonical */
    char apex[NAME_TEXT_SIZE];
    struct chain_guide guide;

    struct arena texts;
    struct faults_item *items; /* the outcome, in the order in which they were found */
    size_t count;
    size_t capacity;

    char owner[NAME_TEXT_SIZE]; /* whose rows are being read, canonical */
    struct faults_row *rows;    /* those of them that are answered */
    size_t row_count;
    size_t row_capacity;
    int64_t soa_id; /* the first one at the apex */
    bool has_soa;
    bool has_rows;
};

/* `zone->name` is borrowed; of the guide only `find` is asked. To be deinitialised whatever it
 * returns. 0 or negative, as all of these: -ENOMEM, or what `find` returned. */
int faults_init(struct faults *faults, const struct faults_zone *zone,
                const struct chain_guide *guide);
void faults_deinit(struct faults *faults);

/* The row that a cursor of records_list_raw() has just given; they come in its order. */
int faults_add(struct faults *faults, const struct records_row *row,
               const struct records_cursor *cursor);

/* After the last row. */
int faults_finish(struct faults *faults);

/* For rows of no zone: the row is a fault, because of that. `faults` is only zero-initialised. */
int faults_add_lost(struct faults *faults, const struct records_row *row,
                    const struct records_cursor *cursor);
