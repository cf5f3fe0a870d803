/* References between FHIR resources: within the bundle, to contained ones, and to what was imported before. */
#include "common/practice/import_fhir_internal.h"
#include "common/practice/tidy.h"
#include "common/store/query.h"

SQL(PROVIDER_BY_NUMBER, "SELECT id FROM provider WHERE id = :id OR (identifier = :npi AND :npi <> '')"
                        " ORDER BY id = :id DESC, id LIMIT 1");

enum { REFERENCE_MAX = 2000 };

static bool is_type_of(Str type, const char *const types[])
{
  for (; *types; types++)
    if (str_eq_c(type, *types)) return true;
  return false;
}

/* split_url: "https://server/fhir/Patient/12" -> base "https://server/fhir/", type, id; base is "" for a relative one. */
static bool split_url(Str url, Str *base, Str *type, Str *id)
{
  Str history = {memmem(url.ptr, url.len, "/_history/", 10), 0};
  if (history.ptr) url.len = (size_t)(history.ptr - url.ptr);
  const char *last = url.len ? memrchr(url.ptr, '/', url.len) : NULL;
  if (!last) return false;
  size_t before = (size_t)(last - url.ptr);
  const char *slash = before ? memrchr(url.ptr, '/', before) : NULL;
  size_t type_at = slash ? (size_t)(slash - url.ptr) + 1 : 0;
  *base = (Str){url.ptr, type_at};
  *type = (Str){url.ptr + type_at, before - type_at};
  *id = (Str){last + 1, url.len - before - 1};
  return !str_empty(*type) && !str_empty(*id);
}

static bool is_http(Str url)
{
  return str_starts(url, STR("http://")) || str_starts(url, STR("https://"));
}

bool fhir_source(Fhir *fhir, const FhirEntry *entry, Str *system, Str *value)
{
  Str base, type, id;
  if (is_http(entry->full_url) && split_url(entry->full_url, &base, &type, &id)) {
    *system = str_c(arena_printf(fhir->arena, STR_FMT "%s", STR_ARG(base), entry->type));
    *value = id;
    return true;
  }
  id = fhir_text(fhir, entry->resource, "id", 64);
  *system = str_empty(id) ? STR("urn:ietf:rfc:3986") : str_c(entry->type);
  *value = str_empty(id) ? entry->full_url : id;
  return !str_empty(*value);
}

Err fhir_find_provider(Fhir *fhir, Str system, Str value, Uuid *row)
{
  *row = (Uuid){{0}};
  bool npi = memmem(system.ptr, system.len, "us-npi", 6) || memmem(system.ptr, system.len, "2.16.840.1.113883.4.6", 21);
  AUTO(Query, q, query_fini) = query(fhir->store, &PROVIDER_BY_NUMBER);
  query_bind_uuid(&q, ":id", import_id("provider", system, value));
  query_bind_text(&q, ":npi", npi ? value : STR(""));
  if (query_next(&q)) *row = query_uuid(&q, "id");
  return query_end(&q);
}

/* find_elsewhere: a row that an earlier import made from this number. */
static Uuid find_elsewhere(Fhir *fhir, Str type, Str system, Str value)
{
  Uuid row = {{0}};
  if (str_eq_c(type, "Patient"))
    fhir->err = import_identified(fhir->store, system, value, &row);
  else if (str_eq_c(type, "Practitioner"))
    fhir->err = fhir_find_provider(fhir, system, value, &row);
  return row;
}

static int hex_of(char c)
{
  const char *digits = "0123456789abcdef", *at = c ? strchr(digits, c | 0x20) : NULL;
  if (c >= '0' && c <= '9') return c - '0';
  return at ? (int)(at - digits) : -1;
}

static Str percent_decode(Arena *arena, Str text)
{
  char *out = arena_alloc(arena, text.len + 1);
  size_t len = 0;
  for (size_t i = 0; i < text.len; i++) {
    bool escape =
        text.ptr[i] == '%' && i + 2 < text.len && hex_of(text.ptr[i + 1]) >= 0 && hex_of(text.ptr[i + 2]) >= 0;
    int byte = escape ? hex_of(text.ptr[i + 1]) * 16 + hex_of(text.ptr[i + 2]) : text.ptr[i];
    out[len++] = (char)byte;
    if (escape) i += 2;
  }
  return (Str){out, len};
}

/* "Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|300". Nothing found is no error: it is in a file of its own. */
static void resolve_conditional(Fhir *fhir, Str reference, const char *name, FhirTarget *target)
{
  Str rest = reference;
  Str type = str_cut(&rest, '?');
  if (!str_starts(rest, STR("identifier="))) {
    fhir_fail(fhir, name, "is a conditional reference by something else than identifier");
    return;
  }
  rest = percent_decode(fhir->arena, (Str){rest.ptr + 11, rest.len - 11});
  Str value = rest;
  Str system = str_cut(&value, '|');
  if (system.len == rest.len) value = system, system = STR("");
  target->type = type;
  target->row = find_elsewhere(fhir, type, system, value);
}

static void resolve_contained(Fhir *fhir, json_t *container, Str id, const char *name, const char *const types[],
                              FhirTarget *target)
{
  json_t *list = fhir_list(fhir, container, "contained");
  for (size_t i = 0; i < json_array_size(list); i++) {
    json_t *resource = fhir_element(fhir, list, i);
    if (!str_eq(json_str(resource, "id"), id)) continue;
    target->type = json_str(resource, "resourceType");
    if (is_type_of(target->type, types)) target->resource = resource;
    return;
  }
  fhir_fail(fhir, name, "refers to a contained resource that is not there");
}

static FhirEntry *find_entry(Fhir *fhir, Str url)
{
  json_t *index = json_object_get(fhir->by_url, arena_cstr(fhir->arena, url));
  return index ? &fhir->entries[json_integer_value(index)] : NULL;
}

static void resolve_literal(Fhir *fhir, Str reference, const char *name, const char *const types[], FhirTarget *target)
{
  Str base, type, id, own_base, own_type, own_id;
  bool by_path = split_url(reference, &base, &type, &id);
  bool relative = by_path && !is_http(reference);
  FhirEntry *entry = NULL;
  if (relative && is_http(fhir->entry->full_url) && split_url(fhir->entry->full_url, &own_base, &own_type, &own_id)) {
    base = own_base;
    entry = find_entry(fhir, str_c(arena_printf(fhir->arena, STR_FMT STR_FMT "/" STR_FMT, STR_ARG(base), STR_ARG(type),
                                                STR_ARG(id))));
  }
  if (!entry) entry = find_entry(fhir, reference);
  if (entry) {
    if (!is_type_of(str_c(entry->type), types)) return;
    target->entry = entry;
    target->resource = entry->resource;
    target->type = str_c(entry->type);
    target->row = entry->row;
    return;
  }
  if (by_path && is_type_of(type, types)) {
    target->type = type;
    Str system = str_c(arena_printf(fhir->arena, STR_FMT STR_FMT, STR_ARG(base), STR_ARG(type)));
    target->row = find_elsewhere(fhir, type, system, id);
    if (!uuid_is_nil(target->row)) return;
  }
  if (by_path && !is_type_of(type, types)) return;
  fhir_fail(fhir, name, "refers to a resource that is neither in the file nor known here");
}

FhirTarget fhir_resolve_object(Fhir *fhir, json_t *container, json_t *reference, const char *name,
                               const char *const types[])
{
  FhirTarget target = {.display = fhir_text(fhir, reference, "display", 200)};
  Str text = fhir_text(fhir, reference, "reference", REFERENCE_MAX);
  json_t *identifier = fhir_object(fhir, reference, "identifier");
  if (fhir->err != ERR_OK) return target;
  if (!str_empty(text)) {
    if (text.ptr[0] == '#')
      resolve_contained(fhir, container, (Str){text.ptr + 1, text.len - 1}, name, types, &target);
    else if (memchr(text.ptr, '?', text.len))
      resolve_conditional(fhir, text, name, &target);
    else
      resolve_literal(fhir, text, name, types, &target);
  } else if (identifier) {
    target.type = fhir_text(fhir, reference, "type", 60);
    if (str_empty(target.type)) target.type = str_c(types[0]);
    target.row = find_elsewhere(fhir, target.type, fhir_text(fhir, identifier, "system", 400),
                                fhir_text(fhir, identifier, "value", 400));
  }
  return target;
}

FhirTarget fhir_resolve(Fhir *fhir, json_t *container, json_t *in, const char *name, const char *const types[])
{
  return fhir_resolve_object(fhir, container, fhir_object(fhir, in, name), name, types);
}
