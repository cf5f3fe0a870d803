/* A kiosk in a test: the real screens over a real store, on SDL's dummy driver, with a clock that the test moves. The practice is
 * that of practice_fixture.h with more in it: providers, rooms, staff, insurance, forms and consents. */
#pragma once

#include "common/practice/appointment.h"
#include "common/practice/task.h"
#include "kiosk/screens/app.h"
#include "tests/support/practice_fixture.h"

typedef struct TestKiosk {
  TestPractice p;
  UiTheme theme;
  I18n *i18n;
  Ui *ui;
  App *app;
  Uuid provider, room, staff;
  unsigned taps; /* test_tap so far */
  const char *language;
  const char *folder; /* another than the practice's store */
} TestKiosk;

enum { TEST_ANA = 1, TEST_BRUNO, TEST_CLARA, TEST_DORA };
#define TEST_PIN "4711"

/* test_kiosk_make: Ana María Ruiz Gómez (born 1980-02-29) is booked for 10:30 with Dr. Wong, has confirmed her contact and coverage;
 * nothing is due. `language` NULL: English. Call test_kiosk_show to open the screens. */
TestKiosk test_kiosk_make(void);
void test_kiosk_show(TestKiosk *k, int width, int height, const char *language);
/* test_kiosk_hide: close the screens (as a power cut would end them, but in order). */
void test_kiosk_hide(TestKiosk *k);
void test_kiosk_fini(TestKiosk *k);

/* What more there may be. */
void test_kiosk_forms(TestKiosk *k);     /* a questionnaire with every type of item, due once */
void test_kiosk_consents(TestKiosk *k);  /* a long text to be read and signed, due once */
void test_kiosk_colleague(TestKiosk *k); /* Dr. Kim Abara, beside Dr. Wong */
void test_kiosk_staff(TestKiosk *k);     /* someone with a PIN (a tenth of a second of Argon2id) */
void test_kiosk_lobby(TestKiosk *k); /* staff; others who wait, are expected and are in rooms, and a request for help */

/* test_kiosk_open: made, with `more` (NULL: nothing) and shown in English on a small screen. */
TestKiosk test_kiosk_open(void (*more)(TestKiosk *k));

/* test_settle: turns of the loop until nothing is under way. */
void test_settle(TestKiosk *k);
/* test_tap: a finger on the node with this id or label. Fails the test when it is not there. */
void test_tap(TestKiosk *k, const char *id_or_label);
void test_type(TestKiosk *k, const char *text); /* into the field that is being edited */
void test_key(TestKiosk *k, UiKey key);
void test_sign(TestKiosk *k, const char *pad);
/* test_pass: time goes by, with the kiosk looking on. */
void test_pass(TestKiosk *k, int64_t ms);
/* test_on: fails unless this is the screen. test_sees: fails unless the accessibility tree has this text (test_sees_not: if). */
void test_on(TestKiosk *k, const char *screen);
void test_sees(TestKiosk *k, const char *text);
void test_sees_not(TestKiosk *k, const char *text);
/* test_who: from the first screen through date of birth (as MMDDYYYY) and name. */
void test_who(TestKiosk *k, const char *birth, const char *given, const char *family);
/* test_ana: Ana says who she is. test_ana_to_the_forms: and goes on until something else than contact and coverage is asked. */
void test_ana(TestKiosk *k);
void test_ana_to_the_forms(TestKiosk *k);
/* test_visit_now: as it is stored. test_tasks: those open at the site. */
Appointment test_visit_now(TestKiosk *k, Arena *arena, Uuid id);
Task *test_tasks(TestKiosk *k, Arena *arena, size_t *count);
/* test_layout_is_good: false when ui_check_layout finds anything; prints what and where. */
bool test_layout_is_good(TestKiosk *k, const char *where);
