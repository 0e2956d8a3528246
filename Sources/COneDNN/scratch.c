#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "primitives.h"

enum { PIECE = 1 << 21 };  // a huge page

typedef struct {
  size_t size;
  void *memory;
} scratch;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t thread_scratch;
static int usable;

static void release(void *pointer) {
  scratch *s = pointer;
  if (s->size) munmap(s->memory, s->size);
  free(s);
}

static void start(void) { usable = pthread_key_create(&thread_scratch, release) == 0; }

void *lr_dnn_scratch(size_t size) {
  pthread_once(&once, start);
  if (!usable) return NULL;
  scratch *s = pthread_getspecific(thread_scratch);
  if (!s) {
    s = calloc(1, sizeof *s);
    if (!s) return NULL;
    if (pthread_setspecific(thread_scratch, s) != 0) {
      free(s);
      return NULL;
    }
  }
  if (s->size >= size) return s->memory;
  if (s->size) munmap(s->memory, s->size);
  s->size = 0;
  size = (size + PIECE - 1) / PIECE * PIECE;
  void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return NULL;
#ifdef MADV_HUGEPAGE
  madvise(memory, size, MADV_HUGEPAGE);
#endif
  s->memory = memory;
  s->size = size;
  return memory;
}
