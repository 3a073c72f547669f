// mix SIZE OUT IN...: the action of the layered workspaces. Writes SIZE bytes that depend on every
// byte of its inputs, and adds OUT to the list ../ran beside the workspace. Takes as many
// milliseconds as ../delay says, if that is there.
#define _DEFAULT_SOURCE
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int fail(const char* what) {
  perror(what);
  return 1;
}

int main(int argc, char** argv) {
  if (argc < 4)
    return 2;
  uint64_t hash = 14695981039346656037u; // FNV-1a; layered.cpp does the same
  for (int i = 3; i < argc; ++i) {
    FILE* in = fopen(argv[i], "rb");
    if (!in)
      return fail(argv[i]);
    for (int c; (c = getc(in)) != EOF;)
      hash = (hash ^ (unsigned char)c) * 1099511628211u;
    fclose(in);
  }
  FILE* delay = fopen("../delay", "r");
  int milliseconds = 0;
  if (delay && fscanf(delay, "%d", &milliseconds) == 1)
    usleep((unsigned)milliseconds * 1000);
  char line[18];
  snprintf(line, sizeof line, "%016" PRIx64 "\n", hash);
  FILE* out = fopen(argv[2], "wb");
  if (!out)
    return fail(argv[2]);
  for (long left = atol(argv[1]), n; left > 0; left -= n) {
    n = left < 17 ? left : 17;
    fwrite(line, 1, (size_t)n, out);
  }
  if (fclose(out) != 0)
    return fail(argv[2]);
  int list = open("../ran", O_WRONLY | O_CREAT | O_APPEND, 0666);
  char entry[200];
  int length = snprintf(entry, sizeof entry, "%s\n", argv[2]);
  if (list < 0 || write(list, entry, (size_t)length) != length)
    return fail("../ran");
  return 0;
}
