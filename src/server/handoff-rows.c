#include "server/handoff-rows.h"

#include <string.h>

#include "alias/allowance.h"
#include "alias/targets-watch.h"
#include "store/keys.h"

static bool is_wildcard(const char *name)
{
    return name[0] == '*' && (name[1] == '.' || name[1] == '\0');
}

/* Whether the target itself is to be asked for: one in our own zones has been followed from there
 * on, and PowerDNS would ask us for a name that no resolution is about. */
static bool is_outside(const struct expansion_alias *alias)
{
    const struct local_answer *answer = alias->answer;

    return answer && answer->count == 1 && strcmp(answer->questions->target, alias->target) == 0 &&
           answer->addresses[DNS_FAMILY_A].set.count == 0 &&
           answer->addresses[DNS_FAMILY_AAAA].set.count == 0;
}

/* As far as can be told from the rows. The root can't be asked for: PowerDNS reads no name of "".
 */
static bool is_suitable(const char *name, const struct expansion *expansion)
{
    const struct expansion_alias *alias = expansion->aliases;

    return expansion->alias_count == 1 && alias->target && *alias->target && is_outside(alias) &&
           !expansion->has_cname && !expansion->has_explicit[DNS_FAMILY_A] &&
           !expansion->has_explicit[DNS_FAMILY_AAAA] && !is_wildcard(name);
}

/* What isn't resolved for a limit PowerDNS would be refused, too. */
static bool is_worth_asking(const struct expansion_family *family)
{
    return family->is_unknown && !family->is_refused;
}

/* Whether something is unknown, and PowerDNS can ask for it. What the zone allows, though
 * `alias-deny` drops it, the answer to PowerDNS's question can't hold: it is about the target, of
 * whatever zone. */
static int find_whether_to_hand_off(struct database *db, const struct expansion *expansion,
                                    bool *ret)
{
    CLEANUP(ranges_deinit) struct ranges allowed = {0};
    const struct expansion_family *families = expansion->families;
    bool is_signed = false;
    int r = 0;

    bool is_unknown =
        is_worth_asking(&families[DNS_FAMILY_A]) || is_worth_asking(&families[DNS_FAMILY_AAAA]);
    if (is_unknown)
        r = keys_has_active(db, expansion->domain_id, &is_signed);
    if (r == 0 && is_unknown)
        r = allowance_read(db, expansion->domain_id, &allowed);
    if (r == 0)
        *ret = is_unknown && !is_signed && allowed.count == 0;
    return r;
}

/* A family that would be waited for is asked for like one that is unknown: addresses in the reply
 * would keep PowerDNS from doing so. */
static void hand_off(struct expansion *expansion, struct targets *targets)
{
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        if (expansion->families[i].is_early)
            address_set_deinit(&expansion->families[i].addresses);
    }
    targets_watch_expect(targets, expansion->aliases->target, expansion->aliases->ttl);
}

/* Where the row is handed off, PowerDNS asks for the families that the reply has no address of, and
 * what it asks for is counted then (alias/targets-watch.h). */
static void count_what_is_answered(const struct expansion *expansion, struct targets *targets,
                                   bool hands_off)
{
    for (size_t i = 0; i < DNS_FAMILIES; ++i) {
        if (!hands_off || expansion->families[i].addresses.count > 0)
            expansion_count(expansion, targets, i);
    }
}

static int resolve_without_waiting(struct session *session, struct database *db,
                                   struct expansion *expansion, const bool wanted[DNS_FAMILIES],
                                   bool *ret_is_handed_off)
{
    const struct expansion_family *families = expansion->families;
    struct targets *targets = session->shared->targets;
    bool hands_off = false;

    int r = expansion_resolve(expansion, db, targets, wanted, 0);
    if (r == 0)
        r = find_whether_to_hand_off(db, expansion, &hands_off);
    bool is_early = families[DNS_FAMILY_A].is_early || families[DNS_FAMILY_AAAA].is_early;
    if (hands_off)
        hand_off(expansion, targets);
    if (r == 0 && !hands_off && is_early)
        r = expansion_resolve(expansion, db, targets, wanted, session->deadline);
    else
        count_what_is_answered(expansion, targets, hands_off);
    if (r == 0)
        *ret_is_handed_off = hands_off;
    return r;
}

int handoff_rows_resolve(struct session *session, struct database *db, const char *name,
                         struct expansion *expansion, const bool wanted[DNS_FAMILIES],
                         bool *ret_is_handed_off)
{
    if (session->shared->hands_off && is_suitable(name, expansion))
        return resolve_without_waiting(session, db, expansion, wanted, ret_is_handed_off);

    int r = expansion_resolve(expansion, db, session->shared->targets, wanted, session->deadline);
    if (r == 0)
        *ret_is_handed_off = false;
    return r;
}
