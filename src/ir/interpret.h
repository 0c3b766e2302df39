// What evaluation rules may ask of the interpreter that calls them.
#ifndef IR_INTERPRET_H
#define IR_INTERPRET_H

#include "ir/program.h"

typedef struct ir_interpreter ir_interpreter;

// Evaluates a function that an operation holds; `out` must not overlap `in`. Costs no protected
// call and leaves nothing behind, so loops may call it for every step.
void ir_run(ir_interpreter *interpreter, const ir_function *f, const ir_array *in, ir_array *out);

// Memory until it is freed, or until the interpretation ends, well or badly.
void *ir_scratch(ir_interpreter *interpreter, size_t size);
void ir_scratch_free(ir_interpreter *interpreter, void *scratch); // NULL is allowed

// ir_interpret with another evaluation of every operation, those of held functions included: one that calls
// ir_evaluate (rules.h) and looks at, or changes, what comes out.
struct ir_evaluation;
typedef void ir_evaluator(void *argument, const struct ir_evaluation *c);
void ir_interpret_by(const ir_function *f, const ir_array *in, ir_array *out, ir_evaluator *evaluator,
                     void *argument);

#endif
