/* What every unit test needs: cmocka, whose header wants others before it, and TEST for a function that it calls. */
#pragma once

/* clang-format off */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
/* clang-format on */

/* TEST(money_split_adds_up) { ... }: the name is the claim. */
#define TEST(name) static void name(void **state __attribute__((unused)))
