/* Codes, links, certificates: the parts of enrolment that need no network. */
#include "sync/code.h"
#include "sync/enrol.h"
#include "sync/status.h"
#include "sync/tls/certificate.h"
#include "tests/support/practice_fixture.h"
#include "tests/support/unit.h"

TEST(a_code_reads_back_however_it_was_typed)
{
  CodeParts parts = {.secret = "K7QM2ZPT", .pin = {0xde, 0xad, 0xbe, 0xef, 0x00, 0x01, 0x7f, 0x80, 0xff, 0x55}}, back;
  char text[CODE_TEXT_LEN + 1];
  code_text(&parts, text);
  assert_int_equal(strlen(text), CODE_TEXT_LEN);
  assert_true(code_parse(str_c(text), &back));
  assert_string_equal(back.secret, parts.secret);
  assert_memory_equal(back.pin, parts.pin, sizeof parts.pin);
  char typed[64];
  size_t n = 0;
  for (char *c = text; *c; c++) {
    if (*c == '-') typed[n++] = ' ';
    if (*c == '0') typed[n++] = 'o';
    if (*c == '1') typed[n++] = 'l';
    if (*c != '-' && *c != '0' && *c != '1') typed[n++] = (char)(*c >= 'A' ? *c + 32 : *c);
  }
  CodeParts again;
  assert_true(code_parse((Str){typed, n}, &again));
  assert_memory_equal(&again, &back, sizeof back);
  static const char *const BAD[] = {"", "K7QM", "K7QM-2ZPT-AAAA-AAAA-AAAA-AAA", "K7QM-2ZPT-AAAA-AAAA-AAAA-AAAAA",
                                    "K7QM-2ZPT-AAAA-AAAA-AAAA-AAAU"};
  for (size_t i = 0; i < COUNT_OF(BAD); i++) assert_false(code_parse(str_c(BAD[i]), &back));
}

TEST(a_link_holds_address_and_code)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  const char *url, *code;
  const char *link = enrol_link(&arena, "https://10.0.0.5:8443", "K7QM-2ZPT-AAAA-AAAA-AAAA-AAAA");
  assert_string_equal(link, "https://10.0.0.5:8443/#K7QM-2ZPT-AAAA-AAAA-AAAA-AAAA");
  assert_true(enrol_split_link(&arena, str_c(link), &url, &code));
  assert_string_equal(url, "https://10.0.0.5:8443/");
  assert_string_equal(code, "K7QM-2ZPT-AAAA-AAAA-AAAA-AAAA");
  assert_true(enrol_split_link(&arena, STR(" https://10.0.0.5 "), &url, &code));
  assert_string_equal(code, "");
  assert_false(enrol_split_link(&arena, STR("http://10.0.0.5"), &url, &code));
  assert_false(enrol_split_link(&arena, STR("https://10.0.0.5/#nonsense"), &url, &code));
  assert_false(enrol_split_link(&arena, STR("https://10.0.0.5\0.example.com/"), &url, &code)); /* it would be cut off */
  assert_false(enrol_split_link(&arena, STR("https://10.0.0.5/\r\nHost: a"), &url, &code));
}

TEST(an_invitation_is_checked_and_offices_are_invited_by_the_root_alone)
{
  AUTO(TestPractice, p, test_practice_fini) = test_practice_make();
  Faults faults = faults_make(&p.arena);
  EnrolCode code;
  Store *store = p.t.store;
  EnrolInvitation good = {.name = "Tablet", .kind = "lobby", .site = p.site.id};
  assert_err(enrol_invite(store, actor_system(), &good, &p.arena, &faults, &code), ERR_NOT_FOUND); /* no certificate */
  assert_ok(tls_setup(store, "localhost"));
  assert_ok(enrol_invite(store, actor_system(), &good, &p.arena, &faults, &code));
  assert_int_equal(strlen(code.code), ENROL_CODE_LEN);
  EnrolInvitation bad = {.name = " ", .kind = "root"};
  assert_err(enrol_invite(store, actor_system(), &bad, &p.arena, &faults, &code), ERR_INVALID);
  assert_non_null(faults_for(&faults, "name"));
  assert_non_null(faults_for(&faults, "kind"));
  assert_non_null(faults_for(&faults, "site"));
  EnrolInvitation office = {.name = "Office", .kind = "office", .site = p.site.id};
  assert_ok(enrol_invite(store, actor_system(), &office, &p.arena, &faults, &code));
  for (int open = 2; open < ENROL_OPEN_MAX; open++)
    assert_ok(enrol_invite(store, actor_system(), &good, &p.arena, &faults, &code));
  assert_err(enrol_invite(store, actor_system(), &good, &p.arena, &faults, &code), ERR_THROTTLED);
  env_fake_advance(p.t.fake, 2 * 3600 * 1000);
  assert_ok(enrol_invite(store, actor_system(), &good, &p.arena, &faults, &code));
}

TEST(the_ca_signs_for_a_node_its_own_name_only)
{
  AUTO(TestStore, root, test_store_fini) = test_store_make();
  AUTO(TestStore, office, test_store_fini) = test_store_seeded(8);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  TlsIdentity of_root, of_office;
  Str request, node_pem, browser_pem;
  NodeId number = store_node(office.store);
  assert_ok(tls_setup(root.store, "localhost,10.0.0.5"));
  assert_ok(tls_load(root.store, &arena, &of_root));
  assert_string_equal(of_root.names, "localhost,10.0.0.5");
  assert_false(tls_due(&of_root, root.fake->now));
  assert_true(tls_due(&of_root, root.fake->now + INT64_C(330) * 86400000));
  assert_ok(tls_request(office.store, &arena, &request));
  assert_ok(tls_sign(root.store, &arena, request, number, "desk.local,192.168.1.20", &node_pem, &browser_pem));
  assert_ok(tls_install(office.store, of_root.ca_pem, node_pem, browser_pem));
  assert_ok(tls_load(office.store, &arena, &of_office));
  assert_string_equal(of_office.names, "desk.local,192.168.1.20");
  CertificateFacts facts;
  char name[TLS_NAME_MAX];
  assert_ok(certificate_facts(&arena, of_office.node_pem, &facts));
  tls_node_name(number, name);
  assert_true(str_eq_c(facts.names, name));
  static const char *const BAD[] = {
      "1f3a90bc.node.foyer.internal", "FOYER.internal", "a b", "-a", "a..b", "*.example.com"};
  for (size_t i = 0; i < COUNT_OF(BAD); i++)
    assert_err(tls_sign(root.store, &arena, request, number, BAD[i], &node_pem, &browser_pem), ERR_INVALID);
  assert_err(tls_sign(root.store, &arena, STR("rubbish"), number, "", &node_pem, &browser_pem), ERR_INVALID);
  assert_false(tls_holds_ca(office.store));
  /* What is for another key is not installed. */
  assert_err(tls_install(office.store, of_root.ca_pem, of_root.node_pem, of_root.browser_pem), ERR_INVALID);
  assert_ok(tls_load(office.store, &arena, &of_office));
}

TEST(a_pin_tells_ca_and_node_apart)
{
  AUTO(TestStore, one, test_store_fini) = test_store_make();
  AUTO(TestStore, two, test_store_fini) = test_store_seeded(8);
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  TlsIdentity a, b;
  uint8_t first[TLS_PIN_SIZE], other_node[TLS_PIN_SIZE], other_ca[TLS_PIN_SIZE], again[TLS_PIN_SIZE];
  assert_ok(tls_setup(one.store, "localhost"));
  assert_ok(tls_setup(two.store, "localhost"));
  assert_ok(tls_load(one.store, &arena, &a));
  assert_ok(tls_load(two.store, &arena, &b));
  assert_ok(tls_pin(a.ca_pem, 1, first));
  assert_ok(tls_pin(a.ca_pem, 2, other_node));
  assert_ok(tls_pin(b.ca_pem, 1, other_ca));
  assert_memory_not_equal(first, other_node, sizeof first);
  assert_memory_not_equal(first, other_ca, sizeof first);
  assert_ok(tls_setup(one.store, "example.com")); /* another certificate of the same CA */
  assert_ok(tls_load(one.store, &arena, &a));
  assert_ok(tls_pin(a.ca_pem, 1, again));
  assert_memory_equal(first, again, sizeof first);
}

TEST(a_status_reads_back)
{
  AUTO(TestStore, t, test_store_fini) = test_store_make();
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  SyncStatus status;
  assert_ok(status_read(t.store, &arena, &status));
  assert_int_equal(status.state, SYNC_ROOT);
  assert_ok(local_set(t.store, "sync.url", STR("https://10.0.0.5:8443")));
  assert_ok(local_set_int(t.store, "sync.upstream", 5));
  assert_ok(status_read(t.store, &arena, &status));
  assert_int_equal(status.state, SYNC_NEW);
  SyncStatus written = {.state = SYNC_OFFLINE,
                        .since = 17,
                        .upstream_url = "https://10.0.0.5:8443",
                        .upstream = 5,
                        .last_exchange_at = 18,
                        .waiting_blobs_up = 2,
                        .waiting_blobs_down = 3,
                        .done_bytes = 4,
                        .total_bytes = 9,
                        .clock_offset_ms = -5000,
                        .err = ERR_NETWORK,
                        .detail = "no route",
                        .next_try_at = 20};
  assert_ok(status_write(t.store, &written));
  test_client(t.store, 1, "Ana", "Ruiz");
  assert_ok(status_read(t.store, &arena, &status));
  assert_int_equal(status.waiting_entries, 1);
  status.waiting_entries = 0;
  assert_string_equal(status.detail, written.detail);
  assert_string_equal(status.upstream_url, written.upstream_url);
  status.detail = written.detail;
  status.upstream_url = written.upstream_url;
  assert_memory_equal(&status, &written, sizeof status);
}

int main(void)
{
  const struct CMUnitTest tests[] = {
      cmocka_unit_test(a_code_reads_back_however_it_was_typed),
      cmocka_unit_test(a_link_holds_address_and_code),
      cmocka_unit_test(an_invitation_is_checked_and_offices_are_invited_by_the_root_alone),
      cmocka_unit_test(the_ca_signs_for_a_node_its_own_name_only),
      cmocka_unit_test(a_pin_tells_ca_and_node_apart),
      cmocka_unit_test(a_status_reads_back),
  };
  return cmocka_run_group_tests(tests, NULL, NULL);
}
