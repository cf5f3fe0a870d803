/* Versions of questionnaires in the store, declared in form.h. */
#include "common/practice/form.h"
#include "common/store/query.h"

SQL(QUESTIONNAIRE_LATEST, "SELECT id FROM questionnaire WHERE url = :url ORDER BY added_at DESC, id DESC LIMIT 1");
SQL(QUESTIONNAIRE_BODY, "SELECT body FROM questionnaire WHERE id = :id");

Err questionnaire_add(Tx *tx, json_t *questionnaire, Uuid *out)
{
  AUTO(Form *, form, form_closep) = NULL;
  TRY(form_open(questionnaire, &form));
  if (!*form_url(form)) return err_because(ERR_INVALID, "a questionnaire needs a url or an id");
  AUTO(Arena, arena, arena_fini) = arena_make(0);
  Str body = json_canonical(&arena, questionnaire);
  Hash hash = hash_bytes(body.ptr, body.len);
  Uuid id = uuid_from_parts(STR("questionnaire"), hash.bytes, sizeof hash.bytes);
  TRY(tx_put(tx, "questionnaire", id,
             COLS(col_text("url", str_c(form_url(form))), col_text("version", json_str(questionnaire, "version")),
                  col_text("title", str_c(form_title(form))), col_hash("hash", &hash), col_text("body", body),
                  col_int("added_at", tx_now(tx))),
             NULL));
  *out = id;
  return ERR_OK;
}

Err questionnaire_latest(Store *store, Str url, Uuid *id)
{
  AUTO(Query, q, query_fini) = query(store, &QUESTIONNAIRE_LATEST);
  query_bind_text(&q, ":url", url);
  bool found = query_next(&q);
  if (found) *id = query_uuid(&q, "id");
  TRY(query_end(&q));
  return found ? ERR_OK : err_because(ERR_NOT_FOUND, "no questionnaire " STR_FMT, STR_ARG(url));
}

Err questionnaire_open(Store *store, Uuid id, Form **out)
{
  AUTO(json_t *, body, json_release) = NULL;
  AUTO(Query, q, query_fini) = query(store, &QUESTIONNAIRE_BODY);
  query_bind_uuid(&q, ":id", id);
  bool found = query_next(&q);
  Err parsed = found ? json_parse(query_str(&q, "body"), &body) : ERR_OK;
  TRY(query_end(&q));
  if (!found) return err_because(ERR_NOT_FOUND, "no such questionnaire");
  if (parsed != ERR_OK) return err_because(ERR_CORRUPT, "questionnaire: %s", err_detail());
  return form_open(body, out);
}
