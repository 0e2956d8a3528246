#define _GNU_SOURCE
#include "heartbeat.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

// The other end of a line of life: process 0 has one to each other process, these one to process 0.
typedef struct {
  int32_t rank;
  double heard;  // when something came last
  char in, out;
  MPI_Request receiving, sending;
} peer;

static struct {
  MPI_Comm line;
  pthread_t thread;
  peer *peers;
  int32_t count, is_running;
  double patience;
  double silence;  // of the lost process; written before `lost`
  _Atomic int32_t lost, ends;
} heartbeat = {.line = MPI_COMM_NULL, .lost = -1};

enum { INTERVAL_MICROSECONDS = 250000 };

double lr_now(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static int receive(peer *p) {
  return MPI_Irecv(&p->in, 1, MPI_CHAR, p->rank, 0, heartbeat.line, &p->receiving);
}

// Takes what has come and sends what is due; returns whether the line stands.
static int beat(peer *p) {
  int done = 0;
  if (MPI_Test(&p->receiving, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) return 0;
  if (done) {
    p->heard = lr_now();
    if (receive(p) != MPI_SUCCESS) return 0;
  }
  if (MPI_Test(&p->sending, &done, MPI_STATUS_IGNORE) != MPI_SUCCESS) return 0;
  return !done ||
         MPI_Isend(&p->out, 1, MPI_CHAR, p->rank, 0, heartbeat.line, &p->sending) == MPI_SUCCESS;
}

static void *run(void *unused) {
  double last = lr_now();
  while (!atomic_load(&heartbeat.ends)) {
    usleep(INTERVAL_MICROSECONDS);
    double now = lr_now();
    // Who was itself suspended has no right to call others silent.
    int was_away = now - last > heartbeat.patience / 2;
    last = now;
    for (int32_t i = 0; i < heartbeat.count; i++) {
      peer *p = &heartbeat.peers[i];
      int stands = beat(p);
      if (was_away) p->heard = now;
      if (stands && now - p->heard <= heartbeat.patience) continue;
      heartbeat.silence = now - p->heard;
      atomic_store(&heartbeat.lost, p->rank);
      return unused;
    }
  }
  return unused;
}

int32_t lr_heartbeat_start(MPI_Comm everyone, int32_t rank, int32_t world, double patience) {
  heartbeat.patience = patience;
  heartbeat.count = rank == 0 ? world - 1 : 1;
  heartbeat.peers = calloc((size_t)heartbeat.count, sizeof *heartbeat.peers);
  if (!heartbeat.peers || MPI_Comm_dup(everyone, &heartbeat.line) != MPI_SUCCESS) return 0;
  for (int32_t i = 0; i < heartbeat.count; i++) {
    peer *p = &heartbeat.peers[i];
    p->rank = rank == 0 ? i + 1 : 0;
    p->heard = lr_now();
    p->sending = MPI_REQUEST_NULL;
    if (receive(p) != MPI_SUCCESS) return 0;
  }
  heartbeat.is_running = pthread_create(&heartbeat.thread, 0, run, 0) == 0;
  return heartbeat.is_running;
}

int32_t lr_heartbeat_lost(double *seconds) {
  int32_t lost = atomic_load(&heartbeat.lost);
  if (seconds && lost >= 0) *seconds = heartbeat.silence;
  return lost;
}

void lr_heartbeat_stop(void) {
  if (!heartbeat.is_running) return;
  atomic_store(&heartbeat.ends, 1);
  pthread_join(heartbeat.thread, 0);
  for (int32_t i = 0; i < heartbeat.count; i++) {
    peer *p = &heartbeat.peers[i];
    MPI_Cancel(&p->receiving);
    MPI_Wait(&p->receiving, MPI_STATUS_IGNORE);
    if (p->sending != MPI_REQUEST_NULL) MPI_Wait(&p->sending, MPI_STATUS_IGNORE);
  }
}
