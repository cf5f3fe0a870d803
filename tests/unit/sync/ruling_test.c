#include <unistd.h>

#include "common/practice/appointment.h"
#include "common/practice/practice.h"
#include "sync/ruling.h"
#include "tests/support/replicas.h"
#include "tests/support/unit.h"

static Uuid site, type, doctor;

static void make_practice(Replicas *r)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  Store *root = r->node[0].store;
  Uuid id;
  test_client(root, 1, "Ana", "Ruiz");
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(root, actor_system(), "test", "", &tx));
  assert_ok(practice_add(&tx, &(PracticeNew){"Clinic", "clinic", "USD", "en", ""}, &faults, &id));
  assert_ok(site_add(&tx, &(SiteNew){.name = "Main", .prefix = "M", .zone = "UTC"}, &faults, &site));
  assert_ok(appointment_type_add(&tx, &(AppointmentType){.name = "Visit", .minutes = 30}, &type));
  assert_ok(provider_add(&tx, &(ProviderNew){.given = "Lee", .family = "Wong", .prefix = ""}, &doctor));
  assert_ok(tx_commit(&tx));
  replicas_settle(r);
}

static Uuid book(Store *store)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Faults faults = faults_make(&arena);
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(store, actor_system(), "test.book", "", &tx));
  AppointmentNew visit = {
      .client = test_id(1), .type = type, .site = site, .provider = doctor, .start = {{2026, 3, 9}, 600}};
  assert_ok(appointment_add(&tx, &visit, &faults, &id));
  assert_ok(tx_commit(&tx));
  return id;
}

static bool becomes(Store *store, Uuid visit, const char *certainty, int within_ms)
{
  for (int waited = 0; waited < within_ms; waited += 5) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    Appointment a;
    assert_ok(appointment_get(store, &arena, visit, &a));
    if (strcmp(a.certainty, certainty) == 0) return true;
    usleep(5000);
  }
  return false;
}

TEST(what_arrives_is_ruled_on_at_once_and_what_came_before_the_start_too)
{
  AUTO(Replicas, r, replicas_fini) = replicas_make(3);
  make_practice(&r);
  Store *home = r.node[0].store;
  Uuid early = book(r.node[1].store);
  replicas_settle(&r);
  Ruling *ruling;
  assert_ok(ruling_start(r.node[0].path, &r.node[0].fake->env, &ruling));
  assert_true(becomes(home, early, "firm", 5000));
  Uuid late = book(r.node[2].store); /* it asks for the same time, and knows nothing of the answer */
  assert_ok(replicas_send(&r, 2, 0, 1000, NULL));
  assert_true(becomes(home, late, "displaced", 5000));
  ruling_stop(ruling);
  replicas_settle(&r);
  replicas_assert_equal(&r);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(what_arrives_is_ruled_on_at_once_and_what_came_before_the_start_too),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
