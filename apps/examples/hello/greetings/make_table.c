// Turns lines of "language word" into a C table: make_table GREETINGS > TABLE
#include <stdio.h>

int main(int argc, char** argv) {
  FILE* in = argc == 2 ? fopen(argv[1], "r") : NULL;
  if (in == NULL) {
    fprintf(stderr, "usage: make_table GREETINGS\n");
    return 2;
  }
  char language[16], word[64];
  puts("static const struct {\n  const char* language;\n  const char* word;\n} table[] = {");
  while (fscanf(in, "%15s %63[^\n]", language, word) == 2)
    printf("  {\"%s\", \"%s\"},\n", language, word);
  puts("};");
  return fclose(in) != 0;
}
