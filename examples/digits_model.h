// The network of digits.c, its loss and one step of its training, which bench/ measures too.
//
// Everything is written for one image and mapped over a batch. Structs made only of cv_val are trees of arrays:
// what a callback gets as a list is read through them.
#ifndef DIGITS_MODEL_H
#define DIGITS_MODEL_H

#include <covector/covector.h>

enum { PIXELS = 64, HIDDEN = 64, CLASSES = 10, BATCH = 64 };
static const double rate = 0.1, momentum = 0.9;

// ---- the model -----------------------------------------------------------------------------------

typedef struct layer {
    cv_val weight, bias;
} layer;

typedef struct network { // a tree of four arrays
    layer hidden, output;
} network;

static cv_val apply(layer l, cv_val x) {
    return cv_add(cv_matmul(x, l.weight), l.bias);
}

// The scores of the ten digits for one image, f32[8,8].
static cv_val scores(const network *net, cv_val image) {
    cv_val pixels = cv_reshape(image, CV_INTS(PIXELS));
    return apply(net->output, cv_tanh(apply(net->hidden, pixels)));
}

// What the loss reads. Of one image: f32[8,8] and its label s32[]; of a batch: f32[64,8,8] and s32[64].
typedef struct example {
    network net;
    cv_val image, label;
} example;

// The cross-entropy of one image.
static void loss_of_one(cv_val *out, const cv_val *in, void *context) {
    const example *e = (const example *)in;
    (void)context;
    cv_val log_likelihood = cv_log_softmax(scores(&e->net, e->image));
    out[0] = cv_neg(cv_sum(cv_mul(log_likelihood, cv_one_hot(CV_F32, e->label, CLASSES))));
}

// The mean over a batch.
static void loss_of_batch(cv_val *out, const cv_val *in, void *context) {
    const example *e = (const example *)in;
    (void)context;
    cv_fn one = cv_fun(loss_of_one, .in = CV_LEAVES(example), .out = 1);
    cv_fn each = cv_vmap(one, .in = CV_INTS(CV_NONE, CV_NONE, CV_NONE, CV_NONE, 0, 0), .name = "batch");
    cv_val losses = cv_none;
    cv_call_list(each, &losses, 1, CV_TREE(*e));
    out[0] = cv_mean(losses);
}

// ---- one step: gradient descent with momentum ----------------------------------------------------

typedef struct training { // the network and the velocity of its descent
    network net, velocity;
} training;

typedef struct step_in {
    training now;
    cv_val images, labels;
} step_in;

typedef struct step_out {
    training next;
    cv_val loss;
} step_out;

static void step(cv_val *out, const cv_val *in, void *context) {
    const step_in *s = (const step_in *)in;
    step_out *result = (step_out *)out;
    (void)context;

    cv_fn batch = cv_fun(loss_of_batch, .in = CV_LEAVES(example), .out = 1);
    cv_fn descend = cv_value_and_grad(batch, .argnums = CV_INTS(0, 1, 2, 3));
    example e = {s->now.net, s->images, s->labels};
    struct {
        cv_val loss;
        network gradient;
    } found;
    cv_call_list(descend, (cv_val *)&found, CV_LEAVES(found), CV_TREE(e));

    const cv_val *weight = (const cv_val *)&s->now.net, *velocity = (const cv_val *)&s->now.velocity;
    const cv_val *gradient = (const cv_val *)&found.gradient;
    cv_val *new_weight = (cv_val *)&result->next.net, *new_velocity = (cv_val *)&result->next.velocity;
    for (int i = 0; i < CV_LEAVES(network); i++) {
        new_velocity[i] = cv_add(cv_mul(momentum, velocity[i]), gradient[i]);
        new_weight[i] = cv_sub(weight[i], cv_mul(rate, new_velocity[i]));
    }
    result->loss = found.loss;
}

// The step, compiled: the old training is given away for the new one.
static cv_fn training_step(void) {
    return cv_jit(cv_fun(step, .in = CV_LEAVES(step_in), .out = CV_LEAVES(step_out)),
                  .donate = CV_INTS(0, 1, 2, 3, 4, 5, 6, 7));
}

#endif
