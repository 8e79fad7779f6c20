#include <inttypes.h>
#include <stdio.h>

#include "publish/serial.h"

/*
 * For tests/system/test_soa_edit.py: a line "NOW SERIAL SOA-EDIT" on standard input, a line with
 * the serial that PowerDNS is thought to show on standard output.
 */

int main(void)
{
    char kind[64];
    uint32_t serial;
    int64_t now;

    while (scanf("%" SCNd64 " %" SCNu32 " %63s", &now, &serial, kind) == 3)
        printf("%" PRIu32 "\n", serial_shown(serial, kind, now));
    return 0;
}
