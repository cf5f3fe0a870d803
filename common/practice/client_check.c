/* What is a mistake in the details of a person, declared in client.h. */
#include <ctype.h>

#include "common/practice/client.h"
#include "common/practice/tidy.h"

enum { CARD_DIGITS_LEAST = 13, CARD_DIGITS_MOST = 19, PHONE_DIGITS_LEAST = 7, PHONE_DIGITS_MOST = 15 };

static bool luhn(const char *digits, size_t len)
{
  int sum = 0;
  for (size_t i = 0; i < len; i++) {
    int digit = digits[len - 1 - i] - '0';
    if (i % 2 == 1) digit = digit < 5 ? digit * 2 : digit * 2 - 9;
    sum += digit;
  }
  return sum % 10 == 0;
}

/* A payment card: 13 to 19 digits, perhaps in groups, that begin as cards do (ISO/IEC 7812: 2 to 6) and pass Luhn. Such numbers
 * must not be stored outside a payment processor. */
static bool has_card_number(Str text)
{
  char digits[CARD_DIGITS_MOST + 1];
  size_t len = 0;
  for (size_t i = 0; i <= text.len; i++) {
    char c = i < text.len ? text.ptr[i] : '\0';
    if (c >= '0' && c <= '9') {
      if (len < sizeof digits) digits[len] = c;
      len++;
      continue;
    }
    bool within = (c == ' ' || c == '-') && i + 1 < text.len && text.ptr[i + 1] >= '0' && text.ptr[i + 1] <= '9';
    if (within && len > 0) continue;
    if (len >= CARD_DIGITS_LEAST && len <= CARD_DIGITS_MOST && digits[0] >= '2' && digits[0] <= '6' &&
        luhn(digits, len))
      return true;
    len = 0;
  }
  return false;
}

/* text: what holds for every field. False when there was a fault. */
static bool check_text(const char *value, const char *field, size_t most, const char *most_text, Faults *faults)
{
  Str text = str_c(value);
  const char *key = NULL, *shown = NULL;
  if (!utf8_valid(text)) {
    key = "fault.text";
  } else if (utf8_count(text) > most) {
    key = "fault.too_long";
    shown = most_text;
  } else if (has_card_number(text)) {
    key = "fault.card_number";
  }
  if (key) faults_add(faults, field, key, shown);
  return !key;
}

static bool check_date(const char *value, const char *field, Faults *faults, Date *out)
{
  if (!value || !*value) return false;
  if (date_parse(str_c(value), out)) return true;
  faults_add(faults, field, "fault.date", NULL);
  return false;
}

static bool check_one_of(const char *value, const char *field, const char *const words[], Faults *faults)
{
  if (!value || !*value) return true;
  for (; *words; words++)
    if (strcmp(value, *words) == 0) return true;
  faults_add(faults, field, "fault.option", NULL);
  return false;
}

static void check_phone(const char *value, Faults *faults)
{
  if (!check_text(value, "phone", 40, "40", faults) || !value || !*value) return;
  size_t digits = 0;
  bool wrong = false;
  for (const char *c = value; *c; c++) {
    if (*c >= '0' && *c <= '9')
      digits++;
    else if (!strchr("+-() ./", *c))
      wrong = true;
  }
  if (wrong || digits < PHONE_DIGITS_LEAST || digits > PHONE_DIGITS_MOST)
    faults_add(faults, "phone", "fault.phone", NULL);
}

/* Just what tells a typing error: whether the address works, only a message can tell. */
static void check_email(const char *value, Faults *faults)
{
  if (!check_text(value, "email", 254, "254", faults) || !value || !*value) return;
  Str text = str_trim(str_c(value));
  Str domain = text;
  Str name = str_cut(&domain, '@');
  bool wrong = str_empty(name) || name.len == text.len || domain.len < 3 || !memchr(domain.ptr, '.', domain.len) ||
               domain.ptr[0] == '.' || domain.ptr[domain.len - 1] == '.' || memchr(domain.ptr, '@', domain.len);
  for (size_t i = 0; i < text.len; i++)
    if (isspace((unsigned char)text.ptr[i]) || strchr(",;<>\"", text.ptr[i])) wrong = true;
  if (wrong) faults_add(faults, "email", "fault.email", NULL);
}

void contact_check(const Contact *contact, Faults *faults)
{
  check_phone(contact->phone, faults);
  check_email(contact->email, faults);
  check_text(contact->line1, "line1", 200, "200", faults);
  check_text(contact->line2, "line2", 200, "200", faults);
  check_text(contact->city, "city", 100, "100", faults);
  check_text(contact->state, "state", 100, "100", faults);
  check_text(contact->postal_code, "postal_code", 20, "20", faults);
  check_text(contact->country, "country", 100, "100", faults);
}

void client_check(const Client *client, Date today, Faults *faults)
{
  bool has_given = !str_empty(str_trim(str_c(client->given)));
  bool has_family = !str_empty(str_trim(str_c(client->family)));
  check_text(client->given, "given", 100, "100", faults);
  check_text(client->family, "family", 100, "100", faults);
  if (!has_family && !has_given) { /* one name alone is a name */
    faults_add(faults, "given", "fault.required", NULL);
    faults_add(faults, "family", "fault.required", NULL);
  }
  check_text(client->prefix, "prefix", 40, "40", faults);
  check_text(client->suffix, "suffix", 40, "40", faults);
  check_text(client->preferred_name, "preferred_name", 100, "100", faults);
  check_text(client->language, "language", 35, "35", faults);
  check_one_of(client->gender, "gender", (const char *const[]){"male", "female", "other", "unknown", NULL}, faults);
  check_one_of(client->status, "status", (const char *const[]){"active", "inactive", "deceased", NULL}, faults);
  Date birth;
  if (check_date(client->birth_date, "birth_date", faults, &birth)) {
    if (date_compare(birth, today) > 0)
      faults_add(faults, "birth_date", "fault.date_future", NULL);
    else if (date_age(birth, today) > 150)
      faults_add(faults, "birth_date", "fault.date_long_ago", NULL);
  }
  contact_check(&client->contact, faults);
}

void coverage_check(const Coverage *coverage, Faults *faults)
{
  if (str_empty(str_trim(str_c(coverage->payer)))) faults_add(faults, "payer", "fault.required", NULL);
  check_text(coverage->payer, "payer", 200, "200", faults);
  check_text(coverage->plan, "plan", 200, "200", faults);
  check_text(coverage->member_id, "member_id", 60, "60", faults);
  check_text(coverage->group_number, "group_number", 60, "60", faults);
  check_text(coverage->subscriber, "subscriber", 200, "200", faults);
  check_text(coverage->relationship, "relationship", 40, "40", faults);
  check_one_of(coverage->status, "status", (const char *const[]){"active", "cancelled", NULL}, faults);
  Date start, end;
  bool has_start = check_date(coverage->start_date, "start_date", faults, &start);
  bool has_end = check_date(coverage->end_date, "end_date", faults, &end);
  if (has_start && has_end && date_compare(end, start) < 0) faults_add(faults, "end_date", "fault.date_order", NULL);
}
