// hello [LANGUAGE [NAME]]
#include <stdio.h>

#include "greetings/greetings.h"

int main(int argc, char** argv) {
  const char* language = argc > 1 ? argv[1] : "en";
  const char* name = argc > 2 ? argv[2] : "world";
  const char* word = greeting(language);
  if (word == NULL) {
    fprintf(stderr, "hello: no greeting in '%s'\n", language);
    return 1;
  }
  printf("%s, %s!\n", word, name);
  return 0;
}
