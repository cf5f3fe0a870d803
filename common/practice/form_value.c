#include <math.h>
#include <stdlib.h>

#include "common/practice/form_internal.h"

enum { NUMBER_MAX_CHARS = 40 };
static const double NUMBER_MAX = 1e15; /* beyond, a double no longer holds every whole number */

const char *form_value_key(FormType type)
{
  switch (type) {
  case FORM_GROUP:
  case FORM_DISPLAY: return "";
  case FORM_BOOLEAN: return "valueBoolean";
  case FORM_DECIMAL: return "valueDecimal";
  case FORM_INTEGER: return "valueInteger";
  case FORM_DATE: return "valueDate";
  case FORM_DATETIME: return "valueDateTime";
  case FORM_TIME: return "valueTime";
  case FORM_STRING:
  case FORM_TEXT: return "valueString";
  case FORM_URL: return "valueUri";
  case FORM_CHOICE:
  case FORM_OPEN_CHOICE: return "valueCoding";
  case FORM_ATTACHMENT: return "valueAttachment";
  case FORM_REFERENCE: return "valueReference";
  case FORM_QUANTITY: return "valueQuantity";
  }
  return "";
}

json_t *form_value_of(json_t *object, const char **key)
{
  const char *name;
  json_t *value;
  json_object_foreach(object, name, value)
  {
    if (!str_starts(str_c(name), STR("value"))) continue;
    *key = name;
    return value;
  }
  return NULL;
}

bool form_same_coding(json_t *a, json_t *b)
{
  Str system_a = json_str(a, "system"), system_b = json_str(b, "system");
  if (!str_empty(system_a) && !str_empty(system_b) && !str_eq(system_a, system_b)) return false;
  return !str_empty(json_str(a, "code")) && str_eq(json_str(a, "code"), json_str(b, "code"));
}

static bool refuse(FormFault *fault, const char *key, const char *value)
{
  fault->key = key;
  snprintf(fault->value, sizeof fault->value, "%s", value);
  return false;
}

static bool refuse_number(FormFault *fault, const char *key, double value)
{
  fault->key = key;
  snprintf(fault->value, sizeof fault->value, "%.15g", value);
  return false;
}

static bool accept(json_t **out, const char *key, json_t *value)
{
  *out = json_pack("{so}", key, value);
  return true;
}

static bool tidy_boolean(json_t *value, json_t **out, FormFault *fault)
{
  if (!json_is_boolean(value)) return refuse(fault, "fault.option", "");
  return accept(out, "valueBoolean", json_incref(value));
}

static int decimals_of(double number)
{
  char text[NUMBER_MAX_CHARS];
  snprintf(text, sizeof text, "%.*f", 10, number);
  const char *end = text + strlen(text);
  while (end[-1] == '0') end--;
  const char *point = strchr(text, '.');
  return point && end > point ? (int)(end - point) - 1 : 0;
}

static bool check_number(const FormItem *item, json_t *value, FormFault *fault)
{
  double number = json_number_value(value);
  if (!json_is_number(value) || !isfinite(number) || fabs(number) > NUMBER_MAX)
    return refuse(fault, "fault.number", "");
  if (item->max_decimals >= 0 && decimals_of(number) > item->max_decimals)
    return refuse_number(fault, "fault.decimals", item->max_decimals);
  if (number < item->min_value) return refuse_number(fault, "fault.too_small", item->min_value); /* false for NAN */
  if (number > item->max_value) return refuse_number(fault, "fault.too_large", item->max_value);
  return true;
}

static bool tidy_integer(const FormItem *item, json_t *value, json_t **out, FormFault *fault)
{
  double number = json_number_value(value);
  if (!json_is_number(value) || !isfinite(number) || number != floor(number) || fabs(number) > INT32_MAX)
    return refuse(fault, "fault.whole_number", "");
  if (!check_number(item, value, fault)) return false;
  return accept(out, "valueInteger", json_integer((json_int_t)number));
}

static json_t *unit_option(const FormItem *item, json_t *quantity)
{
  for (size_t i = 0; i < item->option_count; i++) {
    json_t *coding = json_object_get(item->options[i].value, "valueCoding");
    bool coded = form_same_coding(coding, quantity);
    if (coded || str_eq_c(json_str(quantity, "unit"), item->options[i].text)) return coding;
  }
  return NULL;
}

/* The unit is the form's, not what was sent: a number means nothing with another one. */
static bool tidy_quantity(const Form *form, const FormItem *item, json_t *value, json_t **out, FormFault *fault)
{
  json_t *number = json_object_get(value, "value");
  if (!check_number(item, number, fault)) return false;
  bool names_unit = json_object_get(value, "unit") || json_object_get(value, "code");
  json_t *coding = form_node(form, item)->unit_coding;
  if (item->option_count > 0 && names_unit && !(coding = unit_option(item, value)))
    return refuse(fault, "fault.option", "");
  json_t *quantity = json_pack("{sO}", "value", number);
  const char *unit = form_string(coding, "display");
  if (!*unit) unit = form_string(coding, "code");
  if (!*unit) unit = item->unit;
  if (!*unit) unit = form_string(value, "unit");
  if (*unit) json_object_set_new(quantity, "unit", json_string(unit));
  if (*form_string(coding, "system") && *form_string(coding, "code")) {
    json_object_set_new(quantity, "system", json_string(form_string(coding, "system")));
    json_object_set_new(quantity, "code", json_string(form_string(coding, "code")));
  }
  return accept(out, "valueQuantity", quantity);
}

/* FHIR date: YYYY, YYYY-MM or YYYY-MM-DD. */
static bool date_ok(Str text)
{
  Date date;
  char full[DATE_TEXT_LEN + 1] = "0000-01-01";
  if (text.len != 4 && text.len != 7 && text.len != 10) return false;
  memcpy(full, text.ptr, text.len);
  return date_parse(str_c(full), &date);
}

/* Earlier or later by as much as both say. */
static int compare_text(Str a, const char *b)
{
  size_t len = a.len < strlen(b) ? a.len : strlen(b);
  return len ? memcmp(a.ptr, b, len) : 0;
}

static bool check_period(const FormItem *item, Str text, FormFault *fault)
{
  if (*item->min_date && compare_text(text, item->min_date) < 0)
    return refuse(fault, "fault.too_early", item->min_date);
  if (*item->max_date && compare_text(text, item->max_date) > 0) return refuse(fault, "fault.too_late", item->max_date);
  return true;
}

static bool tidy_date(const FormItem *item, json_t *value, json_t **out, FormFault *fault)
{
  Str text = str_trim(json_str(value, ""));
  if (!json_is_string(value) || !date_ok(text)) return refuse(fault, "fault.date", item->entry_format);
  return check_period(item, text, fault) && accept(out, "valueDate", json_from_str(text));
}

/* "9:30", "09:30" or "09:30:00" to the last of them. */
static bool time_of(Str text, char out[9])
{
  char full[9] = "00:00:00";
  if (text.len == 4 || text.len == 7) {
    memcpy(full + 1, text.ptr, text.len);
  } else if (text.len == 5 || text.len == 8) {
    memcpy(full, text.ptr, text.len);
  } else {
    return false;
  }
  static const char SHAPE[] = "dd:dd:dd";
  for (int i = 0; i < 8; i++) {
    if (SHAPE[i] == 'd' ? full[i] < '0' || full[i] > '9' : full[i] != ':') return false;
  }
  memcpy(out, full, sizeof full);
  return memcmp(out, "24", 2) < 0 && out[3] < '6' && out[6] < '6';
}

static bool tidy_time(const FormItem *item, json_t *value, json_t **out, FormFault *fault)
{
  char text[9];
  if (!time_of(str_trim(json_str(value, "")), text)) return refuse(fault, "fault.time", item->entry_format);
  return check_period(item, str_c(text), fault) && accept(out, "valueTime", json_string(text));
}

/* A local time of day gets the offset that the place has then. */
static bool with_offset(const char *zone, Str text, char out[40])
{
  WallTime wall;
  Instant instant, as_utc;
  char utc[40];
  Str minutes = {text.ptr, text.len < WALL_TEXT_LEN ? text.len : WALL_TEXT_LEN};
  bool seconds = text.len == WALL_TEXT_LEN + 3;
  if (!zone || (text.len != WALL_TEXT_LEN && !seconds) || !wall_parse(minutes, &wall)) return false;
  if (zone_to_instant(zone, wall, &instant) != ERR_OK) return false;
  snprintf(utc, sizeof utc, STR_FMT ":00Z", STR_ARG(minutes));
  if (!instant_parse(str_c(utc), &as_utc)) return false;
  int offset = (int)((as_utc - instant) / 60000), size = abs(offset);
  Str tail = seconds ? (Str){text.ptr + WALL_TEXT_LEN, 3} : STR(":00");
  snprintf(out, 40, STR_FMT STR_FMT "%c%02d:%02d", STR_ARG(minutes), STR_ARG(tail), offset < 0 ? '-' : '+', size / 60,
           size % 60);
  return instant_parse(str_c(out), &instant);
}

static bool tidy_datetime(const FormItem *item, const char *zone, json_t *value, json_t **out, FormFault *fault)
{
  Str text = str_trim(json_str(value, ""));
  char local[40];
  Instant instant;
  if (with_offset(zone, text, local))
    text = str_c(local);
  else if (!date_ok(text) && (text.len < WALL_TEXT_LEN || !instant_parse(text, &instant)))
    return refuse(fault, "fault.date", item->entry_format);
  return check_period(item, text, fault) && accept(out, "valueDateTime", json_from_str(text));
}

static bool has_control(Str text)
{
  for (size_t i = 0; i < text.len; i++) {
    if ((unsigned char)text.ptr[i] < ' ' && !strchr("\t\r\n", text.ptr[i])) return true;
  }
  return false;
}

static bool check_text(const Form *form, const FormItem *item, Str text, FormFault *fault)
{
  size_t count = utf8_count(text);
  int most = item->max_length ? item->max_length : FORM_TEXT_MAX;
  if (count > (size_t)most) return refuse_number(fault, "fault.too_long", most);
  if (count < (size_t)item->min_length) return refuse_number(fault, "fault.too_short", item->min_length);
  const FormPattern *pattern = form_node(form, item)->pattern;
  if (has_control(text) || (pattern && !form_pattern_matches(pattern, text)))
    return refuse(fault, "fault.pattern", item->entry_format);
  return true;
}

static bool tidy_text(const Form *form, const FormItem *item, const char *key, json_t *value, json_t **out,
                      FormFault *fault)
{
  if (!json_is_string(value)) return refuse(fault, "fault.text", "");
  Str text = str_trim(json_str(value, ""));
  if (str_empty(text)) return true;
  return check_text(form, item, text, fault) && accept(out, key, json_from_str(text));
}

static bool tidy_url(const Form *form, const FormItem *item, json_t *value, json_t **out, FormFault *fault)
{
  Str text = str_trim(json_str(value, ""));
  for (size_t i = 0; i < text.len; i++) {
    if ((unsigned char)text.ptr[i] <= ' ') return refuse(fault, "fault.url", "");
  }
  if (text.len > FORM_URL_MAX) return refuse_number(fault, "fault.too_long", FORM_URL_MAX);
  return tidy_text(form, item, "valueUri", value, out, fault);
}

static bool same_option(const FormOption *option, json_t *value, const char *key)
{
  json_t *own = json_object_get(option->value, key);
  if (!own) return false;
  return strcmp(key, "valueCoding") == 0 ? form_same_coding(own, value) : json_equal(own, value);
}

static bool tidy_choice(const Form *form, const FormItem *item, const char *key, json_t *value, json_t **out,
                        FormFault *fault)
{
  for (size_t i = 0; i < item->option_count; i++) {
    if (!same_option(&item->options[i], value, key)) continue;
    *out = json_incref(item->options[i].value);
    return true;
  }
  if (item->type == FORM_OPEN_CHOICE && strcmp(key, "valueString") == 0)
    return tidy_text(form, item, "valueString", value, out, fault);
  return refuse(fault, "fault.option", "");
}

bool form_tidy(const Form *form, const FormItem *item, const char *zone, json_t *object, json_t **out, FormFault *fault)
{
  *out = NULL;
  const char *key = "";
  json_t *value = form_value_of(object, &key);
  if (json_object_size(object) != 1 || !value) return refuse(fault, "fault.option", "");
  bool choice = item->type == FORM_CHOICE || item->type == FORM_OPEN_CHOICE;
  /* A value of another type gets the fault of its own type's check. */
  if (!choice && strcmp(key, form_value_key(item->type)) != 0) value = NULL;
  switch (item->type) {
  case FORM_BOOLEAN: return tidy_boolean(value, out, fault);
  case FORM_DECIMAL: return check_number(item, value, fault) && accept(out, key, json_incref(value));
  case FORM_INTEGER: return tidy_integer(item, value, out, fault);
  case FORM_DATE: return tidy_date(item, value, out, fault);
  case FORM_DATETIME: return tidy_datetime(item, zone, value, out, fault);
  case FORM_TIME: return tidy_time(item, value, out, fault);
  case FORM_STRING:
  case FORM_TEXT: return tidy_text(form, item, key, value, out, fault);
  case FORM_URL: return tidy_url(form, item, value, out, fault);
  case FORM_CHOICE:
  case FORM_OPEN_CHOICE: return tidy_choice(form, item, key, value, out, fault);
  case FORM_QUANTITY: return tidy_quantity(form, item, value, out, fault);
  case FORM_GROUP:
  case FORM_DISPLAY:
  case FORM_ATTACHMENT:
  case FORM_REFERENCE: break;
  }
  return refuse(fault, "fault.option", "");
}

/* [+-] digits [. or , digits], and nothing else: no exponents, no hexadecimal. */
static json_t *number_of(Str text)
{
  char plain[NUMBER_MAX_CHARS];
  size_t digits = 0, points = 0;
  if (text.len >= sizeof plain) return NULL;
  for (size_t i = 0; i < text.len; i++) {
    char c = text.ptr[i] == ',' ? '.' : text.ptr[i];
    bool digit = c >= '0' && c <= '9';
    if (!digit && c != '.' && !(i == 0 && (c == '-' || c == '+'))) return NULL;
    digits += digit;
    points += c == '.';
    plain[i] = c;
  }
  plain[text.len] = '\0';
  if (digits == 0 || points > 1) return NULL;
  int64_t whole;
  if (points == 0 && str_to_int64(text, &whole)) return json_integer(whole);
  return json_real(strtod(plain, NULL));
}

json_t *form_value(const FormItem *item, Str typed)
{
  Str text = str_trim(typed);
  if (str_empty(text)) return NULL;
  const char *key = form_value_key(item->type);
  bool number = item->type == FORM_DECIMAL || item->type == FORM_INTEGER || item->type == FORM_QUANTITY;
  json_t *value = number ? number_of(text) : json_from_str(text);
  if (!value) return json_pack("{so}", "valueString", json_from_str(text));
  if (item->type == FORM_QUANTITY) value = json_pack("{so}", "value", value);
  if (item->type == FORM_OPEN_CHOICE || !*key) key = "valueString";
  return json_pack("{so}", key, value);
}
