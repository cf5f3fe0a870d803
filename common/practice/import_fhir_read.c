/* Typed members of FHIR's JSON. */
#include "common/practice/import_fhir_internal.h"
#include "common/practice/tidy.h"

void fhir_fail(Fhir *fhir, const char *member, const char *what)
{
  if (fhir->err != ERR_OK) return;
  const FhirEntry *entry = fhir->entry;
  if (!entry)
    fhir->err = err_because(ERR_INVALID, "%s %s", member, what);
  else if (entry->number)
    fhir->err = err_because(ERR_INVALID, "entry %zu (%s): %s %s", entry->number, entry->type, member, what);
  else
    fhir->err = err_because(ERR_INVALID, "%s: %s %s", entry->type, member, what);
}

static json_t *member(Fhir *fhir, json_t *in, const char *name)
{
  if (fhir->err != ERR_OK || !in) return NULL;
  json_t *value = json_object_get(in, name);
  return json_is_null(value) ? NULL : value;
}

json_t *fhir_object(Fhir *fhir, json_t *in, const char *name)
{
  json_t *value = member(fhir, in, name);
  if (!value || json_is_object(value)) return value;
  fhir_fail(fhir, name, "is not an object");
  return NULL;
}

json_t *fhir_list(Fhir *fhir, json_t *in, const char *name)
{
  json_t *value = member(fhir, in, name);
  if (!value || json_is_array(value)) return value;
  fhir_fail(fhir, name, "is not a list");
  return NULL;
}

json_t *fhir_element(Fhir *fhir, json_t *list, size_t index)
{
  json_t *value = fhir->err == ERR_OK ? json_array_get(list, index) : NULL;
  if (!value || json_is_object(value)) return value;
  fhir_fail(fhir, "a list", "holds something that is not an object");
  return NULL;
}

bool fhir_flag(Fhir *fhir, json_t *in, const char *name, bool otherwise)
{
  json_t *value = member(fhir, in, name);
  if (!value) return otherwise;
  if (!json_is_boolean(value)) fhir_fail(fhir, name, "is neither true nor false");
  return json_is_true(value);
}

int64_t fhir_number(Fhir *fhir, json_t *in, const char *name, int64_t otherwise)
{
  json_t *value = member(fhir, in, name);
  if (!value) return otherwise;
  if (!json_is_integer(value)) fhir_fail(fhir, name, "is not a whole number");
  return json_is_integer(value) ? json_integer_value(value) : otherwise;
}

static Str text_of(Fhir *fhir, json_t *value, const char *name, size_t most)
{
  if (!value || json_is_null(value)) return STR("");
  if (!json_is_string(value)) {
    fhir_fail(fhir, name, "is not text");
    return STR("");
  }
  /* Four bytes a character: no need to look at what is longer than that. */
  Str raw = {json_string_value(value), json_string_length(value)};
  Str line = raw.len > most * 4 + 1000 ? raw : tidy_line(fhir->arena, raw);
  if (utf8_count(line) <= most) return line;
  fhir_fail(fhir, name, arena_printf(fhir->arena, "is longer than %zu characters", most));
  return STR("");
}

Str fhir_text(Fhir *fhir, json_t *in, const char *name, size_t most)
{
  return text_of(fhir, member(fhir, in, name), name, most);
}

Str fhir_text_element(Fhir *fhir, json_t *list, size_t index, const char *name, size_t most)
{
  return text_of(fhir, fhir->err == ERR_OK ? json_array_get(list, index) : NULL, name, most);
}

Str fhir_words(Fhir *fhir, json_t *in, const char *name, const char *between, size_t most)
{
  json_t *list = fhir_list(fhir, in, name);
  const char *joined = "";
  for (size_t i = 0; i < json_array_size(list) && fhir->err == ERR_OK; i++) {
    Str word = fhir_text_element(fhir, list, i, name, most);
    if (str_empty(word)) continue;
    joined = arena_printf(fhir->arena, "%s%s" STR_FMT, joined, *joined ? between : "", STR_ARG(word));
    if (strlen(joined) > most * 4) break;
  }
  if (utf8_count(str_c(joined)) > most)
    fhir_fail(fhir, name, arena_printf(fhir->arena, "is longer than %zu characters", most));
  return str_c(joined);
}

/* "1986" and "1986-11" are dates to FHIR, and no day. */
static bool is_partial(Str text)
{
  Date date;
  bool month = text.len == 7 && text.ptr[4] == '-';
  if (text.len != 4 && !month) return false;
  char whole[DATE_TEXT_LEN + 1] = "0001-01-01";
  memcpy(whole, text.ptr, text.len);
  return date_parse(str_c(whole), &date);
}

Str fhir_date(Fhir *fhir, json_t *in, const char *name, const char *what)
{
  Str text = fhir_text(fhir, in, name, 40);
  if (str_empty(text)) return text;
  Date date;
  Str day = {text.ptr, text.len < DATE_TEXT_LEN ? text.len : DATE_TEXT_LEN};
  if (date_parse(day, &date)) return arena_strdup(fhir->arena, day);
  if (is_partial(text))
    import_skip(fhir->report, what, "only a year or month is known");
  else
    fhir_fail(fhir, name, "is not a date");
  return STR("");
}

bool fhir_instant(Fhir *fhir, json_t *in, const char *name, Instant *out)
{
  Str text = fhir_text(fhir, in, name, 60);
  if (str_empty(text)) return false;
  if (instant_parse(text, out)) return true;
  Date date;
  if (!date_parse(text, &date) && !is_partial(text)) fhir_fail(fhir, name, "is not a date and time");
  return false;
}

Str fhir_code(Fhir *fhir, json_t *concept)
{
  json_t *coding = fhir_element(fhir, fhir_list(fhir, concept, "coding"), 0);
  return fhir_text(fhir, coding, "code", 100);
}

Str fhir_concept_text(Fhir *fhir, json_t *concept, size_t most)
{
  Str text = fhir_text(fhir, concept, "text", most);
  if (!str_empty(text)) return text;
  json_t *coding = fhir_element(fhir, fhir_list(fhir, concept, "coding"), 0);
  text = fhir_text(fhir, coding, "display", most);
  return str_empty(text) ? fhir_code(fhir, concept) : text;
}

Str fhir_concept(Fhir *fhir, json_t *in, const char *name, size_t most)
{
  return fhir_concept_text(fhir, fhir_object(fhir, in, name), most);
}

Str fhir_first_concept(Fhir *fhir, json_t *in, const char *name, size_t most)
{
  return fhir_concept_text(fhir, fhir_element(fhir, fhir_list(fhir, in, name), 0), most);
}

ImportName fhir_human_name(Fhir *fhir, json_t *human)
{
  ImportName name = {.given = import_name(fhir->report, fhir->arena, fhir_words(fhir, human, "given", " ", 200)),
                     .family = import_name(fhir->report, fhir->arena, fhir_text(fhir, human, "family", 200)),
                     .prefix = fhir_words(fhir, human, "prefix", " ", 60),
                     .suffix = fhir_words(fhir, human, "suffix", " ", 60)};
  if (str_empty(name.given) && str_empty(name.family))
    name.family = import_name(fhir->report, fhir->arena, fhir_text(fhir, human, "text", 200));
  return name;
}

/* How much a name, number or address is the one to use; 0: not at all. */
static int use_rank(Fhir *fhir, json_t *in, const char *const best_first[])
{
  Str use = fhir_text(fhir, in, "use", 20);
  if (fhir_object(fhir, in, "period") && json_object_get(json_object_get(in, "period"), "end")) return 0;
  int rank = 9;
  for (size_t i = 0; best_first[i]; i++, rank--)
    if (str_eq_c(use, best_first[i])) return rank;
  return 0;
}

ImportName fhir_name(Fhir *fhir, json_t *in, const char *name)
{
  json_t *list = fhir_list(fhir, in, name);
  ImportName best = {0};
  Str preferred = STR("");
  int best_rank = -1;
  for (size_t i = 0; i < json_array_size(list) && fhir->err == ERR_OK; i++) {
    json_t *human = fhir_element(fhir, list, i);
    ImportName found = fhir_human_name(fhir, human);
    if (str_eq_c(fhir_text(fhir, human, "use", 20), "nickname")) {
      preferred = str_empty(found.given) ? found.family : found.given;
      continue;
    }
    int rank = use_rank(fhir, human, (const char *const[]){"official", "usual", "", "temp", NULL});
    if (rank <= best_rank || (str_empty(found.given) && str_empty(found.family))) continue;
    best = found;
    best_rank = rank;
  }
  best.preferred = preferred;
  return best;
}

static void read_telecom(Fhir *fhir, json_t *in, ImportContact *out)
{
  json_t *list = fhir_list(fhir, in, "telecom");
  int phone_rank = 0, email_rank = 0;
  for (size_t i = 0; i < json_array_size(list) && fhir->err == ERR_OK; i++) {
    json_t *point = fhir_element(fhir, list, i);
    Str system = fhir_text(fhir, point, "system", 20), value = fhir_text(fhir, point, "value", 254);
    if (str_eq_c(fhir_text(fhir, point, "use", 20), "old") || str_empty(value)) continue;
    int64_t order = fhir_number(fhir, point, "rank", 0); /* 1 is the one to use, says FHIR; it goes before `use` */
    int rank = use_rank(fhir, point, (const char *const[]){"mobile", "home", "", "work", "temp", NULL});
    if (order > 0 && order < 100) rank += 200 - (int)order;
    if ((str_eq_c(system, "phone") || str_eq_c(system, "sms")) && rank > phone_rank && value.len <= 100) {
      out->phone = tidy_phone(fhir->arena, value);
      phone_rank = rank;
    } else if (str_eq_c(system, "email") && rank > email_rank) {
      out->email = value;
      email_rank = rank;
    }
  }
}

static void read_address(Fhir *fhir, json_t *address, ImportContact *out)
{
  json_t *lines = fhir_list(fhir, address, "line");
  out->line1 = fhir_text_element(fhir, lines, 0, "line", 200);
  out->line2 = STR("");
  for (size_t i = 1; i < json_array_size(lines) && i < 8 && fhir->err == ERR_OK; i++) {
    Str line = fhir_text_element(fhir, lines, i, "line", 200);
    const char *between = str_empty(out->line2) ? "" : ", ";
    out->line2 = str_c(arena_printf(fhir->arena, STR_FMT "%s" STR_FMT, STR_ARG(out->line2), between, STR_ARG(line)));
  }
  if (!lines) out->line1 = fhir_text(fhir, address, "text", 400);
  out->city = fhir_text(fhir, address, "city", 100);
  out->state = fhir_text(fhir, address, "state", 100);
  out->postal_code = fhir_text(fhir, address, "postalCode", 40);
  out->country = fhir_text(fhir, address, "country", 100);
}

ImportContact fhir_contact(Fhir *fhir, json_t *in)
{
  ImportContact out = {0};
  read_telecom(fhir, in, &out);
  json_t *addresses = in ? json_object_get(in, "address") : NULL;
  if (json_is_object(addresses)) {
    read_address(fhir, addresses, &out);
    return out;
  }
  addresses = fhir_list(fhir, in, "address");
  int best = -1;
  for (size_t i = 0; i < json_array_size(addresses) && fhir->err == ERR_OK; i++) {
    json_t *address = fhir_element(fhir, addresses, i);
    int rank = use_rank(fhir, address, (const char *const[]){"home", "", "temp", "billing", "work", NULL});
    if (rank <= best) continue;
    read_address(fhir, address, &out);
    best = rank;
  }
  return out;
}
