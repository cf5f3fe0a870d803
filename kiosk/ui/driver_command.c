/* The driver's commands: what each does to the ui, and when it is done. */
#include <stdio.h>
#include <stdlib.h>

#include "kiosk/ui/driver_state.h"

typedef struct Words {
  char *word[DRIVER_WORDS_MAX];
  int count;
} Words;

/* split: in place; quoted words know \" \\ \n. False when a quote is not closed. */
static bool split(char *line, Words *words)
{
  *words = (Words){0};
  for (char *in = line; words->count < DRIVER_WORDS_MAX;) {
    while (*in == ' ' || *in == '\t' || *in == '\r') in++;
    if (*in == '\0') return true;
    bool quoted = *in == '"';
    if (quoted) in++;
    char *out = in;
    words->word[words->count++] = in;
    while (*in != '\0' && (quoted ? *in != '"' : *in != ' ' && *in != '\t' && *in != '\r')) {
      if (quoted && *in == '\\' && in[1] != '\0') {
        in++;
        *out++ = *in == 'n' ? '\n' : *in;
        in++;
      } else {
        *out++ = *in++;
      }
    }
    if (quoted && *in == '\0') return false;
    bool last = *in == '\0';
    *out = '\0';
    if (!last) in++;
  }
  return true;
}

static int number(const Words *w, int index)
{
  int64_t value = 0;
  if (index >= w->count || !str_to_int64(str_c(w->word[index]), &value)) return 0;
  return (int)value;
}

static void wait_turn(UiDriver *d)
{
  d->waits = UI_WAITS_TURN;
}

static void keep_target(UiDriver *d, const char *text)
{
  snprintf(d->target, sizeof d->target, "%s", text);
}

static int64_t in_ms(const UiDriver *d, int ms)
{
  return env_monotonic_ms(d->ui->env) + ms;
}

static void middle(UiRect r, int *x, int *y)
{
  *x = r.x + r.w / 2;
  *y = r.y + r.h / 2;
}

static void tap_node(UiDriver *d, const UiNode *node)
{
  int x, y;
  middle(node->visible, &x, &y);
  ui_inject_tap(d->ui, x, y);
}

/* --- commands --------------------------------------------------------------------------------------------------- */

typedef void Command(UiDriver *d, const Words *w);

/* target_node: the node a command names, scrolled into view when it is not whole; NULL after an answer, or when the
 * command goes on in the next turn. */
static UiNode *target_node(UiDriver *d, const char *name)
{
  UiNode *node = ui_find_node(d->ui, name);
  if (node == NULL) {
    ui_driver_error(d, "there is no %s", name);
    return NULL;
  }
  if (node->state & (UI_DISABLED | UI_BUSY)) {
    ui_driver_error(d, "%s is %s", name, node->state & UI_BUSY ? "busy" : "disabled");
    return NULL;
  }
  return node;
}

static void cmd_tap(UiDriver *d, const Words *w)
{
  UiNode *node = target_node(d, w->word[1]);
  if (node == NULL) return;
  if (node->visible.h < node->bounds.h && ui_scroll_reveal(d->ui, node)) {
    keep_target(d, w->word[1]);
    d->waits = UI_WAITS_TAP;
    return;
  }
  if (ui_rect_empty(node->visible)) {
    ui_driver_error(d, "%s is not in view", w->word[1]);
    return;
  }
  tap_node(d, node);
  wait_turn(d);
}

static void cmd_press(UiDriver *d, const Words *w)
{
  const UiNode *node = target_node(d, w->word[1]);
  if (node == NULL) return;
  middle(node->visible, &d->rect.x, &d->rect.y);
  ui_inject_finger(d->ui, 0, d->rect.x, d->rect.y);
  d->due_ms = in_ms(d, number(w, 2));
  d->waits = UI_WAITS_HOLD;
}

static void cmd_drag(UiDriver *d, const Words *w)
{
  enum { STEPS = 12 };
  int x0 = number(w, 1), y0 = number(w, 2), x1 = number(w, 3), y1 = number(w, 4);
  ui_inject_finger(d->ui, 0, x0, y0);
  for (int i = 1; i <= STEPS; i++) ui_inject_finger(d->ui, 1, x0 + (x1 - x0) * i / STEPS, y0 + (y1 - y0) * i / STEPS);
  ui_inject_finger(d->ui, 2, x1, y1);
  wait_turn(d);
}

static void cmd_type(UiDriver *d, const Words *w)
{
  if (ui_edit_node(d->ui) == NULL) {
    ui_driver_error(d, "no field is being edited");
    return;
  }
  /* As one piece: a single character might be the first of a scan, and would be held back for a moment. */
  ui_inject_text(d->ui, w->word[1]);
  if (utf8_count(str_c(w->word[1])) == 1) {
    d->due_ms = in_ms(d, 2 * UI_SCANNER_GAP_MS);
    d->waits = UI_WAITS_TIME;
    return;
  }
  wait_turn(d);
}

static void cmd_keys(UiDriver *d, const Words *w)
{
  keep_target(d, w->word[1]);
  d->at = 0;
  d->tries = 0;
  d->waits = UI_WAITS_KEYS;
}

static void cmd_key(UiDriver *d, const Words *w)
{
  static const char *const names[] = {"Tab",  "BackTab", "Enter", "Space",  "Escape",   "Backspace", "Delete", "Up",
                                      "Down", "Left",    "Right", "PageUp", "PageDown", "Home",      "End"};
  for (size_t i = 0; i < COUNT_OF(names); i++)
    if (strcmp(names[i], w->word[1]) == 0) {
      ui_inject_key(d->ui, (UiKey)i);
      wait_turn(d);
      return;
    }
  ui_driver_error(d, "there is no key %s", w->word[1]);
}

static void cmd_scan(UiDriver *d, const Words *w)
{
  ui_inject_scan(d->ui, w->word[1]);
  d->due_ms = in_ms(d, 2 * UI_SCANNER_GAP_MS); /* a scan is known to have ended when nothing follows */
  d->waits = UI_WAITS_TIME;
}

static void cmd_sign(UiDriver *d, const Words *w)
{
  UiNode *node = target_node(d, w->word[1]);
  if (node == NULL) return;
  if (node->ink == NULL) {
    ui_driver_error(d, "%s is not a pad to sign on", w->word[1]);
    return;
  }
  if (node->visible.h < node->bounds.h) ui_scroll_reveal(d->ui, node);
  keep_target(d, w->word[1]);
  d->at = 0;
  d->due_ms = in_ms(d, 0);
  d->waits = UI_WAITS_INK;
}

static void cmd_read(UiDriver *d, const Words *w)
{
  const UiNode *node = target_node(d, w->word[1]);
  if (node == NULL) return;
  if (!node->scrolls) {
    ui_driver_error(d, "%s does not scroll", w->word[1]);
    return;
  }
  keep_target(d, w->word[1]);
  d->tries = 0;
  d->waits = UI_WAITS_READ;
}

static void wait_for(UiDriver *d, const Words *w, UiDriverWait what)
{
  keep_target(d, w->word[1]);
  d->due_ms = in_ms(d, number(w, 2));
  d->waits = what;
  ui_driver_go_on(d);
}

static void cmd_wait(UiDriver *d, const Words *w)
{
  wait_for(d, w, UI_WAITS_HERE);
}

static void cmd_gone(UiDriver *d, const Words *w)
{
  wait_for(d, w, UI_WAITS_GONE);
}

static void cmd_sleep(UiDriver *d, const Words *w)
{
  d->due_ms = in_ms(d, number(w, 1));
  d->waits = UI_WAITS_TIME;
}

static void cmd_tree(UiDriver *d, const Words *w)
{
  (void)w;
  AUTO(Buf, text, buf_fini) = buf_make(4 << 20);
  ui_tree_text(d->ui, &text);
  ui_driver_say(d, buf_cstr(&text), text.len);
  ui_driver_ok(d);
}

static void cmd_check(UiDriver *d, const Words *w)
{
  (void)w;
  UiIssue issues[32];
  size_t count = ui_check_layout(d->ui, issues, COUNT_OF(issues));
  for (size_t i = 0; i < count && i < COUNT_OF(issues); i++) {
    ui_driver_say(d, issues[i].what, strlen(issues[i].what));
    ui_driver_say(d, "\n", 1);
  }
  if (count == 0)
    ui_driver_ok(d);
  else
    ui_driver_error(d, "%zu layout issues", count);
}

static void cmd_shot(UiDriver *d, const Words *w)
{
  if (ui_screenshot(d->ui, w->word[1]) == ERR_OK)
    ui_driver_ok(d);
  else
    ui_driver_error(d, "%s", err_detail());
}

static void cmd_resize(UiDriver *d, const Words *w)
{
  d->ui->presenter->resize(d->ui->presenter, number(w, 1), number(w, 2));
  d->due_ms = in_ms(d, 50); /* a window system answers when it likes */
  d->waits = UI_WAITS_TIME;
}

static void cmd_stats(UiDriver *d, const Words *w)
{
  (void)w;
  UiStats s = ui_stats(d->ui);
  char text[512];
  int len = snprintf(text, sizeof text,
                     "frames=%llu\nbuilds=%llu\nwakeups=%llu\npixels=%llu\nlast_frame_us=%lld\ntext_cache_bytes=%zu\n"
                     "width=%d\nheight=%d\ndensity_percent=%d\n",
                     (unsigned long long)s.frames, (unsigned long long)s.builds, (unsigned long long)s.wakeups,
                     (unsigned long long)s.pixels, (long long)s.last_frame_us, s.text_cache_bytes, ui_width(d->ui),
                     ui_height(d->ui), ui_density_percent(d->ui));
  ui_driver_say(d, text, (size_t)len);
  ui_driver_ok(d);
}

static void cmd_quit(UiDriver *d, const Words *w)
{
  (void)w;
  ui_driver_ok(d);
  ui_quit(d->ui);
}

static const struct {
  const char *name;
  Command *run;
  int words; /* least number, with the name */
} commands[] = {
    {"tap", cmd_tap, 2},     {"press", cmd_press, 3}, {"drag", cmd_drag, 5}, {"type", cmd_type, 2},
    {"keys", cmd_keys, 2},   {"key", cmd_key, 2},     {"scan", cmd_scan, 2}, {"sign", cmd_sign, 2},
    {"read", cmd_read, 2},   {"wait", cmd_wait, 3},   {"gone", cmd_gone, 3}, {"sleep", cmd_sleep, 2},
    {"tree", cmd_tree, 1},   {"check", cmd_check, 1}, {"shot", cmd_shot, 2}, {"resize", cmd_resize, 3},
    {"stats", cmd_stats, 1}, {"quit", cmd_quit, 1},
};

void ui_driver_command(UiDriver *d, char *line)
{
  Words words;
  if (!split(line, &words)) {
    ui_driver_error(d, "a quote is not closed");
    return;
  }
  if (words.count == 0 || *words.word[0] == '#') return;
  ui_sync(d->ui);
  for (size_t i = 0; i < COUNT_OF(commands); i++) {
    if (strcmp(commands[i].name, words.word[0]) != 0) continue;
    if (words.count < commands[i].words)
      ui_driver_error(d, "%s wants %d words", words.word[0], commands[i].words - 1);
    else
      commands[i].run(d, &words);
    return;
  }
  ui_driver_error(d, "unknown command %s", words.word[0]);
}

/* --- commands that take several turns --------------------------------------------------------------------------- */

static void go_on_waiting(UiDriver *d, bool wanted)
{
  bool here = ui_find_node(d->ui, d->target) != NULL;
  if (here == wanted)
    ui_driver_ok(d);
  else if (env_monotonic_ms(d->ui->env) >= d->due_ms)
    ui_driver_error(d, "%s is %s", d->target, wanted ? "not there" : "still there");
}

static const UiNode *key_with(const Ui *ui, int verb, int64_t arg)
{
  for (const UiNode *n = ui->root; n != NULL; n = ui_node_next(n, ui->root))
    if (n->role == UI_ROLE_KEY && n->act.verb == verb && (arg < 0 || n->act.arg == arg)) return n;
  return NULL;
}

static uint32_t other_case(uint32_t c)
{
  if ((c >= 'a' && c <= 'z') || (c >= 0xe0 && c <= 0xfe)) return c - 32;
  return (c >= 'A' && c <= 'Z') || (c >= 0xc0 && c <= 0xde) ? c + 32 : c;
}

static UiKeyLayer layer_of(uint32_t c)
{
  if (c >= 0x80) return UI_LAYER_ACCENTS;
  bool letter = (c | 32) >= 'a' && (c | 32) <= 'z';
  return letter || c == ' ' ? UI_LAYER_LETTERS : UI_LAYER_SYMBOLS;
}

static void go_on_typing(UiDriver *d)
{
  Str rest = str_c(d->target);
  size_t at = d->at;
  uint32_t c;
  if (!utf8_next(rest, &at, &c)) {
    ui_driver_ok(d);
    return;
  }
  const UiNode *key = key_with(d->ui, UI_VERB_KEY, c);
  bool typed = key != NULL;
  if (key == NULL && key_with(d->ui, UI_VERB_KEY, other_case(c)) != NULL) key = key_with(d->ui, UI_VERB_SHIFT, -1);
  if (key == NULL) key = key_with(d->ui, UI_VERB_LAYER, (int64_t)layer_of(c));
  if (key == NULL || ++d->tries > 4) {
    ui_driver_error(d, "there is no key for U+%04X", (unsigned)c);
    return;
  }
  if (typed) {
    d->at = at;
    d->tries = 0;
  }
  tap_node(d, key);
}

static void go_on_signing(UiDriver *d)
{
  enum { POINTS = 40, STEP_MS = 8 };
  if (env_monotonic_ms(d->ui->env) < d->due_ms) return;
  const UiNode *pad = ui_find_node(d->ui, d->target);
  if (pad == NULL) {
    ui_driver_error(d, "%s has gone", d->target);
    return;
  }
  static const int heights[] = {70, 30, 15, 45, 72, 60, 40, 62, 74, 55, 42, 65};
  int step = (int)d->at++;
  UiRect r = pad->visible;
  int x = r.x + r.w * (15 + 70 * step / POINTS) / 100, y = r.y + r.h * heights[step % (int)COUNT_OF(heights)] / 100;
  ui_inject_finger(d->ui, step == 0 ? 0 : step < POINTS ? 1 : 2, x, y);
  d->due_ms = in_ms(d, STEP_MS);
  if (step == POINTS) wait_turn(d);
}

static void go_on_reading(UiDriver *d)
{
  enum { DRAGS_MAX = 500, STEPS = 4 };
  const UiNode *node = ui_find_node(d->ui, d->target);
  const UiScrollState *s = node != NULL ? ui_scroll_of(d->ui, node->id_hash) : NULL;
  if (s == NULL || ++d->tries > DRAGS_MAX) {
    ui_driver_error(d, "%s cannot be read to its end", d->target);
    return;
  }
  if (s->offset >= s->most) {
    ui_driver_ok(d);
    return;
  }
  int x = node->visible.x + node->visible.w / 2, y = node->visible.y + node->visible.h * 9 / 10;
  ui_inject_finger(d->ui, 0, x, y);
  for (int i = 1; i <= STEPS; i++) ui_inject_finger(d->ui, 1, x, y - node->visible.h * 8 * i / STEPS / 10);
  ui_inject_finger(d->ui, 2, x, y - node->visible.h * 8 / 10);
}

void ui_driver_go_on(UiDriver *d)
{
  ui_sync(d->ui);
  int64_t now = env_monotonic_ms(d->ui->env);
  const UiNode *node;
  switch (d->waits) {
  case UI_WAITS_NOT: break;
  case UI_WAITS_TURN: ui_driver_ok(d); break;
  case UI_WAITS_HERE: go_on_waiting(d, true); break;
  case UI_WAITS_GONE: go_on_waiting(d, false); break;
  case UI_WAITS_TIME:
    if (now >= d->due_ms) ui_driver_ok(d);
    break;
  case UI_WAITS_TAP:
    node = target_node(d, d->target);
    if (node != NULL) tap_node(d, node);
    if (node != NULL) wait_turn(d);
    break;
  case UI_WAITS_HOLD:
    if (now < d->due_ms) break;
    ui_inject_finger(d->ui, 2, d->rect.x, d->rect.y);
    wait_turn(d);
    break;
  case UI_WAITS_KEYS: go_on_typing(d); break;
  case UI_WAITS_INK: go_on_signing(d); break;
  case UI_WAITS_READ: go_on_reading(d); break;
  }
}
