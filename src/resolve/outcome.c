#include "resolve/outcome.h"

void outcome_deinit(struct outcome *outcome)
{
    address_set_deinit(&outcome->addresses);
    *outcome = (struct outcome){0};
}
