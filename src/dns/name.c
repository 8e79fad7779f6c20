#include "dns/name.h"

#include <stdint.h>
#include <string.h>

/* RFC 1035 2.3.4, in octets; the name's includes its length octets and the root's. */
#define LABEL_MAX_OCTETS 63
#define NAME_MAX_OCTETS  255

static unsigned char lower(unsigned char octet)
{
    return octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet;
}

static int is_digit(char character)
{
    return character >= '0' && character <= '9';
}

/* Reads one octet, escaped or not, and moves `text` behind it. */
static int read_octet(const char **text, unsigned char *ret)
{
    const char *p = *text;
    int value;

    if (*p != '\\') {
        *ret = (unsigned char)*p;
        *text = p + 1;
        return 0;
    }
    ++p;
    if (!is_digit(*p)) {
        if (*p == '\0')
            return NAME_E_INVALID;
        *ret = (unsigned char)*p;
        *text = p + 1;
        return 0;
    }
    if (!is_digit(p[1]) || !is_digit(p[2]))
        return NAME_E_INVALID;
    value = (p[0] - '0') * 100 + (p[1] - '0') * 10 + (p[2] - '0');
    if (value > UINT8_MAX)
        return NAME_E_INVALID;
    *ret = (unsigned char)value;
    *text = p + 3;
    return 0;
}

/* Writes one octet as PowerDNS does (DNSName::appendEscapedLabel); returns the end. */
static char *write_octet(char *to, unsigned char octet)
{
    if (octet == '.' || octet == '\\') {
        *to++ = '\\';
        *to++ = (char)octet;
    } else if (octet > 0x20 && octet < 0x7f) {
        *to++ = (char)octet;
    } else {
        *to++ = '\\';
        *to++ = (char)('0' + octet / 100);
        *to++ = (char)('0' + octet / 10 % 10);
        *to++ = (char)('0' + octet % 10);
    }
    return to;
}

/* Copies one label and moves `text` behind it and its dot; counts its octets on the wire. */
static int copy_label(const char **text, char **to, size_t *wire_length)
{
    size_t length = 0;
    unsigned char octet;

    for (; **text != '\0' && **text != '.'; ++length) {
        if (length == LABEL_MAX_OCTETS || read_octet(text, &octet) != 0)
            return NAME_E_INVALID;
        *to = write_octet(*to, lower(octet));
    }
    if (length == 0)
        return NAME_E_INVALID;
    if (**text == '.')
        ++*text;
    *wire_length += 1 + length;
    return *wire_length > NAME_MAX_OCTETS ? NAME_E_INVALID : 0;
}

int name_canonicalize(const char *text, char ret[NAME_TEXT_SIZE])
{
    /* A name is found to be too long only after the label that makes it so. */
    char canonical[NAME_TEXT_SIZE + 4 * LABEL_MAX_OCTETS];
    char *end = canonical;
    size_t wire_length = 1;

    if (strcmp(text, ".") == 0)
        text = "";
    while (*text != '\0') {
        if (end != canonical)
            *end++ = '.';
        if (copy_label(&text, &end, &wire_length) != 0)
            return NAME_E_INVALID;
    }
    *end = '\0';
    memcpy(ret, canonical, end - canonical + 1);
    return 0;
}

static int is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

int name_canonicalize_content(const char *content, char ret[NAME_TEXT_SIZE])
{
    char trimmed[NAME_TEXT_SIZE + 1]; /* with a dot at the end */
    size_t length;

    while (is_space(*content))
        ++content;
    length = strlen(content);
    /* An escaped blank belongs to the name. */
    while (length > 0 && is_space(content[length - 1]) &&
           (length == 1 || content[length - 2] != '\\'))
        --length;
    if (length == 0 || length >= sizeof(trimmed))
        return NAME_E_INVALID;
    memcpy(trimmed, content, length);
    trimmed[length] = '\0';
    return name_canonicalize(trimmed, ret);
}

/* Whether `text` ends with a dot that separates, not with `\.`. */
static int has_trailing_dot(const char *text, size_t length)
{
    size_t backslashes = 0;

    if (length == 0 || text[length - 1] != '.')
        return 0;
    while (backslashes < length - 1 && text[length - 2 - backslashes] == '\\')
        ++backslashes;
    return backslashes % 2 == 0;
}

int name_fold(const char *text, char ret[NAME_TEXT_SIZE])
{
    size_t length = strnlen(text, NAME_TEXT_SIZE + 1);

    if (length <= NAME_TEXT_SIZE && has_trailing_dot(text, length))
        --length;
    if (length >= NAME_TEXT_SIZE)
        return NAME_E_INVALID;
    for (size_t i = 0; i < length; ++i)
        ret[i] = (char)lower((unsigned char)text[i]);
    ret[length] = '\0';
    return 0;
}
