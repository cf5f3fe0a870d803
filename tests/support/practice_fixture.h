/* A small practice in a test store: one site in New York (it is Monday 2 March 2026, 10:00), two types of visit, and whom the test adds. */
#pragma once

#include "common/practice/appointment.h"
#include "common/practice/client.h"
#include "common/practice/practice.h"
#include "tests/support/store_fixture.h"

typedef struct TestPractice {
  TestStore t;
  Arena arena; /* for the site's texts */
  Site site;
  Uuid visit_type, walk_in_type;
} TestPractice;

TestPractice test_practice_make(void);
/* test_practice_on: on the disk of another SQLite VFS. */
TestPractice test_practice_on(const char *vfs);
void test_practice_fini(TestPractice *p);

/* test_person: an active client of id test_id(number) with this birth date and phone. */
void test_person(TestPractice *p, unsigned number, const char *given, const char *family, const char *birth,
                 const char *phone);
/* test_visit: booked for a client at a time of today ("10:30"), or of another day ("2026-03-03T10:30"); id test_id(number). */
Uuid test_visit(TestPractice *p, unsigned number, unsigned client, const char *when);
void test_visit_move(TestPractice *p, Uuid visit, AppointmentStatus from, AppointmentStatus to);
/* test_rule: `form` is due at visits of a type (nil: all); kind "questionnaire" or "consent". */
void test_rule(TestPractice *p, Uuid type, const char *kind, const char *form, int valid_days, int position);
/* test_questionnaire: of url, with these items (JSON with ' for "). */
Uuid test_questionnaire(TestPractice *p, const char *url, const char *items);
/* test_document: "Privacy" in English and Spanish under a code and version. */
void test_document(TestPractice *p, const char *code, const char *version);
