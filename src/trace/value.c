// The table of concrete handles of a context.
//
// A slot holds an array and the generation that its handle must have; when the array goes, the
// generation moves on, so a stale handle is found out by comparing two numbers in memory that is
// still there: chunks of slots double in size, never move and are freed with the context. The slots
// of a scope are a doubly linked list through the table, so that keeping and dropping cost the same
// however many arrays a scope has, and a loop that drops what it makes does not grow anything.
//
// Buffers are released outside the lock, since the release of a view is the user's function.

#include <stdio.h>
#include <string.h>

#include "trace/trace.h"

static uint32_t chunk_of(uint32_t slot) {
    return 31u - (uint32_t)__builtin_clz(slot / TR_FIRST_CHUNK + 1);
}

static tr_slot *slot_at(cv_context *c, uint32_t slot) {
    uint32_t chunk = chunk_of(slot);
    return &c->chunks[chunk][slot - TR_FIRST_CHUNK * ((1u << chunk) - 1)];
}

// A slot that is free, or 0 when memory is out.
static uint32_t take_slot(cv_context *c) {
    if (c->free_slot) {
        uint32_t slot = c->free_slot;
        c->free_slot = slot_at(c, slot)->next;
        return slot;
    }
    if (!c->n_slots) c->n_slots = 1; // slot 0 stands for what is no array
    uint32_t chunk = chunk_of(c->n_slots);
    if (chunk >= TR_CHUNKS) return 0;
    if (!c->chunks[chunk]) {
        uint32_t n = TR_FIRST_CHUNK << chunk;
        tr_slot *slots = base_try_malloc(sizeof *slots * n);
        if (!slots) return 0;
        memset(slots, 0, sizeof *slots * n);
        for (uint32_t i = 0; i < n; i++) slots[i].generation = c->seed;
        c->chunks[chunk] = slots;
    }
    return c->n_slots++;
}

static void link_slot(cv_context *c, uint32_t number, tr_scope *scope) {
    tr_slot *slot = slot_at(c, number);
    slot->scope = scope;
    slot->previous = 0;
    slot->next = scope->arrays;
    if (scope->arrays) slot_at(c, scope->arrays)->previous = number;
    scope->arrays = number;
}

static void unlink_slot(cv_context *c, uint32_t number) {
    tr_slot *slot = slot_at(c, number);
    if (slot->previous) slot_at(c, slot->previous)->next = slot->next;
    else slot->scope->arrays = slot->next;
    if (slot->next) slot_at(c, slot->next)->previous = slot->previous;
    slot->scope = NULL;
}

// Frees the slot and returns its buffer, to be released outside the lock.
static tr_buffer *free_slot(cv_context *c, uint32_t number) {
    tr_slot *slot = slot_at(c, number);
    tr_buffer *buffer = slot->array.buffer;
    unlink_slot(c, number);
    *slot = (tr_slot){.generation = (slot->generation + 1) & ~TR_TRACED, .next = c->free_slot};
    c->free_slot = number;
    return buffer;
}

cv_val tr_value_new(tr_scope *scope, const tr_array *array) {
    cv_context *c = scope->session->context;
    cv_val v = TR_POISON;
    tr_lock(c);
    uint32_t number = take_slot(c);
    if (number) {
        tr_slot *slot = slot_at(c, number);
        slot->array = *array;
        slot->donated_to = NULL;
        link_slot(c, number, scope);
        v = (cv_val){number, slot->generation};
    }
    tr_unlock(c);
    if (!number) {
        tr_buffer_release(array->buffer);
        base_raise(CV_OUT_OF_MEMORY, "out of memory");
    }
    return v;
}

static bool is_live_elsewhere(cv_context *c, cv_val v) {
    for (const tr_trace *t = c->traces; t; t = t->next_live)
        if (t->id == v.generation) return true;
    return false;
}

tr_slot *tr_slot_find(cv_context *c, cv_val v, tr_state *state) {
    *state = TR_FINE;
    if (tr_is_none(v)) *state = TR_ABSENT;
    else if (tr_is_poison(v)) *state = TR_IS_POISON;
    else if (tr_is_traced(v)) *state = is_live_elsewhere(c, v) ? TR_OF_OTHER_THREAD : TR_ENDED;
    if (*state) return NULL;
    tr_slot *slot = v.slot && v.slot < c->n_slots ? slot_at(c, v.slot) : NULL;
    if (!slot || !slot->scope || slot->generation != v.generation) *state = TR_DROPPED;
    else if (slot->donated_to) *state = TR_DONATED;
    return *state ? NULL : slot;
}

void tr_raise_state(cv_context *c, tr_state state, cv_val v, tr_label label) {
    static const char *const texts[] = {
        [TR_ABSENT] = "is absent (cv_none)",
        [TR_IS_POISON] = "is what a wrong call returned",
        [TR_DROPPED] = "was dropped, or its scope has ended",
        [TR_ENDED] = "is a value of a trace that has ended",
        [TR_OF_OTHER_THREAD] = "is a value of another thread's trace",
    };
    char name[256], number[16] = "";
    if (label.number != IR_NONE) snprintf(number, sizeof number, " %u", label.number);
    snprintf(name, sizeof name, "%s%s%s%s", label.what, number, label.of ? " of " : "",
             label.of ? label.of : "");
    if (state != TR_DONATED) base_raise(CV_INVALID, "%s %s", name, texts[state]);
    tr_lock(c);
    tr_slot slot = *slot_at(c, v.slot);
    tr_unlock(c);
    base_raise(CV_INVALID, "%s was donated to %s at %s:%u and cannot be used again", name, slot.donated_to,
               slot.donated_at.file, slot.donated_at.line);
}

tr_array tr_array_get(cv_context *c, cv_val v, tr_label label) {
    tr_state state;
    tr_lock(c);
    tr_slot *slot = tr_slot_find(c, v, &state);
    tr_array array = slot ? slot->array : (tr_array){0};
    tr_buffer_retain(array.buffer);
    tr_unlock(c);
    if (state) tr_raise_state(c, state, v, label);
    base_defer(tr_buffer_release_later, array.buffer);
    return array;
}

void tr_arguments_get(cv_context *c, cv_vals values, tr_array *arrays) {
    tr_state state = TR_FINE;
    int64_t n = 0;
    tr_lock(c);
    for (; n < values.n && !state; n++) {
        arrays[n] = (tr_array){0};
        if (tr_is_none(values.at[n])) continue;
        tr_slot *slot = tr_slot_find(c, values.at[n], &state);
        if (slot) arrays[n] = slot->array;
        tr_buffer_retain(arrays[n].buffer);
    }
    tr_unlock(c);
    for (int64_t i = 0; i < n; i++)
        if (arrays[i].buffer) base_defer(tr_buffer_release_later, arrays[i].buffer);
    if (state) tr_raise_state(c, state, values.at[n - 1], TR_ARGUMENT((uint32_t)n - 1));
}

tr_array tr_donate(cv_context *c, cv_val v, const char *to, cv_here here, tr_label label) {
    const char *file = ir_name(c->module, here.file ? here.file : "?");
    const char *taker = ir_name(c->module, to);
    tr_state state;
    tr_array array = {0};
    tr_lock(c);
    tr_slot *slot = tr_slot_find(c, v, &state);
    if (slot) {
        array = slot->array;
        slot->array = (tr_array){0};
        slot->donated_to = taker;
        slot->donated_at = (ir_place){file, (uint32_t)here.line};
    }
    tr_unlock(c);
    if (state) tr_raise_state(c, state, v, label);
    return array;
}

void tr_free_arrays(tr_scope *scope) {
    enum { BATCH = 64 };
    tr_buffer *buffers[BATCH];
    cv_context *c = scope->session->context;
    uint32_t n;
    do {
        n = 0;
        tr_lock(c);
        while (scope->arrays && n < BATCH) buffers[n++] = free_slot(c, scope->arrays);
        tr_unlock(c);
        for (uint32_t i = 0; i < n; i++) tr_buffer_release(buffers[i]);
    } while (n == BATCH);
}

void tr_free_table(cv_context *c) {
    for (uint32_t i = 0; i < TR_CHUNKS; i++) base_free(c->chunks[i]);
}

// The slot of a handle, also of one whose array was donated.
static tr_slot *find_handle(cv_context *c, cv_val v, tr_state *state) {
    tr_slot *slot = tr_slot_find(c, v, state);
    return *state == TR_DONATED ? slot_at(c, v.slot) : slot;
}

static void keep(void *argument) {
    const cv_val *value = argument;
    cv_context *c = tr_context();
    tr_session *session = tr_session_get(c);
    tr_state state;
    tr_lock(c);
    tr_slot *slot = find_handle(c, *value, &state);
    if (slot && session->scope->outer && slot->scope == session->scope) {
        unlink_slot(c, value->slot);
        link_slot(c, value->slot, session->scope->outer);
    }
    tr_unlock(c);
    if (!slot) tr_raise_state(c, state, *value, (tr_label){"the value", IR_NONE, NULL});
}

cv_val cv_keep(cv_val value) {
    if (tr_is_none(value) || tr_is_poison(value) || tr_is_traced(value)) return value;
    return tr_enter("cv_keep", TR_NOWHERE, keep, &value) ? TR_POISON : value;
}

// Frees the slot if there is one. Raises nothing.
static bool drop(cv_context *c, cv_val value, tr_state *state) {
    tr_lock(c);
    bool found = find_handle(c, value, state) != NULL;
    tr_buffer *buffer = found ? free_slot(c, value.slot) : NULL;
    tr_unlock(c);
    tr_buffer_release(buffer);
    return found;
}

static void drop_or_raise(void *argument) {
    const cv_val *value = argument;
    cv_context *c = tr_context();
    tr_state state;
    if (!drop(c, *value, &state)) tr_raise_state(c, state, *value, (tr_label){"the value", IR_NONE, NULL});
}

void cv_drop(cv_val value) {
    if (tr_is_none(value) || tr_is_poison(value) || tr_is_traced(value)) return;
    tr_state state;
    cv_context *known = tr_context_known();
    if (known && drop(known, value, &state)) return; // without the cost of an entry that may fail
    tr_enter("cv_drop", TR_NOWHERE, drop_or_raise, &value);
}
