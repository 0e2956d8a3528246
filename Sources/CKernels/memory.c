#include "lr_memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 1 << 21 };

static size_t whole_pages(size_t bytes) { return (bytes + 4095) / 4096 * 4096; }

void *lr_pages(size_t bytes) {
  if (bytes < HUGE_PAGE) return aligned_alloc(64, (bytes + 63) / 64 * 64);
  bytes = whole_pages(bytes);
  // A mapping that starts on a huge page's boundary has as many of them as it can; the rest goes back.
  size_t room = bytes + HUGE_PAGE;
  char *start = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (start == MAP_FAILED) return NULL;
  char *aligned = (char *)(((uintptr_t)start + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE);
  if (aligned > start) munmap(start, (size_t)(aligned - start));
  size_t after = room - bytes - (size_t)(aligned - start);
  if (after > 0) munmap(aligned + bytes, after);
#ifdef MADV_HUGEPAGE
  madvise(aligned, bytes, MADV_HUGEPAGE);
#endif
  return aligned;
}

void lr_free_pages(void *memory, size_t bytes) {
  if (bytes < HUGE_PAGE) free(memory);
  else munmap(memory, whole_pages(bytes));
}
