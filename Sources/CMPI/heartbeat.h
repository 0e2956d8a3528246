#pragma once
#include <mpi.h>
#include <stdint.h>

// Every process but 0 sends process 0 a sign of life now and then, which answers with its own, from a
// thread beside the one that computes. MPI itself may wait for ever for a host that is gone.

// Begins; returns whether it could. A process is lost after so many seconds of silence.
int32_t lr_heartbeat_start(MPI_Comm everyone, int32_t rank, int32_t world, double patience);
// The process that is lost, and for how long it has been silent; -1 for none.
int32_t lr_heartbeat_lost(double *seconds);
// Ends, together with all others.
void lr_heartbeat_stop(void);
// Seconds of a clock that only goes forward.
double lr_now(void);
