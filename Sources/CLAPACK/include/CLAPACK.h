#pragma once
#include <cblas.h>
#include <lapacke.h>

#include "lr_processor.h"
