/* Every widget in every state, in the sizes, text scales and directions the kiosk is made for. Each picture is checked for
 * cut, overlapping or unlabelled things; with GALLERY=folder they are also written there, to be looked at. */

#include <stdio.h>
#include <stdlib.h>

#include "common/base/file.h"
#include "kiosk/ui/ui.h"
#include "kiosk/ui/widget.h"
#include "tests/support/unit.h"

enum { ACT_ANY = 1, ACT_BACK };

typedef enum Scene {
  WELCOME,
  BIRTH,
  BIRTH_ERROR,
  NAME,
  VISIT,
  CHOICES,
  CONTACT,
  CONSENT,
  SIGN,
  DONE,
  OFFLINE,
  DIALOG,
  PIN,
  BOARD,
  STATES,
  SCENES,
} Scene;

static const char *const scene_names[] = {"welcome", "birth",   "birth-error", "name",  "visit",
                                          "choices", "contact", "consent",     "sign",  "done",
                                          "offline", "dialog",  "pin",         "board", "states"};

typedef struct Gallery {
  Scene scene;
  bool arabic;
  UiDateEntry birth;
  UiField name, phone, mail, member, pin;
  UiInk ink;
} Gallery;

static const char *word(const Gallery *g, const char *english, const char *arabic)
{
  return g->arabic ? arabic : english;
}

static UiPage page_of(const Gallery *g, const char *title, int step)
{
  return (UiPage){.id = scene_names[g->scene],
                  .title = title,
                  .brand = word(g, "Riverside Family Practice", "عيادة ريفرسايد"),
                  .step = step,
                  .steps = 6,
                  .step_text =
                      step == 2 ? word(g, "Step 2 of 6", "الخطوة 2 من 6") : word(g, "Step 4 of 6", "الخطوة 4 من 6"),
                  .back = {ACT_BACK, 0},
                  .help = {ACT_ANY, 1},
                  .language = {ACT_ANY, 2},
                  .text_size = {ACT_ANY, 3},
                  .language_label = g->arabic ? "English" : "Español",
                  .primary = {.label = word(g, "Continue", "متابعة"), .act = {ACT_ANY, 4}, .icon = UI_ICON_NEXT}};
}

static void welcome(const Gallery *g, UiBuild *b)
{
  UiPage page = page_of(g, NULL, 0);
  page.steps = 0;
  page.back = (UiAct){0};
  page.centred = true;
  page.primary = (UiButton){0};
  ui_page_begin(b, &page);
  ui_display(b, word(g, "Welcome", "أهلاً وسهلاً"));
  ui_text_with(b, &(UiBox){.width = UI_SIZE_GROW}, UI_TYPE_BODY, UI_INK_SOFT, UI_CENTRE,
               word(g, "Check in here. It takes about two minutes.", "سجّل وصولك هنا. يستغرق ذلك دقيقتين تقريبًا."));
  ui_box_begin(b, &(UiBox){.gap = 20, .width = {UI_GROW, 1, 0, 620}, .pad = {0, 16, 0, 0}});
  ui_box_begin(b, &(UiBox){.axis = UI_ROW, .width = UI_SIZE_GROW});
  ui_button(b, &(UiButton){.id = "start",
                           .label = word(g, "I have an appointment", "لدي موعد"),
                           .act = {ACT_ANY, 5},
                           .kind = UI_PRIMARY,
                           .icon = UI_ICON_CALENDAR,
                           .grow = true});
  ui_end(b);
  ui_box_begin(b, &(UiBox){.axis = UI_ROW, .width = UI_SIZE_GROW});
  ui_button(b, &(UiButton){.id = "walk-in",
                           .label = word(g, "I came without one", "ليس لدي موعد"),
                           .act = {ACT_ANY, 6},
                           .icon = UI_ICON_PERSON,
                           .grow = true});
  ui_end(b);
  ui_end(b);
  ui_page_end(b);
}

static void birth(Gallery *g, UiBuild *b)
{
  UiPage page = page_of(g, word(g, "When were you born?", "متى وُلدت؟"), 2);
  if (g->scene == BIRTH_ERROR) page.primary.disabled = true;
  ui_page_begin(b, &page);
  ui_date(b,
          &(UiDateBox){.id = "birth.date",
                       .label = word(g, "Date of birth", "تاريخ الميلاد"),
                       .entry = &g->birth,
                       .error = g->scene == BIRTH_ERROR ? "This day does not exist. Please check the month and the day."
                                                        : NULL});
  if (g->scene == BIRTH)
    ui_para_soft(b, word(g, "We use it only to find your visit.", "نستخدمه فقط للعثور على موعدك."));
  ui_page_end(b);
}

static void name(Gallery *g, UiBuild *b)
{
  ui_page_begin(
      b, &(UiPage){.id = "name",
                   .title = word(g, "What is your last name?", "ما اسم عائلتك؟"),
                   .brand = word(g, "Riverside Family Practice", "عيادة ريفرسايد"),
                   .step = 2,
                   .steps = 6,
                   .step_text = word(g, "Step 2 of 6", "الخطوة 2 من 6"),
                   .back = {ACT_BACK, 0},
                   .help = {ACT_ANY, 1},
                   .language = {ACT_ANY, 2},
                   .text_size = {ACT_ANY, 3},
                   .language_label = g->arabic ? "English" : "Español",
                   .primary = {.label = word(g, "Continue", "متابعة"), .act = {ACT_ANY, 4}, .icon = UI_ICON_NEXT}});
  ui_field(b, &(UiFieldBox){.id = "name.family",
                            .label = word(g, "Last name", "اسم العائلة"),
                            .field = &g->name,
                            .keys = UI_KEYS_NAME,
                            .required = true});
  ui_page_end(b);
}

static void visit(const Gallery *g, UiBuild *b)
{
  UiPage page = page_of(g, word(g, "Is this your visit today?", "هل هذا موعدك اليوم؟"), 2);
  page.secondary = (UiButton){.label = word(g, "No", "لا"), .act = {ACT_ANY, 9}};
  page.primary.label = word(g, "Yes, check me in", "نعم، سجّل وصولي");
  page.primary.icon = UI_ICON_CHECK;
  ui_page_begin(b, &page);
  ui_card_begin(b, "visit.card", NULL);
  ui_fact(b, word(g, "Time", "الوقت"), word(g, "10:30 AM", "موعدك 10:30 AM مع Dr Lee"));
  ui_fact(b, word(g, "With", "مع"), "Dr. Núñez-O’Brien");
  ui_fact(b, word(g, "For", "السبب"), word(g, "Annual physical", "الفحص السنوي"));
  ui_fact(b, word(g, "Where", "المكان"), word(g, "Second floor, waiting area B", "الطابق الثاني، منطقة الانتظار B"));
  ui_end(b);
  ui_notice(b, "visit.note", UI_TONE_INFO,
            word(g, "You are 20 minutes early. There is time to finish your forms.",
                 "وصلت قبل موعدك بـ 20 دقيقة. لديك وقت لإكمال النماذج."));
  ui_page_end(b);
}

static void choices(const Gallery *g, UiBuild *b)
{
  UiPage page =
      page_of(g, word(g, "Have you had any of these in the last month?", "هل عانيت من أي مما يلي في الشهر الماضي؟"), 4);
  ui_page_begin(b, &page);
  ui_choices_begin(b, &(UiChoices){.id = "symptoms",
                                   .help = word(g, "Choose all that fit.", "اختر كل ما ينطبق."),
                                   .multiple = true,
                                   .columns = 2});
  ui_choice(b, &(UiChoice){.id = "s1", .label = word(g, "Headache", "صداع"), .checked = true, .act = {ACT_ANY, 11}});
  ui_choice(b, &(UiChoice){.id = "s2", .label = word(g, "Dizziness", "دوخة"), .act = {ACT_ANY, 12}});
  ui_choice(b, &(UiChoice){.id = "s3", .label = word(g, "Chest pain", "ألم في الصدر"), .act = {ACT_ANY, 13}});
  ui_choice(b, &(UiChoice){.id = "s4",
                           .label = word(g, "Shortness of breath", "ضيق في التنفس"),
                           .checked = true,
                           .act = {ACT_ANY, 14}});
  ui_choice(b, &(UiChoice){.id = "s5", .label = word(g, "None of these", "لا شيء مما سبق"), .act = {ACT_ANY, 15}});
  ui_choices_end(b);
  ui_choices_begin(b, &(UiChoices){.id = "smoke",
                                   .label = word(g, "Do you smoke?", "هل تدخن؟"),
                                   .error = word(g, "Please choose one answer.", "يرجى اختيار إجابة واحدة.")});
  ui_choice(b,
            &(UiChoice){.id = "r1", .label = word(g, "No, never", "لا، أبدًا"), .checked = true, .act = {ACT_ANY, 16}});
  ui_choice(b, &(UiChoice){.id = "r2",
                           .label = word(g, "Not any more", "توقفت"),
                           .detail = word(g, "I stopped more than a year ago", "منذ أكثر من سنة"),
                           .act = {ACT_ANY, 17}});
  ui_choice(b, &(UiChoice){.id = "r3", .label = word(g, "Yes", "نعم"), .disabled = true, .act = {ACT_ANY, 18}});
  ui_choices_end(b);
  ui_page_end(b);
}

static void contact(Gallery *g, UiBuild *b)
{
  UiPage page = page_of(g, word(g, "How can we reach you?", "كيف يمكننا التواصل معك؟"), 4);
  page.status = word(g, "Offline. Your answers are saved here.", "غير متصل. إجاباتك محفوظة هنا.");
  page.status_icon = UI_ICON_OFFLINE;
  ui_page_begin(b, &page);
  ui_field(b, &(UiFieldBox){.id = "contact.phone",
                            .label = word(g, "Mobile phone", "الهاتف المحمول"),
                            .help = word(g, "Ten digits", "عشرة أرقام"),
                            .error = word(g, "A phone number has ten digits. There are nine here.",
                                          "رقم الهاتف مكوّن من عشرة أرقام."),
                            .field = &g->phone,
                            .keys = UI_KEYS_PHONE});
  ui_field(b, &(UiFieldBox){.id = "contact.mail",
                            .label = word(g, "Email", "البريد الإلكتروني"),
                            .placeholder = "name@example.com",
                            .field = &g->mail,
                            .keys = UI_KEYS_EMAIL});
  ui_toggle(b, &(UiToggle){.id = "contact.sms",
                           .label = word(g, "Remind me by text message", "ذكّرني برسالة نصية"),
                           .detail = word(g, "The day before each visit", "قبل كل موعد بيوم"),
                           .on = true,
                           .act = {ACT_ANY, 21}});
  ui_toggle(b, &(UiToggle){.id = "contact.news",
                           .label = word(g, "Send me news", "أرسل لي الأخبار"),
                           .act = {ACT_ANY, 22}});
  ui_page_end(b);
}

static const char consent_text[] = "I agree to be examined and treated by the providers of this practice. I may ask "
                                   "questions at any time, and I may stop at any "
                                   "time.\n"
                                   "The practice keeps a record of my care. It is shared only with those who take part "
                                   "in my care, with my insurer as far as "
                                   "payment needs it, and where the law demands it.\n"
                                   "I understand that my insurer may not pay for everything, and that I owe what it "
                                   "does not pay. I can ask for an estimate before "
                                   "any treatment.\n"
                                   "I agree to receive documents electronically. I can have a paper copy of any of "
                                   "them at the desk, at no charge, and I can take "
                                   "back this agreement at any time.";

static void consent(const Gallery *g, UiBuild *b)
{
  UiPage page = page_of(g, word(g, "Consent to treatment", "الموافقة على العلاج"), 4);
  page.tall = true;
  page.primary = (UiButton){.label = word(g, "I agree", "أوافق"), .act = {ACT_ANY, 4}, .icon = UI_ICON_PEN};
  page.primary.disabled = !ui_scroll_was_read(b, "consent.text");
  page.secondary = (UiButton){.label = word(g, "I do not agree", "لا أوافق"), .act = {ACT_ANY, 31}};
  ui_page_begin(b, &page);
  ui_scroll_begin(
      b, &(UiScroll){.id = "consent.text", .label = "Consent to treatment", .min_height = 120, .framed = true});
  ui_para(b, consent_text);
  ui_scroll_end(b);
  ui_page_end(b);
}

static void sign(Gallery *g, UiBuild *b)
{
  UiPage page = page_of(g, word(g, "Please sign", "يرجى التوقيع"), 4);
  page.tall = true;
  ui_page_begin(b, &page);
  ui_signature(b, &(UiSignature){.id = "sign.pad",
                                 .label = word(g, "Your signature", "توقيعك"),
                                 .help = word(g, "Sign with your finger, or choose to type your name.",
                                              "وقّع بإصبعك، أو اختر كتابة اسمك."),
                                 .ink = &g->ink});
  ui_page_end(b);
}

static void done(const Gallery *g, UiBuild *b)
{
  UiPage page = page_of(g, NULL, 0);
  page.steps = 0;
  page.centred = true;
  page.back = (UiAct){0};
  page.primary.label = word(g, "Finish", "إنهاء");
  page.primary.icon = UI_ICON_CHECK;
  ui_page_begin(b, &page);
  ui_scene(b, UI_TONE_GOOD, UI_ICON_CHECK, word(g, "You are checked in", "تم تسجيل وصولك"),
           word(g, "Please take a seat in waiting area B on the second floor. It will be about ten minutes.",
                "يرجى الجلوس في منطقة الانتظار B في الطابق الثاني. الانتظار نحو عشر دقائق."));
  ui_page_end(b);
}

static void offline(const Gallery *g, UiBuild *b)
{
  UiPage page = page_of(g, NULL, 0);
  page.steps = 0;
  page.centred = true;
  ui_page_begin(b, &page);
  ui_scene(b, UI_TONE_WARN, UI_ICON_OFFLINE,
           word(g, "The front desk cannot be reached", "تعذر الوصول إلى مكتب الاستقبال"),
           word(g,
                "Your answers are safe on this tablet and will be sent by themselves. Please tell the desk that you "
                "are here.",
                "إجاباتك محفوظة على هذا الجهاز وسترسل تلقائيًا. يرجى إخبار الاستقبال بوصولك."));
  ui_page_end(b);
}

static void dialog(Gallery *g, UiBuild *b)
{
  g->scene = VISIT;
  visit(g, b);
  g->scene = DIALOG;
  ui_dialog_begin(b, &(UiDialog){.id = "idle",
                                 .title = word(g, "Are you still there?", "هل ما زلت هنا؟"),
                                 .text = word(g, "For your privacy this screen will be cleared in 20 seconds.",
                                              "حفاظًا على خصوصيتك سيُمسح هذا العرض خلال 20 ثانية."),
                                 .icon = UI_ICON_CLOCK,
                                 .tone = UI_TONE_WARN,
                                 .dismiss = {ACT_ANY, 41}});
  ui_button(b, &(UiButton){.id = "idle.leave", .label = word(g, "Start over", "البدء من جديد"), .act = {ACT_ANY, 42}});
  ui_button(b, &(UiButton){.id = "idle.stay",
                           .label = word(g, "I am here", "أنا هنا"),
                           .act = {ACT_ANY, 41},
                           .kind = UI_PRIMARY});
  ui_dialog_end(b);
}

static void pin(Gallery *g, UiBuild *b)
{
  g->scene = VISIT;
  visit(g, b);
  g->scene = PIN;
  ui_dialog_begin(b, &(UiDialog){.id = "staff",
                                 .title = word(g, "Staff", "الموظفون"),
                                 .icon = UI_ICON_LOCK,
                                 .dismiss = {ACT_ANY, 51}});
  ui_field(b, &(UiFieldBox){.id = "staff.pin",
                            .label = word(g, "Your PIN", "رمزك السري"),
                            .field = &g->pin,
                            .keys = UI_KEYS_PIN});
  ui_button(b, &(UiButton){.id = "staff.cancel", .label = word(g, "Cancel", "إلغاء"), .act = {ACT_ANY, 51}});
  ui_button(b,
            &(UiButton){.id = "staff.open", .label = word(g, "Open", "فتح"), .act = {ACT_ANY, 52}, .kind = UI_PRIMARY});
  ui_dialog_end(b);
}

static void board_row(UiBuild *b, const char *id, const char *time, const char *who, const char *with, UiTone tone,
                      const char *state, bool chosen)
{
  ui_list_row_begin(b, &(UiListRow){.id = id, .label = who, .act = {ACT_ANY, 60}, .dense = true, .chosen = chosen});
  ui_cell(b, 2, UI_TYPE_DENSE, UI_INK_SOFT, time);
  ui_cell(b, 5, UI_TYPE_DENSE_STRONG, UI_INK, who);
  ui_cell(b, 4, UI_TYPE_DENSE, UI_INK, with);
  ui_box_begin(b, &(UiBox){.width = {UI_GROW, 4, 0, 0}});
  ui_badge(b, tone, state);
  ui_end(b);
  ui_end(b);
}

static void board(const Gallery *g, UiBuild *b)
{
  UiPage page = page_of(g, word(g, "Today", "اليوم"), 0);
  page.steps = 0;
  page.dense = page.wide = true;
  page.language = page.text_size = (UiAct){0};
  page.primary = (UiButton){.label = word(g, "Call next", "نداء التالي"), .act = {ACT_ANY, 61}, .icon = UI_ICON_BELL};
  ui_page_begin(b, &page);
  ui_list_begin(b, "board.list", "Arrivals");
  board_row(b, "a1", "9:50", "Renata Hidalgo Peña", "Dr. Lee", UI_TONE_GOOD, word(g, "In room 2", "غرفة 2"), false);
  board_row(b, "a2", "10:10", "Zoë Ångström", "Dr. Núñez-O’Brien", UI_TONE_INFO, word(g, "Waiting 12 min", "ينتظر"),
            true);
  board_row(b, "a3", "10:30", "محمد العلي", "Dr. Lee", UI_TONE_WARN, word(g, "Forms due", "نماذج"), false);
  board_row(b, "a4", "10:40", "Łukasz Żółć", "Dr. Lee", UI_TONE_BAD, word(g, "Needs help", "مساعدة"), false);
  ui_end(b);
  ui_page_end(b);
}

static UiField long_text;

static void states(const Gallery *g, UiBuild *b)
{
  UiPage page = page_of(g, "Buttons and badges", 2);
  page.primary.busy = true;
  page.primary.label = "Saving…";
  page.primary.icon = UI_ICON_NONE;
  ui_page_begin(b, &page);
  ui_row_begin(b, 16);
  ui_button(b, &(UiButton){.id = "primary", .label = "Primary", .act = {ACT_ANY, 71}, .kind = UI_PRIMARY});
  ui_button(b, &(UiButton){.id = "secondary", .label = "Secondary", .act = {ACT_ANY, 72}});
  ui_button(b, &(UiButton){.id = "quiet", .label = "Quiet", .act = {ACT_ANY, 73}, .kind = UI_QUIET});
  ui_button(b, &(UiButton){.id = "danger", .label = "Danger", .act = {ACT_ANY, 74}, .kind = UI_DANGER});
  ui_button(b,
            &(UiButton){.id = "off", .label = "Disabled", .act = {ACT_ANY, 75}, .kind = UI_PRIMARY, .disabled = true});
  ui_end(b);
  ui_row_begin(b, 16);
  ui_badge(b, UI_TONE_INFO, "Information");
  ui_badge(b, UI_TONE_GOOD, "Good");
  ui_badge(b, UI_TONE_WARN, "Warning");
  ui_badge(b, UI_TONE_BAD, "Bad");
  ui_end(b);
  ui_notice(b, "n1", UI_TONE_GOOD, "Saved on this tablet.");
  ui_notice(b, "n2", UI_TONE_BAD,
            "We could not read this card. Please hold it flat under the light, or type the number.");
  ui_field(
      b, &(UiFieldBox){.id = "long", .label = "Anything else?", .field = &long_text, .keys = UI_KEYS_TEXT, .lines = 3});
  ui_row_begin(b, 8);
  for (UiIcon icon = UI_ICON_BACK; icon < UI_ICON_COUNT; icon++) ui_icon(b, icon, UI_INK, 48);
  ui_end(b);
  ui_page_end(b);
}

static void build(void *state, UiBuild *b)
{
  Gallery *g = state;
  switch (g->scene) {
  case WELCOME: welcome(g, b); break;
  case BIRTH:
  case BIRTH_ERROR: birth(g, b); break;
  case NAME: name(g, b); break;
  case VISIT: visit(g, b); break;
  case CHOICES: choices(g, b); break;
  case CONTACT: contact(g, b); break;
  case CONSENT: consent(g, b); break;
  case SIGN: sign(g, b); break;
  case DONE: done(g, b); break;
  case OFFLINE: offline(g, b); break;
  case DIALOG: dialog(g, b); break;
  case PIN: pin(g, b); break;
  case BOARD: board(g, b); break;
  case STATES: states(g, b); break;
  case SCENES: break;
  }
}

static void draw_signature(UiInk *ink)
{
  static const int points[][2] = {{1200, 6500}, {1500, 3000}, {1900, 2000}, {2100, 3500}, {1700, 6000},
                                  {2300, 6400}, {2900, 4800}, {3300, 6200}, {3900, 4600}, {4300, 6300},
                                  {5200, 4300}, {5600, 6200}, {6700, 5200}, {7600, 5900}};
  ui_ink_clear(ink);
  for (size_t i = 0; i < COUNT_OF(points); i++) {
    if (i == 0) ui_ink_begin(ink, points[i][0], points[i][1], 0);
    ui_ink_move(ink, points[i][0], points[i][1], (int64_t)i * 16);
  }
  ui_ink_end(ink);
}

static void fill_in(Gallery *g, UiInk *ink)
{
  (void)ink;
  ui_field_set(&g->birth.month, STR("3"));
  ui_field_set(&g->birth.day, g->scene == BIRTH_ERROR ? STR("32") : STR("14"));
  ui_field_set(&g->birth.year, STR("1957"));
  ui_field_set(&g->name, g->arabic ? STR("العلي") : STR("Peña-Ñandú"));
  ui_field_set(&g->phone, STR("617 555 014"));
  ui_field_set(&g->pin, STR("48"));
  ui_field_set(&long_text,
               STR("My left knee hurts when I climb stairs, mostly in the morning, and it clicks when I sit down."));
  draw_signature(&g->ink);
}

typedef struct Shot {
  const char *name;
  int width, height, scale;
  bool arabic;
} Shot;

static const Shot shots[] = {
    {"1280x800", 1280, 800, 100, false},     {"1920x1080", 1920, 1080, 100, false},
    {"800x1280", 800, 1280, 100, false},     {"1080x1920", 1080, 1920, 150, false},
    {"1280x800-200", 1280, 800, 200, false}, {"1280x800-150", 1280, 800, 150, false},
    {"800x1280-200", 800, 1280, 200, false}, {"1280x800-rtl", 1280, 800, 100, true},
    {"800x1280-rtl", 800, 1280, 150, true},
};

static UiTheme theme;

static void arabic_words(UiLocale *locale)
{
  locale->rtl = true;
  locale->words.back = "رجوع";
  locale->words.help = "مساعدة";
  locale->words.text_size = "حجم النص";
  locale->words.day = "اليوم";
  locale->words.month = "الشهر";
  locale->words.year = "السنة";
  locale->words.months[2] = "مارس";
  locale->words.date_pattern = "{day} {month} {year}";
  locale->words.clear = "مسح";
  locale->words.sign_here = "وقّع هنا";
  locale->words.space = "مسافة";
}

static size_t take_shot(const Shot *shot, const char *folder)
{
  EnvFake env;
  env_fake_init(&env, 0, 1);
  Ui *ui = NULL;
  assert_int_equal(ui_open(&(UiConfig){.env = &env.env,
                                       .theme = &theme,
                                       .title = "gallery",
                                       .width = shot->width,
                                       .height = shot->height,
                                       .hidden = true},
                           &ui),
                   ERR_OK);
  static Gallery g;
  memset(&g, 0, sizeof g);
  g.arabic = shot->arabic;
  UiLocale locale = ui_locale_english();
  if (shot->arabic) arabic_words(&locale);
  ui_set_locale(ui, &locale);
  ui_set_text_scale(ui, shot->scale);
  size_t faults = 0;
  for (g.scene = WELCOME; g.scene < SCENES; g.scene++) {
    Scene scene = g.scene;
    ui_set_app(ui, (UiApp){&g, build, NULL});
    fill_in(&g, &g.ink);
    ui_focus(ui, scene == BIRTH || scene == BIRTH_ERROR ? "birth.date.year"
                 : scene == NAME                        ? "name.family"
                 : scene == PIN                         ? "staff.pin"
                                                        : NULL);
    for (int i = 0; i < 3; i++) ui_step(ui, 0);
    if (scene == VISIT) ui_inject_key(ui, UI_KEY_BACKTAB);
    ui_step(ui, 0);
    UiIssue issues[8];
    size_t count = ui_check_layout(ui, issues, COUNT_OF(issues));
    for (size_t i = 0; i < count && i < COUNT_OF(issues); i++)
      print_error("%s %s: %s\n", shot->name, scene_names[scene], issues[i].what);
    faults += count;
    if (folder != NULL) {
      char path[256];
      snprintf(path, sizeof path, "%s/%s-%s.png", folder, scene_names[scene], shot->name);
      assert_int_equal(ui_screenshot(ui, path), ERR_OK);
    }
  }
  ui_close(ui);
  return faults;
}

static void nothing_is_cut_or_overlaps_in_any_size(void **state)
{
  (void)state;
  const char *folder = getenv("GALLERY");
  if (folder != NULL) assert_int_equal(file_make_folders(folder, 0755), ERR_OK);
  size_t faults = 0;
  for (size_t i = 0; i < COUNT_OF(shots); i++) faults += take_shot(&shots[i], folder);
  assert_int_equal(faults, 0);
}

int main(void)
{
  if (ui_theme_load("assets/theme.json", &theme) != ERR_OK) {
    fprintf(stderr, "%s\n", err_detail());
    return 1;
  }
  const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_cut_or_overlaps_in_any_size)};
  return cmocka_run_group_tests(tests, NULL, NULL);
}
