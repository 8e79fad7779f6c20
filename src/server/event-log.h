#pragma once

/* What libevent has to say goes to our log from now on, instead of to standard error as it is. */
void event_log_attach(void);
