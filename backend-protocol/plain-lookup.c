#include "plain-lookup.h"

#include <errno.h>
#include <string.h>

enum {
    /* Any number of so many digits fits into an int64_t. */
    DIGITS_MAX = 18,
};

struct text {
    const char *start; /* NULL = not given */
    size_t size;
};

/* The members that there may be. */
enum member {
    MEMBER_LOCAL,
    MEMBER_QNAME,
    MEMBER_QTYPE,
    MEMBER_REAL_REMOTE,
    MEMBER_REMOTE,
    MEMBER_ZONE_ID,
    MEMBERS,
};

static const struct {
    const char *name;
    size_t size;
} names[MEMBERS] = {
    [MEMBER_LOCAL] = {"local", 5},   [MEMBER_QNAME] = {"qname", 5},
    [MEMBER_QTYPE] = {"qtype", 5},   [MEMBER_REAL_REMOTE] = {"real-remote", 11},
    [MEMBER_REMOTE] = {"remote", 6}, [MEMBER_ZONE_ID] = {"zone-id", 7},
};

struct scanner {
    const char *at;
    const char *end;
    struct text strings[MEMBERS];
    int64_t zone_id;
    bool has_zone_id;
};

static bool skip_bytes(struct scanner *scanner, const char *bytes, size_t size)
{
    if ((size_t)(scanner->end - scanner->at) < size || memcmp(scanner->at, bytes, size) != 0)
        return false;
    scanner->at += size;
    return true;
}

#define skip(scanner, literal) skip_bytes((scanner), "" literal, sizeof(literal) - 1)

/* With its quotes. What stands between them has been looked at. */
static bool scan_string(struct scanner *scanner, struct text *ret)
{
    const char *quote;

    if (!skip(scanner, "\""))
        return false;
    quote = memchr(scanner->at, '"', (size_t)(scanner->end - scanner->at));
    if (!quote)
        return false;
    *ret = (struct text){scanner->at, (size_t)(quote - scanner->at)};
    scanner->at = quote + 1;
    return true;
}

/* As JSON has them: no blank, no zero ahead of others. */
static bool scan_integer(struct scanner *scanner, int64_t *ret)
{
    bool is_negative = skip(scanner, "-");
    const char *start = scanner->at;
    int64_t value = 0;

    while (scanner->at < scanner->end && *scanner->at >= '0' && *scanner->at <= '9' &&
           scanner->at - start < DIGITS_MAX)
        value = 10 * value + (*scanner->at++ - '0');
    *ret = is_negative ? -value : value;
    return scanner->at - start == 1 || (scanner->at > start && *start != '0');
}

static enum member find_member(const struct text *name)
{
    enum member member = 0;

    while (member < MEMBERS && (name->size != names[member].size ||
                                memcmp(name->start, names[member].name, name->size) != 0))
        ++member;
    return member;
}

static bool scan_zone_id(struct scanner *scanner)
{
    if (scanner->has_zone_id)
        return false;
    scanner->has_zone_id = true;
    return scan_integer(scanner, &scanner->zone_id);
}

static bool scan_member(struct scanner *scanner)
{
    struct text name;
    enum member member;

    if (!scan_string(scanner, &name) || !skip(scanner, ": "))
        return false;
    member = find_member(&name);
    if (member == MEMBER_ZONE_ID)
        return scan_zone_id(scanner);
    return member < MEMBERS && !scanner->strings[member].start &&
           scan_string(scanner, &scanner->strings[member]);
}

/* Without an early end: compilers make a few instructions of it for many bytes. */
static bool has_plain_bytes(const char *text, size_t size)
{
    unsigned char other = 0;

    for (size_t i = 0; i < size; i++)
        other |= (unsigned char)((unsigned char)(text[i] - ' ') > '~' - ' ') | (text[i] == '\\');
    return !other;
}

static bool scan(struct scanner *scanner)
{
    if (scanner->end > scanner->at && scanner->end[-1] == '\n')
        --scanner->end;
    if (!skip(scanner, "{\"method\": \"lookup\", \"parameters\": {") ||
        !has_plain_bytes(scanner->at, (size_t)(scanner->end - scanner->at)))
        return false;
    do {
        if (!scan_member(scanner))
            return false;
    } while (skip(scanner, ", "));
    return skip(scanner, "}}") && scanner->at == scanner->end &&
           scanner->strings[MEMBER_QNAME].start && scanner->strings[MEMBER_QTYPE].start;
}

/* The strings one behind the other, each with a NUL. */
static const char *put(char **next, const struct text *text)
{
    char *copy = *next;

    memcpy(copy, text->start ? text->start : "", text->size);
    copy[text->size] = '\0';
    *next += text->size + 1;
    return copy;
}

int pdns_plain_lookup_decode(const char *line, size_t size, struct pdns_request_memory *memory,
                             struct pdns_request *ret)
{
    struct scanner scanner = {.at = line, .end = line + size, .zone_id = -1};
    char *next;

    if (!scan(&scanner))
        return PDNS_PLAIN_LOOKUP_E_OTHER;
    /* What is left out of the line makes room for the NULs. */
    next = pdns_request_memory_allocate(memory, 1, size);
    if (!next)
        return -ENOMEM;

    ret->method = PDNS_METHOD_LOOKUP;
    ret->parameters.lookup.qtype = put(&next, &scanner.strings[MEMBER_QTYPE]);
    ret->parameters.lookup.qname = put(&next, &scanner.strings[MEMBER_QNAME]);
    ret->parameters.lookup.remote = put(&next, &scanner.strings[MEMBER_REMOTE]);
    ret->parameters.lookup.local = put(&next, &scanner.strings[MEMBER_LOCAL]);
    ret->parameters.lookup.real_remote = put(&next, &scanner.strings[MEMBER_REAL_REMOTE]);
    ret->parameters.lookup.zone_id = scanner.zone_id;
    ret->parameters.lookup.include_disabled = false;
    return 0;
}
