// In: a plan. Out: PTX, through LLVM's NVPTX target.
//
// The emitted module is checked by LLVM's verifier, cleaned up by a short pass list and assembled for sm_90.
// Arithmetic keeps its rounding: nothing allows LLVM or ptxas to contract or approximate it.

#include "codegen/gpu/emit_ptx.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>

#include <llvm-c/Analysis.h>
#include <llvm-c/Core.h>
#include <llvm-c/Error.h>
#include <llvm-c/Target.h>
#include <llvm-c/TargetMachine.h>
#include <llvm-c/Transforms/PassBuilder.h>

#include "base/error.h"
#include "codegen/gpu/emit.h"
#include "codegen/gpu/module.h"
#include "codegen/schedule.h"

static const char triple[] = "nvptx64-nvidia-cuda", cpu[] = "sm_90", features[] = "+ptx81";
static const char passes[] = "function(sroa,early-cse<memssa>,instcombine<no-verify-fixpoint>,simplifycfg,"
                             "loop-mssa(licm),gvn,dce)";

typedef struct output {
    cg_gpu_module made; // first: what is handed out
    const cg_plan *plan;
    base_arena *arena;
    LLVMTargetMachineRef machine;
    LLVMMemoryBufferRef ptx;
} output;

static void release(void *argument) {
    output *o = argument;
    if (o->ptx) LLVMDisposeMemoryBuffer(o->ptx);
    if (o->made.module) LLVMDisposeModule(o->made.module);
    if (o->machine) LLVMDisposeTargetMachine(o->machine);
    if (o->made.context) LLVMContextDispose(o->made.context);
    base_free(o);
}

_Noreturn static void raise_llvm(const char *what, char *message) {
    char text[512];
    snprintf(text, sizeof text, "%s: %s", what, message ? message : "no reason given");
    LLVMDisposeMessage(message);
    base_raise(CV_INTERNAL, "LLVM: %s", text);
}

// ---- the target ----------------------------------------------------------------------------------

static void initialize(void) {
    LLVMInitializeNVPTXTargetInfo();
    LLVMInitializeNVPTXTarget();
    LLVMInitializeNVPTXTargetMC();
    LLVMInitializeNVPTXAsmPrinter();
}

static void open_module(output *o) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    LLVMTargetRef target;
    char *message = NULL;
    pthread_once(&once, initialize);
    if (LLVMGetTargetFromTriple(triple, &target, &message)) raise_llvm("no code for NVIDIA GPUs", message);
    o->machine = LLVMCreateTargetMachine(target, triple, cpu, features, LLVMCodeGenLevelDefault,
                                         LLVMRelocDefault, LLVMCodeModelDefault);
    o->made.context = LLVMContextCreate();
    o->made.module = LLVMModuleCreateWithNameInContext("covector", o->made.context);
    LLVMSetTarget(o->made.module, triple);
    LLVMTargetDataRef layout = LLVMCreateTargetDataLayout(o->machine);
    LLVMSetModuleDataLayout(o->made.module, layout);
    LLVMDisposeTargetData(layout);
}

static void clean_up(const output *o) {
    char *message = NULL;
    if (LLVMVerifyModule(o->made.module, LLVMReturnStatusAction, &message))
        raise_llvm("the module is wrong", message);
    LLVMDisposeMessage(message);
    LLVMPassBuilderOptionsRef options = LLVMCreatePassBuilderOptions();
    LLVMErrorRef error = LLVMRunPasses(o->made.module, passes, o->machine, options);
    LLVMDisposePassBuilderOptions(options);
    if (error) raise_llvm("the passes fail", LLVMCreateMessage(LLVMGetErrorMessage(error)));
}

static void assemble(output *o) {
    char *message = NULL;
    if (LLVMTargetMachineEmitToMemoryBuffer(o->machine, o->made.module, LLVMAssemblyFile, &message, &o->ptx))
        raise_llvm("no code is generated", message);
}

// ---- kernels -------------------------------------------------------------------------------------

// Letters, digits and underscores; a digit does not come first.
static const char *symbol_of(const output *o, uint32_t kernel) {
    const char *name = o->plan->kernels.at[kernel]->name;
    bool plain = (*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z');
    char *symbol = base_format(o->arena, "%s%s_%u", plain ? "" : "k", name, kernel);
    for (char *c = symbol; *c; c++)
        if (!(*c >= 'a' && *c <= 'z') && !(*c >= 'A' && *c <= 'Z') && !(*c >= '0' && *c <= '9')) *c = '_';
    return symbol;
}

// Buffers of a kernel that are the same memory in one of its launches get the same number.
static void join_memory(const cg_plan_function *f, const cg_step *step, uint32_t *memory) {
    for (uint32_t i = 0; i < step->args.n; i++)
        for (uint32_t j = 0; j < i; j++) {
            uint32_t from = memory[i], to = memory[j];
            if (from == to || cg_slot_owner(f, step->args.at[i]) != cg_slot_owner(f, step->args.at[j])) continue;
            for (uint32_t b = 0; b < step->args.n; b++)
                if (memory[b] == from) memory[b] = to;
        }
}

static void find_memory(const cg_plan_function *f, const cg_step_block *block, uint32_t **memory) {
    for (uint32_t i = 0; i < block->steps.n; i++) {
        const cg_step *step = &block->steps.at[i];
        if (step->kind == CG_STEP_KERNEL) join_memory(f, step, memory[step->kernel]);
        for (uint32_t b = 0; b < step->blocks.n; b++) find_memory(f, step->blocks.at[b], memory);
    }
}

static cg_gpu_entry emit_entry(output *o, uint32_t kernel, bool finish, const uint32_t *memory) {
    const cg_kernel *k = o->plan->kernels.at[kernel];
    cg_gpu_entry entry = {.symbol = symbol_of(o, kernel)};
    if (finish) entry.symbol = base_format(o->arena, "%s_finish", entry.symbol);
    entry.schedule = cg_gpu_schedule_of(k, finish, memory);
    entry.shared = gpu_entry(o->made.module, k, &entry.schedule, finish, entry.symbol, memory);
    return entry;
}

static void emit_kernels(output *o) {
    const cg_plan *plan = o->plan;
    uint32_t n = plan->kernels.n, **memory = base_new_array(o->arena, uint32_t *, n + 1);
    o->made.bodies = base_new_array(o->arena, cg_gpu_entry, n + 1);
    o->made.finishes = base_new_array(o->arena, cg_gpu_entry, n + 1);
    for (uint32_t i = 0; i < n; i++) {
        uint32_t buffers = plan->kernels.at[i]->buffers.n;
        memory[i] = base_new_array(o->arena, uint32_t, buffers + 1);
        for (uint32_t b = 0; b < buffers; b++) memory[i][b] = b;
    }
    for (uint32_t i = 0; i < plan->functions.n; i++)
        find_memory(plan->functions.at[i], &plan->functions.at[i]->body, memory);
    for (uint32_t i = 0; i < n; i++) {
        cg_merge_loops(plan->kernels.at[i]);
        o->made.bodies[i] = emit_entry(o, i, false, memory[i]);
        if (plan->kernels.at[i]->finish.n) o->made.finishes[i] = emit_entry(o, i, true, memory[i]);
    }
}

static output *output_new(base_arena *arena, const cg_plan *plan) {
    output *o = base_malloc(sizeof *o);
    *o = (output){.plan = plan, .arena = arena};
    base_defer(release, o);
    open_module(o);
    emit_kernels(o);
    clean_up(o);
    return o;
}

cg_gpu_module *cg_gpu_module_new(base_arena *arena, const cg_plan *plan) {
    return &output_new(arena, plan)->made;
}

// ---- what the host does --------------------------------------------------------------------------

typedef struct listing {
    const output *o;
    base_text *text;
} listing;

static void list_slots(const listing *l, const cg_step *step) {
    for (uint32_t i = 0; i < step->args.n; i++)
        base_text_printf(l->text, "%ss%u", i ? ", " : " (", step->args.at[i]);
    base_text_add(l->text, step->args.n ? ")\n" : "\n");
}

static void list_launch(const listing *l, const cg_step *step, const cg_gpu_entry *entry,
                        const char *margin) {
    const cg_gpu_schedule *s = &entry->schedule;
    if (!entry->symbol) return;
    base_text_printf(l->text, "%slaunch %s, %" PRId64 " x %u threads", margin, entry->symbol, s->blocks,
                     s->across * s->along);
    if (entry->shared) base_text_printf(l->text, ", %" PRId64 " bytes of shared memory", entry->shared);
    list_slots(l, step);
}

static void list_block(const listing *l, const cg_step_block *block, int indent);

static void list_step(const listing *l, const cg_step *step, int indent) {
    const char *margin = base_format(l->text->arena, "//%*s", indent, "");
    const cg_product *p = &step->product;
    if (step->kind == CG_STEP_KERNEL) {
        list_launch(l, step, &l->o->made.bodies[step->kernel], margin);
        list_launch(l, step, &l->o->made.finishes[step->kernel], margin);
        return;
    }
    base_text_add(l->text, margin);
    switch (step->kind) {
    case CG_STEP_KERNEL: break;
    case CG_STEP_PRODUCT:
        base_text_printf(l->text,
                         "library product of %s, %" PRId64 " of %" PRId64 " x %" PRId64 " x %" PRId64,
                         cv_dtype_name(p->dtype), p->batch, p->m, p->k, p->n);
        break;
    case CG_STEP_COPY: base_text_add(l->text, "copy"); break;
    case CG_STEP_CALL: base_text_printf(l->text, "call plan %u", step->callee); break;
    case CG_STEP_LOOP: base_text_printf(l->text, "loop %" PRId64 " times", step->length); break;
    case CG_STEP_WHILE: base_text_printf(l->text, "while s%u", step->condition); break;
    case CG_STEP_BRANCH: base_text_printf(l->text, "branch on s%u", step->condition); break;
    case CG_STEP_EXCHANGE: base_text_add(l->text, "exchange"); break;
    }
    list_slots(l, step);
    for (uint32_t b = 0; b < step->blocks.n; b++) {
        if (step->blocks.n > 1) base_text_printf(l->text, "%s block %u\n", margin, b);
        list_block(l, step->blocks.at[b], indent + 2);
    }
}

static void list_block(const listing *l, const cg_step_block *block, int indent) {
    for (uint32_t i = 0; i < block->steps.n; i++) list_step(l, &block->steps.at[i], indent);
}

void cg_print_ptx(base_text *text, const cg_plan *plan) {
    output *o = output_new(text->arena, plan);
    listing l = {o, text};
    assemble(o);
    for (uint32_t i = 0; i < plan->functions.n; i++) {
        base_text_printf(text, "// plan %u: %s\n", i, plan->functions.at[i]->source->name);
        list_block(&l, &plan->functions.at[i]->body, 3);
    }
    base_text_add_n(text, LLVMGetBufferStart(o->ptx), LLVMGetBufferSize(o->ptx));
}
