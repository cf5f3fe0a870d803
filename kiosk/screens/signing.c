/* Consents: read to the end, agree to sign on a screen, sign by finger or by typing, or not. */
#include "kiosk/screens/state.h"

enum { VERB_REFUSE = VERB_OWN, VERB_TYPE, VERB_DRAW, VERB_SIGNER, VERB_COPY, VERB_WHO };
enum { COPY_DESK, COPY_EMAIL, COPY_NONE, COPY_COUNT };
enum { ADULT_YEARS = 18 };

static const char *const COPY_NAMES[COPY_COUNT] = {"desk", "email", "none"};

static bool is_minor(App *app)
{
  Date birth;
  WallTime today;
  if (!date_parse(str_c(checkin_client(app->person->checkin)->birth_date), &birth)) return false;
  if (site_wall(&app_place(app)->site, app_now(app), &today) != ERR_OK) return false;
  return date_age(birth, today.date) < ADULT_YEARS;
}

/* take_document: what was read and signed of another one does not count for this one. */
static void take_document(App *app)
{
  Person *person = app->person;
  const ConsentDocument *document = checkin_document(person->checkin);
  if (person->document == document && uuid_eq(person->document_id, document->id)) return;
  person->document = document;
  person->document_id = document->id;
  person->read_to_end = person->typed = false;
  ui_ink_clear(&person->ink);
  ui_field_wipe(&person->typed_name);
}

void signing_check_language(App *app)
{
  Person *person = app->person;
  bool here = app->screen == SCREEN_READ || app->screen == SCREEN_ELECTRONIC || app->screen == SCREEN_SIGN ||
              app->screen == SCREEN_SIGNER;
  if (!here || uuid_eq(checkin_document(person->checkin)->id, person->document_id)) return;
  take_document(app);
  app_show(app, SCREEN_READ);
}

/* --- deciding --------------------------------------------------------------------------------------------------- */

static Err decide(App *app)
{
  Person *person = app->person;
  Arena *arena = &app->person_arena;
  bool signed_ = strcmp(person->decision, "signed") == 0;
  ConsentDecision decision = {.decision = person->decision,
                              .language = person->document->language,
                              .signer_name = "",
                              .signer_relationship = person->guardian ? "guardian" : "self",
                              .method = "",
                              .copy_offered = COPY_NAMES[person->copy],
                              .electronic = person->electronic,
                              .read_to_end = person->read_to_end};
  if (signed_) {
    decision.signer_name = person->guardian ? arena_cstr(arena, str_trim(ui_field_str(&person->signer)))
                                            : client_name(arena, checkin_client(person->checkin));
    decision.method = person->typed ? "typed" : "drawn";
    if (person->typed) decision.signer_name = arena_cstr(arena, str_trim(ui_field_str(&person->typed_name)));
    if (!person->typed) decision.ink = signing_ink(arena, &person->ink);
  }
  return checkin_consent(person->checkin, &decision, &person->faults);
}

static void decided(App *app, Err err)
{
  Person *person = app->person;
  if (err == ERR_OK) {
    person->document = NULL;
    app_go(app, GO_DECIDED);
  } else if (err != ERR_INVALID) {
    app_trouble(app, err, (Job){decide, decided, false});
  }
}

void signing_refuse(App *app)
{
  app->person->decision = "refused";
  job_start(app, (Job){decide, decided, false});
}

/* --- reading ---------------------------------------------------------------------------------------------------- */

static void read_enter(App *app)
{
  take_document(app);
}

/* body: paragraphs are separated by an empty line; a heading begins with "# ". */
static void body(UiBuild *build, const char *text)
{
  Arena *arena = ui_build_arena(build);
  while (*text) {
    const char *end = strstr(text, "\n\n");
    Str paragraph = str_trim((Str){text, end ? (size_t)(end - text) : strlen(text)});
    bool heading = str_starts(paragraph, STR("# "));
    if (heading) paragraph = (Str){paragraph.ptr + 2, paragraph.len - 2};
    if (heading)
      ui_heading(build, arena_cstr(arena, paragraph));
    else if (!str_empty(paragraph))
      ui_para(build, arena_cstr(arena, paragraph));
    text = end ? end + 2 : "";
  }
}

/* read_build: where height is dear, the title and the way round scroll with the text. */
static void read_build(App *app, UiBuild *build)
{
  const Person *person = app->person;
  const ConsentDocument *document = person->document;
  bool cramped = !ui_build_is_portrait(build) && ui_build_text_scale(build) > 100;
  UiButton refuse = {.id = "read.refuse",
                     .label = say(app, "kiosk.read.refuse"),
                     .kind = UI_QUIET,
                     .act = {VERB_REFUSE, 0}};
  UiButton aside = {0};
  if (!cramped) aside = refuse;
  page_begin(app, build,
             (UiPage){.id = "read",
                      .title = cramped ? NULL : document->title,
                      .tall = true,
                      .aside = aside,
                      .primary = {.label = say(app, person->read_to_end ? "kiosk.read.ok" : "kiosk.read.wait"),
                                  .disabled = !person->read_to_end,
                                  .icon = UI_ICON_NEXT,
                                  .act = {VERB_NEXT, 0}}});
  ui_scroll_begin(build, &(UiScroll){.id = "read.text", .label = document->title, .min_height = 200, .framed = true});
  if (cramped) ui_text_with(build, &(UiBox){.role = UI_ROLE_HEADING}, UI_TYPE_TITLE, UI_INK, UI_START, document->title);
  body(build, document->body);
  if (cramped) ui_button(build, &refuse);
  ui_scroll_end(build);
  page_end(build);
}

static void read_other(App *app, const UiEvent *event)
{
  if (event->kind == UI_EVENT_READ_END && strcmp(event->id, "read.text") == 0) app->person->read_to_end = true;
}

static void read_act(App *app, UiAct act)
{
  Person *person = app->person;
  if (act.verb == VERB_BACK) app_go(app, GO_BACK);
  if (act.verb == VERB_REFUSE) app_dialog(app, DIALOG_REFUSE);
  if (act.verb == VERB_NEXT && person->read_to_end) app_go(app, person->electronic ? GO_NEXT : GO_AGREE);
}

const Screen screen_read = {.id = "read",
                            .kind = SCREEN_PERSON,
                            .idle_s = 180, /* a long text is read without touching the screen */
                            .enter = read_enter,
                            .build = read_build,
                            .act = read_act,
                            .other = read_other};

/* --- agreeing to sign on a screen ------------------------------------------------------------------------------- */

static void electronic_build(App *app, UiBuild *build)
{
  const Person *person = app->person;
  Arena *arena = ui_build_arena(build);
  bool email = *checkin_client(person->checkin)->contact.email || *checkin_contact_shown(person->checkin)->email;
  page_begin(
      app, build,
      (UiPage){.id = "electronic",
               .title = say(app, "kiosk.electronic.title"),
               .primary = {.label = say(app, "kiosk.electronic.ok"), .icon = UI_ICON_NEXT, .act = {VERB_NEXT, 0}}});
  ui_para(build, say(app, "kiosk.electronic.text"));
  ui_choices_begin(build, &(UiChoices){.id = "copy", .label = say(app, "kiosk.electronic.copy"), .columns = 3});
  for (int i = 0; i < COPY_COUNT; i++)
    if (i != COPY_EMAIL || email)
      ui_choice(build, &(UiChoice){.id = arena_printf(arena, "copy.%s", COPY_NAMES[i]),
                                   .label = say(app, arena_printf(arena, "kiosk.electronic.copy.%s", COPY_NAMES[i])),
                                   .checked = person->copy == i,
                                   .act = {VERB_COPY, i}});
  ui_choices_end(build);
  ui_button(build, &(UiButton){.id = "electronic.paper",
                               .label = say(app, "kiosk.electronic.paper"),
                               .kind = UI_QUIET,
                               .icon = UI_ICON_DOCUMENT,
                               .act = {VERB_REFUSE, 0}});
  page_end(build);
}

static void electronic_act(App *app, UiAct act)
{
  Person *person = app->person;
  if (act.verb == VERB_BACK) app_go(app, GO_BACK);
  if (act.verb == VERB_COPY) person->copy = (int)act.arg;
  if (act.verb == VERB_REFUSE) app_dialog(app, DIALOG_REFUSE);
  if (act.verb != VERB_NEXT) return;
  person->electronic = true;
  app_go(app, GO_NEXT);
}

const Screen screen_electronic = {.id = "electronic",
                                  .kind = SCREEN_PERSON,
                                  .build = electronic_build,
                                  .act = electronic_act};

/* --- signing ---------------------------------------------------------------------------------------------------- */

static void sign_enter(App *app)
{
  faults_clear(app);
  Person *person = app->person;
  if (is_minor(app) && !person->guardian) person->guardian_asked = false;
  if (is_minor(app) && !person->guardian_asked) {
    person->guardian = person->guardian_asked = true;
    app_go(app, GO_SIGNER);
    return;
  }
  if (person->typed) ui_focus(app->ui, "sign.name");
}

static void sign_build(App *app, UiBuild *build)
{
  Person *person = app->person;
  Arena *arena = ui_build_arena(build);
  const char *client = client_name(arena, checkin_client(person->checkin));
  const char *who = person->guardian
                        ? SAY(app, arena, "kiosk.sign.for",
                              {"signer", arena_cstr(arena, ui_field_str(&person->signer))}, {"client", client})
                        : SAY(app, arena, "kiosk.sign.as", {"name", client});
  page_begin(app, build,
             (UiPage){.id = "sign",
                      .tall = !person->typed,
                      .title = person->document->title,
                      .aside = {.id = "sign.refuse", .label = say(app, "kiosk.read.refuse"), .act = {VERB_REFUSE, 0}},
                      .lead = person->document->intent,
                      .primary = {.label = say(app, "kiosk.sign.ok"), .icon = UI_ICON_PEN, .act = {VERB_NEXT, 0}}});
  if (person->typed)
    ui_field(build, &(UiFieldBox){.id = "sign.name",
                                  .label = say(app, "kiosk.sign.type.label"),
                                  .help = who,
                                  .field = &person->typed_name,
                                  .keys = UI_KEYS_NAME,
                                  .error = fault_words(app, build, "signature")});
  else
    ui_signature(build, &(UiSignature){.id = "sign.pad",
                                       .label = who,
                                       .ink = &person->ink,
                                       .error = fault_words(app, build, "signature")});
  ui_row_begin(build, 12);
  ui_button(build, &(UiButton){.id = "sign.other_way",
                               .label = say(app, person->typed ? "kiosk.sign.draw" : "kiosk.sign.type"),
                               .kind = UI_QUIET,
                               .act = {person->typed ? VERB_DRAW : VERB_TYPE, 0}});
  ui_button(build, &(UiButton){.id = "sign.signer",
                               .label = say(app, "kiosk.sign.signer"),
                               .kind = UI_QUIET,
                               .act = {VERB_SIGNER, 0}});
  ui_end(build);
  page_end(build);
}

static bool has_signed(const Person *person)
{
  return person->typed ? utf8_count(str_trim(ui_field_str(&person->typed_name))) >= 2
                       : ui_ink_is_signature(&person->ink);
}

static void sign(App *app)
{
  Person *person = app->person;
  faults_clear(app);
  if (!has_signed(person)) {
    faults_add(&person->faults, "signature", person->typed ? "kiosk.sign.error.typed" : "kiosk.sign.error.drawn", NULL);
    return;
  }
  person->decision = "signed";
  job_start(app, (Job){decide, decided, false});
}

static void sign_act(App *app, UiAct act)
{
  Person *person = app->person;
  switch (act.verb) {
  case VERB_BACK: app_go(app, GO_BACK); break;
  case VERB_REFUSE: app_dialog(app, DIALOG_REFUSE); break;
  case VERB_SIGNER: app_go(app, GO_SIGNER); break;
  case VERB_TYPE:
  case VERB_DRAW:
    person->typed = act.verb == VERB_TYPE;
    faults_clear(app);
    ui_focus(app->ui, person->typed ? "sign.name" : NULL);
    break;
  case VERB_NEXT: sign(app); break;
  default: break;
  }
}

static void sign_other(App *app, const UiEvent *event)
{
  if (event->kind == UI_EVENT_INK) faults_clear(app);
}

static void sign_edit(App *app, const char *id)
{
  (void)id;
  faults_clear(app);
}

const Screen screen_sign = {.id = "sign",
                            .kind = SCREEN_PERSON,
                            .enter = sign_enter,
                            .build = sign_build,
                            .act = sign_act,
                            .edit = sign_edit,
                            .other = sign_other};

/* --- who signs -------------------------------------------------------------------------------------------------- */

static void signer_enter(App *app)
{
  faults_clear(app);
  if (app->person->guardian) ui_focus(app->ui, "signer.name");
}

static void signer_build(App *app, UiBuild *build)
{
  Person *person = app->person;
  Arena *arena = ui_build_arena(build);
  const char *client = client_name(arena, checkin_client(person->checkin));
  page_begin(app, build,
             (UiPage){.id = "signer",
                      .title = say(app, "kiosk.signer.title"),
                      .primary = {.label = say(app, "kiosk.next"), .icon = UI_ICON_NEXT, .act = {VERB_NEXT, 0}}});
  ui_choices_begin(build, &(UiChoices){.id = "signer.who"});
  ui_choice(build, &(UiChoice){.id = "signer.self",
                               .label = SAY(app, arena, "kiosk.signer.self", {"name", client}),
                               .checked = !person->guardian,
                               .act = {VERB_WHO, 0}});
  ui_choice(build, &(UiChoice){.id = "signer.guardian",
                               .label = SAY(app, arena, "kiosk.signer.guardian", {"name", client}),
                               .checked = person->guardian,
                               .act = {VERB_WHO, 1}});
  ui_choices_end(build);
  if (person->guardian)
    ui_field(build, &(UiFieldBox){.id = "signer.name",
                                  .label = say(app, "kiosk.signer.name"),
                                  .field = &person->signer,
                                  .keys = UI_KEYS_NAME,
                                  .error = fault_words(app, build, "signer_name")});
  page_end(build);
}

static void signer_act(App *app, UiAct act)
{
  Person *person = app->person;
  if (act.verb == VERB_BACK) app_go(app, GO_BACK);
  if (act.verb == VERB_WHO) {
    person->guardian = act.arg == 1;
    faults_clear(app);
    ui_focus(app->ui, person->guardian ? "signer.name" : NULL);
  }
  if (act.verb != VERB_NEXT) return;
  faults_clear(app);
  if (person->guardian && utf8_count(str_trim(ui_field_str(&person->signer))) < 2)
    faults_add(&person->faults, "signer_name", "kiosk.signer.error", NULL);
  else
    app_go(app, GO_NEXT);
}

const Screen screen_signer = {.id = "signer",
                              .kind = SCREEN_PERSON,
                              .enter = signer_enter,
                              .build = signer_build,
                              .act = signer_act,
                              .edit = sign_edit};
