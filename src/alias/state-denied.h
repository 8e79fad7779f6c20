#pragma once

#include "alias/state.h"

/*
 * The addresses of a state that `deny` drops
 *
 * For state.c only: the rules for what an ALIAS must not lead to. The addresses are kept, since a
 * zone may allow them for itself.
 */

void state_denied_forget(struct state *state);

/* The same, when it has become too old: then that is no reason to fail any more, nor to resolve it
 * sooner than if it had not been dropped. */
void state_denied_drop(struct state *state);

/* Moves what `deny` drops from an outcome with addresses to `denied`, an empty set. If nothing is
 * left, or memory does not suffice, the outcome is made a failure that says so. */
void state_denied_part(const struct state *state, const struct alias_config *config,
                       struct outcome *outcome, struct address_set *denied);

/* Some of the addresses that were just learned were denied. Takes them, leaving an empty set. */
void state_denied_keep(struct state *state, struct address_set *denied);

/* All of them were: the state begins to fail, or goes on to. Takes them, leaving an empty set.
 * `ttl`: in seconds, bounded. */
void state_denied_fail(struct state *state, const struct alias_config *config, int64_t now,
                       struct address_set *denied, uint32_t ttl);
