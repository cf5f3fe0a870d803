#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/practice/csv.h"
#include "common/practice/import.h"
#include "tests/support/practice_fixture.h"
#include "tests/support/unit.h"

SQL(CSV_CLIENTS, "SELECT id, given, family, birth_date, gender, phone, city FROM client ORDER BY sort_name");

static Err take(TestPractice *p, const char *kind, const char *text, ImportReport *report)
{
  *report = (ImportReport){.arena = &p->arena};
  test_folder_write(&p->t.folder, "file.csv", text);
  return import_csv_file(p->t.store, actor_system(), kind, test_folder_path(&p->t.folder, "file.csv"), report);
}

static const char *skipped(const ImportReport *report, const char *what)
{
  for (size_t i = 0; i < report->skipped_count; i++)
    if (strcmp(report->skipped[i].what, what) == 0) return report->skipped[i].why;
  return NULL;
}

static size_t records(const char *text, char *out, size_t size, Err *err)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Csv csv;
  Str *fields;
  size_t count, n = 0, len = 0;
  *err = csv_open(&arena, str_c(text), &csv);
  if (*err != ERR_OK) return 0;
  for (out[0] = '\0'; csv_next(&csv, &fields, &count); n++)
    for (size_t i = 0; i < count; i++)
      len += (size_t)snprintf(out + len, size - len, "[" STR_FMT "]%s", STR_ARG(fields[i]), i + 1 == count ? "|" : "");
  *err = csv.err;
  return n;
}

TEST(records_are_read_as_the_standard_says)
{
  static const struct {
    const char *text, *want;
  } cases[] = {
      {"a,b\r\n1,2\r\n", "[a][b]|[1][2]|"},
      {"a,b\n1,2", "[a][b]|[1][2]|"},
      {"\xEF\xBB\xBF"
       "a;b\n1,5;2\n",
       "[a][b]|[1,5][2]|"},
      {"a\tb\n1\t\n", "[a][b]|[1][]|"},
      {"\"a,b\",\"c\"\"d\"\n\"two\nlines\",x\n", "[a,b][c\"d]|[two\nlines][x]|"},
      {"a,b\n\n  , \n1,2\n", "[a][b]|[1][2]|"},
      {"a,b\n5\" nail,x\n", "[a][b]|[5\" nail][x]|"},
      {"\"\",\"\"\"\"\n", "[][\"]|"},
      {"a,b\r1,2\r", "[a][b]|[1][2]|"},
      {"", ""},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    char got[256];
    Err err;
    records(cases[i].text, got, sizeof got, &err);
    assert_int_equal(err, ERR_OK);
    assert_string_equal(got, cases[i].want);
  }
}

TEST(files_that_do_not_parse_say_where)
{
  static char wide[1000], long_field[CSV_FIELD_MAX + 100];
  memset(wide, ',', sizeof wide - 1);
  memset(long_field, 'x', sizeof long_field - 1);
  const struct {
    const char *text;
    Err err;
    const char *words;
  } cases[] = {
      {"a,b\n\"open,2\n3,4\n", ERR_INVALID, "line 2: a quote is opened"},
      {"a,b\n\"x\"y,2\n", ERR_INVALID, "line 2: there is text behind"},
      {"a,b\n1,\xff\n", ERR_INVALID, "line 2 is not UTF-8"},
      {wide, ERR_TOO_LARGE, "line 1: there are too many fields"},
      {long_field, ERR_TOO_LARGE, "line 1: a field is too long"},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    char got[2048];
    Err err;
    records(cases[i].text, got, sizeof got, &err);
    assert_int_equal(err, cases[i].err);
    assert_non_null(strstr(err_detail(), cases[i].words));
  }
}

TEST(clients_come_in_with_the_usual_column_names)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  const char *text =
      "Chart number,First Name,Last name,Date of Birth,Sex,Mobile Phone,E-mail,Street,ZIP,Town,Insurance,"
      "Member ID,Shoe size\n"
      "17,Ana María,Ruiz Gómez,1980-02-29,F,555.123.4567,ana@example.org,\"1 Elm St, rear\",02108,Boston,"
      "Aetna,W1,37\n"
      "18,Seán,O'Neil,1972-06-15,male,,,,,,,,\n";
  assert_ok(take(&p, "clients", text, &report));
  assert_int_equal(report.clients, 2);
  assert_int_equal(report.coverages, 1);
  assert_int_equal(report.identifiers, 2);
  assert_non_null(skipped(&report, "column 13"));
  AUTO(Query, q, query_fini) = query(p.t.store, &CSV_CLIENTS);
  assert_true(query_next(&q));
  assert_true(str_eq_c(query_str(&q, "family"), "O'Neil"));
  assert_true(query_next(&q));
  assert_true(str_eq_c(query_str(&q, "given"), "Ana María"));
  assert_true(str_eq_c(query_str(&q, "gender"), "female"));
  assert_true(str_eq_c(query_str(&q, "phone"), "555-123-4567"));
  assert_true(str_eq_c(query_str(&q, "city"), "Boston"));
  query_fini(&q);
  int64_t journal = test_count(p.t.store, "journal");
  assert_ok(take(&p, "clients", text, &report));
  assert_int_equal(test_count(p.t.store, "journal"), journal);
  assert_int_equal(report.clients, 0);
}

TEST(rows_with_mistakes_are_reported_by_line_and_the_others_taken)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(take(&p, "clients",
                 "given;family;birth_date;phone;email\n"
                 "Ana;Ruiz;29.02.1981;;\n"
                 "Bo;Ng;13.01.1990;none;\n"
                 ";;13.01.1990;;\n"
                 "Cy;Wu;;;\n"
                 "Di;Xu;14.02.1990;;nonsense\n"
                 "Ed;Yi;15.03.1990;555-1234567;ed@example.org\n",
                 &report));
  assert_int_equal(report.clients, 1);
  assert_non_null(skipped(&report, "line 2: birth_date"));
  assert_string_equal(skipped(&report, "line 3: phone"), "it is not a phone number");
  assert_string_equal(skipped(&report, "line 4: given"), "it is missing");
  assert_non_null(skipped(&report, "line 5"));
  assert_string_equal(skipped(&report, "line 6: email"), "it is not an email address");
  assert_int_equal(test_count(p.t.store, "client"), 1);
}

TEST(the_other_dates_tell_how_a_date_is_meant)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  ImportReport report;
  assert_ok(take(&p, "clients", "given,family,dob\nAna,Ruiz,02/03/1980\nBo,Ng,27/11/1986\n", &report));
  assert_int_equal(report.clients, 2);
  {
    AUTO(Query, q, query_fini) = query(p.t.store, &CSV_CLIENTS);
    assert_true(query_next(&q) && query_next(&q));
    assert_true(str_eq_c(query_str(&q, "birth_date"), "1980-03-02"));
  }
  assert_ok(take(&p, "clients", "given,family,dob\nCy,Wu,02/03/1980\n", &report));
  assert_non_null(skipped(&report, "line 2: birth_date"));
  assert_ok(take(&p, "clients", "given,family,dob\nCy,Wu,02/03/1980\nDi,Xu,27/11/1986\nEd,Yi,11/27/1986\n", &report));
  assert_int_equal(report.clients, 2); /* two that disagree tell nothing of the first */
}

TEST(a_client_who_is_here_already_is_known_again)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "555-1000 00");
  ImportReport report;
  assert_ok(take(&p, "clients", "given,family,birth date,email\nANA,RUÍZ,1980-02-29,ana@example.org\n", &report));
  assert_int_equal(test_count(p.t.store, "client"), 1);
  Client client;
  assert_ok(client_get(p.t.store, &p.arena, test_id(1), &client));
  assert_string_equal(client.contact.email, "ana@example.org");
  assert_string_equal(client.contact.phone, "555-1000 00"); /* the file has no phones */
  test_person(&p, 2, "Ana", "Ruiz", "1980-02-29", "");
  assert_ok(take(&p, "clients", "given,family,birth date\nAna,Ruíz,1980-02-29\n", &report));
  assert_non_null(skipped(&report, "line 2"));
}

static void add_provider(TestPractice *p, const char *given, const char *family)
{
  Uuid id;
  AUTO(Tx, tx, tx_fini) = {0};
  assert_ok(tx_begin(p->t.store, actor_system(), "test", "", &tx));
  assert_ok(provider_add(&tx, &(ProviderNew){.given = given, .family = family, .prefix = "Dr."}, &id));
  assert_ok(tx_commit(&tx));
}

TEST(visits_come_in_and_find_client_provider_type_and_site)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  add_provider(&p, "Lee", "Wong");
  ImportReport report;
  assert_ok(take(&p, "clients", "id,given,family\n17,Ana,Ruiz\n", &report));
  const char *text = "Patient ID,date,time,type,provider,location,reason,duration\n"
                     "17,2026-03-02,9:30 AM,visit,\"Wong, Lee\",main street,Knee,45\n"
                     "17,2026-03-03,14:00,VISIT,Dr. Lee Wong,M,,\n";
  assert_ok(take(&p, "appointments", text, &report));
  assert_int_equal(report.appointments, 2);
  Appointment *list;
  size_t count;
  assert_ok(appointment_day(p.t.store, &p.arena, p.site.id, (Date){2026, 3, 2}, &list, &count));
  assert_int_equal(count, 1);
  assert_int_equal(list[0].start.minute, 570);
  assert_int_equal(list[0].minutes, 45);
  assert_string_equal(list[0].provider_name, "Dr. Lee Wong");
  assert_string_equal(list[0].note, "Knee");
  assert_ok(appointment_day(p.t.store, &p.arena, p.site.id, (Date){2026, 3, 3}, &list, &count));
  assert_int_equal(list[0].minutes, 30); /* the type's */
  int64_t journal = test_count(p.t.store, "journal");
  assert_ok(take(&p, "appointments", text, &report));
  assert_int_equal(test_count(p.t.store, "journal"), journal);
}

TEST(visits_that_fit_nothing_here_are_not_taken)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-02-29", "");
  ImportReport report;
  assert_ok(take(&p, "appointments",
                 "given,family,birth date,start,type,provider,site,status,minutes\n"
                 "Bo,Ng,1980-02-29,2026-03-02T09:30,Visit,,,,\n"
                 "Ana,Ruiz,1980-02-29,2026-03-02T09:30,Surgery,,,,\n"
                 "Ana,Ruiz,1980-02-29,2026-03-02T09:30,Visit,House,,,\n"
                 "Ana,Ruiz,1980-02-29,2026-03-02T09:30,Visit,,Moon,,\n"
                 "Ana,Ruiz,1980-02-29,2026-03-02T09:30,Visit,,,dreamt,\n"
                 "Ana,Ruiz,1980-02-29,noon,Visit,,,,\n"
                 "Ana,Ruiz,1980-02-29,2026-03-02T09:30,Visit,,,,2000\n"
                 "Ana,Ruiz,1980-02-29,2026-03-02 9:30,Visit,,,No-Show,\n",
                 &report));
  static const char *const wrong[] = {"line 2: client", "line 3: type",  "line 4: provider", "line 5: site",
                                      "line 6: status", "line 7: start", "line 8: minutes"};
  for (size_t i = 0; i < COUNT_OF(wrong); i++)
    if (!skipped(&report, wrong[i])) fail_msg("%s was taken", wrong[i]);
  assert_int_equal(report.appointments, 1);
}

TEST(files_of_the_wrong_shape_are_refused_whole)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  int64_t journal = test_count(p.t.store, "journal");
  static const struct {
    const char *kind, *text, *words;
  } cases[] = {
      {"clients", "", "empty"},
      {"clients", "given,phone\nAna,1\n", "family"},
      {"clients", "given,family\nAna,Ruiz\n", "id or birth date"},
      {"appointments", "given,family,dob\nAna,Ruiz,1980-02-29\n", "start, or date and time"},
      {"appointments", "date,time,type\n2026-03-02,9:30,Visit\n", "client, or given"},
      {"appointments", "client,start\n17,2026-03-02T09:30\n", "type"},
      {"clients", "given,family,dob\nAna,Ruiz,1980-02-29\nBo,Ng,1980-02-29,x,y\n", "line 3 has 5 fields"},
      {"clients", "given,family,dob\nAna,Ruiz,1980-02-29\nBo,\"Ng,1980-02-29\n", "line 3: a quote"},
      {"invoices", "a,b\n", "no such kind"},
  };
  for (size_t i = 0; i < COUNT_OF(cases); i++) {
    ImportReport report;
    err_clear();
    assert_err(take(&p, cases[i].kind, cases[i].text, &report), ERR_INVALID);
    if (!strstr(err_detail(), cases[i].words)) fail_msg("\"%s\" does not say \"%s\"", err_detail(), cases[i].words);
  }
  assert_int_equal(test_count(p.t.store, "journal"), journal);
}

TEST(no_bytes_make_the_reader_stumble)
{
  static const char alphabet[] = "a\"\",;\t\r\n \xc3\xa9";
  EnvFake dice;
  env_fake_init(&dice, 0, 1);
  for (int round = 0; round < 3000; round++) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    uint8_t bytes[64];
    env_random(&dice.env, bytes, sizeof bytes);
    size_t len = bytes[0] % sizeof bytes;
    char *text = arena_alloc(&arena, len + 1);
    for (size_t i = 0; i < len; i++) text[i] = alphabet[bytes[i] % (sizeof alphabet - 1)];
    Csv csv;
    if (csv_open(&arena, (Str){text, len}, &csv) != ERR_OK) continue;
    Str *fields;
    size_t count, records_read = 0;
    while (csv_next(&csv, &fields, &count)) {
      assert_in_range(count, 1, CSV_COLUMNS_MAX);
      records_read++;
    }
    assert_true(records_read <= len);
    if (csv.err == ERR_OK) assert_int_equal(csv.at, csv.text.len);
  }
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(records_are_read_as_the_standard_says),
      cmocka_unit_test(files_that_do_not_parse_say_where),
      cmocka_unit_test(no_bytes_make_the_reader_stumble),
      cmocka_unit_test(clients_come_in_with_the_usual_column_names),
      cmocka_unit_test(rows_with_mistakes_are_reported_by_line_and_the_others_taken),
      cmocka_unit_test(the_other_dates_tell_how_a_date_is_meant),
      cmocka_unit_test(a_client_who_is_here_already_is_known_again),
      cmocka_unit_test(visits_come_in_and_find_client_provider_type_and_site),
      cmocka_unit_test(visits_that_fit_nothing_here_are_not_taken),
      cmocka_unit_test(files_of_the_wrong_shape_are_refused_whole),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
