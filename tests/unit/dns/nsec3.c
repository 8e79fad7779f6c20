#include "dns/nsec3.h"

#include <criterion/criterion.h>
#include <string.h>

static struct nsec3_parameters parsed(const char *text)
{
    struct nsec3_parameters parameters;

    cr_assert_eq(nsec3_parse(text, &parameters), 0, "refused: '%s'", text);
    return parameters;
}

static void expect_invalid(const char *text)
{
    struct nsec3_parameters parameters = {.iterations = 4711};

    cr_expect_eq(nsec3_parse(text, &parameters), NSEC3_E_INVALID, "taken: '%s'", text);
    cr_expect_eq(parameters.iterations, 4711, "touched for '%s'", text);
}

static void expect_hash(const char *parameters, const char *name, const char *expected)
{
    const struct nsec3_parameters read = parsed(parameters);
    unsigned char hash[NSEC3_HASH_SIZE];
    char text[NSEC3_TEXT_SIZE];

    nsec3_hash(&read, name, hash);
    nsec3_to_text(hash, text);
    cr_expect_str_eq(text, expected, "%s with '%s': %s", name, parameters, text);
}

Test(nsec3, hashes_are_those_of_rfc_5155_appendix_a)
{
    static const struct {
        const char *name;
        const char *hash;
    } cases[] = {
        {"example", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom"},
        {"a.example", "35mthgpgcu1qg68fab165klnsnk3dpvl"},
        {"ai.example", "gjeqe526plbf1g8mklp59enfd789njgi"},
        {"ns1.example", "2t7b4g4vsa5smi47k61mv5bv1a22bojr"},
        {"ns2.example", "q04jkcevqvmu85r014c7dkba38o0ji5r"},
        {"w.example", "k8udemvp1j2f7eg6jebps17vp3n8i58h"},
        {"*.w.example", "r53bq7cc2uvmubfu5ocmm6pers9tk9en"},
        {"x.w.example", "b4um86eghhds6nea196smvmlo4ors995"},
        {"y.w.example", "ji6neoaepv8b5o6k4ev33abha8ht9fgc"},
        {"x.y.w.example", "2vptu5timamqttgl4luu9kg21e0aor3s"},
        {"xx.example", "t644ebqk9bibcna874givr6joj62mlhv"},
        {"2t7b4g4vsa5smi47k61mv5bv1a22bojr.example", "kohar7mbb8dc2ce8a9qvl8hon4k53uhi"},
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i)
        expect_hash("1 0 12 aabbccdd", cases[i].name, cases[i].hash);
}

/* Computed by Python's hashlib from the wire forms. */
Test(nsec3, hashes_without_salt_and_iterations_and_of_odd_names)
{
    expect_hash("1 0 0 -", "example", "3msev9usmd4br9s97v51r2tdvmr9iqo1");
    expect_hash("1 0 0 -", "", "bekjp7dgpvsjukll47bk43i3urmq4u2f");
    expect_hash("1 0 1 00", "a\\.b.example", "0753m8ntl7u7j73sjk7quhpjvpi5idhs");
    expect_hash("1 0 3 ff", "\\000\\255.example", "bu99g9a7d0s0h1hc907fq5lcitoljpp7");
}

Test(nsec3, flags_do_not_change_the_hash)
{
    expect_hash("1 1 12 aabbccdd", "example", "0p9mhaveqvm6t7vbl5lop2u3t2rp3tom");
}

Test(nsec3, text_is_base32hex_in_lower_case)
{
    unsigned char hash[NSEC3_HASH_SIZE] = {0};
    char text[NSEC3_TEXT_SIZE];

    nsec3_to_text(hash, text);
    cr_expect_str_eq(text, "00000000000000000000000000000000");
    memset(hash, 0xff, sizeof(hash));
    nsec3_to_text(hash, text);
    cr_expect_str_eq(text, "vvvvvvvvvvvvvvvvvvvvvvvvvvvvvvvv");
    for (int i = 0; i < NSEC3_HASH_SIZE; ++i)
        hash[i] = (unsigned char)(i * 13 + 1);
    nsec3_to_text(hash, text);
    cr_expect_str_eq(text, "0471ma1l897loqbmge89ralnoj8ttqvo");
}

Test(nsec3, parameters_are_read)
{
    const struct nsec3_parameters parameters = parsed("1 0 10 abCD00");

    cr_expect_eq(parameters.flags, 0);
    cr_expect_eq(parameters.iterations, 10);
    cr_assert_eq(parameters.salt_size, 3);
    cr_expect_arr_eq(parameters.salt, "\xab\xcd\x00", 3);
    cr_expect_eq(parsed("1 1 0 -").flags, 1);
    cr_expect_eq(parsed("1 1 0 -").salt_size, 0);
    cr_expect_eq(parsed("1 255 65535 -").flags, 255);
    cr_expect_eq(parsed("1 255 65535 -").iterations, 65535);
    cr_expect_eq(parsed(" 1\t0  5 ab ").iterations, 5);
    cr_expect_eq(parsed("2 0 5 ab").iterations, 5, "the algorithm isn't looked at");
}

Test(nsec3, salt_has_up_to_255_octets)
{
    char text[600] = "1 0 1 ";

    for (int i = 0; i < 255; ++i)
        strcat(text, "7f");
    const struct nsec3_parameters parameters = parsed(text);
    cr_expect_eq(parameters.salt_size, 255);
    cr_expect_eq(parameters.salt[254], 0x7f);
    strcat(text, "7f");
    expect_invalid(text);
}

Test(nsec3, what_is_no_set_of_parameters_is_refused)
{
    static const char *const cases[] = {
        "",
        "1",
        "1 0",
        "1 0 10",
        "1 0 10 ",
        "x",
        "1 0 10 a",
        "1 0 x -",
        "1 x 0 -",
        "x 0 0 -",
        "1 0 10 abc",
        "1 0 10 zz",
        "1 0 10 --",
        "1 -1 0 -",
        "-1 0 0 -",
        "256 0 10 ab",
        "1 256 10 ab",
        "1 0 65536 ab",
        "1 0 -1 ab",
        "1 0 +1 ab",
        "1 0 10 a-",
        "1,0,10,ab",
        "1 0 99999999999999999999 ab",
    };

    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); ++i)
        expect_invalid(cases[i]);
}
