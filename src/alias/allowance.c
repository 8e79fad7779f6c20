#include "alias/allowance.h"

#include <inttypes.h>

#include "store/metadata.h"
#include "util/log.h"

static struct log_limit invalid_limit = LOG_LIMIT(5, 60000);

int allowance_read(struct database *db, int64_t zone_id, struct ranges *ret)
{
    CLEANUP(metadata_cursor_deinit) struct metadata_cursor cursor = {0};
    struct metadata_row row;

    int r = metadata_list_values(db, zone_id, "X-ALIAS-ALLOW", &cursor);
    if (r < 0)
        return r;
    while ((r = metadata_next(&cursor, &row)) == 0) {
        r = ranges_add(ret, row.content);
        if (r < 0)
            return r;
        if (r == RANGES_E_INVALID)
            log_write_limited(&invalid_limit, LOG_LEVEL_WARNING,
                              "zone with domain_id %" PRId64 ": X-ALIAS-ALLOW '%.100s' is no range "
                              "of addresses, ignored",
                              zone_id, row.content);
    }
    return r < 0 ? r : 0;
}

void allowance_deinit(struct allowance *allowance)
{
    ranges_deinit(&allowance->ranges);
}

int allowance_need(struct allowance *allowance)
{
    if (allowance->is_read)
        return 0;
    allowance->is_read = true;
    return allowance_read(allowance->db, allowance->zone_id, &allowance->ranges);
}

int allowance_apply(const struct ranges *allowed, struct targets_question *question)
{
    CLEANUP(address_set_deinit) struct address_set taken = {0};

    int r = ranges_take(allowed, question->family, &question->denied, &taken);
    if (r < 0 || taken.count == 0)
        return r;
    if (!question->is_denied_alone)
        return address_set_merge(&question->addresses, &taken);
    address_set_deinit(&question->addresses);
    question->addresses = taken;
    question->ttl = question->denied_ttl;
    taken = (struct address_set){0};
    return 0;
}

int allowance_apply_all(struct allowance *allowance, struct targets_question *questions,
                        size_t count)
{
    int r = 0;

    for (size_t i = 0; i < count && r == 0; ++i) {
        if (questions[i].denied.count == 0)
            continue;
        r = allowance_need(allowance);
        if (r == 0)
            r = allowance_apply(&allowance->ranges, &questions[i]);
    }
    return r;
}
