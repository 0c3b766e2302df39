// Private to the emitter of GPU kernels: its state, and what its files ask of each other.
//
// Local scalars are stack slots, which LLVM's passes turn into values; so is a memory of what was computed
// all that the emitter keeps: `value` of each expression that is computed on the way here and has not
// changed since. `known` lists them with the depth of the loops and branches around them; what is
// deeper goes when a loop or branch ends.
#ifndef CODEGEN_GPU_EMIT_H
#define CODEGEN_GPU_EMIT_H

#include <llvm-c/Core.h>

#include "codegen/gpu/schedule.h"
#include "codegen/kernel_nodes.h"
#include "codegen/llvm/math.h"

typedef struct gpu_known {
    cg_expr expr;
    uint32_t depth;
} gpu_known;

typedef struct emit {
    const cg_kernel *k;
    const cg_block *block; // the kernel's body or its finish
    const cg_gpu_schedule *s;
    cg_math math; // LLVM's context, module and builder
    LLVMBuilderRef b;
    LLVMValueRef function;
    LLVMTypeRef i1, i8, i32, i64;
    LLVMValueRef *buffers;               // pointers
    LLVMValueRef locals[CG_MAX_LOCALS];  // pointers; NULL until they are named
    LLVMValueRef counters[CG_MAX_LOOPS]; // s64
    LLVMValueRef *value;                 // of every node, or NULL
    bool *wanted;                        // scratch, of every node
    base_vector(gpu_known) known;
    uint32_t depth;
    LLVMValueRef across, along;   // the thread's numbers, i32
    LLVMValueRef may_write;       // i1: this thread is the one that stores; NULL: it is for certain
    LLVMValueRef shared;          // the block's shared memory
    int64_t shared_bytes;         // given away so far
    uint64_t arrays, fresh, used; // locals: arrays; written, read by some thread since the last barrier
} emit;

// emit_value.c: expressions and memory.
LLVMTypeRef gpu_memory_type(const emit *e, cv_dtype dtype);
LLVMValueRef gpu_int(const emit *e, int64_t value);
LLVMValueRef gpu_i32(const emit *e, int64_t value);
LLVMValueRef gpu_constant(const emit *e, cv_dtype dtype, const union ir_scalar *value);
void gpu_evaluate(emit *e, const cg_expr *roots, uint32_t n); // those that are CG_ABSENT are left out
LLVMValueRef gpu_expression(emit *e, cg_expr expr);
void gpu_forget(emit *e, uint64_t locals, uint64_t buffers); // what depends on them has changed
void gpu_open(emit *e);
void gpu_close(emit *e);
LLVMValueRef gpu_read(emit *e, cv_dtype dtype, LLVMValueRef base, LLVMValueRef offset);
void gpu_write(emit *e, cv_dtype dtype, LLVMValueRef base, LLVMValueRef offset, LLVMValueRef value);
LLVMValueRef gpu_local(emit *e, uint32_t local); // pointer
LLVMValueRef gpu_combine(emit *e, ir_primitive combiner, cv_dtype dtype, LLVMValueRef x, LLVMValueRef y);

// (value, index) pairs of CG_ARG: the better of two.
typedef struct gpu_pair {
    LLVMValueRef value, index;
} gpu_pair;
gpu_pair gpu_better(emit *e, const cg_statement *s, gpu_pair x, gpu_pair y);

// emit_threads.c: what threads of a block do together.
LLVMValueRef gpu_take_shared(emit *e, int64_t bytes); // a place in shared memory
void gpu_barrier(emit *e);
// What is emitted between runs in the threads where the condition holds.
LLVMBasicBlockRef gpu_begin_if(emit *e, LLVMValueRef condition);
void gpu_end_if(emit *e, LLVMBasicBlockRef after);
// The reductions of a nest: statements that each combine a local of their own. Around the nest, whose
// threads each combine a part; after it, all threads have the whole.
typedef struct gpu_reduction {
    const cg_statement *s;
    LLVMValueRef initial; // of what has a neutral element: the local before the nest
} gpu_reduction;
void gpu_begin_reductions(emit *e, gpu_reduction *reductions, uint32_t n);
void gpu_end_reductions(emit *e, const gpu_reduction *reductions, uint32_t n);

// emit_kernel.c: an entry of the module that runs the kernel's body or finish. Returns the bytes of shared
// memory that a block has to be given at its launch: 0 if what it has without asking is enough.
int64_t gpu_entry(LLVMModuleRef module, const cg_kernel *k, const cg_gpu_schedule *s, bool finish,
                  const char *symbol, const uint32_t *memory);

#endif
