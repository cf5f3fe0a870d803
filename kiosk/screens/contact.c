/* Contact details: shown as we have them, confirmed with one touch, corrected one at a time. */
#include "kiosk/screens/state.h"

enum { VERB_PHONE = VERB_OWN, VERB_EMAIL, VERB_ADDRESS };

static const char *const FIELD_NAMES[CONTACT_FIELD_COUNT] = {
#define CONTACT_FIELD(constant, name) [constant] = #name,
    CONTACT_FIELDS(CONTACT_FIELD)
#undef CONTACT_FIELD
};

static const char *shown(const Contact *contact, ContactField field)
{
  switch (field) {
#define CONTACT_FIELD(constant, name) \
  case constant: return contact->name;
    CONTACT_FIELDS(CONTACT_FIELD)
#undef CONTACT_FIELD
  case CONTACT_FIELD_COUNT: break;
  }
  return "";
}

/* as_typed: the details as they are in the fields. */
static Contact as_typed(const Person *person, Arena *arena)
{
  Contact contact;
#define CONTACT_FIELD(constant, name) \
  contact.name = arena_cstr(arena, str_trim(ui_field_str(&person->contact[constant])));
  CONTACT_FIELDS(CONTACT_FIELD)
#undef CONTACT_FIELD
  return contact;
}

/* take: what we have, and over it what a resumed draft had typed. */
static void take(App *app)
{
  Person *person = app->person;
  if (person->contact_taken) return;
  const Contact *contact = checkin_contact_shown(person->checkin);
  for (int i = 0; i < CONTACT_FIELD_COUNT; i++) {
    Str kept = app_kept(app, "contact", FIELD_NAMES[i]), have = str_c(shown(contact, (ContactField)i));
    ui_field_set(&person->contact[i], str_empty(kept) ? have : kept);
    if (!str_eq(ui_field_str(&person->contact[i]), have)) person->contact_changed = true;
  }
  person->contact_taken = true;
}

static void contact_enter(App *app)
{
  take(app);
}

static const char *join(Arena *arena, const char *a, const char *separator, const char *b)
{
  return *a && *b ? arena_printf(arena, "%s%s%s", a, separator, b) : *a ? a : b;
}

/* address_words: the address in one line, as it is written on an envelope. */
static const char *address_words(Arena *arena, const Contact *c)
{
  const char *street = join(arena, c->line1, ", ", c->line2);
  const char *region = join(arena, c->state, " ", c->postal_code);
  return join(arena, join(arena, street, ", ", join(arena, c->city, ", ", region)), ", ", c->country);
}

static void row(App *app, UiBuild *build, const char *id, const char *label_key, const char *value, int verb)
{
  const char *label = say(app, label_key), *shown_value = *value ? value : say(app, "kiosk.contact.none");
  const char *action = say(app, *value ? "kiosk.contact.change" : "kiosk.contact.add");
  Arena *arena = ui_build_arena(build);
  ui_list_row_begin(build, &(UiListRow){.id = id,
                                        .label = arena_printf(arena, "%s: %s. %s", label, shown_value, action),
                                        .act = {verb, 0}});
  ui_box_begin(build, &(UiBox){.width = UI_SIZE_GROW, .gap = 2});
  ui_text(build, UI_TYPE_NOTE, UI_INK_SOFT, label);
  ui_text(build, *value ? UI_TYPE_STRONG : UI_TYPE_BODY, *value ? UI_INK : UI_INK_SOFT, shown_value);
  ui_box_end(build);
  ui_box_begin(build, &(UiBox){.axis = UI_ROW, .gap = 10, .cross = UI_CENTRE, .rigid = true});
  ui_icon(build, *value ? UI_ICON_PEN : UI_ICON_PLUS, UI_ACCENT_DEEP, 34);
  bool roomy = ui_build_text_scale(build) == 100 || !ui_build_is_portrait(build);
  if (roomy) ui_text(build, UI_TYPE_NOTE, UI_ACCENT_DEEP, action);
  ui_box_end(build);
  ui_end(build);
}

static void contact_build(App *app, UiBuild *build)
{
  Person *person = app->person;
  Arena *arena = ui_build_arena(build);
  Contact contact = as_typed(person, arena);
  bool empty = !*contact.phone && !*contact.email && !*contact.line1;
  bool current = checkin_contact_is_current(person->checkin) || person->contact_changed || person->is_new;
  const char *title = empty ? "kiosk.contact.title.empty" : "kiosk.contact.title";
  const char *lead = empty ? NULL : current ? "kiosk.contact.lead" : "kiosk.contact.lead.old";
  page_begin(app, build,
             (UiPage){.id = "contact",
                      .title = say(app, title),
                      .lead = lead ? say(app, lead) : NULL,
                      .primary = {.label = say(app, empty ? "kiosk.skip" : "kiosk.contact.ok"),
                                  .icon = UI_ICON_NEXT,
                                  .act = {VERB_NEXT, 0}}});
  ui_list_begin(build, "contact.list", NULL);
  row(app, build, "contact.phone", "kiosk.contact.phone", contact.phone, VERB_PHONE);
  row(app, build, "contact.email", "kiosk.contact.email", contact.email, VERB_EMAIL);
  row(app, build, "contact.address", "kiosk.contact.address", address_words(arena, &contact), VERB_ADDRESS);
  ui_end(build);
  page_end(build);
}

/* go_to_fault: the screen of the field that was not taken. */
static void go_to_fault(App *app)
{
  const char *field = app->person->faults.count > 0 ? app->person->faults.items[0].field : "";
  app_go(app, strcmp(field, "phone") == 0 ? GO_PHONE : strcmp(field, "email") == 0 ? GO_EMAIL : GO_ADDRESS);
}

static Err confirm(App *app)
{
  Person *person = app->person;
  const Contact *have = checkin_contact_shown(person->checkin);
  Contact contact = as_typed(person, &app->person_arena);
  bool same = true;
  for (int i = 0; i < CONTACT_FIELD_COUNT; i++)
    if (strcmp(shown(&contact, (ContactField)i), shown(have, (ContactField)i)) != 0) same = false;
  return checkin_contact(person->checkin, same ? NULL : &contact, &person->faults);
}

static void confirmed(App *app, Err err)
{
  if (err == ERR_OK) {
    app->person->contact_taken = false;
    app_go(app, GO_NEXT);
  } else if (err == ERR_INVALID) {
    go_to_fault(app);
  } else {
    app_trouble(app, err, (Job){confirm, confirmed, false});
  }
}

static void contact_act(App *app, UiAct act)
{
  faults_clear(app);
  switch (act.verb) {
  case VERB_PHONE: app_go(app, GO_PHONE); break;
  case VERB_EMAIL: app_go(app, GO_EMAIL); break;
  case VERB_ADDRESS: app_go(app, GO_ADDRESS); break;
  case VERB_BACK: app_go(app, GO_BACK); break;
  case VERB_NEXT: job_start(app, (Job){confirm, confirmed, false}); break;
  default: break;
  }
}

/* keep: what differs from what we have, and what was kept before and has been taken back. */
static void keep(App *app)
{
  for (int i = 0; i < CONTACT_FIELD_COUNT; i++) {
    Str text = ui_field_str(&app->person->contact[i]), kept = app_kept(app, "contact", FIELD_NAMES[i]);
    const Contact *have = checkin_contact_shown(app->person->checkin);
    if (!str_empty(kept) || !str_eq_c(text, shown(have, (ContactField)i)))
      app_keep(app, "contact", FIELD_NAMES[i], text);
  }
}

const Screen screen_contact = {.id = "contact",
                               .kind = SCREEN_PERSON,
                               .enter = contact_enter,
                               .build = contact_build,
                               .act = contact_act,
                               .keep = keep};

/* --- one at a time ---------------------------------------------------------------------------------------------- */

static void edit_enter(App *app)
{
  bool phone = app->screen == SCREEN_PHONE, email = app->screen == SCREEN_EMAIL;
  memcpy(app->person->contact_before, app->person->contact, sizeof app->person->contact);
  ui_focus(app->ui, phone ? "contact.phone" : email ? "contact.email" : "contact.line1");
}

static bool is_own(ScreenId screen, const char *field)
{
  bool phone = strcmp(field, "phone") == 0, email = strcmp(field, "email") == 0;
  return screen == SCREEN_PHONE ? phone : screen == SCREEN_EMAIL ? email : !phone && !email;
}

/* check: what can be seen to be wrong on this very screen. */
static bool check(App *app)
{
  Faults all = faults_make(&app->person_arena);
  Contact contact = as_typed(app->person, &app->person_arena);
  contact_check(&contact, &all);
  faults_clear(app);
  for (size_t i = 0; i < all.count; i++)
    if (is_own(app->screen, all.items[i].field))
      faults_add(&app->person->faults, all.items[i].field, all.items[i].key, all.items[i].value);
  return app->person->faults.count == 0;
}

static void edit_act(App *app, UiAct act)
{
  Person *person = app->person;
  if (act.verb == VERB_BACK) {
    memcpy(person->contact, person->contact_before, sizeof person->contact);
    faults_clear(app);
    app_go(app, GO_BACK);
    app_keep_soon(app);
  }
  if (act.verb != VERB_NEXT || !check(app)) return;
  person->contact_changed = true;
  app_go(app, GO_NEXT);
  app_keep_soon(app);
}

static void edit_edit(App *app, const char *id)
{
  (void)id;
  faults_clear(app);
}

/* field: `only`: it is all that the screen asks. */
static void field(App *app, UiBuild *build, ContactField which, const char *label_key, UiKeyKind keys, bool only)
{
  ui_field(build, &(UiFieldBox){.id = arena_printf(ui_build_arena(build), "contact.%s", FIELD_NAMES[which]),
                                .label = say(app, label_key),
                                .hide_label = only,
                                .field = &app->person->contact[which],
                                .keys = keys,
                                .error = fault_words(app, build, FIELD_NAMES[which])});
}

static void edit_begin(App *app, UiBuild *build, const char *title_key)
{
  page_begin(app, build,
             (UiPage){.id = app_screen(app),
                      .title = say(app, title_key),
                      .primary = {.label = say(app, "kiosk.save"), .act = {VERB_NEXT, 0}}});
}

static void alone(App *app, UiBuild *build, ContactField which, const char *title_key, const char *label_key,
                  UiKeyKind keys)
{
  edit_begin(app, build, title_key);
  field(app, build, which, label_key, keys, true);
  page_end(build);
}

static void phone_build(App *app, UiBuild *build)
{
  alone(app, build, CONTACT_PHONE, "kiosk.phone.title", "kiosk.contact.phone", UI_KEYS_PHONE);
}

static void email_build(App *app, UiBuild *build)
{
  alone(app, build, CONTACT_EMAIL, "kiosk.email.title", "kiosk.contact.email", UI_KEYS_EMAIL);
}

static void address_build(App *app, UiBuild *build)
{
  edit_begin(app, build, "kiosk.address.title");
  ui_split_begin(build, 24);
  field(app, build, CONTACT_LINE1, "kiosk.address.line1", UI_KEYS_NAME, false);
  field(app, build, CONTACT_LINE2, "kiosk.address.line2", UI_KEYS_NAME, false);
  ui_end(build);
  ui_row_begin(build, 24);
  field(app, build, CONTACT_CITY, "kiosk.address.city", UI_KEYS_NAME, false);
  field(app, build, CONTACT_STATE, "kiosk.address.state", UI_KEYS_NAME, false);
  field(app, build, CONTACT_POSTAL_CODE, "kiosk.address.postal_code", UI_KEYS_PLAIN, false);
  ui_end(build);
  page_end(build);
}

#define EDIT_SCREEN(name)                                                                            \
  {                                                                                                  \
    .id = #name, .kind = SCREEN_PERSON, .enter = edit_enter, .build = name##_build, .act = edit_act, \
    .edit = edit_edit, .keep = keep                                                                  \
  }
const Screen screen_phone = EDIT_SCREEN(phone);
const Screen screen_email = EDIT_SCREEN(email);
const Screen screen_address = EDIT_SCREEN(address);
