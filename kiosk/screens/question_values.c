/* From answers to what is on screen, and back. */
#include <stdio.h>

#include "kiosk/screens/question.h"
#include "kiosk/screens/state.h"

bool question_is_typed(const Question *question)
{
  switch (question->item->type) {
  case FORM_DECIMAL:
  case FORM_INTEGER:
  case FORM_DATE:
  case FORM_DATETIME:
  case FORM_TIME:
  case FORM_STRING:
  case FORM_TEXT:
  case FORM_URL:
  case FORM_QUANTITY: return true;
  case FORM_CHOICE:
  case FORM_OPEN_CHOICE: /* also typed: the answer in own words, apart */
  case FORM_BOOLEAN:
  case FORM_GROUP:
  case FORM_DISPLAY:
  case FORM_ATTACHMENT:
  case FORM_REFERENCE: return false;
  }
  return false;
}

/* --- taking ----------------------------------------------------------------------------------------------------- */

static void take_date(UiDateEntry *entry, Str text)
{
  Str rest = text;
  Str year = str_cut(&rest, '-'), month = str_cut(&rest, '-'), day = rest;
  ui_field_set(&entry->year, year);
  ui_field_set(&entry->month, month);
  ui_field_set(&entry->day, day.len > 2 ? (Str){day.ptr, 2} : day);
}

static void take_time(App *app, TimeEntry *entry, Str text)
{
  int64_t hour, minute;
  if (text.len < 5 || !str_to_int64((Str){text.ptr, 2}, &hour) || !str_to_int64((Str){text.ptr + 3, 2}, &minute))
    return;
  time_entry_set(app, entry, (int)(hour * 60 + minute));
}

static void take_number(UiField *field, json_t *value)
{
  char text[40];
  int len = json_is_integer(value) ? snprintf(text, sizeof text, "%lld", (long long)json_integer_value(value))
                                   : snprintf(text, sizeof text, "%.15g", json_number_value(value));
  ui_field_set(field, (Str){text, (size_t)len});
}

static void take_quantity(const FormItem *item, Entry *entry, json_t *value)
{
  take_number(&entry->text, json_object_get(value, "value"));
  for (size_t i = 0; i < item->option_count; i++) {
    Str code = json_str(item->options[i].value, "valueCoding.code");
    if (!str_empty(code) && str_eq(code, json_str(value, "code"))) entry->unit = i;
  }
}

static void take_entry(App *app, const FormItem *item, Entry *entry, json_t *answer)
{
  switch (item->type) {
  case FORM_DATE: take_date(&entry->date, json_str(answer, "valueDate")); break;
  case FORM_DATETIME: {
    Str text = json_str(answer, "valueDateTime");
    take_date(&entry->date, text);
    if (text.len > DATE_TEXT_LEN)
      take_time(app, &entry->time, (Str){text.ptr + DATE_TEXT_LEN + 1, text.len - DATE_TEXT_LEN - 1});
    break;
  }
  case FORM_TIME: take_time(app, &entry->time, json_str(answer, "valueTime")); break;
  case FORM_DECIMAL: take_number(&entry->text, json_object_get(answer, "valueDecimal")); break;
  case FORM_INTEGER: take_number(&entry->text, json_object_get(answer, "valueInteger")); break;
  case FORM_QUANTITY: take_quantity(item, entry, json_object_get(answer, "valueQuantity")); break;
  case FORM_URL: ui_field_set(&entry->text, json_str(answer, "valueUri")); break;
  case FORM_STRING:
  case FORM_TEXT:
  case FORM_OPEN_CHOICE:
  case FORM_CHOICE:
  case FORM_BOOLEAN:
  case FORM_GROUP:
  case FORM_DISPLAY:
  case FORM_ATTACHMENT:
  case FORM_REFERENCE: ui_field_set(&entry->text, json_str(answer, "valueString")); break;
  }
}

static void take_choice(Question *q, json_t *answer)
{
  for (size_t i = 0; i < q->item->option_count; i++)
    if (json_equal(q->item->options[i].value, answer)) q->chosen[i] = true;
  Str own = json_str(answer, "valueString");
  if (q->item->type == FORM_OPEN_CHOICE && !str_empty(own)) ui_field_set(&q->entries[0].text, own);
}

/* KEPT_PARTS: the fields of an entry, as the draft names them. */
#define KEPT_PARTS(X)    \
  X("text", text)        \
  X("year", date.year)   \
  X("month", date.month) \
  X("day", date.day)     \
  X("hour", time.hour)   \
  X("minute", time.minute)

static void take_kept(App *app, Question *q, size_t index)
{
  Entry *entry = &q->entries[index];
  char part[48];
#define TAKE_PART(name, field)                                 \
  {                                                            \
    snprintf(part, sizeof part, "%zu.%s", index, name);        \
    Str kept = app_kept(app, q->item->link_id, part);          \
    if (!str_empty(kept)) {                                    \
      ui_field_set(&entry->field, kept);                       \
      if (index >= q->entry_count) q->entry_count = index + 1; \
    }                                                          \
  }
  KEPT_PARTS(TAKE_PART)
#undef TAKE_PART
}

static void take_kept_choice(App *app, Question *q)
{
  Str kept = app_kept(app, q->item->link_id, "chosen");
  if (str_empty(kept)) return;
  if (q->item->type == FORM_BOOLEAN) q->yes = str_eq(kept, STR("yes")) ? 1 : str_eq(kept, STR("no")) ? 0 : -1;
  if (q->chosen != NULL) memset(q->chosen, 0, q->item->option_count * sizeof *q->chosen);
  while (q->chosen != NULL && !str_empty(kept)) {
    int64_t index;
    if (str_to_int64(str_cut(&kept, ','), &index) && index >= 0 && (size_t)index < q->item->option_count)
      q->chosen[index] = true;
  }
}

void question_take(App *app)
{
  Person *person = app->person;
  Question *q = &person->question;
  const FormItem *item = checkin_item(person->checkin);
  memset(q, 0, sizeof *q);
  *q = (Question){.item = item, .yes = -1, .entry_count = 1};
  if (item->option_count > 0) q->chosen = ARENA_ARRAY(&app->person_arena, bool, item->option_count);
  json_t *answers = answers_get(checkin_answers(person->checkin), item);
  size_t index;
  json_t *answer;
  json_array_foreach(answers, index, answer)
  {
    if (item->type == FORM_BOOLEAN) q->yes = json_bool(answer, "valueBoolean", false);
    if (item->type == FORM_CHOICE || item->type == FORM_OPEN_CHOICE) take_choice(q, answer);
    if (!question_is_typed(q) || index >= ENTRIES_MAX) continue;
    take_entry(app, item, &q->entries[index], answer);
    q->entry_count = index + 1;
  }
  take_kept_choice(app, q);
  for (size_t i = 0; i < ENTRIES_MAX; i++) take_kept(app, q, i);
}

/* --- keeping ---------------------------------------------------------------------------------------------------- */

static void keep_choice(App *app, const Question *q)
{
  AUTO(Buf, text, buf_fini) = buf_make(UI_FIELD_MAX);
  if (q->item->type == FORM_BOOLEAN && q->yes >= 0) buf_c(&text, q->yes ? "yes" : "no");
  for (size_t i = 0; q->chosen != NULL && i < q->item->option_count; i++)
    if (q->chosen[i]) buf_printf(&text, "%s%zu", text.len > 0 ? "," : "", i);
  if (text.err == ERR_OK) app_keep(app, q->item->link_id, "chosen", buf_view(&text));
}

void question_keep(App *app)
{
  Question *q = &app->person->question;
  bool typed = question_is_typed(q) || q->item->type == FORM_OPEN_CHOICE;
  char part[48];
  for (size_t i = 0; typed && i < q->entry_count; i++) {
    const Entry *entry = &q->entries[i];
#define KEEP_PART(name, field)                    \
  snprintf(part, sizeof part, "%zu.%s", i, name); \
  app_keep(app, q->item->link_id, part, ui_field_str(&entry->field));
    KEPT_PARTS(KEEP_PART)
#undef KEEP_PART
  }
  if (!question_is_typed(q) && q->item->type != FORM_DISPLAY) keep_choice(app, q);
}

/* --- values ----------------------------------------------------------------------------------------------------- */

static bool date_is_empty(const UiDateEntry *date)
{
  return date->day.len == 0 && date->month.len == 0 && date->year.len == 0;
}

static bool entry_is_empty(const FormItem *item, const Entry *entry)
{
  switch ((int)item->type) {
  case FORM_DATE: return date_is_empty(&entry->date);
  case FORM_DATETIME: return date_is_empty(&entry->date) && time_entry_empty(&entry->time);
  case FORM_TIME: return time_entry_empty(&entry->time);
  default: return str_empty(str_trim(ui_field_str(&entry->text)));
  }
}

bool question_is_empty(const App *app)
{
  const Question *q = &app->person->question;
  if (q->yes >= 0) return false;
  for (size_t i = 0; q->chosen != NULL && i < q->item->option_count; i++)
    if (q->chosen[i] && q->item->type != FORM_QUANTITY) return false;
  for (size_t i = 0; i < q->entry_count; i++)
    if (!entry_is_empty(q->item, &q->entries[i])) return false;
  return true;
}

const char *question_missing(const App *app)
{
  const Question *q = &app->person->question;
  for (size_t i = 0; i < q->entry_count; i++) {
    const Entry *entry = &q->entries[i];
    Date date;
    int minute;
    bool has_date = q->item->type == FORM_DATE || q->item->type == FORM_DATETIME;
    bool has_time = q->item->type == FORM_TIME || q->item->type == FORM_DATETIME;
    if ((!has_date && !has_time) || entry_is_empty(q->item, entry)) continue;
    if (has_date && !ui_date_value(&entry->date, &date)) return "kiosk.question.error.date";
    if (has_time && !time_entry_empty(&entry->time) && !time_entry_value(app, &entry->time, &minute))
      return "kiosk.time.error";
  }
  return NULL;
}

/* typed_text: a date or time as form_value takes it; else as it was typed. */
static Str typed_text(const App *app, const FormItem *item, const Entry *entry, char out[32])
{
  Date date = {0};
  int minute = 0;
  char day[DATE_TEXT_LEN + 1] = "";
  bool has_date = ui_date_value(&entry->date, &date), has_time = time_entry_value(app, &entry->time, &minute);
  if (has_date) date_text(date, day);
  switch ((int)item->type) {
  case FORM_DATE: snprintf(out, 32, "%s", day); break;
  case FORM_TIME: snprintf(out, 32, "%02d:%02d", minute / 60, minute % 60); break;
  case FORM_DATETIME:
    if (has_time)
      snprintf(out, 32, "%sT%02d:%02d", day, minute / 60, minute % 60);
    else
      snprintf(out, 32, "%s", day);
    break;
  default: return ui_field_str(&entry->text);
  }
  return str_c(out);
}

/* with_unit: a quantity in the unit that was chosen. */
static void with_unit(const FormItem *item, const Entry *entry, json_t *value)
{
  json_t *quantity = json_object_get(value, "valueQuantity");
  if (quantity == NULL || item->option_count == 0) return;
  json_t *coding = json_object_get(item->options[entry->unit].value, "valueCoding");
  json_object_set_new(quantity, "unit", json_string(item->options[entry->unit].text));
  const char *const names[] = {"system", "code"};
  for (size_t i = 0; i < COUNT_OF(names); i++)
    if (json_object_get(coding, names[i]) != NULL)
      json_object_set(quantity, names[i], json_object_get(coding, names[i]));
}

json_t *question_values(App *app)
{
  const Question *q = &app->person->question;
  const FormItem *item = q->item;
  json_t *values = json_array();
  if (q->yes >= 0) json_array_append_new(values, json_pack("{sb}", "valueBoolean", q->yes));
  bool choice = item->type == FORM_CHOICE || item->type == FORM_OPEN_CHOICE;
  for (size_t i = 0; choice && i < item->option_count; i++)
    if (q->chosen[i]) json_array_append(values, item->options[i].value);
  Str own = str_trim(ui_field_str(&q->entries[0].text));
  if (item->type == FORM_OPEN_CHOICE && !str_empty(own))
    json_array_append_new(values, json_pack("{so}", "valueString", json_from_str(own)));
  for (size_t i = 0; question_is_typed(q) && i < q->entry_count; i++) {
    char text[32];
    if (entry_is_empty(item, &q->entries[i])) continue;
    json_t *value = form_value(item, typed_text(app, item, &q->entries[i], text));
    if (value == NULL) continue;
    with_unit(item, &q->entries[i], value);
    json_array_append_new(values, value);
  }
  return values;
}
