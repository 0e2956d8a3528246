#pragma once
#include <stddef.h>

// Memory aligned to 64 bytes at least, large pieces in huge pages where the system grants them; null when
// there is none. Fresh pages cost as much as arithmetic: meant for an allocator that keeps them.
void *lr_pages(size_t bytes);
void lr_free_pages(void *memory, size_t bytes);
