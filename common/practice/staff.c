#include "common/practice/staff.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>

#include "common/practice/permission.h"
#include "common/practice/tidy.h"
#include "common/store/query.h"

enum {
  USERNAME_MAX = 64,
  NAME_MAX_CHARS = 100,
  PASSWORD_LEAST = 10,
  PASSWORD_MOST = 256, /* bytes: hashing is no place to send megabytes to */
  PIN_LEAST = 4,
  PIN_MOST = 8,
  FAILURES_FREE = 5,
  FAILURES_MS = 15 * 60 * 1000,
  WAIT_MS = 60 * 1000,
  WAIT_MAX_MS = 60 * 60 * 1000
};

/* Compared with when there is no such account, so that the answer takes as long. Argon2id of nothing that anyone knows, with the
 * limits that password_hash uses (a test holds the two together). */
static const char NOBODY[] = "$argon2id$v=19$m=65536,t=2,p=1$Rm95ZXJOb2JvZHlTYWx0IQ$"
                             "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA";

#define STAFF_COLUMNS "id, username, given, family, language, active"
SQL(STAFF_GET, "SELECT " STAFF_COLUMNS " FROM staff WHERE id = :id");
/* Two offline nodes may have taken one name: the older account keeps it. */
SQL(STAFF_BY_NAME,
    "SELECT " STAFF_COLUMNS ", password_hash FROM staff WHERE username = :username ORDER BY active DESC, id LIMIT 1");
SQL(STAFF_WITH_PIN, "SELECT " STAFF_COLUMNS ", pin_hash FROM staff WHERE pin_hash <> '' AND active = 1 ORDER BY id");
SQL(ROLE_BY_NAME, "SELECT id FROM role WHERE name = :name ORDER BY id LIMIT 1");

static Staff read_staff(Query *q, Arena *arena)
{
  return (Staff){.id = query_uuid(q, "id"),
                 .username = query_cstr(q, arena, "username"),
                 .given = query_cstr(q, arena, "given"),
                 .family = query_cstr(q, arena, "family"),
                 .language = query_cstr(q, arena, "language"),
                 .active = query_int(q, "active") != 0};
}

Err staff_get(Store *store, Arena *arena, Uuid id, Staff *out)
{
  AUTO(Query, q, query_fini) = query(store, &STAFF_GET);
  query_bind_uuid(&q, ":id", id);
  if (!query_next(&q)) {
    TRY(query_end(&q));
    return ERR_NOT_FOUND;
  }
  *out = read_staff(&q, arena);
  return query_end(&q);
}

/* The name as it is stored; "" when it is no name. */
static Str username_of(Arena *arena, Str typed)
{
  Str line = tidy_line(arena, typed);
  if (line.len < 2 || line.len > USERNAME_MAX) return STR("");
  char *lower = arena_cstr(arena, line);
  for (size_t i = 0; i < line.len; i++) {
    lower[i] = (char)tolower((unsigned char)lower[i]);
    if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789.-_", lower[i])) return STR("");
  }
  return (Str){lower, line.len};
}

static Err username_taken(Store *store, Str username, bool *taken)
{
  AUTO(Query, q, query_fini) = query(store, &STAFF_BY_NAME);
  query_bind_text(&q, ":username", username);
  *taken = query_next(&q);
  return query_end(&q);
}

/* pin_owner: whose PIN it is; every PIN is tried, for a PIN alone says who someone is. nil: nobody's. */
static Err pin_owner(Store *store, Arena *arena, Str pin, Staff *out)
{
  *out = (Staff){0};
  AUTO(Query, q, query_fini) = query(store, &STAFF_WITH_PIN);
  while (query_next(&q)) {
    if (!password_verify(query_cstr(&q, arena, "pin_hash"), pin) || !uuid_is_nil(out->id)) continue;
    *out = read_staff(&q, arena);
  }
  return query_end(&q);
}

static bool pin_well_formed(Str pin)
{
  if (pin.len < PIN_LEAST || pin.len > PIN_MOST) return false;
  for (size_t i = 0; i < pin.len; i++)
    if (pin.ptr[i] < '0' || pin.ptr[i] > '9') return false;
  return true;
}

static void check_password(Str password, Str username, Faults *faults)
{
  if (utf8_count(password) < PASSWORD_LEAST || str_eq_ascii_nocase(password, username))
    faults_add(faults, "password", "fault.password", "10");
  else if (password.len > PASSWORD_MOST)
    faults_add(faults, "password", "fault.too_long", "256");
}

static void check_name(Str name, const char *field, bool required, Faults *faults)
{
  if (required && str_empty(name)) faults_add(faults, field, "fault.required", NULL);
  if (utf8_count(name) > NAME_MAX_CHARS) faults_add(faults, field, "fault.too_long", "100");
}

typedef struct Checked {
  Str username, given, family;
  Uuid role;
} Checked;

static Err find_role(Store *store, const char *name, Uuid *out)
{
  AUTO(Query, q, query_fini) = query(store, &ROLE_BY_NAME);
  query_bind_text(&q, ":name", str_c(name));
  *out = query_next(&q) ? query_uuid(&q, "id") : (Uuid){{0}};
  return query_end(&q);
}

static Err check(Store *store, Arena *arena, const StaffNew *input, Faults *faults, Checked *out)
{
  size_t before = faults->count;
  *out = (Checked){.username = username_of(arena, str_c(input->username)),
                   .given = tidy_c(arena, input->given),
                   .family = tidy_c(arena, input->family)};
  if (str_empty(out->username)) {
    faults_add(faults, "username", "fault.username", NULL);
  } else {
    bool taken;
    TRY(username_taken(store, out->username, &taken));
    if (taken) faults_add(faults, "username", "fault.username_taken", input->username);
  }
  check_name(out->given, "given", str_empty(out->family), faults);
  check_name(out->family, "family", false, faults);
  if (input->password) check_password(str_c(input->password), out->username, faults);
  TRY(find_role(store, input->role, &out->role));
  if (uuid_is_nil(out->role)) faults_add(faults, "role", "fault.role", input->role);
  if (input->pin && !pin_well_formed(str_c(input->pin))) {
    faults_add(faults, "pin", "fault.pin", NULL);
  } else if (input->pin) {
    Staff owner;
    TRY(pin_owner(store, arena, str_c(input->pin), &owner));
    if (!uuid_is_nil(owner.id)) faults_add(faults, "pin", "fault.pin_taken", NULL);
  }
  return faults->count == before ? ERR_OK : ERR_INVALID;
}

static Uuid staff_role_id(Uuid staff, Uuid role, Uuid site)
{
  const Uuid parts[] = {staff, role, site};
  return uuid_from_parts(STR("staff_role"), parts, sizeof parts);
}

Err staff_add(Tx *tx, const StaffNew *input, Faults *faults, Uuid *out)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Checked checked;
  TRY(check(tx->store, &arena, input, faults, &checked));
  char password[PASSWORD_HASH_MAX] = "", pin[PASSWORD_HASH_MAX] = "";
  if (input->password) TRY(password_hash(str_c(input->password), password));
  if (input->pin) TRY(password_hash(str_c(input->pin), pin));
  Uuid id = uuid_v7(store_env(tx->store));
  TRY(tx_insert(tx, "staff", id,
                COLS(col_text("username", checked.username), col_text("given", checked.given),
                     col_text("family", checked.family), col_text("password_hash", str_c(password)),
                     col_text("pin_hash", str_c(pin)))));
  TRY(tx_insert(tx, "staff_role", staff_role_id(id, checked.role, input->site),
                COLS(col_uuid("staff", &id), col_uuid("role", &checked.role), col_uuid("site", &input->site))));
  *out = id;
  return ERR_OK;
}

Err staff_set_password(Tx *tx, Uuid staff, const char *password, Faults *faults)
{
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Staff person;
  TRY(staff_get(tx->store, &arena, staff, &person));
  size_t before = faults->count;
  check_password(str_c(password), str_c(person.username), faults);
  if (faults->count != before) return ERR_INVALID;
  char hash[PASSWORD_HASH_MAX];
  TRY(password_hash(str_c(password), hash));
  return tx_update(tx, "staff", staff, COLS(col_text("password_hash", str_c(hash))));
}

/* Failures are counted in the node's settings, so that they outlive a restart. Names share 4096 counters: someone who tries names
 * without end fills no disk. */
typedef struct Failures {
  char key[32];
  int64_t count;
  Instant last_at;
  bool stored;
} Failures;

static Failures failures_of(Store *store, Arena *arena, Str who)
{
  Hash hash = hash_parts((const Str[]){STR("sign-in\0"), who}, 2);
  Failures failures = {0};
  snprintf(failures.key, sizeof failures.key, "signin.%01x%02x", hash.bytes[0] & 15, hash.bytes[1]);
  Str rest = local_get(store, arena, failures.key);
  failures.stored = !str_empty(rest);
  Str count = str_cut(&rest, ' ');
  if (!str_to_int64(count, &failures.count) || !str_to_int64(rest, &failures.last_at)) failures.count = 0;
  return failures;
}

static int64_t wait_after(int64_t count)
{
  if (count < FAILURES_FREE) return 0;
  int64_t doublings = count - FAILURES_FREE;
  int64_t wait = doublings > 16 ? WAIT_MAX_MS : (int64_t)WAIT_MS << doublings;
  return wait < WAIT_MAX_MS ? wait : WAIT_MAX_MS;
}

static Err failures_save(Store *store, const Failures *failures)
{
  char value[64];
  snprintf(value, sizeof value, "%" PRId64 " %" PRId64, failures->count, failures->last_at);
  return local_set(store, failures->key, str_c(value));
}

/* failures_check: ERR_THROTTLED while there is something to wait for; forgets what is long ago. */
static Err failures_check(Store *store, Failures *failures)
{
  if (failures->count == 0) return ERR_OK;
  Instant now = store_now(store);
  if (failures->last_at > now) { /* the clock was set back: the wait begins anew, and ends */
    failures->last_at = now;
    TRY(failures_save(store, failures));
  }
  int64_t wait = wait_after(failures->count);
  if (now < failures->last_at + wait) return ERR_THROTTLED;
  if (now >= failures->last_at + wait + FAILURES_MS) failures->count = 0;
  return ERR_OK;
}

static Err failed(Store *store, Failures *failures)
{
  failures->count++;
  failures->last_at = store_now(store);
  TRY(failures_save(store, failures));
  return ERR_DENIED;
}

Err staff_sign_in(Store *store, Arena *arena, Str username, Str password, Staff *out)
{
  Str name = username_of(arena, username);
  Failures failures = failures_of(store, arena, name);
  TRY(failures_check(store, &failures));
  const char *hash = "";
  Staff staff = {0};
  {
    AUTO(Query, q, query_fini) = query(store, &STAFF_BY_NAME);
    query_bind_text(&q, ":username", name);
    if (query_next(&q)) {
      staff = read_staff(&q, arena);
      hash = query_cstr(&q, arena, "password_hash");
    }
    TRY(query_end(&q));
  }
  bool known = *hash != '\0';
  if (password.len > PASSWORD_MOST) password.len = 0;
  bool right = password_verify(known ? hash : NOBODY, password);
  if (!known || !right || !staff.active) return failed(store, &failures);
  if (failures.stored) TRY(local_delete(store, failures.key));
  *out = staff;
  return ERR_OK;
}

Err staff_pin(Store *store, Arena *arena, Str pin, Staff *out)
{
  Failures failures = failures_of(store, arena, STR("a PIN"));
  TRY(failures_check(store, &failures));
  Staff staff;
  TRY(pin_owner(store, arena, pin_well_formed(pin) ? pin : STR(""), &staff));
  if (uuid_is_nil(staff.id)) return failed(store, &failures);
  if (failures.stored) TRY(local_delete(store, failures.key));
  *out = staff;
  return ERR_OK;
}
