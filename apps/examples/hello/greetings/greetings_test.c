#include "greetings/greetings.h"

#include <stdio.h>
#include <string.h>

static int failures = 0;

static void expect(const char* language, const char* wanted) {
  const char* got = greeting(language);
  if (got == wanted || (got && wanted && strcmp(got, wanted) == 0))
    return;
  printf("greeting(\"%s\"): wanted %s, got %s\n", language, wanted ? wanted : "NULL",
         got ? got : "NULL");
  ++failures;
}

int main(void) {
  expect("en", "Hello");
  expect("zh", "你好");
  expect("", NULL);
  expect("klingon", NULL);
  return failures > 0;
}
