#include "resolve/verdict.h"

#include <arpa/nameser.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dns/message.h"

#define SECURITY_BOGUS 1

static const char *const rcode_names[] = {
    [ns_r_noerror] = "NOERROR",   [ns_r_formerr] = "FORMERR", [ns_r_servfail] = "SERVFAIL",
    [ns_r_nxdomain] = "NXDOMAIN", [ns_r_notimpl] = "NOTIMP",  [ns_r_refused] = "REFUSED",
    [ns_r_yxdomain] = "YXDOMAIN", [ns_r_yxrrset] = "YXRRSET", [ns_r_nxrrset] = "NXRRSET",
    [ns_r_notauth] = "NOTAUTH",   [ns_r_notzone] = "NOTZONE",
};

__attribute__((format(printf, 2, 0))) static void set_reason(struct outcome *outcome,
                                                             const char *format, va_list arguments)
{
    vsnprintf(outcome->reason, sizeof(outcome->reason), format, arguments);
}

void verdict_failure(struct outcome *ret, const char *format, ...)
{
    va_list arguments;

    *ret = (struct outcome){.kind = OUTCOME_FAILURE};
    va_start(arguments, format);
    set_reason(ret, format, arguments);
    va_end(arguments);
}

static void fail_with_rcode(struct outcome *ret, int rcode)
{
    if (rcode >= 0 && (size_t)rcode < sizeof(rcode_names) / sizeof(*rcode_names))
        verdict_failure(ret, "%s", rcode_names[rcode]);
    else
        verdict_failure(ret, "RCODE %d", rcode);
}

/* libunbound writes "validation failure <www.example. A IN>: reason". Who asked knows the name. */
static void fail_as_bogus(struct outcome *ret, const char *why)
{
    const char *reason = why ? strstr(why, ">: ") : NULL;

    if (reason)
        why = reason + strlen(">: ");
    verdict_failure(ret, "bogus: %s", why && *why ? why : "validation failed");
}

static void judge_absence(const struct message_answer *answer, struct outcome *ret)
{
    const char *what = answer->rcode == ns_r_nxdomain ? "NXDOMAIN" : "NODATA";

    if (!answer->has_soa) {
        verdict_failure(ret, "%s without SOA", what);
        return;
    }
    *ret = (struct outcome){.kind = OUTCOME_EMPTY, .ttl = answer->negative_ttl};
    snprintf(ret->reason, sizeof(ret->reason), "%s", what);
}

static void judge_message(struct message_answer *answer, struct outcome *ret)
{
    if (answer->rcode == ns_r_noerror && answer->addresses.count > 0) {
        *ret = (struct outcome){
            .kind = OUTCOME_ADDRESSES,
            .addresses = answer->addresses,
            .ttl = answer->ttl,
        };
        answer->addresses = (struct address_set){0};
        return;
    }
    if (answer->rcode == ns_r_noerror || answer->rcode == ns_r_nxdomain)
        judge_absence(answer, ret);
    else
        fail_with_rcode(ret, answer->rcode);
}

void verdict_of(const struct verdict_answer *answer, enum dns_family family, struct outcome *ret)
{
    struct message_answer message;
    int r;

    if (answer->security == SECURITY_BOGUS) {
        fail_as_bogus(ret, answer->why_bogus);
        return;
    }
    if (answer->rcode != ns_r_noerror || !answer->packet) {
        fail_with_rcode(ret, answer->rcode == ns_r_noerror ? ns_r_servfail : answer->rcode);
        return;
    }
    r = message_read_answer(answer->packet, answer->size, family, &message);
    if (r < 0) {
        verdict_failure(ret, "%s", r == -ENOMEM ? "out of memory" : "unreadable response");
        return;
    }
    judge_message(&message, ret);
    message_answer_deinit(&message);
}
