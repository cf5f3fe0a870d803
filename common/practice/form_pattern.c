#include "common/practice/form_pattern.h"

enum { DEPTH_MAX = 50, RANGES_MAX = 64, COUNT_MAX = 1000, STEPS_MAX = 20000, ANY_MORE = -1 };

typedef struct Range {
  uint32_t from, to;
} Range;

typedef struct Set {
  const Range *ranges;
  int count;
  bool negated;
} Set;

/* A set while it is read. */
typedef struct SetDraft {
  Range ranges[RANGES_MAX];
  int count;
  bool negated;
} SetDraft;

/* The syntax tree, and from it a program of states: with counted repetition a part is laid out several times. */
typedef enum TreeKind { TREE_EMPTY, TREE_SET, TREE_BEGIN, TREE_END, TREE_CAT, TREE_ALT, TREE_REPEAT } TreeKind;
typedef struct Tree Tree;
struct Tree {
  TreeKind kind;
  const Set *set;
  const Tree *left, *right;
  int least, most; /* most ANY_MORE: without end */
};

typedef enum StateKind { STATE_SET, STATE_SPLIT, STATE_BEGIN, STATE_END, STATE_MATCH } StateKind;
typedef struct State {
  StateKind kind;
  const Set *set;
  uint16_t next, other; /* other: of a split */
} State;

struct FormPattern {
  State *states;
  uint16_t count;
};

typedef struct Parser {
  Arena *arena;
  Str text;
  size_t at;
  int depth;
} Parser;

static bool peek(const Parser *p, uint32_t *c)
{
  size_t at = p->at;
  return utf8_next(p->text, &at, c);
}

static bool take(Parser *p, uint32_t wanted)
{
  uint32_t c;
  size_t at = p->at;
  if (!utf8_next(p->text, &at, &c) || c != wanted) return false;
  p->at = at;
  return true;
}

static bool take_text(Parser *p, Str wanted)
{
  Str rest = {p->text.ptr + p->at, p->text.len - p->at};
  if (!str_starts(rest, wanted)) return false;
  p->at += wanted.len;
  return true;
}

static Tree *tree_new(Parser *p, TreeKind kind)
{
  Tree *tree = ARENA_NEW(p->arena, Tree);
  tree->kind = kind;
  return tree;
}

static Tree *tree_of_set(Parser *p, const SetDraft *draft)
{
  Range *ranges = ARENA_ARRAY(p->arena, Range, draft->count);
  memcpy(ranges, draft->ranges, sizeof *ranges * (size_t)draft->count);
  Set *set = ARENA_NEW(p->arena, Set);
  *set = (Set){ranges, draft->count, draft->negated};
  Tree *tree = tree_new(p, TREE_SET);
  tree->set = set;
  return tree;
}

static Err set_add(SetDraft *set, uint32_t from, uint32_t to)
{
  if (from > to) return err_because(ERR_INVALID, "range of a class runs backwards");
  if (set->count == RANGES_MAX) return err_because(ERR_UNSUPPORTED, "class of over %d ranges", RANGES_MAX);
  set->ranges[set->count++] = (Range){from, to};
  return ERR_OK;
}

static bool set_has(const Set *set, uint32_t c)
{
  for (int i = 0; i < set->count; i++) {
    if (c >= set->ranges[i].from && c <= set->ranges[i].to) return !set->negated;
  }
  return set->negated;
}

/* The ranges of \d, \w and \s in order, so that their opposites are the gaps between them. */
static const Range DIGIT[] = {{'0', '9'}};
static const Range WORD[] = {{'0', '9'}, {'A', 'Z'}, {'_', '_'}, {'a', 'z'}};
static const Range SPACE[] = {{'\t', '\r'}, {' ', ' '}};

static Err set_add_class(SetDraft *set, const Range ranges[], size_t count, bool opposite)
{
  uint32_t from = 0;
  for (size_t i = 0; i < count; i++) {
    if (!opposite)
      TRY(set_add(set, ranges[i].from, ranges[i].to));
    else if (ranges[i].from > from)
      TRY(set_add(set, from, ranges[i].from - 1));
    from = ranges[i].to + 1;
  }
  return opposite ? set_add(set, from, 0x10ffff) : ERR_OK;
}

static Err take_hex(Parser *p, int digits, uint32_t *out)
{
  *out = 0;
  for (int i = 0; i < digits; i++) {
    char c = p->at < p->text.len ? p->text.ptr[p->at++] : 0;
    uint32_t digit;
    if (c >= '0' && c <= '9')
      digit = (uint32_t)(c - '0');
    else if ((c | 32) >= 'a' && (c | 32) <= 'f')
      digit = (uint32_t)((c | 32) - 'a' + 10);
    else
      return err_because(ERR_INVALID, "a hexadecimal escape needs %d digits", digits);
    *out = *out * 16 + digit;
  }
  return ERR_OK;
}

/* After a backslash: a class (added to `set`, *single false) or one character (*single true, *c). */
static Err take_escape(Parser *p, SetDraft *set, bool *single, uint32_t *c)
{
  *single = false;
  if (!utf8_next(p->text, &p->at, c)) return err_because(ERR_INVALID, "ends with a backslash");
  switch (*c) {
  case 'd':
  case 'D': return set_add_class(set, DIGIT, COUNT_OF(DIGIT), *c == 'D');
  case 'w':
  case 'W': return set_add_class(set, WORD, COUNT_OF(WORD), *c == 'W');
  case 's':
  case 'S': return set_add_class(set, SPACE, COUNT_OF(SPACE), *c == 'S');
  default: break;
  }
  *single = true;
  static const char LETTERS[] = "tnrfv", MEANT[] = "\t\n\r\f\v";
  const char *letter = *c < 0x80 ? strchr(LETTERS, (int)*c) : NULL;
  if (letter) {
    *c = (uint32_t)MEANT[letter - LETTERS];
    return ERR_OK;
  }
  if (*c == 'x') return take_hex(p, 2, c);
  if (*c == 'u') return take_hex(p, 4, c);
  bool word = (*c >= '0' && *c <= '9') || (*c >= 'A' && *c <= 'Z') || (*c >= 'a' && *c <= 'z');
  return word ? err_because(ERR_UNSUPPORTED, "\\%c", (int)*c) : ERR_OK;
}

/* One member of a class: a character, or a class of its own. */
static Err take_member(Parser *p, SetDraft *set, bool *single, uint32_t *c)
{
  *single = true;
  if (!utf8_next(p->text, &p->at, c)) return err_because(ERR_INVALID, "a class without its ]");
  if (*c == '\\') return take_escape(p, set, single, c);
  bool posix = *c == '[' && p->at < p->text.len && strchr(":.=", p->text.ptr[p->at]);
  bool both = *c == '&' && p->at < p->text.len && p->text.ptr[p->at] == '&';
  return posix || both ? err_because(ERR_UNSUPPORTED, "[: :] or && in a class") : ERR_OK;
}

static Err take_class(Parser *p, Tree **out)
{
  SetDraft set = {.negated = take(p, '^')};
  bool first = true;
  while (first || !take(p, ']')) {
    first = false; /* a ] that comes first is itself */
    bool single, range_single;
    uint32_t from, to;
    TRY(take_member(p, &set, &single, &from));
    if (!single) continue;
    size_t before = p->at;
    uint32_t next;
    if (take(p, '-') && peek(p, &next) && next != ']') {
      TRY(take_member(p, &set, &range_single, &to));
      if (!range_single) return err_because(ERR_INVALID, "range of a class ends in a class");
      TRY(set_add(&set, from, to));
    } else {
      p->at = before;
      TRY(set_add(&set, from, from));
    }
  }
  *out = tree_of_set(p, &set);
  return ERR_OK;
}

static Err take_alternatives(Parser *p, Tree **out);

static Err take_group(Parser *p, Tree **out)
{
  if (take(p, '?') && !take(p, ':')) {
    take(p, 'P');
    uint32_t c = 0;
    if (!take(p, '<') || !peek(p, &c) || c == '=' || c == '!')
      return err_because(ERR_UNSUPPORTED, "look-around or flags: (?...)");
    while (!take(p, '>')) {
      if (!utf8_next(p->text, &p->at, &c)) return err_because(ERR_INVALID, "a group's name without its >");
    }
  }
  if (++p->depth > DEPTH_MAX) return err_because(ERR_UNSUPPORTED, "groups deeper than %d", DEPTH_MAX);
  TRY(take_alternatives(p, out));
  p->depth--;
  return take(p, ')') ? ERR_OK : err_because(ERR_INVALID, "a group without its )");
}

static Err take_single(Parser *p, uint32_t c, Tree **out)
{
  SetDraft set = {.negated = c == '.'};
  bool single = true;
  if (set.negated) {
    TRY(set_add(&set, '\n', '\n'));
    TRY(set_add(&set, '\r', '\r'));
  } else {
    if (c == '\\') TRY(take_escape(p, &set, &single, &c));
    if (single) TRY(set_add(&set, c, c));
  }
  *out = tree_of_set(p, &set);
  return ERR_OK;
}

static Err take_atom(Parser *p, Tree **out)
{
  uint32_t c = 0;
  utf8_next(p->text, &p->at, &c);
  switch (c) {
  case '(': return take_group(p, out);
  case '[': return take_class(p, out);
  case '^': *out = tree_new(p, TREE_BEGIN); return ERR_OK;
  case '$': *out = tree_new(p, TREE_END); return ERR_OK;
  case '*':
  case '+':
  case '?': return err_because(ERR_INVALID, "nothing before %c", (int)c);
  default: return take_single(p, c, out);
  }
}

static bool take_number(Parser *p, int *out)
{
  size_t start = p->at;
  *out = 0;
  while (p->at < p->text.len && p->text.ptr[p->at] >= '0' && p->text.ptr[p->at] <= '9') {
    if (*out <= COUNT_MAX) *out = *out * 10 + (p->text.ptr[p->at] - '0');
    p->at++;
  }
  return p->at > start;
}

/* {n}, {n,} or {n,m}; a brace that begins none of them is itself. */
static Err take_counts(Parser *p, bool *found, int *least, int *most)
{
  size_t before = p->at;
  *found = take(p, '{') && take_number(p, least);
  if (*found) {
    *most = *least;
    if (take(p, ',') && !take_number(p, most)) *most = ANY_MORE;
    *found = take(p, '}');
  }
  if (!*found) {
    p->at = before;
    return ERR_OK;
  }
  if (*least > COUNT_MAX || *most > COUNT_MAX) return err_because(ERR_UNSUPPORTED, "a count over %d", COUNT_MAX);
  return *most != ANY_MORE && *most < *least ? err_because(ERR_INVALID, "a count that runs backwards") : ERR_OK;
}

static Err take_repeat(Parser *p, Tree **tree)
{
  bool found = true;
  int least = 0, most = ANY_MORE;
  if (take(p, '+'))
    least = 1;
  else if (take(p, '?'))
    most = 1;
  else if (!take(p, '*'))
    TRY(take_counts(p, &found, &least, &most));
  if (!found) return ERR_OK;
  take(p, '?'); /* lazy: the same texts match */
  uint32_t c = 0;
  if (peek(p, &c) && (c == '+' || c == '*')) return err_because(ERR_UNSUPPORTED, "possessive or doubled repetition");
  Tree *repeat = tree_new(p, TREE_REPEAT);
  repeat->left = *tree;
  repeat->least = least;
  repeat->most = most;
  *tree = repeat;
  return ERR_OK;
}

static Tree *join(Parser *p, TreeKind kind, const Tree *left, const Tree *right)
{
  Tree *tree = tree_new(p, kind);
  tree->left = left;
  tree->right = right;
  return tree;
}

static Err take_sequence(Parser *p, Tree **out)
{
  *out = tree_new(p, TREE_EMPTY);
  for (uint32_t c; peek(p, &c) && c != '|' && c != ')';) {
    Tree *tree = NULL;
    TRY(take_atom(p, &tree));
    TRY(take_repeat(p, &tree));
    *out = join(p, TREE_CAT, *out, tree);
  }
  return ERR_OK;
}

static Err take_alternatives(Parser *p, Tree **out)
{
  TRY(take_sequence(p, out));
  while (take_text(p, STR("|"))) {
    Tree *right = NULL;
    TRY(take_sequence(p, &right));
    *out = join(p, TREE_ALT, *out, right);
  }
  return ERR_OK;
}

/* States are laid out from the end: emit() returns the entry of `tree` when `next` follows it. */
typedef struct Emitter {
  FormPattern *pattern;
  int steps;
  bool too_large;
} Emitter;

static uint16_t state_add(Emitter *e, State state)
{
  if (e->pattern->count == FORM_PATTERN_STATES_MAX) {
    e->too_large = true;
    return 0;
  }
  e->pattern->states[e->pattern->count] = state;
  return e->pattern->count++;
}

static uint16_t emit(Emitter *e, const Tree *tree, uint16_t next);

static uint16_t emit_repeat(Emitter *e, const Tree *tree, uint16_t next)
{
  uint16_t at = next;
  if (tree->most == ANY_MORE) {
    uint16_t loop = state_add(e, (State){STATE_SPLIT, NULL, 0, next});
    uint16_t body = emit(e, tree->left, loop);
    e->pattern->states[loop].next = body;
    at = loop;
  }
  for (int i = tree->least; i < tree->most && !e->too_large; i++) {
    uint16_t body = emit(e, tree->left, at);
    at = state_add(e, (State){STATE_SPLIT, NULL, body, next});
  }
  for (int i = 0; i < tree->least && !e->too_large; i++) at = emit(e, tree->left, at);
  return at;
}

static uint16_t emit(Emitter *e, const Tree *tree, uint16_t next)
{
  if (++e->steps > STEPS_MAX) e->too_large = true; /* counts of nothing, ((){999}){999}, add no states */
  if (e->too_large) return 0;
  switch (tree->kind) {
  case TREE_EMPTY: return next;
  case TREE_SET: return state_add(e, (State){STATE_SET, tree->set, next, 0});
  case TREE_BEGIN: return state_add(e, (State){STATE_BEGIN, NULL, next, 0});
  case TREE_END: return state_add(e, (State){STATE_END, NULL, next, 0});
  case TREE_CAT: next = emit(e, tree->right, next); return emit(e, tree->left, next);
  case TREE_ALT: {
    uint16_t left = emit(e, tree->left, next), right = emit(e, tree->right, next);
    return state_add(e, (State){STATE_SPLIT, NULL, left, right});
  }
  case TREE_REPEAT: return emit_repeat(e, tree, next);
  }
  return next;
}

/* The entry is kept as the last state, a split of one way, so that it needs no field of its own. */
Err form_pattern_compile(Arena *arena, Str pattern, FormPattern **out)
{
  if (utf8_count(pattern) > FORM_PATTERN_MAX)
    return err_because(ERR_UNSUPPORTED, "longer than %d characters", FORM_PATTERN_MAX);
  Parser parser = {.arena = arena, .text = pattern};
  Tree *tree = NULL;
  TRY(take_alternatives(&parser, &tree));
  if (parser.at < pattern.len) return err_because(ERR_INVALID, "a ) without its group");
  FormPattern *made = ARENA_NEW(arena, FormPattern);
  made->states = ARENA_ARRAY(arena, State, FORM_PATTERN_STATES_MAX);
  Emitter emitter = {.pattern = made};
  uint16_t match = state_add(&emitter, (State){STATE_MATCH, NULL, 0, 0});
  uint16_t entry = emit(&emitter, tree, match);
  state_add(&emitter, (State){STATE_SPLIT, NULL, entry, entry});
  if (emitter.too_large) return err_because(ERR_UNSUPPORTED, "needs over %d states", FORM_PATTERN_STATES_MAX);
  *out = made;
  return ERR_OK;
}

typedef struct States {
  uint16_t items[FORM_PATTERN_STATES_MAX];
  uint16_t count;
} States;

/* All states that can be reached from `from` without taking a character. `seen` holds the position at which a state was last reached. */
static void reach(const FormPattern *pattern, uint16_t from, bool at_begin, bool at_end, uint32_t seen[],
                  uint32_t position, States *states)
{
  uint16_t stack[FORM_PATTERN_STATES_MAX * 2], depth = 0;
  stack[depth++] = from;
  while (depth > 0) {
    uint16_t i = stack[--depth];
    if (seen[i] == position) continue;
    seen[i] = position;
    const State *state = &pattern->states[i];
    switch (state->kind) {
    case STATE_SPLIT:
      stack[depth++] = state->other;
      stack[depth++] = state->next;
      break;
    case STATE_BEGIN:
      if (at_begin) stack[depth++] = state->next;
      break;
    case STATE_END:
      if (at_end) stack[depth++] = state->next;
      break;
    case STATE_SET:
    case STATE_MATCH: states->items[states->count++] = i; break;
    }
  }
}

bool form_pattern_matches(const FormPattern *pattern, Str text)
{
  if (utf8_count(text) > FORM_PATTERN_INPUT_MAX) return false;
  uint32_t seen[FORM_PATTERN_STATES_MAX] = {0}, position = 1;
  States now = {.count = 0}, next;
  reach(pattern, (uint16_t)(pattern->count - 1), true, text.len == 0, seen, position, &now);
  size_t at = 0;
  for (uint32_t c; utf8_next(text, &at, &c) && now.count > 0;) {
    next.count = 0;
    position++;
    for (uint16_t i = 0; i < now.count; i++) {
      const State *state = &pattern->states[now.items[i]];
      if (state->kind != STATE_SET || !set_has(state->set, c)) continue;
      reach(pattern, state->next, false, at >= text.len, seen, position, &next);
    }
    now.count = next.count;
    memcpy(now.items, next.items, sizeof now.items[0] * next.count);
  }
  for (uint16_t i = 0; i < now.count; i++) {
    if (pattern->states[now.items[i]].kind == STATE_MATCH) return true;
  }
  return false;
}
