// In: a plan. Out: its text: every function with its slots and, indented, its steps.
//
//     f0 softmax: 1 params, 1 results, arena of 0 bytes
//       s0 f32[8,16] param 0
//       s1 f32[8,16] result 0
//       k0 softmax(s0, out s1)
//
// A kernel's arguments are in the order of its buffers: `out` what it writes, `inout` what it reads too.

#include <inttypes.h>

#include "codegen/plan.h"

typedef struct printer {
    base_text *text;
    const cg_plan *plan;
    const cg_plan_function *f;
} printer;

static void print_slot(const printer *p, cg_slot_id id) {
    const cg_slot *s = &p->f->slots.at[id];
    base_text_printf(p->text, "  s%u ", id);
    ir_type_print(p->text, s->type);
    switch (s->kind) {
    case CG_SLOT_PARAM: base_text_printf(p->text, " param %u", s->number); break;
    case CG_SLOT_RESULT: base_text_printf(p->text, " result %u", s->number); break;
    case CG_SLOT_CONSTANT: base_text_printf(p->text, " constant of %" PRId64 " bytes", s->data_bytes); break;
    case CG_SLOT_TEMPORARY: base_text_printf(p->text, " at %" PRId64, s->offset); break;
    case CG_SLOT_SLICE:
        base_text_printf(p->text, " of s%u at %" PRId64 " + %" PRId64 " bytes for each step of loop %u",
                         s->base, s->offset, s->stride, s->loop);
        break;
    }
    base_text_add(p->text, "\n");
}

static void print_args(const printer *p, const cg_step *step, const cg_kernel *k) {
    static const char *const words[] = {[CG_READ] = "", [CG_WRITE] = "out ", [CG_READ_WRITE] = "inout "};
    base_text_add(p->text, "(");
    for (uint32_t i = 0; i < step->args.n; i++)
        base_text_printf(p->text, "%s%ss%u", i ? ", " : "", k ? words[k->buffers.at[i].access & 3] : "",
                         step->args.at[i]);
    base_text_add(p->text, ")");
}

static void print_product(const printer *p, const cg_step *step) {
    const cg_product *x = &step->product;
    base_text_printf(p->text, "s%u := product of s%u%s and s%u%s: %s ", step->args.at[2], step->args.at[0],
                     x->transpose_a ? " transposed" : "", step->args.at[1],
                     x->transpose_b ? " transposed" : "", cv_dtype_name(x->dtype));
    if (x->batch != 1) base_text_printf(p->text, "%" PRId64 " times ", x->batch);
    base_text_printf(p->text, "[%" PRId64 ",%" PRId64 "] x [%" PRId64 ",%" PRId64 "]", x->m, x->k, x->k,
                     x->n);
}

static void print_head(const printer *p, const cg_step *step) {
    const cg_kernel *k = step->kind == CG_STEP_KERNEL ? p->plan->kernels.at[step->kernel] : NULL;
    switch (step->kind) {
    case CG_STEP_KERNEL:
        base_text_printf(p->text, "k%u %s", step->kernel, k->name);
        print_args(p, step, k);
        break;
    case CG_STEP_PRODUCT: print_product(p, step); break;
    case CG_STEP_COPY: base_text_printf(p->text, "s%u := s%u", step->args.at[0], step->args.at[1]); break;
    case CG_STEP_CALL:
        base_text_printf(p->text, "call f%u %s", step->callee,
                         p->plan->functions.at[step->callee]->source->name);
        print_args(p, step, NULL);
        break;
    case CG_STEP_LOOP:
        base_text_printf(p->text, "loop %u: %" PRId64 " times", step->loop, step->length);
        break;
    case CG_STEP_WHILE: base_text_printf(p->text, "while s%u", step->condition); break;
    case CG_STEP_BRANCH: base_text_printf(p->text, "branch s%u", step->condition); break;
    case CG_STEP_EXCHANGE:
        base_text_printf(p->text, "exchange s%u, s%u", step->args.at[0], step->args.at[1]);
        break;
    }
    if (step->place.file) base_text_printf(p->text, "  ; %s:%u", step->place.file, step->place.line);
    base_text_add(p->text, "\n");
}

// Nesting is that of control flow in the user's program, so this recursion is shallow.
static void print_block(const printer *p, const cg_step_block *block, int indent) {
    for (uint32_t i = 0; i < block->steps.n; i++) {
        const cg_step *step = &block->steps.at[i];
        base_text_printf(p->text, "%*s", indent, "");
        print_head(p, step);
        for (uint32_t b = 0; b < step->blocks.n; b++) {
            if (step->kind == CG_STEP_WHILE)
                base_text_printf(p->text, "%*s%s\n", indent + 2, "", b ? "body" : "test");
            if (step->kind == CG_STEP_BRANCH) base_text_printf(p->text, "%*scase %u\n", indent + 2, "", b);
            print_block(p, step->blocks.at[b], indent + (step->kind == CG_STEP_LOOP ? 2 : 4));
        }
    }
}

void cg_plan_print(base_text *text, const cg_plan *plan) {
    for (uint32_t i = 0; i < plan->functions.n; i++) {
        const cg_plan_function *f = plan->functions.at[i];
        printer p = {text, plan, f};
        base_text_printf(text, "%sf%u %s: %u params, %u results, arena of %" PRId64 " bytes", i ? "\n" : "",
                         i, f->source->name, f->source->n_params, f->source->n_results, f->arena_bytes);
        if (f->own_bytes != f->arena_bytes) base_text_printf(text, ", %" PRId64 " its own", f->own_bytes);
        base_text_add(text, "\n");
        for (cg_slot_id s = 0; s < f->slots.n; s++) print_slot(&p, s);
        print_block(&p, &f->body, 2);
    }
}
