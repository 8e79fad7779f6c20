#include "util/clock-step.h"

int64_t clock_step_look(struct clock_step *step, int64_t steady_ms, int64_t wall_s)
{
    int64_t offset = wall_s - steady_ms / 1000;
    int64_t shift = step->is_running ? offset - step->offset : 0;

    if (step->is_running && shift > -CLOCK_STEP_MIN && shift < CLOCK_STEP_MIN)
        return 0;
    step->is_running = true;
    step->offset = offset;
    return shift;
}
