#pragma once

/* Tells systemd (sd_notify(3)) how far the daemon is, if it was started by it and built with
 * libsystemd; does nothing otherwise. */
void readiness_ready(void);
void readiness_reloading(void);
void readiness_stopping(void);
