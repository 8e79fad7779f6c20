#include "server/readiness.h"

#include "build-config.h"

#ifdef HAVE_SYSTEMD

#include <systemd/sd-daemon.h>
#include <time.h>

void readiness_ready(void)
{
    sd_notify(0, "READY=1\nSTATUS=serving");
}

/* Type=notify-reload wants to know when the reload began. */
void readiness_reloading(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    sd_notifyf(0, "RELOADING=1\nMONOTONIC_USEC=%llu",
               (unsigned long long)now.tv_sec * 1000000 + now.tv_nsec / 1000);
}

void readiness_stopping(void)
{
    sd_notify(0, "STOPPING=1");
}

#else

void readiness_ready(void)
{
}

void readiness_reloading(void)
{
}

void readiness_stopping(void)
{
}

#endif
