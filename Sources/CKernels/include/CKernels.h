#pragma once
#include "lr_attention.h"
#include "lr_parallel.h"
#include "lr_random.h"
