#pragma once
#include <stddef.h>

// Address space that starts on a huge page's boundary; null when there is none. The system gives a
// page, a huge one where it grants them, when it is first written to.
void *lr_reserve(size_t bytes);
void lr_unreserve(void *memory, size_t bytes);
// Returns whole pages to the system; they hold zeros when they are touched again.
void lr_return_pages(void *memory, size_t bytes);

// A small piece of memory, aligned to 64 bytes; its size is a multiple of 64.
void *lr_block(size_t bytes);
void lr_free_block(void *memory);

// Keeps the heap of the C library small: large blocks are returned when they are freed, and threads
// share two arenas. Call it before there are threads.
void lr_settle_heap(void);
// Returns what lies idle in the heap to the system.
void lr_trim_heap(void);
