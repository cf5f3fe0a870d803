#include <string.h>

#include "common/practice/client.h"
#include "tests/support/practice_fixture.h"
#include "tests/support/unit.h"

static TestPractice people(void)
{
  TestPractice p = test_practice_make();
  test_person(&p, 1, "Ana María", "Ruiz Gómez", "1980-02-29", "555-010-0100");
  test_person(&p, 2, "Gustavo", "Mejía", "1949-03-14", "(617) 555-0912");
  test_person(&p, 3, "Anton", "Mejia", "2001-04-03", "+1 617 555 7788");
  test_person(&p, 4, "Stephen", "McLaughlin", "1971-08-30", "");
  test_person(&p, 5, "Mariana", "Stevens", "1949-03-15", "");
  test_person(&p, 6, "Pilar", "Ana", "1990-12-01", "");
  return p;
}

/* found: numbers of the persons, best first: "2 3". */
static const char *found(TestPractice *p, const char *words)
{
  ClientMatch *list;
  size_t count;
  assert_ok(client_search(p->t.store, &p->arena, str_c(words), 10, &list, &count));
  const char *text = "";
  for (size_t i = 0; i < count; i++) {
    unsigned number = 0;
    for (unsigned n = 1; n <= 9; n++)
      if (uuid_eq(list[i].id, test_id(n))) number = n;
    text = arena_printf(&p->arena, "%s%s%u", text, *text ? " " : "", number);
  }
  return text;
}

TEST(names_are_found_as_people_type_them)
{
  AUTO(TestPractice, p, test_practice_fini) = people();
  const struct {
    const char *words, *found;
  } cases[] = {
      {"mejia", "3 2"},        /* accents forgiven; by name */
      {"MEJÍA", "3 2"},        /* case too */
      {"gustavo mejia", "2"},  /* given name first */
      {"mejia gus", "2"},      /* family name first, the other half typed */
      {"gus mej", "2"},        /* parts of both */
      {"ruiz gomez ana", "1"}, /* two family names */
      {"gomez", "1"},          /* the second one */
      {"maria", "1 5"},        /* a whole name before the middle of one */
      {"laughlin", "4"},       /* the middle of a name */
      {"ana", "6 1 5"},        /* family name, given name, middle of one; "Anton" has no ana */
      {"zorro", ""},           {"ana zorro", ""}, {"", ""}, {"   ", ""},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    const char *got = found(&p, cases[i].words);
    if (strcmp(got, cases[i].found) != 0) fail_msg("'%s' found '%s'", cases[i].words, got);
  }
}

TEST(dates_of_birth_are_found_in_any_order)
{
  AUTO(TestPractice, p, test_practice_fini) = people();
  assert_string_equal(found(&p, "1949-03-14"), "2");
  assert_string_equal(found(&p, "14.03.1949"), "2");
  assert_string_equal(found(&p, "3/14/1949"), "2");
  assert_string_equal(found(&p, "14/3/1949"), "2");
  assert_string_equal(found(&p, "03/04/2001"), "3"); /* either way round */
  assert_string_equal(found(&p, "04/03/2001"), "3");
  assert_string_equal(found(&p, "mejia 1949-03-14"), "2"); /* both must fit */
  assert_string_equal(found(&p, "ruiz 1949-03-14"), "");
  assert_string_equal(found(&p, "1900-01-01"), "");
}

TEST(phone_numbers_are_found_in_any_form)
{
  AUTO(TestPractice, p, test_practice_fini) = people();
  const char *const forms[] = {"6175550912", "617 555 0912", "617-555-0912", "(617) 555-0912", "5550912", "0912"};
  for (size_t i = 0; i < COUNT_OF(forms); i++) assert_string_equal(found(&p, forms[i]), "2");
  assert_string_equal(found(&p, "617555"), "3 2");
  assert_string_equal(found(&p, "mejia 7788"), "3");
  assert_string_equal(found(&p, "99"), ""); /* too few digits to mean anything */
}

TEST(identifiers_are_found_whole)
{
  AUTO(TestPractice, p, test_practice_fini) = people();
  AUTO(Tx, tx, tx_fini) = {0};
  Uuid client = test_id(4);
  assert_ok(tx_begin(p.t.store, actor_system(), "test.identifier", "", &tx));
  assert_ok(tx_insert(&tx, "client_identifier", test_id(900),
                      COLS(col_uuid("client", &client), col_text("system", STR("urn:mr")),
                           col_text("value", STR("MR-20817-X")))));
  assert_ok(tx_commit(&tx));
  assert_string_equal(found(&p, "MR-20817-X"), "4");
  assert_string_equal(found(&p, "mr20817x"), "4");
  assert_string_equal(found(&p, "MR-2081"), "");
}

TEST(signs_of_patterns_are_only_signs)
{
  AUTO(TestPractice, p, test_practice_fini) = people();
  assert_string_equal(found(&p, "%"), "");
  assert_string_equal(found(&p, "q_x%"), "");
  assert_string_equal(found(&p, "' OR 1=1 --"), "");
  assert_string_equal(found(&p, "\xff\xfe"), "");
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(names_are_found_as_people_type_them), cmocka_unit_test(dates_of_birth_are_found_in_any_order),
      cmocka_unit_test(phone_numbers_are_found_in_any_form), cmocka_unit_test(identifiers_are_found_whole),
      cmocka_unit_test(signs_of_patterns_are_only_signs),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
