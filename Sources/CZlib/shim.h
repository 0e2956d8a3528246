/// zlib, which inflates.
#pragma once
#include <zlib.h>
