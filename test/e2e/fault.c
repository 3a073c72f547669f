// Loaded before the C library (LD_PRELOAD): counts the calls by which a program changes files, and
// ends the program at one of them, or lets that one fail. Only the process it is loaded into: its
// children do not get it.
//
//   ZAKO_FAULT=kill:N       half of the N-th call's bytes are written, then SIGKILL
//   ZAKO_FAULT=ERRNO:N      the N-th call fails with that number, once
//   ZAKO_FAULT_COUNT=PATH   where the count is kept: 8 bytes
//   ZAKO_FAULT_CLOCK=S      the time of day is S seconds later than it is
//   ZAKO_FAULT_SHUFFLE=N    folders list what they hold in the N-th order of chance
#undef _FILE_OFFSET_BITS // it would make open and open64 one function
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static _Atomic unsigned long no_count;
static _Atomic unsigned long* count = &no_count;
static unsigned long target; // 0: none
static int code;             // 0: kill
static long clock_offset;
static unsigned long shuffle; // 0: folders list as they do

static const char* taken(const char* name) {
  const char* text = getenv(name);
  text = text ? strdup(text) : NULL;
  unsetenv(name);
  return text;
}

__attribute__((constructor)) static void start(void) {
  const char* fault = taken("ZAKO_FAULT");
  const char* path = taken("ZAKO_FAULT_COUNT");
  const char* offset = taken("ZAKO_FAULT_CLOCK");
  const char* order = taken("ZAKO_FAULT_SHUFFLE");
  unsetenv("LD_PRELOAD");
  if (offset)
    clock_offset = atol(offset);
  if (order)
    shuffle = strtoul(order, NULL, 10);
  if (path) {
    int fd = open(path, O_RDWR | O_CLOEXEC);
    void* at = fd < 0 ? MAP_FAILED : mmap(NULL, 8, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (at == MAP_FAILED)
      abort();
    close(fd);
    count = at;
  }
  if (fault) {
    code = atoi(fault); // 0 for "kill"
    target = strtoul(strchr(fault, ':') + 1, NULL, 10);
  }
}

// Counts a call; true for the one that is chosen. What is printed does not count.
static int chosen(int fd) {
  struct stat s;
  if (fd == 1 || fd == 2 || (fd >= 0 && (fstat(fd, &s) != 0 || !S_ISREG(s.st_mode))))
    return 0;
  return atomic_fetch_add(count, 1) + 1 == target;
}

static int strike(void) {
  if (code == 0) {
    kill(getpid(), SIGKILL);
    for (;;)
      pause();
  }
  errno = code;
  return -1;
}

// ISO C has no conversion from what dlsym gives to a function.
#define FIND(name)                                                                                 \
  if (!real)                                                                                       \
    memcpy(&real, &(void*){dlsym(RTLD_NEXT, #name)}, sizeof real);

// A call with its own name, result, parameters and arguments; `fd` is -1 where it has none that
// matters.
#define WRAPPED(result, name, parameters, arguments, fd)                                           \
  result name parameters {                                                                         \
    static __typeof__(&name) real;                                                                 \
    FIND(name)                                                                                     \
    return chosen(fd) ? strike() : real arguments;                                                 \
  }

WRAPPED(int, fsync, (int fd), (fd), fd)
WRAPPED(int, fdatasync, (int fd), (fd), fd)
WRAPPED(int, sync_file_range, (int fd, off64_t at, off64_t n, unsigned flags), (fd, at, n, flags),
        fd)
WRAPPED(int, msync, (void* at, size_t n, int flags), (at, n, flags), -1)
WRAPPED(int, ftruncate, (int fd, off_t n), (fd, n), fd)
WRAPPED(int, ftruncate64, (int fd, off64_t n), (fd, n), fd)
WRAPPED(int, truncate, (const char* path, off_t n), (path, n), -1)
WRAPPED(int, rename, (const char* a, const char* b), (a, b), -1)
WRAPPED(int, renameat, (int x, const char* a, int y, const char* b), (x, a, y, b), -1)
WRAPPED(int, link, (const char* a, const char* b), (a, b), -1)
WRAPPED(int, linkat, (int x, const char* a, int y, const char* b, int flags), (x, a, y, b, flags),
        -1)
WRAPPED(int, symlink, (const char* a, const char* b), (a, b), -1)
WRAPPED(int, unlink, (const char* path), (path), -1)
WRAPPED(int, unlinkat, (int at, const char* path, int flags), (at, path, flags), -1)
WRAPPED(int, rmdir, (const char* path), (path), -1)
WRAPPED(int, mkdir, (const char* path, mode_t mode), (path, mode), -1)
WRAPPED(int, mkdirat, (int at, const char* path, mode_t mode), (at, path, mode), -1)
WRAPPED(ssize_t, copy_file_range, (int a, off64_t* x, int b, off64_t* y, size_t n, unsigned flags),
        (a, x, b, y, n, flags), b)

// Writes leave half of their bytes behind.
#define WRITING(name, parameters, arguments, half)                                                 \
  ssize_t name parameters {                                                                        \
    static __typeof__(&name) real;                                                                 \
    FIND(name)                                                                                     \
    if (!chosen(fd))                                                                               \
      return real arguments;                                                                       \
    if (real half < 0)                                                                             \
      return -1;                                                                                   \
    return strike();                                                                               \
  }

WRITING(write, (int fd, const void* from, size_t n), (fd, from, n), (fd, from, n / 2))
WRITING(pwrite, (int fd, const void* from, size_t n, off_t at), (fd, from, n, at),
        (fd, from, n / 2, at))
WRITING(pwrite64, (int fd, const void* from, size_t n, off64_t at), (fd, from, n, at),
        (fd, from, n / 2, at))
WRITING(writev, (int fd, const struct iovec* from, int n), (fd, from, n), (fd, from, n / 2))
WRITING(pwritev, (int fd, const struct iovec* from, int n, off_t at), (fd, from, n, at),
        (fd, from, n / 2, at))
WRITING(pwritev64, (int fd, const struct iovec* from, int n, off64_t at), (fd, from, n, at),
        (fd, from, n / 2, at))

// Opening counts when it makes or empties a file.
static int makes(int flags) {
  return (flags & (O_CREAT | O_TRUNC)) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
}

#define OPENING(name, parameters, ...)                                                             \
  int name parameters {                                                                            \
    static __typeof__(&name) real;                                                                 \
    FIND(name)                                                                                     \
    mode_t mode = 0;                                                                               \
    if (makes(flags)) {                                                                            \
      va_list rest;                                                                                \
      va_start(rest, flags);                                                                       \
      mode = va_arg(rest, mode_t);                                                                 \
      va_end(rest);                                                                                \
      if (chosen(-1))                                                                              \
        return strike();                                                                           \
    }                                                                                              \
    return real(__VA_ARGS__, mode);                                                                \
  }

OPENING(open, (const char* path, int flags, ...), path, flags)
OPENING(open64, (const char* path, int flags, ...), path, flags)
OPENING(openat, (int at, const char* path, int flags, ...), at, path, flags)
OPENING(openat64, (int at, const char* path, int flags, ...), at, path, flags)

int clock_gettime(clockid_t id, struct timespec* now) {
  static __typeof__(&clock_gettime) real;
  FIND(clock_gettime)
  int failed = real(id, now);
  if (failed == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
    now->tv_sec += clock_offset;
  return failed;
}

// A folder that is being listed: all of it is read at the first call.
struct listing {
  DIR* folder;
  struct dirent* entries;
  size_t size, next;
  struct listing* other;
};

static struct listing* listings;
static pthread_mutex_t listing_mutex = PTHREAD_MUTEX_INITIALIZER;

static struct dirent* (*real_readdir)(DIR*);

static struct listing* list(DIR* folder) {
  struct listing* x = calloc(1, sizeof *x);
  x->folder = folder;
  for (struct dirent* entry; (entry = real_readdir(folder)); ++x->size) {
    x->entries = realloc(x->entries, (x->size + 1) * sizeof *entry);
    memcpy(&x->entries[x->size], entry, entry->d_reclen);
  }
  unsigned long random = shuffle;
  for (size_t left = x->size; left > 1; --left) {
    random = random * 6364136223846793005u + 1442695040888963407u;
    size_t other = (random >> 33) % left;
    struct dirent last = x->entries[left - 1];
    x->entries[left - 1] = x->entries[other];
    x->entries[other] = last;
  }
  x->other = listings;
  return listings = x;
}

struct dirent* readdir(DIR* folder) {
  if (!real_readdir)
    memcpy(&real_readdir, &(void*){dlsym(RTLD_NEXT, "readdir")}, sizeof real_readdir);
  if (shuffle == 0)
    return real_readdir(folder);
  pthread_mutex_lock(&listing_mutex);
  struct listing* x = listings;
  while (x && x->folder != folder)
    x = x->other;
  if (!x)
    x = list(folder);
  pthread_mutex_unlock(&listing_mutex);
  return x->next < x->size ? &x->entries[x->next++] : NULL;
}

struct dirent64* readdir64(DIR* folder) {
  return (struct dirent64*)readdir(folder); // the same where files are large
}

int closedir(DIR* folder) {
  static __typeof__(&closedir) real;
  FIND(closedir)
  pthread_mutex_lock(&listing_mutex);
  for (struct listing** at = &listings; *at; at = &(*at)->other)
    if ((*at)->folder == folder) {
      struct listing* x = *at;
      *at = x->other;
      free(x->entries);
      free(x);
      break;
    }
  pthread_mutex_unlock(&listing_mutex);
  return real(folder);
}
