#include "lr_scratch.h"

#include "lr_parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef struct {
  void *memory[LR_SCRATCH_SLOTS];
  size_t bytes[LR_SCRATCH_SLOTS];
} buffers;

static pthread_key_t key;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static _Thread_local buffers *mine;

static void release(void *pointer) {
  buffers *b = pointer;
  for (int slot = 0; slot < LR_SCRATCH_SLOTS; slot++) free(b->memory[slot]);
  free(b);
}

static void create_key(void) { pthread_key_create(&key, release); }

static void *require(void *pointer, size_t bytes) {
  if (pointer) return pointer;
  fprintf(stderr, "lowrank: out of memory: %zu bytes of working memory\n", bytes);
  abort();
}

static _Atomic int spoils;

void lr_spoil_scratch(int on) { atomic_store(&spoils, on); }

void *lr_scratch(int slot, size_t bytes) {
  if (!mine) {
    pthread_once(&once, create_key);
    mine = require(calloc(1, sizeof *mine), sizeof *mine);
    pthread_setspecific(key, mine);
  }
  if (mine->bytes[slot] < bytes) {
    // A quarter more, so that a growing cache of keys does not reallocate at every token.
    size_t size = (bytes + bytes / 4 + 4095) / 4096 * 4096;
    free(mine->memory[slot]);
    mine->bytes[slot] = 0;
    mine->memory[slot] = require(aligned_alloc(4096, size), size);
    mine->bytes[slot] = size;
  }
  // All bits set is a NaN in every type.
  if (atomic_load_explicit(&spoils, memory_order_relaxed)) memset(mine->memory[slot], 0xff, bytes);
  return mine->memory[slot];
}
