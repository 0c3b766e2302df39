// Kernels of one primitive, or of what it expands to: emitted, put through the passes that the compiler uses,
// made an object, linked by ORC.

#include "jit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <llvm-c/LLJIT.h>
#include <llvm-c/Orc.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include "codegen/llvm/math.h"
#include "ir/rules.h"
#include "transforms/transforms.h"

struct jit {
    ir_module *types;
    LLVMOrcLLJITRef orc;
    LLVMTargetMachineRef machines[2]; // without and with fma; NULL where there is none
    unsigned n;
};

static void require(LLVMErrorRef error) {
    if (!error) return;
    fprintf(stderr, "%s\n", LLVMGetErrorMessage(error));
    abort();
}

static LLVMTargetMachineRef machine(const char *triple, const char *cpu, const char *features) {
    LLVMTargetRef target;
    char *message = NULL;
    if (LLVMGetTargetFromTriple(triple, &target, &message)) {
        LLVMDisposeMessage(message);
        return NULL;
    }
    return LLVMCreateTargetMachine(target, triple, cpu, features, LLVMCodeGenLevelDefault, LLVMRelocPIC,
                                   LLVMCodeModelDefault);
}

jit *jit_new(bool quick) {
    LLVMInitializeNativeTarget();
    LLVMInitializeNativeAsmPrinter();
    jit *j = calloc(1, sizeof *j);
    j->types = ir_module_new();
    require(LLVMOrcCreateLLJIT(&j->orc, NULL));
    LLVMOrcDefinitionGeneratorRef
        process; // the primitive fma of processors without one is a function of libm
    require(LLVMOrcCreateDynamicLibrarySearchGeneratorForProcess(
        &process, LLVMOrcLLJITGetGlobalPrefix(j->orc), NULL, NULL));
    LLVMOrcJITDylibAddGenerator(LLVMOrcLLJITGetMainJITDylib(j->orc), process);
    char *triple = LLVMGetDefaultTargetTriple();
    char *cpu = LLVMGetHostCPUName(), *features = LLVMGetHostCPUFeatures();
    bool x86 = !strncmp(triple, "x86_64", 6);
    if (!x86 || strstr(features, "+fma,")) j->machines[true] = machine(triple, cpu, features);
    if (x86) j->machines[false] = machine(triple, "x86-64", quick && j->machines[true] ? "+fma" : "");
    LLVMDisposeMessage(triple);
    LLVMDisposeMessage(cpu);
    LLVMDisposeMessage(features);
    return j;
}

void jit_free(jit *j) {
    require(LLVMOrcDisposeLLJIT(j->orc));
    for (int i = 0; i < 2; i++)
        if (j->machines[i]) LLVMDisposeTargetMachine(j->machines[i]);
    ir_module_free(j->types);
    free(j);
}

bool jit_has(const jit *j, bool fma) {
    return j->machines[fma];
}

static LLVMTypeRef with_lanes(LLVMTypeRef element, unsigned lanes) {
    return lanes == 1 ? element : LLVMVectorType(element, lanes);
}

// In memory booleans are bytes, and places are those of elements.
static LLVMTypeRef type_in_memory(LLVMContextRef context, cv_dtype dtype) {
    return dtype == CV_BOOL ? LLVMInt8TypeInContext(context) : cg_math_type(context, dtype);
}

static LLVMValueRef load(cg_math *m, LLVMValueRef base, LLVMValueRef i, cv_dtype dtype, unsigned lanes) {
    LLVMTypeRef element = type_in_memory(m->context, dtype), type = with_lanes(element, lanes);
    LLVMValueRef place = LLVMBuildGEP2(m->builder, element, base, &i, 1, "");
    LLVMValueRef value = LLVMBuildLoad2(m->builder, type, place, "");
    LLVMSetAlignment(value, (unsigned)cv_dtype_size(dtype));
    return dtype == CV_BOOL ? LLVMBuildICmp(m->builder, LLVMIntNE, value, LLVMConstNull(type), "") : value;
}

static void store(cg_math *m, LLVMValueRef base, LLVMValueRef i, cv_dtype dtype, unsigned lanes,
                  LLVMValueRef value) {
    LLVMTypeRef element = type_in_memory(m->context, dtype);
    if (dtype == CV_BOOL) value = LLVMBuildZExt(m->builder, value, with_lanes(element, lanes), "");
    LLVMValueRef place = LLVMBuildGEP2(m->builder, element, base, &i, 1, "");
    LLVMSetAlignment(LLVMBuildStore(m->builder, value, place), (unsigned)cv_dtype_size(dtype));
}

// The attributes that a primitive needs, whatever they are.
const void *jit_attributes(const jit_kernel *k) {
    static ir_convert_attributes convert;
    static const ir_integer_pow_attributes integer_pow = {3};
    static const ir_polygamma_attributes polygamma = {1};
    convert.dtype = k->to;
    const ir_layout *layout = ir_primitives[k->primitive].layout;
    if (layout == &ir_layout_convert) return &convert;
    return layout == &ir_layout_polygamma ? (const void *)&polygamma : &integer_pow;
}

static cv_dtype operand_dtype(const jit_kernel *k, int operand) {
    return k->primitive == IR_select && operand == 0 ? CV_BOOL : k->from;
}

// A function of the primitive of one element, as targets get it.
static const ir_function *function_of(ir_module *types, const jit_kernel *k) {
    ir_builder *b = ir_builder_new(types, "kernel");
    ir_val in[3];
    int n = ir_primitives[k->primitive].n_in;
    for (int i = 0; i < n; i++) in[i] = ir_param(b, ir_type_scalar(types, operand_dtype(k, i)));
    ir_val out = ir_emit(b, k->primitive, in, (uint32_t)n, jit_attributes(k));
    const ir_function *f = ir_finish(b, &out, 1);
    return ir_rules_of(k->primitive)->expand ? xf_simplify(xf_expand(f)) : f;
}

static LLVMValueRef constant(cg_math *m, const ir_literal *literal, unsigned lanes) {
    union ir_scalar element = {0};
    cv_dtype dtype = literal->type->dtype;
    memcpy(&element, literal->data, cv_dtype_size(dtype));
    LLVMTypeRef type = cg_math_type(m->context, dtype);
    LLVMValueRef value = ir_is_half(dtype)    ? LLVMConstInt(type, element.u16, false)
                         : ir_is_float(dtype) ? LLVMConstReal(type, ir_scalar_to_double(&element, dtype))
                                              : LLVMConstInt(type, (uint64_t)ir_scalar_to_int(&element, dtype), true);
    LLVMValueRef all[64];
    for (unsigned i = 0; i < lanes; i++) all[i] = value;
    return lanes == 1 ? value : LLVMConstVector(all, lanes);
}

static LLVMValueRef apply(cg_math *m, const ir_function *f, const LLVMValueRef *args, unsigned lanes) {
    LLVMValueRef *values = calloc(f->n_values + 1, sizeof *values), in[3];
    memcpy(values, args, sizeof *values * f->n_params);
    for (uint32_t i = 0; i < f->n_ops; i++) {
        const ir_op *op = &f->ops[i];
        if (op->primitive == IR_constant) {
            values[op->out] = constant(m, &((const ir_constant_attributes *)op->attributes)->value, lanes);
            continue;
        }
        for (uint32_t k = 0; k < op->n_in; k++) in[k] = values[ir_in(f, op)[k]];
        cv_dtype from = f->types[ir_in(f, op)[op->primitive == IR_select]]->dtype;
        values[op->out] = cg_math_apply(m, op->primitive, from, f->types[op->out]->dtype, in);
    }
    LLVMValueRef result = values[f->results[0]];
    free(values);
    return result;
}

static LLVMValueRef emit(cg_math *m, ir_module *types, const jit_kernel *k, const char *name) {
    LLVMTypeRef pointer = LLVMPointerTypeInContext(m->context, 0), index = LLVMInt64TypeInContext(m->context);
    LLVMTypeRef parameters[] = {pointer, pointer, pointer, pointer, index};
    LLVMTypeRef type = LLVMFunctionType(LLVMVoidTypeInContext(m->context), parameters, 5, false);
    LLVMValueRef function = LLVMAddFunction(m->module, name, type), zero = LLVMConstInt(index, 0, false);
    LLVMBasicBlockRef entry = LLVMAppendBasicBlockInContext(m->context, function, "entry");
    LLVMBasicBlockRef loop = LLVMAppendBasicBlockInContext(m->context, function, "loop");
    LLVMBasicBlockRef end = LLVMAppendBasicBlockInContext(m->context, function, "end");
    LLVMPositionBuilderAtEnd(m->builder, entry);
    LLVMBuildBr(m->builder, loop);
    LLVMPositionBuilderAtEnd(m->builder, loop);
    LLVMValueRef i = LLVMBuildPhi(m->builder, index, "i"), args[3] = {NULL};
    int n_args = ir_primitives[k->primitive].n_in;
    for (int a = 0; a < n_args; a++)
        args[a] = load(m, LLVMGetParam(function, (unsigned)a), i, operand_dtype(k, a), k->lanes);
    LLVMValueRef result = apply(m, function_of(types, k), args, k->lanes);
    store(m, LLVMGetParam(function, 3), i, k->to, k->lanes, result);
    LLVMValueRef next = LLVMBuildAdd(m->builder, i, LLVMConstInt(index, k->lanes, false), "");
    LLVMValueRef more = LLVMBuildICmp(m->builder, LLVMIntSLT, next, LLVMGetParam(function, 4), "");
    LLVMBasicBlockRef last = LLVMGetInsertBlock(m->builder);
    LLVMBuildCondBr(m->builder, more, loop, end);
    LLVMAddIncoming(i, (LLVMValueRef[]){zero, next}, (LLVMBasicBlockRef[]){entry, last}, 2);
    LLVMPositionBuilderAtEnd(m->builder, end);
    LLVMBuildRetVoid(m->builder);
    return function;
}

static void verify_and_optimise(LLVMModuleRef module, LLVMTargetMachineRef target) {
    char *message = NULL;
    if (LLVMVerifyModule(module, LLVMReturnStatusAction, &message)) {
        fprintf(stderr, "%s\n", message);
        abort();
    }
    LLVMDisposeMessage(message);
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    const char *passes = "function(sroa,early-cse<memssa>,instcombine<no-verify-fixpoint>,simplifycfg,"
                         "loop-mssa(licm),gvn,dce)";
    require(LLVMRunPasses(module, passes, target, options));
    LLVMDisposePassBuilderOptions(options);
}

static cg_math math_new(const char *name, LLVMTargetMachineRef target, bool fma) {
    LLVMContextRef context = LLVMContextCreate();
    cg_math m = {context, LLVMModuleCreateWithNameInContext(name, context),
                 LLVMCreateBuilderInContext(context), fma, fma};
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(target);
    LLVMSetModuleDataLayout(m.module, layout);
    LLVMDisposeTargetData(layout);
    char *triple = LLVMGetTargetMachineTriple(target);
    LLVMSetTarget(m.module, triple);
    LLVMDisposeMessage(triple);
    return m;
}

static void math_free(cg_math *m) {
    LLVMDisposeBuilder(m->builder);
    LLVMDisposeModule(m->module);
    LLVMContextDispose(m->context);
}

static LLVMMemoryBufferRef generate(LLVMModuleRef module, LLVMTargetMachineRef target,
                                    LLVMCodeGenFileType type) {
    char *message = NULL;
    LLVMMemoryBufferRef buffer;
    if (LLVMTargetMachineEmitToMemoryBuffer(target, module, type, &message, &buffer)) {
        fprintf(stderr, "%s\n", message);
        abort();
    }
    return buffer;
}

jit_loop *jit_compile(jit *j, const jit_kernel *kernel, bool *calls) {
    char name[32];
    snprintf(name, sizeof name, "kernel_%u", j->n++);
    LLVMTargetMachineRef target = j->machines[kernel->fma];
    cg_math m = math_new(name, target, kernel->fma);
    emit(&m, j->types, kernel, name);
    verify_and_optimise(m.module, target);
    if (calls) {
        LLVMModuleRef copy = LLVMCloneModule(m.module);
        LLVMMemoryBufferRef text = generate(copy, target, LLVMAssemblyFile);
        *calls = strstr(LLVMGetBufferStart(text), "@PLT") || strstr(LLVMGetBufferStart(text), "@GOTPCREL");
        LLVMDisposeMemoryBuffer(text);
        LLVMDisposeModule(copy);
    }
    LLVMMemoryBufferRef object = generate(m.module, target, LLVMObjectFile);
    math_free(&m);
    require(LLVMOrcLLJITAddObjectFile(j->orc, LLVMOrcLLJITGetMainJITDylib(j->orc), object));
    LLVMOrcExecutorAddress address;
    require(LLVMOrcLLJITLookup(j->orc, &address, name));
    return (jit_loop *)(uintptr_t)address;
}

char *jit_ptx(const jit_kernel *kernels, unsigned n) {
    LLVMInitializeAllTargetInfos();
    LLVMInitializeAllTargets();
    LLVMInitializeAllTargetMCs();
    LLVMInitializeAllAsmPrinters();
    LLVMTargetMachineRef target = machine("nvptx64-nvidia-cuda", "sm_90", "+ptx80");
    if (!target) return NULL;
    cg_math m = math_new("kernels", target, true);
    ir_module *types = ir_module_new();
    for (unsigned i = 0; i < n; i++) {
        char name[64];
        snprintf(name, sizeof name, "%s_%s_%s", ir_primitives[kernels[i].primitive].name,
                 cv_dtype_name(kernels[i].from), cv_dtype_name(kernels[i].to));
        emit(&m, types, &kernels[i], name);
    }
    verify_and_optimise(m.module, target);
    LLVMMemoryBufferRef text = generate(m.module, target, LLVMAssemblyFile);
    math_free(&m);
    ir_module_free(types);
    LLVMDisposeTargetMachine(target);
    char *result = strdup(LLVMGetBufferStart(text));
    LLVMDisposeMemoryBuffer(text);
    return result;
}

void jit_free_text(char *text) {
    free(text);
}
