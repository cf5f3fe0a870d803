/* Forms of a few items, and answers to them, written as JSON with ' for ". */
#pragma once

#include "common/practice/form.h"
#include "tests/support/json_text.h"

#define EXT "http://hl7.org/fhir/StructureDefinition/"

MUST_CHECK Err test_form_open(const char *items, Form **out);
/* test_form: of these items; fails the test when they are refused. Close it. */
Form *test_form(const char *items);
const FormItem *test_item(const Form *form, const char *link_id);
/* test_give, test_set: an answer that is taken. */
void test_give(Answers *answers, const FormItem *item, const char *values);
void test_set(const Form *form, Answers *answers, const char *link_id, const char *values);
/* test_fault_of: what answers_set finds; "" when it takes them. Fails when a refused answer changed anything. */
const char *test_fault_of(const Form *form, Answers *answers, const char *link_id, const char *values);
bool test_enabled(const Form *form, const Answers *answers, const char *link_id);
