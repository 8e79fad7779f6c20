#pragma once

#include <stddef.h>

/*
 * The fields of a record's content, read as PowerDNS's RecordTextReader does (pdns/rcpgenerator.cc)
 *
 * It needs no blank between two fields where the first one ends by itself: "10mail.example" is an
 * MX.
 */

enum rdata_field {
    RDATA_FIELD_END, /* of a list of fields; never read */
    RDATA_FIELD_NUMBER8,
    RDATA_FIELD_NUMBER16,
    RDATA_FIELD_NUMBER32,
    RDATA_FIELD_IPV4,
    RDATA_FIELD_IPV6,
    RDATA_FIELD_NAME,
    RDATA_FIELD_TEXT,   /* one string in quotes, or letters and digits up to the end */
    RDATA_FIELD_TEXTS,  /* such strings up to the end; may be none */
    RDATA_FIELD_WORD,   /* up to the next blank: CAA's tag */
    RDATA_FIELD_HEX,    /* up to the end */
    RDATA_FIELD_BASE64, /* as far as it goes */
};

enum {
    RDATA_FIELD_E_BAD = 1,
    RDATA_FIELD_E_DOUBTFUL, /* versions differ in how they go on from here */
};

struct rdata_reader {
    const char *at;
    const char *end;
    const char *reason; /* of RDATA_FIELD_E_BAD: static, as the next */
    const char *doubt;  /* why some versions refuse what was read so far; NULL: none does */
};

/* `content` is borrowed. */
void rdata_reader_init(struct rdata_reader *reader, const char *content, size_t size);

/* Moves behind the next field. 0, or one of the above. */
int rdata_reader_read(struct rdata_reader *reader, enum rdata_field field);
