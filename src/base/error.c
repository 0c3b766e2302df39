// In: bodies that may raise. Out: statuses. The stack of protected calls is the thread's own. A call has room
// for what it defers, as a rule: a call of a compiled function asks for no memory.

#include "base/error.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/memory.h"

struct deferred {
    struct deferred *older;
    void (*release)(void *);
    void *argument;
};

enum { FEW = 24 };

struct frame {
    struct frame *outer;
    struct deferred *deferred;
    base_failure *failure;
    jmp_buf resume;
    uint32_t n_few; // of these in use; freed with the call
    struct deferred few[FEW];
};

static _Thread_local BASE_FAST_TLS struct frame *innermost;

static void run_deferred(struct frame *frame) {
    while (frame->deferred) {
        struct deferred *entry = frame->deferred;
        frame->deferred = entry->older;
        entry->release(entry->argument);
        if (entry < frame->few || entry >= frame->few + FEW) base_free(entry);
    }
}

cv_status base_protect(void (*body)(void *), void *argument, base_failure *failure) {
    struct frame frame; // most of it is not worth clearing
    frame.outer = innermost;
    frame.deferred = NULL;
    frame.failure = failure;
    frame.n_few = 0;
    failure->status = CV_OK;
    innermost = &frame;
    if (_setjmp(frame.resume) == 0) body(argument);
    run_deferred(&frame);
    innermost = frame.outer;
    return failure->status;
}

_Noreturn static void unwind(void) {
    // Without a protected call there is nowhere to go: a fault of ours that no entry point allows.
    if (!innermost) __builtin_trap();
    longjmp(innermost->resume, 1); // glibc's _longjmp is the same, but ThreadSanitizer does not see it
}

_Noreturn void base_raise(cv_status status, const char *format, ...) {
    if (innermost) {
        va_list list;
        va_start(list, format);
        innermost->failure->status = status;
        vsnprintf(innermost->failure->message, sizeof innermost->failure->message, format, list);
        va_end(list);
    }
    unwind();
}

_Noreturn void base_raise_again(const base_failure *failure) {
    if (innermost) *innermost->failure = *failure;
    unwind();
}

void base_defer(void (*release)(void *), void *argument) {
    struct frame *frame = innermost;
    struct deferred *entry = !frame ? NULL : frame->n_few < FEW ? &frame->few[frame->n_few++] : base_try_malloc(sizeof *entry);
    if (!entry) {
        release(argument);
        base_raise(CV_OUT_OF_MEMORY, "out of memory");
    }
    *entry = (struct deferred){frame->deferred, release, argument};
    frame->deferred = entry;
}

const char *cv_status_text(cv_status status) {
    static const char *const texts[] = {
#define ROW(code, text) [code] = text,
        CV_STATUS_TABLE(ROW)
#undef ROW
    };
    return (size_t)status < sizeof texts / sizeof *texts ? texts[status] : "unknown status";
}
