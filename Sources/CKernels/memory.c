#include "lr_memory.h"

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 1 << 21 };

void *lr_reserve(size_t bytes) {
  // A range that starts on a huge page's boundary; the rest goes back.
  size_t room = bytes + HUGE_PAGE;
  int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  char *start = mmap(NULL, room, PROT_READ | PROT_WRITE, flags, -1, 0);
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

void lr_unreserve(void *memory, size_t bytes) { munmap(memory, bytes); }

void lr_return_pages(void *memory, size_t bytes) { madvise(memory, bytes, MADV_DONTNEED); }

void *lr_block(size_t bytes) { return aligned_alloc(64, bytes); }

void lr_free_block(void *memory) { free(memory); }

void lr_settle_heap(void) {
#ifdef __GLIBC__
  // glibc raises these limits with every large block that is freed, and then keeps such blocks for itself.
  // oneDNN allocates and frees pieces of a quarter of a megabyte all the time; those stay below the limits. Its buffers of
  // several megabytes do not, which takes time: kept, they leave holes of tens of megabytes.
  mallopt(M_MMAP_THRESHOLD, 1 << 20);
  mallopt(M_TRIM_THRESHOLD, 1 << 25);
  mallopt(M_ARENA_MAX, 2);
#endif
}

void lr_trim_heap(void) {
#ifdef __GLIBC__
  malloc_trim(0);
#endif
}
