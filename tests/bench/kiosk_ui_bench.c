/* kiosk/ui at 1920x1080 in software: touch to finished frame, cost of being idle, memory, time to the first frame.
 * On X11 when DISPLAY is set (the real case; idle is only measured there), else on SDL's dummy driver.
 * Exit status 1 when a figure misses its aim. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "kiosk/ui/ui.h"
#include "kiosk/ui/widget.h"

enum { TAPS = 1500, IDLE_MS = 10000, SCREENS = 6 };
enum { ACT_NEXT = 1, ACT_CHOICE };

typedef struct Bench {
  Ui *ui;
  int screen;
  uint32_t chosen;
  UiField name;
  UiDateEntry birth;
} Bench;

static Bench bench;

static int64_t now_us(void)
{
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

static int64_t cpu_us(void)
{
  struct rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec +
         usage.ru_stime.tv_usec;
}

/* memory_kb: a line of /proc/self/status, "VmRSS:" or "VmHWM:". */
static long memory_kb(const char *name)
{
  FILE *status = fopen("/proc/self/status", "re");
  char line[128];
  long kb = 0;
  while (status != NULL && fgets(line, sizeof line, status) != NULL)
    if (strncmp(line, name, strlen(name)) == 0) kb = strtol(line + strlen(name), NULL, 10);
  if (status != NULL) fclose(status);
  return kb;
}

static void choices(UiBuild *b)
{
  static const char *const labels[] = {
      "Headache",  "Dizziness",    "Chest pain",       "Shortness of breath", "Fever",     "Cough",
      "Back pain", "Stomach ache", "Trouble sleeping", "Feeling sad",         "Skin rash", "None of these"};
  ui_choices_begin(b, &(UiChoices){.id = "symptoms", .multiple = true, .columns = 2});
  for (int i = 0; i < (int)COUNT_OF(labels); i++) {
    char id[16];
    snprintf(id, sizeof id, "c%d", i);
    ui_choice(b, &(UiChoice){.id = id,
                             .label = labels[i],
                             .detail = i % 3 == 0 ? "In the last four weeks" : NULL,
                             .checked = bench.chosen >> i & 1,
                             .act = {ACT_CHOICE, i}});
  }
  ui_choices_end(b);
}

static void facts(UiBuild *b)
{
  ui_card_begin(b, "card", NULL);
  ui_fact(b, "Time", "10:30 AM");
  ui_fact(b, "With", "Dr. Núñez-O’Brien");
  ui_fact(b, "Where", "Second floor, waiting area B");
  ui_end(b);
  ui_notice(b, "note", UI_TONE_INFO, "You are 20 minutes early. There is time to finish your forms.");
}

static void document(UiBuild *b)
{
  ui_scroll_begin(b, &(UiScroll){.id = "text", .label = "Consent", .min_height = 120, .framed = true});
  for (int i = 0; i < 24; i++)
    ui_para(
        b,
        "The practice keeps a record of my care. It is shared only with those who take part in it, with my insurer as "
        "far as payment needs it, and where the law demands it.");
  ui_scroll_end(b);
}

static void build(void *state, UiBuild *b)
{
  (void)state;
  static const char *const titles[SCREENS] = {"Have you had any of these?", "Is this your visit?",
                                              "What is your last name?",    "When were you born?",
                                              "Consent to treatment",       "You are checked in"};
  char id[16];
  snprintf(id, sizeof id, "s%d", bench.screen);
  ui_page_begin(b,
                &(UiPage){.id = id,
                          .title = titles[bench.screen],
                          .brand = "Riverside Family Practice",
                          .step = bench.screen + 1,
                          .steps = SCREENS,
                          .step_text = "Step",
                          .back = {ACT_NEXT, 0},
                          .help = {ACT_NEXT, 0},
                          .language = {ACT_NEXT, 0},
                          .text_size = {ACT_NEXT, 0},
                          .tall = bench.screen == 4,
                          .primary = {.id = "next", .label = "Continue", .act = {ACT_NEXT, 0}, .icon = UI_ICON_NEXT}});
  switch (bench.screen) {
  case 0: choices(b); break;
  case 1: facts(b); break;
  case 2:
    ui_field(b, &(UiFieldBox){.id = "name", .label = "Last name", .field = &bench.name, .keys = UI_KEYS_NAME});
    break;
  case 3: ui_date(b, &(UiDateBox){.id = "birth", .label = "Date of birth", .entry = &bench.birth}); break;
  case 4: document(b); break;
  default: ui_scene(b, UI_TONE_GOOD, UI_ICON_CHECK, "You are checked in", "Please take a seat in waiting area B.");
  }
  ui_page_end(b);
}

static void handle(void *state, const UiEvent *event)
{
  (void)state;
  if (event->kind != UI_EVENT_ACT) return;
  if (event->act.verb == ACT_CHOICE) bench.chosen ^= 1u << event->act.arg;
  if (event->act.verb != ACT_NEXT) return;
  bench.screen = (bench.screen + 1) % SCREENS;
  ui_focus(bench.ui, bench.screen == 2 ? "name" : bench.screen == 3 ? "birth.month" : NULL);
}

static int by_value(const void *a, const void *b)
{
  int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
  return (x > y) - (x < y);
}

/* touch: one phase of a finger, to the frame that shows it. */
static int64_t touch(int phase, int x, int y)
{
  int64_t began = now_us();
  ui_inject_finger(bench.ui, phase, x, y);
  for (int i = 0; i < 3; i++)
    if (ui_step(bench.ui, 0)) break;
  return now_us() - began;
}

/* target: what the tap of this number goes to: mostly a choice, a key or a digit, every eighth goes on to the next screen. */
static UiRect target(int number)
{
  static const char *const keys[] = {"e", "a", "s", "n", "Delete letter"};
  UiRect r = {0};
  char name[16];
  const char *wanted = "next";
  if (number % 8 != 7 && bench.screen == 0) {
    snprintf(name, sizeof name, "c%d", number % 5);
    wanted = name;
  } else if (number % 8 != 7 && bench.screen == 2) {
    wanted = keys[(size_t)number % COUNT_OF(keys)];
  } else if (number % 8 != 7 && bench.screen == 3) {
    wanted = number % 3 == 2 ? "Delete letter" : "1";
  }
  if (!ui_find(bench.ui, wanted, &r)) ui_find(bench.ui, "next", &r);
  return r;
}

static bool report(const char *what, double value, const char *unit, double aim)
{
  bool met = value <= aim;
  printf("%-44s %9.2f %-3s aim %8.2f %s\n", what, value, unit, aim, met ? "" : "MISSED");
  return met;
}

static bool taps(void)
{
  static int64_t times[2 * TAPS];
  size_t count = 0;
  for (int i = 0; i < TAPS; i++) {
    UiRect r = target(i);
    times[count++] = touch(0, r.x + r.w / 2, r.y + r.h / 2);
    times[count++] = touch(2, r.x + r.w / 2, r.y + r.h / 2);
    while (ui_step(bench.ui, 0)) {}
  }
  qsort(times, count, sizeof times[0], by_value);
  printf("%-44s %9.2f ms\n", "touch to finished frame, p50", (double)times[count / 2] / 1000);
  bool met = report("touch to finished frame, p99", (double)times[count * 99 / 100] / 1000, "ms", 16);
  printf("%-44s %9.2f ms\n", "touch to finished frame, slowest", (double)times[count - 1] / 1000);
  return met;
}

static void drag(void)
{
  static int64_t times[400];
  bench.screen = 4;
  ui_focus(bench.ui, NULL);
  while (ui_step(bench.ui, 0)) {}
  size_t count = 0;
  touch(0, 600, 800);
  for (int i = 0; i < 400; i++)
    times[count++] = touch(1, 600, i % 200 < 100 ? 780 - 5 * (i % 100) : 285 + 5 * (i % 100));
  touch(2, 600, 500);
  qsort(times, count, sizeof times[0], by_value);
  printf("%-44s %9.2f ms p50 %9.2f ms p99\n", "dragging a document", (double)times[count / 2] / 1000,
         (double)times[count * 99 / 100] / 1000);
}

static bool idle(void)
{
  ui_step(bench.ui, 200);
  uint64_t frames = ui_stats(bench.ui).frames, wakeups = ui_stats(bench.ui).wakeups;
  int64_t cpu = cpu_us(), began = now_us();
  while (now_us() - began < IDLE_MS * 1000L) ui_step(bench.ui, (int)(IDLE_MS - (now_us() - began) / 1000));
  double percent = 100.0 * (double)(cpu_us() - cpu) / (double)(now_us() - began);
  bool met = report("idle: frames drawn", (double)(ui_stats(bench.ui).frames - frames), "", 0);
  printf("%-44s %9llu\n", "idle: turns of the loop", (unsigned long long)(ui_stats(bench.ui).wakeups - wakeups));
  return report("idle: of a core", percent, "%", 0.1) && met;
}

int main(void)
{
  const char *assets = getenv("FOYER_ASSETS");
  char path[512];
  snprintf(path, sizeof path, "%s/theme.json", assets != NULL ? assets : "assets");
  int64_t began = now_us();
  UiTheme theme;
  bool screen = getenv("DISPLAY") != NULL;
  UiConfig config = {
      .env = env_system(), .theme = &theme, .title = "bench", .width = 1920, .height = 1080, .hidden = !screen};
  if (ui_theme_load(path, &theme) != ERR_OK || ui_open(&config, &bench.ui) != ERR_OK) {
    fprintf(stderr, "%s\n", err_detail());
    return 2;
  }
  ui_set_app(bench.ui, (UiApp){NULL, build, handle});
  while (!ui_step(bench.ui, 0)) {}
  bool met = report("window, fonts and first frame", (double)(now_us() - began) / 1000, "ms", 300);
  printf("%-44s %s %dx%d\n", "driver", screen ? "x11" : "dummy", ui_width(bench.ui), ui_height(bench.ui));
  met &= taps();
  drag();
  met &= report("memory (resident, highest)", (double)memory_kb("VmHWM:") / 1024, "MB", 64);
  UiStats stats = ui_stats(bench.ui);
  met &= report("text cache", (double)stats.text_cache_bytes / 1048576, "MB",
                (double)stats.text_cache_max_bytes / 1048576);
  if (screen) met &= idle();
  ui_close(bench.ui);
  return met ? 0 : 1;
}
