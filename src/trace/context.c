// Contexts, the state of threads, scopes and errors.
//
// A thread's state is one thread-local struct. Its sessions (one with each context that it uses)
// stand in a list of the thread and a list of the context, so that each of the two can go first:
// one lock guards the making and the removal of sessions, which are rare. A key with a destructor
// frees the sessions of a thread that ends.
//
// The first failure of a thread is kept until it is cleared. Messages that were raised where the
// builder knows the user's line say so already; all others get the place of the entry point here.

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/pool.h"
#include "runtime/allocator.h"
#include "trace/trace.h"

static _Thread_local BASE_FAST_TLS tr_thread this_thread;
static _Thread_local base_failure first_failure;

static pthread_mutex_t global_lock = PTHREAD_MUTEX_INITIALIZER; // of all that follows, and of sessions
static cv_context *_Atomic default_context; // read without the lock too
static uint32_t contexts_made;
static cv_error_handler *error_handler;
static void *error_argument;

tr_thread *tr_thread_get(void) {
    return &this_thread;
}

// Errors

// Steps back over the ":42" that stands in front of `end`; NULL if there is none.
static const char *before_number(const char *text, const char *end) {
    const char *digits = end;
    while (digits > text && digits[-1] >= '0' && digits[-1] <= '9') digits--;
    return digits < end && digits > text && digits[-1] == ':' ? digits - 1 : NULL;
}

// "model.c:42: ..." : the message begins with a place of the user's program. (One with a column,
// "model.mlir:3:12: ...", is of a text that the program read: the call that read it is still to be named.)
static bool has_place(const base_failure *failure) {
    if (failure->status == CV_INTERNAL) return false; // the place in it is ours
    const char *text = failure->message, *colon = strstr(text, ": ");
    const char *line = colon ? before_number(text, colon) : NULL;
    return line && !before_number(text, line);
}

static void keep_failure(tr_thread *thread, const base_failure *failure, const char *name, cv_here here) {
    thread->failures++;
    if (thread->failed) return;
    thread->failed = true;
    thread->first = &first_failure;
    first_failure.status = failure->status;
    char *message = first_failure.message;
    size_t room = sizeof first_failure.message, n = 0;
    if (!has_place(failure)) {
        if (here.file) n += (size_t)snprintf(message, room, "%s:%d: ", here.file, here.line);
        if (n < room) n += (size_t)snprintf(message + n, room - n, "%s: ", name);
    }
    if (n < room) snprintf(message + n, room - n, "%s", failure->message);
    pthread_mutex_lock(&global_lock);
    cv_error_handler *handler = error_handler;
    void *argument = error_argument;
    pthread_mutex_unlock(&global_lock);
    if (handler) handler(failure->status, message, argument);
}

cv_status tr_enter(const char *name, cv_here here, void (*body)(void *), void *argument) {
    base_failure failure;
    cv_status status = base_protect(body, argument, &failure);
    if (status) keep_failure(&this_thread, &failure, name, here);
    return status;
}

cv_status tr_poisoned(void) {
    return this_thread.failed ? this_thread.first->status : CV_INVALID;
}

bool cv_ok(void) {
    return !this_thread.failed;
}

cv_status cv_error(void) {
    return this_thread.failed ? this_thread.first->status : CV_OK;
}

const char *cv_message(void) {
    return this_thread.failed ? this_thread.first->message : "";
}

void cv_clear(void) {
    this_thread.failed = false;
}

void cv_on_error(cv_error_handler *handler, void *argument) {
    pthread_mutex_lock(&global_lock);
    error_handler = handler;
    error_argument = argument;
    pthread_mutex_unlock(&global_lock);
}

bool cv_is_poison(cv_val value) {
    return tr_is_poison(value);
}

// Sessions

static pthread_key_t thread_key;
static pthread_once_t thread_key_once = PTHREAD_ONCE_INIT;
static bool thread_key_made;

static void unlink_session(tr_session *session) {
    tr_session **at = &session->thread->sessions;
    while (*at != session) at = &(*at)->next_of_thread;
    *at = session->next_of_thread;
    if (session->thread->session == session) session->thread->session = NULL;
    at = &session->context->sessions;
    while (*at != session) at = &(*at)->next_of_context;
    *at = session->next_of_context;
}

static void free_texts(tr_scope *scope) {
    while (scope->texts) {
        tr_text *next = scope->texts->next;
        base_free(scope->texts);
        scope->texts = next;
    }
}

static void end_scope(tr_scope *scope) {
    tr_free_arrays(scope);
    tr_drop_holds(scope);
    free_texts(scope);
    tr_session *session = scope->session;
    session->scope = scope->outer;
    if (scope->barrier) return; // that of a callback lies on the stack
    scope->outer = session->spare;
    session->spare = scope;
}

static void end_session(tr_session *session) {
    while (session->scope) end_scope(session->scope);
    while (session->spare) {
        tr_scope *next = session->spare->outer;
        base_free(session->spare);
        session->spare = next;
    }
    pthread_mutex_lock(&global_lock);
    unlink_session(session);
    pthread_mutex_unlock(&global_lock);
    base_free(session);
}

static void end_thread(void *thread) {
    while (((tr_thread *)thread)->sessions) end_session(((tr_thread *)thread)->sessions);
}

static void make_thread_key(void) {
    thread_key_made = !pthread_key_create(&thread_key, end_thread);
}

static tr_scope *new_scope(tr_session *session) {
    tr_scope *scope = session->spare;
    if (scope) session->spare = scope->outer;
    else scope = base_malloc(sizeof *scope);
    tr_scope_push(scope, session, false);
    return scope;
}

tr_session *tr_session_get(cv_context *c) {
    tr_thread *thread = &this_thread;
    if (thread->session && thread->session->context == c) return thread->session;
    for (tr_session *s = thread->sessions; s; s = s->next_of_thread)
        if (s->context == c) return thread->session = s;
    pthread_once(&thread_key_once, make_thread_key);
    if (!thread_key_made || pthread_setspecific(thread_key, thread))
        base_raise(CV_OUT_OF_MEMORY, "out of memory");
    tr_session *session = base_malloc(sizeof *session);
    *session = (tr_session){.thread = thread, .context = c};
    tr_scope *root = base_try_malloc(sizeof *root);
    if (!root) {
        base_free(session);
        base_raise(CV_OUT_OF_MEMORY, "out of memory");
    }
    tr_scope_push(root, session, false);
    session->root = root;
    pthread_mutex_lock(&global_lock);
    session->next_of_thread = thread->sessions;
    thread->sessions = session;
    session->next_of_context = c->sessions;
    c->sessions = session;
    pthread_mutex_unlock(&global_lock);
    return thread->session = session;
}

// Scopes

void tr_scope_push(tr_scope *scope, tr_session *session, bool barrier) {
    *scope = (tr_scope){.outer = session->scope, .session = session, .barrier = barrier};
    session->scope = scope;
}

void tr_scope_pop(tr_scope *scope) {
    tr_session *session = scope->session;
    while (session->scope != scope) end_scope(session->scope);
    end_scope(scope);
}

const char *tr_scope_text(const char *text) {
    tr_scope *scope = tr_session_get(tr_context())->scope;
    size_t size = strlen(text) + 1;
    tr_text *kept = base_malloc(sizeof *kept + size);
    memcpy(kept->text, text, size);
    kept->next = scope->texts;
    scope->texts = kept;
    return kept->text;
}

static void begin_scope(void *unused) {
    (void)unused;
    new_scope(tr_session_get(tr_context()));
}

void cv_scope_begin(void) {
    tr_enter("cv_scope_begin", TR_NOWHERE, begin_scope, NULL);
}

static void end_innermost(void *unused) {
    (void)unused;
    tr_session *session = tr_session_get(tr_context());
    if (session->scope == session->root || session->scope->barrier)
        base_raise(CV_INVALID, "no scope is open here; each cv_scope_end needs a cv_scope_begin before it");
    end_scope(session->scope);
}

void cv_scope_end(void) {
    tr_enter("cv_scope_end", TR_NOWHERE, end_innermost, NULL);
}

// Contexts

struct making {
    cv_context_options options;
    cv_context *context;
};

// What runs programs unless a context or COVECTOR_INTERPRET says otherwise.
enum { INTERPRETED = false };

static bool is_interpreted(const cv_context_options *options) {
    const char *word = getenv("COVECTOR_INTERPRET");
    if (options->interpret) return true;
    return word && *word ? strcmp(word, "0") != 0 : INTERPRETED;
}

static void make_context(void *argument) {
    struct making *a = argument;
    cv_dtype default_float = a->options.default_float ? a->options.default_float : CV_F32;
    if (default_float != CV_F32 && default_float != CV_F64)
        base_raise(CV_INVALID, "the default float is CV_F32 or CV_F64, not %s", cv_dtype_name(default_float));
    cv_context *c = base_malloc(sizeof *c);
    *c = (cv_context){.default_float = default_float, .n_nodes = 1};
    c->interpret = is_interpreted(&a->options);
    c->check_indices = a->options.check_indices;
    c->threads = a->options.threads > 0 ? a->options.threads : 0;
    a->context = c; // what follows may raise: the caller frees it
    c->module = ir_module_new();
    c->module->verify = a->options.verify;
    for (int d = 0; d < CV_DTYPE_COUNT; d++) c->scalars[d] = ir_type_scalar(c->module, (cv_dtype)d);
}

static void free_context(cv_context *c) {
    while (c->sessions) end_session(c->sessions);
    tr_free_nodes(c);
    tr_free_table(c);
    tr_free_immediate(c);
    ir_module_free(c->module);
    base_free(c);
}

cv_context *cv_context_new_at(cv_context_options options) {
    struct making a = {.options = options};
    cv_status status = tr_enter("cv_context_new", TR_NOWHERE, make_context, &a);
    if (status) {
        if (a.context) free_context(a.context);
        return NULL;
    }
    pthread_mutex_lock(&global_lock);
    uint32_t number = contexts_made++;
    pthread_mutex_unlock(&global_lock);
    // Handles of one context are most likely stale in every other.
    a.context->seed = (number + 1) * 2654435769u & ~TR_TRACED;
    return a.context;
}

static bool is_tracing(const cv_context *c) {
    for (const tr_trace *t = this_thread.trace; t; t = t->outer)
        if (t->context == c) return true;
    return false;
}

static void refuse_free(void *unused) {
    (void)unused;
    base_raise(CV_INVALID, "a function of this context is being traced");
}

void cv_context_free(cv_context *context) {
    if (!context) return;
    if (is_tracing(context)) {
        tr_enter("cv_context_free", TR_NOWHERE, refuse_free, NULL);
        return;
    }
    if (this_thread.context == context) this_thread.context = NULL;
    pthread_mutex_lock(&global_lock);
    if (default_context == context) default_context = NULL;
    pthread_mutex_unlock(&global_lock);
    free_context(context);
}

static cv_context *get_default(void) {
    cv_context *c = atomic_load_explicit(&default_context, memory_order_acquire);
    if (c) return c;
    c = cv_context_new();
    if (!c) base_raise_again(this_thread.first);
    pthread_mutex_lock(&global_lock);
    cv_context *first = default_context ? default_context : c;
    default_context = first;
    pthread_mutex_unlock(&global_lock);
    if (c != first) free_context(c);
    return first;
}

cv_context *tr_context_known(void) {
    if (this_thread.trace) return this_thread.trace->context;
    if (this_thread.context) return this_thread.context;
    return atomic_load_explicit(&default_context, memory_order_acquire);
}

cv_context *tr_context(void) {
    cv_context *known = tr_context_known();
    return known ? known : get_default();
}

struct using {
    cv_context *context, *was;
};

static void use_context(void *argument) {
    struct using *a = argument;
    if (this_thread.trace) base_raise(CV_INVALID, "the context cannot change while a function is traced");
    if (!a->context) a->context = get_default();
    a->was = tr_context();
    this_thread.context = a->context;
}

cv_context *cv_context_use(cv_context *context) {
    struct using a = {.context = context, .was = this_thread.context};
    tr_enter("cv_context_use", TR_NOWHERE, use_context, &a);
    return a.was;
}

void cv_shutdown(void) {
    if (this_thread.trace) {
        tr_enter("cv_shutdown", TR_NOWHERE, refuse_free, NULL);
        return;
    }
    pthread_mutex_lock(&global_lock);
    cv_context *c = default_context;
    default_context = NULL;
    pthread_mutex_unlock(&global_lock);
    if (this_thread.context == c) this_thread.context = NULL;
    end_thread(&this_thread);
    if (c) free_context(c);
    base_pool_stop();
    rt_trim();
    this_thread.failed = false;
}

void tr_locked(cv_context *c, void (*body)(void *), void *argument) {
    base_failure failure;
    tr_lock(c);
    cv_status status = base_protect(body, argument, &failure);
    tr_unlock(c);
    if (status) base_raise_again(&failure);
}
