#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * A stand-in for Criterion, for builds with ThreadSanitizer only
 *
 * Criterion 2.4.1 starts its tests by mapping the executable anew into a bare process (BoxFort),
 * and ThreadSanitizer's runtime doesn't survive that. Here each test is a fork, and what the unit
 * tests use of Criterion is done with little: the same macros, the same TAP. tests/run --tsan puts
 * this folder's criterion.pc before the real one. Everything is weak or static, so that several
 * files of one test program may include it.
 */

#define STANDIN_TESTS_MAX 500

/* How a test's process tells what became of it. */
enum {
    STANDIN_FAILED = 101,
    STANDIN_SKIPPED = 102,
};

struct standin_options {
    void (*init)(void);
    void (*fini)(void);
    double timeout;
};

struct standin_test {
    const char *suite;
    const char *name; /* NULL: not a test, but a suite's options */
    void (*run)(void);
    struct standin_options options;
};

__attribute__((weak)) struct standin_test standin_tests[STANDIN_TESTS_MAX];
__attribute__((weak)) int standin_count;
__attribute__((weak)) int standin_failures;

static inline void standin_register(const char *suite, const char *name, void (*run)(void),
                                    struct standin_options options)
{
    if (standin_count == STANDIN_TESTS_MAX)
        abort();
    standin_tests[standin_count++] = (struct standin_test){suite, name, run, options};
}

#define STANDIN_REGISTER(id, suite, name, run, ...)                                                \
    __attribute__((constructor)) static void standin_register_##id(void)                           \
    {                                                                                              \
        standin_register(suite, name, run, (struct standin_options){__VA_ARGS__});                 \
    }

#define TestSuite(suite, ...) STANDIN_REGISTER(suite, #suite, NULL, NULL, __VA_ARGS__)

#define Test(suite, name, ...)                                                                     \
    static void standin_test_##suite##_##name(void);                                               \
    STANDIN_REGISTER(suite##_##name, #suite, #name, standin_test_##suite##_##name, __VA_ARGS__)    \
    static void standin_test_##suite##_##name(void)

static inline struct standin_options standin_suite_options(const char *suite)
{
    for (int i = 0; i < standin_count; ++i) {
        if (!standin_tests[i].name && strcmp(standin_tests[i].suite, suite) == 0)
            return standin_tests[i].options;
    }
    return (struct standin_options){0};
}

static inline void standin_call(void (*function)(void))
{
    if (function)
        function();
}

/* In the test's own process. Timeouts are stretched: the sanitizer slows everything down. */
static inline void standin_run(const struct standin_test *test)
{
    struct standin_options suite = standin_suite_options(test->suite);
    double timeout = test->options.timeout > 0 ? test->options.timeout : suite.timeout;

    alarm(timeout > 0 ? (unsigned)(timeout * 5) + 1 : 100);
    standin_call(suite.init);
    standin_call(test->options.init);
    test->run();
    standin_call(test->options.fini);
    standin_call(suite.fini);
    fflush(NULL);
    exit(standin_failures ? STANDIN_FAILED : EXIT_SUCCESS);
}

/* 0 unless it failed. */
static inline int standin_fork(const struct standin_test *test)
{
    int status = 0;
    pid_t pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0)
        standin_run(test);
    if (pid < 0 || waitpid(pid, &status, 0) < 0)
        abort();
    if (WIFEXITED(status) && WEXITSTATUS(status) == STANDIN_SKIPPED) {
        printf("ok - %s::%s # SKIP skipped\n", test->suite, test->name);
        return 0;
    }
    printf("%s - %s::%s\n", status ? "not ok" : "ok", test->suite, test->name);
    if (status)
        printf("# wait status 0x%x\n", (unsigned)status);
    return status != 0;
}

__attribute__((weak)) int main(void)
{
    int tests = 0, failed = 0;

    for (int i = 0; i < standin_count; ++i)
        tests += standin_tests[i].name != NULL;
    printf("TAP version 13\n1..%d\n", tests);
    for (int i = 0; i < standin_count; ++i) {
        if (standin_tests[i].name)
            failed += standin_fork(&standin_tests[i]);
    }
    return failed > 0;
}

static inline void standin_fail(const char *file, int line, const char *what, int is_fatal)
{
    printf("# %s:%d: %s\n", file, line, what);
    ++standin_failures;
    if (is_fatal) {
        fflush(NULL);
        _exit(STANDIN_FAILED);
    }
}

#define STANDIN_CHECK(is_fatal, condition, what)                                                   \
    do {                                                                                           \
        if (!(condition))                                                                          \
            standin_fail(__FILE__, __LINE__, what, is_fatal);                                      \
    } while (0)

#define cr_skip(...)                                                                               \
    do {                                                                                           \
        fflush(NULL);                                                                              \
        _exit(STANDIN_SKIPPED);                                                                    \
    } while (0)
#define cr_skip_test                   cr_skip

#define cr_assert_fail(...)            standin_fail(__FILE__, __LINE__, "failed", 1)
#define cr_fatal                       cr_assert_fail

#define cr_assert(c, ...)              STANDIN_CHECK(1, c, #c)
#define cr_assert_not(c, ...)          STANDIN_CHECK(1, !(c), "not " #c)
#define cr_assert_null(a, ...)         STANDIN_CHECK(1, (a) == NULL, #a " is NULL")
#define cr_assert_not_null(a, ...)     STANDIN_CHECK(1, (a) != NULL, #a " is not NULL")
#define cr_assert_eq(a, b, ...)        STANDIN_CHECK(1, (a) == (b), #a " == " #b)
#define cr_assert_neq(a, b, ...)       STANDIN_CHECK(1, (a) != (b), #a " != " #b)
#define cr_assert_lt(a, b, ...)        STANDIN_CHECK(1, (a) < (b), #a " < " #b)
#define cr_assert_leq(a, b, ...)       STANDIN_CHECK(1, (a) <= (b), #a " <= " #b)
#define cr_assert_gt(a, b, ...)        STANDIN_CHECK(1, (a) > (b), #a " > " #b)
#define cr_assert_geq(a, b, ...)       STANDIN_CHECK(1, (a) >= (b), #a " >= " #b)
#define cr_assert_str_eq(a, b, ...)    STANDIN_CHECK(1, strcmp(a, b) == 0, #a " is " #b)
#define cr_assert_str_neq(a, b, ...)   STANDIN_CHECK(1, strcmp(a, b) != 0, #a " is not " #b)
#define cr_assert_str_empty(a, ...)    STANDIN_CHECK(1, !*(a), #a " is empty")
#define cr_assert_arr_eq(a, b, n, ...) STANDIN_CHECK(1, memcmp(a, b, n) == 0, #a " is " #b)

#define cr_expect(c, ...)              STANDIN_CHECK(0, c, #c)
#define cr_expect_not(c, ...)          STANDIN_CHECK(0, !(c), "not " #c)
#define cr_expect_null(a, ...)         STANDIN_CHECK(0, (a) == NULL, #a " is NULL")
#define cr_expect_not_null(a, ...)     STANDIN_CHECK(0, (a) != NULL, #a " is not NULL")
#define cr_expect_eq(a, b, ...)        STANDIN_CHECK(0, (a) == (b), #a " == " #b)
#define cr_expect_neq(a, b, ...)       STANDIN_CHECK(0, (a) != (b), #a " != " #b)
#define cr_expect_lt(a, b, ...)        STANDIN_CHECK(0, (a) < (b), #a " < " #b)
#define cr_expect_leq(a, b, ...)       STANDIN_CHECK(0, (a) <= (b), #a " <= " #b)
#define cr_expect_gt(a, b, ...)        STANDIN_CHECK(0, (a) > (b), #a " > " #b)
#define cr_expect_geq(a, b, ...)       STANDIN_CHECK(0, (a) >= (b), #a " >= " #b)
#define cr_expect_str_eq(a, b, ...)    STANDIN_CHECK(0, strcmp(a, b) == 0, #a " is " #b)
#define cr_expect_str_neq(a, b, ...)   STANDIN_CHECK(0, strcmp(a, b) != 0, #a " is not " #b)
#define cr_expect_str_empty(a, ...)    STANDIN_CHECK(0, !*(a), #a " is empty")
#define cr_expect_arr_eq(a, b, n, ...) STANDIN_CHECK(0, memcmp(a, b, n) == 0, #a " is " #b)
