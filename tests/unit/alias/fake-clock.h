#pragma once

#include <stdint.h>

/*
 * Takes the place of util/clock.c in a test that is linked with it: time stands still but for what
 * the test does. Who waits for a condition lets the test's world go on for a while instead, without
 * the lock; so one thread is enough.
 */

extern int64_t fake_clock_now; /* steady ms */

/* Lets the world go on until something has happened, at most for `ms`. */
extern void (*fake_clock_pass)(int64_t ms);
