// A scan as StableHLO can say it.
#ifndef IR_STABLEHLO_WRITE_LOOPS_H
#define IR_STABLEHLO_WRITE_LOOPS_H

#include "ir/builder.h"

// Emits the `while` that is the scan with these attributes and operands; out[] are its results.
void sh_scan_as_while(ir_builder *b, const ir_scan_attributes *a, const ir_val *in, uint32_t n_in,
                      ir_val *out);

#endif
