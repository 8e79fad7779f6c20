#include "server/status-text.h"

#include <ctype.h>
#include <inttypes.h>

/* The addresses have their place behind what fits on a screen, the free text at the end. */
#define HEADINGS "%-40s %-6s %-9s %7s %6s %6s %8s %-15s %s\n"

void status_text_headings(FILE *out)
{
    fprintf(out, HEADINGS, "TARGET", "FAMILY", "STATE", "AGE", "TTL", "NEXT", "FAILURES",
            "ADDRESSES", "ERROR");
}

static void print_seconds(FILE *out, int width, int64_t seconds)
{
    if (seconds == TARGETS_STATUS_NONE)
        fprintf(out, " %*s", width, "-");
    else
        fprintf(out, " %*" PRId64, width, seconds);
}

/* By comma. */
static void print_addresses(FILE *out, const struct targets_status *status)
{
    int width = 15;

    for (size_t i = 0; i < status->addresses->count; ++i) {
        char text[ADDRESS_TEXT_SIZE];

        address_to_text(&status->addresses->items[i], status->family, text);
        width -= fprintf(out, "%s%s", i == 0 ? " " : ",", text) - (i == 0);
    }
    if (status->addresses->count == 0)
        width -= fprintf(out, " -") - 1;
    fprintf(out, "%*s", width > 0 ? width : 0, "");
}

/* Some reasons are quotations of what came over the network. */
static void print_reason(FILE *out, const char *reason)
{
    fputc(' ', out);
    for (const char *p = *reason ? reason : "-"; *p; ++p)
        fputc(isprint((unsigned char)*p) ? *p : '?', out);
    fputc('\n', out);
}

void status_text_line(FILE *out, const struct targets_status *status)
{
    bool is_known = status->age != TARGETS_STATUS_NONE;

    fprintf(out, "%-40s %-6s %-9s", *status->target ? status->target : ".",
            dns_family_name(status->family), status_name(status->status));
    print_seconds(out, 7, status->age);
    print_seconds(out, 6, is_known ? (int64_t)status->ttl : TARGETS_STATUS_NONE);
    print_seconds(out, 6, status->next);
    fprintf(out, " %8u", status->failures);
    print_addresses(out, status);
    print_reason(out, status->reason);
}
