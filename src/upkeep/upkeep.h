#pragma once

#include "publish/publisher.h"
#include "store/database.h"
#include "util/cleanup.h"

/*
 * The thread that keeps zones in order, whoever writes to them
 *
 * Ten times a second it looks whether anybody has committed. Zones that the triggers of
 * sql/upkeep.sql have counted a change for are read in a snapshot, computed, and, if they haven't
 * changed meanwhile, written in a short transaction, many together (batch.h). At the start, and
 * when a trigger or a table of ours was missing or altered, it goes through all zones, since
 * changes may have been missed; those that are known to have changed come first. Zones that were
 * changed and are in order it passes on to the publisher, which works in this thread.
 *
 * Nothing waits for it. What fails is logged and tried again.
 */

struct upkeep;

/* Starts the thread; `config` is copied but for what it points to, `is_cancelled` is ignored. The
 * publisher is the thread's until upkeep_free(). 0 or negative (logged). */
int upkeep_start(const struct database_config *config, struct publisher *publisher,
                 struct upkeep **ret);

/* For publishing, what a session has done that the thread doesn't see: a zone was changed, and put
 * in order; or transferred, without what these content_question()s ask for, which are taken;
 * nothing is done if there are none. Any thread; NULL is allowed. */
void upkeep_tell_edited(struct upkeep *upkeep, int64_t zone_id);
void upkeep_tell_transferred(struct upkeep *upkeep, int64_t zone_id, struct hashes *lacking);

struct upkeep_figures {
    uint64_t zones; /* put in order since the start: those that were, and needed no writing, aren't
                       counted */
    uint64_t failures; /* attempts that ended with a failure, be it a lock held by somebody else */
};

/* Any thread. */
void upkeep_look(const struct upkeep *upkeep, struct upkeep_figures *ret);

/* Ends it, cutting short what it is at. NULL is allowed. */
void upkeep_free(struct upkeep *upkeep);
CLEANUP_DEFINE(struct upkeep *, upkeep_free)
