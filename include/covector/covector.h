// Covector: a traced functional array compiler. This header includes the whole public API.
#ifndef COVECTOR_COVECTOR_H
#define COVECTOR_COVECTOR_H

#include "covector/array.h"
#include "covector/context.h"
#include "covector/control.h"
#include "covector/dtype.h"
#include "covector/function.h"
#include "covector/import.h"
#include "covector/ops.h"
#include "covector/status.h"
#include "covector/value.h"

#endif
