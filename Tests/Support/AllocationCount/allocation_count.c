#include "allocation_count.h"

#include <errno.h>
#include <malloc.h>

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
extern void *__libc_realloc(void *, size_t);
extern void *__libc_memalign(size_t, size_t);
extern void __libc_free(void *);

static size_t allocated, peak;

size_t lr_allocated(void) { return allocated; }
size_t lr_allocated_peak(void) { return peak; }
void lr_forget_peak(void) { peak = allocated; }

static void *counted(void *block) {
  if (block) allocated += malloc_usable_size(block);
  if (allocated > peak) peak = allocated;
  return block;
}

void *malloc(size_t size) { return counted(__libc_malloc(size)); }
void *calloc(size_t count, size_t size) { return counted(__libc_calloc(count, size)); }
void *memalign(size_t alignment, size_t size) { return counted(__libc_memalign(alignment, size)); }
void *aligned_alloc(size_t alignment, size_t size) { return memalign(alignment, size); }

void free(void *block) {
  if (block) allocated -= malloc_usable_size(block);
  __libc_free(block);
}

void *realloc(void *block, size_t size) {
  size_t before = block ? malloc_usable_size(block) : 0;
  void *moved = __libc_realloc(block, size);
  if (!moved && size) return moved;
  allocated -= before;
  return counted(moved);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
  void *made = memalign(alignment, size);
  if (!made) return ENOMEM;
  *block = made;
  return 0;
}
