/* Files that a practice is given: FHIR as JSON ('{' or '[' first), else CSV of clients, or of appointments after a '!'. A file that is
 * refused changes nothing, and whatever was taken once changes nothing the second time. */
#include "common/practice/import.h"
#include "common/store/verify.h"
#include "tests/fuzz/fuzz_store.h"
#include "tests/support/import_fixture.h"

static FuzzStore s;

static void make(void)
{
  TestPractice p = test_practice_make();
  test_person(&p, 1, "Ana", "Ruiz", "1980-05-01", "212-555-0100");
  Instant now = p.t.fake->now;
  store_close(p.t.store);
  p.t.store = NULL;
  fuzz_store_open(&s, p.t.path, now);
  test_practice_fini(&p);
}

static Err take(Str text, ImportReport *report)
{
  if (text.len > 0 && (text.ptr[0] == '{' || text.ptr[0] == '[')) {
    AUTO(json_t *, json, json_release) = NULL;
    TRY(json_parse(text, &json));
    return import_fhir(s.store, actor_system(), json, report);
  }
  bool visits = text.len > 0 && text.ptr[0] == '!';
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  if (visits) text = (Str){text.ptr + 1, text.len - 1};
  if (memchr(text.ptr ? text.ptr : "", 0, text.len)) return err_because(ERR_INVALID, "a zero byte");
  test_folder_write(&s.folder, "file.csv", arena_cstr(&arena, text));
  return import_csv_file(s.store, actor_system(), visits ? "appointments" : "clients",
                         test_folder_path(&s.folder, "file.csv"), report);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  if (!s.store) make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  ImportReport report = {.arena = &arena, .options = {.take_sites = size % 2}},
               again = {.arena = &arena, .options = report.options};
  Str text = {(const char *)data, size};
  Err err = take(text, &report);
  if (err != ERR_OK) {
    REQUIRE(err == ERR_INVALID || err == ERR_TOO_LARGE || err == ERR_UNSUPPORTED);
    REQUIRE(fuzz_store_same(&s));
    return 0;
  }
  if (fuzz_store_same(&s)) return 0;
  Hash first, second;
  VerifyReport verified;
  REQUIRE(verify_digest(s.store, &first) == ERR_OK);
  REQUIRE(take(text, &again) == ERR_OK);
  REQUIRE(verify_digest(s.store, &second) == ERR_OK && hash_eq(first, second));
  if (second.bytes[0] % 8 == 0 && verify_store(s.store, &verified) != ERR_OK) /* slow: now and then */
    fuzz_failed(verified.fault, __FILE__, __LINE__);
  fuzz_store_again(&s);
  return 0;
}

void fuzz_seeds(void)
{
  static const char *const LIST[] = {
      BUNDLE(PATIENT("p1", ", 'birthDate': '1980-05-01', 'telecom': [{'system': 'phone', 'value': '212-555-0101'}]")),
      BUNDLE(
          PATIENT("p1", "") ", {'resource': {'resourceType': 'Coverage', 'id': 'c', 'status': 'active', 'beneficiary':"
                            " {'reference': 'urn:uuid:p1'}, 'payor': [{'display': 'Acme'}], 'subscriberId': '7'}}"),
      BUNDLE(PATIENT("p1", "") ", {'resource': {'resourceType': 'Location', 'id': 'l', 'name': 'North'}}, {'resource':"
                               " {'resourceType': 'Appointment', 'id': 'a', 'status': 'booked', 'start':"
                               " '2026-03-02T15:30:00Z', 'minutesDuration': 30, 'participant': [{'actor': {'reference':"
                               " 'urn:uuid:p1'}, 'status': 'accepted'}]}}"),
      "{'resourceType': 'Questionnaire', 'status': 'active', 'url': 'http://x/q', 'item': [{'linkId': 'a', 'type':"
      " 'string', 'text': 'Why?'}]}",
      "{'resourceType': 'Practitioner', 'id': 'd', 'name': [{'family': 'Wong'}], 'identifier': [{'system': 's', "
      "'value': 'v'}]}",
      "given,family,birth_date,phone\nAna,Ruiz,1980-05-01,212-555-0100\nLi,Ng,02/03/1990,\n",
      "Nombre;Apellido;Fecha de nacimiento\n\"Li \"\"x\"\"\";Ng;31/12/1990\n",
      "!given,family,birth_date,start,type\nAna,Ruiz,1980-05-01,2026-03-04 10:00,Visit\n"};
  for (size_t i = 0; i < COUNT_OF(LIST); i++) {
    AUTO(Arena, arena, arena_fini) = arena_make(0);
    char *text = arena_cstr(&arena, str_c(LIST[i]));
    for (char *c = text; text[0] == '{' && *c; c++)
      if (*c == '\'') *c = '"';
    fuzz_seed(str_c(text));
  }
}
