/* What the form_*.c files share: the parsed form behind form.h, and the answers to it. Included by them alone. */
#pragma once

#include "common/practice/form.h"
#include "common/practice/form_pattern.h"

enum {
  FORM_ITEMS_MAX = 4096,
  FORM_DEPTH_MAX = 24,
  FORM_WHENS_MAX = 32,        /* conditions of one item */
  FORM_OPTIONS_MAX = 1000,    /* of one item */
  FORM_OPTIONS_TOTAL = 20000, /* of all together */
  FORM_PATTERNS_MAX = 64,     /* different patterns of a form */
  FORM_ANSWERS_MAX = 64,      /* of an item that repeats without an end of its own */
  FORM_TEXT_MAX = 10000,      /* characters of a text without maxLength */
  FORM_URL_MAX = 2048
};

typedef enum FormOperator { WHEN_EXISTS, WHEN_EQ, WHEN_NE, WHEN_GT, WHEN_LT, WHEN_GE, WHEN_LE } FormOperator;

typedef struct FormWhen { /* one enableWhen */
  const FormItem *question;
  FormOperator operator;
  const char *key; /* "answerCoding" */
  json_t *value;   /* what it is compared with */
} FormWhen;

typedef struct FormNode { /* what an item needs besides what it shows; same index */
  json_t *json;           /* its element */
  json_t *help, *unit;    /* child elements that became texts of this one */
  FormWhen *whens;
  size_t when_count;
  bool any;             /* enableBehavior */
  const FormItem *gate; /* the `again` that must be answered with true */
  const char *note;     /* what is not checked, though the item can be asked */
  FormPattern *pattern;
  json_t **option_sources; /* where the options' texts are translated from; as many as options */
  json_t *unit_coding;     /* of the only or first unit; NULL when it is words alone or none */
  size_t end;              /* index after the last item below it */
  size_t next_copy;        /* index of the next item of the same linkId; 0: none */
} FormNode;

struct Form {
  Arena arena;
  json_t *json;    /* our own copy; the texts point into it */
  json_t *made;    /* array: values of options that the questionnaire has in another shape */
  json_t *by_link; /* linkId -> index of the first item */
  FormItem *roots;
  size_t root_count;
  FormItem **items; /* document order */
  FormNode *nodes;
  size_t total, items_capacity, nodes_capacity;
  size_t options_total, patterns_total;
  int copies_max; /* of a repeating group: as many as the limit of items allows */
  size_t *order;  /* all indices, each after those that its being enabled depends on */
  const char *language, *title, *url;
};

static inline FormNode *form_node(const Form *form, const FormItem *item)
{
  return &form->nodes[item->index];
}

struct Answers {
  const Form *form;
  json_t **values; /* array for each item, NULL for none */
  bool *enabled;   /* kept up to date by answers_changed */
  char *zone;      /* NULL: not known */
};

/* form_parse.c */
MUST_CHECK Err form_parse(Form *form);
/* form_extension: the element of `url` among the extensions of `element`; NULL when there is none. Borrowed. */
json_t *form_extension(json_t *element, const char *url);
/* form_string: text of a member; "" when it is none. Lives as long as the JSON. */
const char *form_string(json_t *element, const char *name);

/* form_options.c: options of an item from answerOption, contained or well-known value sets, unit options. Copies share them. */
void form_read_options(Form *form, FormItem *item);

/* form_valueset.c: the codes of small value sets that R4 itself defines; NULL when it is none of them. An array of concepts
 * {"system","code","display","designation":[...]}. New reference. */
json_t *form_known_value_set(const char *url);

/* form_text.c */
const char *form_text_of(json_t *element, const char *name, const char *language);
const char *form_option_text(json_t *source, const char *language);
void form_write_texts(Form *form);

/* form_enable.c */
MUST_CHECK Err form_read_whens(Form *form);
MUST_CHECK Err form_sort(Form *form);
/* answers_changed: find anew what is enabled. */
void answers_changed(Answers *answers);

/* form_value.c */
typedef struct FormFault {
  const char *key;
  char value[128];
} FormFault;
/* form_value_key: "valueString" ... of a type; "" for groups and displays. */
const char *form_value_key(FormType type);
/* form_tidy: one value, checked and tidied. False with *fault set when it is a mistake; *out NULL when it is nothing. New reference. */
bool form_tidy(const Form *form, const FormItem *item, const char *zone, json_t *value, json_t **out, FormFault *fault);
/* form_value_of: the single member whose name begins with "value"; *key its name. NULL when there is none. Borrowed. */
json_t *form_value_of(json_t *object, const char **key);
/* form_same_coding: same code, and same system where both say one. */
bool form_same_coding(json_t *a, json_t *b);

/* form_answers.c */
/* form_asks: can a person be asked this item at all? */
bool form_asks(const FormItem *item);
/* answers_given: the kept values of an item, NULL when there are none. */
json_t *answers_given(const Answers *answers, const FormItem *item);
/* answers_tidy: all values of an item, checked and tidied; a new array. ERR_INVALID with faults (may be NULL). */
MUST_CHECK Err answers_tidy(const Answers *answers, const FormItem *item, json_t *values, Faults *faults, json_t **out);
/* answers_put: take the array (stolen) as it is, without finding anew what is enabled. */
void answers_put(Answers *answers, const FormItem *item, json_t *values);
