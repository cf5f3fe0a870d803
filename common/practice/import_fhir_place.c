/* Organization, Location: usually only names; with take_sites, sites of the practice. */
#include "common/practice/import_fhir_internal.h"
#include "common/store/query.h"

SQL(SITE_THERE, "SELECT 1 FROM site WHERE id = :id");
SQL(PREFIX_THERE, "SELECT 1 FROM site WHERE prefix = :prefix");

static Err prefix_there(Fhir *fhir, const char *prefix, bool *out)
{
  AUTO(Query, q, query_fini) = query(fhir->store, &PREFIX_THERE);
  query_bind_text(&q, ":prefix", str_c(prefix));
  *out = query_next(&q);
  return query_end(&q);
}

/* A prefix that no site has: the first letters of the name's words, else its first letter and a number. */
static Err make_prefix(Fhir *fhir, Str name, char out[5])
{
  Str words = str_fold(fhir->arena, name);
  size_t len = 0;
  while (!str_empty(words) && len < 3) {
    Str word = str_cut(&words, ' ');
    char c = word.len ? word.ptr[0] : ' ';
    if (c >= 'a' && c <= 'z') out[len++] = (char)(c - 'a' + 'A');
  }
  if (len == 0) out[len++] = 'S';
  out[len] = '\0';
  bool taken;
  TRY(prefix_there(fhir, out, &taken));
  for (int i = 2; taken && i < 1000; i++) {
    const char *numbered = arena_printf(fhir->arena, "%c%d", out[0], i);
    TRY(prefix_there(fhir, numbered, &taken));
    if (!taken) memcpy(out, numbered, strlen(numbered) + 1);
  }
  return taken ? err_because(ERR_TOO_LARGE, "there are too many sites to tell apart") : ERR_OK;
}

static Err site_there(Fhir *fhir, Uuid id, bool *out)
{
  AUTO(Query, q, query_fini) = query(fhir->store, &SITE_THERE);
  query_bind_uuid(&q, ":id", id);
  *out = query_next(&q);
  return query_end(&q);
}

static void take_site(Fhir *fhir, FhirEntry *entry, Str name)
{
  Site *sites;
  size_t count;
  FHIR_TRY(fhir, site_list(fhir->store, fhir->arena, &sites, &count));
  if (count == 0) {
    fhir_skip(fhir, entry, "the practice has no site yet whose time zone it could share");
    return;
  }
  Str system, value;
  if (!fhir_source(fhir, entry, &system, &value)) {
    fhir_fail(fhir, "id", "is missing, and there is no fullUrl");
    return;
  }
  ImportContact contact = fhir_contact(fhir, entry->resource);
  fhir_claim(fhir, entry, "site", import_id("site", system, value));
  if (fhir->err != ERR_OK) return;
  bool there;
  char prefix[5];
  FHIR_TRY(fhir, site_there(fhir, entry->row, &there));
  if (there) {
    fhir->report->unchanged++;
    return;
  }
  FHIR_TRY(fhir, make_prefix(fhir, name, prefix));
  FHIR_TRY(fhir, import_put(fhir->tx, fhir->report, "site", entry->row,
                            COLS(col_text("name", name), col_text("prefix", str_c(prefix)),
                                 col_text("zone", str_c(sites[0].zone)), col_text("phone", contact.phone),
                                 col_text("line1", contact.line1), col_text("line2", contact.line2),
                                 col_text("city", contact.city), col_text("state", contact.state),
                                 col_text("postal_code", contact.postal_code), col_text("country", contact.country)),
                            &fhir->report->sites));
}

static void take_place(Fhir *fhir, FhirEntry *entry, bool may_be_site, const char *why_not)
{
  Str name = fhir_text(fhir, entry->resource, "name", 200);
  if (fhir->err != ERR_OK) return;
  FHIR_TRY(fhir, import_site(fhir->store, name, &entry->row));
  if (!uuid_is_nil(entry->row))
    fhir->report->unchanged++;
  else if (may_be_site && fhir->report->options.take_sites && !str_empty(name))
    take_site(fhir, entry, name);
  else
    fhir_skip(fhir, entry, why_not);
}

void fhir_organization(Fhir *fhir, FhirEntry *entry)
{
  json_t *types = fhir_list(fhir, entry->resource, "type");
  bool cares = types == NULL, insures = false;
  for (size_t i = 0; i < json_array_size(types) && fhir->err == ERR_OK; i++) {
    Str code = fhir_code(fhir, fhir_element(fhir, types, i));
    cares |= str_eq_c(code, "prov");
    insures |= str_eq_c(code, "ins") || str_eq_c(code, "pay");
  }
  take_place(fhir, entry, cares,
             insures ? "only its name is kept, as that of an insurer" : "it is no site of the practice");
}

void fhir_location(Fhir *fhir, FhirEntry *entry)
{
  take_place(fhir, entry, true, "it is no site of the practice");
}
