/* Someone without an appointment: registration, and a place in the queue. */
#include "tests/support/kiosk_fixture.h"
#include "tests/support/unit.h"

TEST(someone_without_an_appointment_gets_a_place_in_the_queue)
{
  TestKiosk k = test_kiosk_open(test_kiosk_colleague);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  int64_t clients = test_count(k.p.t.store, "client"), visits = test_count(k.p.t.store, "appointment");
  test_tap(&k, "welcome.walk_in");
  test_type(&k, "07041990");
  test_tap(&k, "new_birth.primary");
  test_tap(&k, "new_name.primary");
  test_on(&k, "new_name");
  test_sees(&k, "Please enter your first name");
  test_type(&k, "Noor");
  test_tap(&k, "name.family");
  test_type(&k, "Haddad");
  test_tap(&k, "new_name.primary");
  test_type(&k, "12");
  test_tap(&k, "new_phone.primary");
  test_on(&k, "new_phone");
  test_sees(&k, "That is not a phone number");
  test_type(&k, "125550166");
  test_tap(&k, "new_phone.primary");
  test_on(&k, "contact");
  test_sees(&k, "12125550166");
  test_tap(&k, "contact.primary");
  test_on(&k, "coverage");
  test_tap(&k, "coverage.none");
  test_on(&k, "reason");
  test_sees(&k, "\"Skip\"");
  test_tap(&k, "reason.text");
  test_type(&k, "A rash");
  test_sees_not(&k, "\"Skip\"");
  test_tap(&k, "Dr. Lee Wong");
  test_tap(&k, "reason.primary");
  test_on(&k, "done");
  test_sees(&k, "Thank you, Noor");
  assert_int_equal(test_count(k.p.t.store, "client"), clients + 1);
  assert_int_equal(test_count(k.p.t.store, "appointment"), visits + 1);
  Appointment *day;
  size_t count;
  assert_ok(appointment_day(k.p.t.store, &arena, k.p.site.id, (Date){2026, 3, 2}, &day, &count));
  int walk_ins = 0;
  for (size_t i = 0; i < count; i++)
    if (day[i].walk_in) {
      walk_ins++;
      assert_int_equal(day[i].status, APPT_ARRIVED);
      assert_string_equal(day[i].client_name, "Noor Haddad");
      assert_string_equal(day[i].note, "A rash");
      assert_string_equal(day[i].provider_name, "Dr. Lee Wong");
      test_sees(&k, day[i].ticket);
    }
  assert_int_equal(walk_ins, 1);
  test_kiosk_fini(&k);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(someone_without_an_appointment_gets_a_place_in_the_queue),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
