// Learns to read handwritten digits: 1,797 images of 8 x 8 pixels, of which 1,437 train a network with
// one hidden layer and 360 test it.
//
//     digits [--steps N] [--curve FILE] [--data DIR]
//
// --steps N      steps of 64 images each (default 660, which is 30 passes over the data)
// --curve FILE   writes the loss of each step as text, one a line
// --data DIR     where digits_images.npy and digits_labels.npy are
//
// The last line on standard output is "test accuracy 0.9xx". Two runs print the same: the split, the
// initial weights and the order of the images come from a generator with fixed seeds.
// (tests/reference/digits_jax.py is the same training in JAX.)

#include <covector/covector.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PIXELS = 64, HIDDEN = 64, CLASSES = 10, TRAIN = 1437, BATCH = 64 };
static const double rate = 0.1, momentum = 0.9;

#ifndef DIGITS_DATA
#define DIGITS_DATA "examples/data"
#endif

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

// How many of the images are read as what they are.
static void accuracy(cv_val *out, const cv_val *in, void *context) {
    const example *e = (const example *)in;
    (void)context;
    cv_val hidden = cv_tanh(apply(e->net.hidden, cv_reshape(e->image, CV_INTS(-1, PIXELS))));
    cv_val guess = cv_argmax(apply(e->net.output, hidden), .axis = CV_INTS(1));
    out[0] = cv_mean(cv_astype(cv_equal(guess, e->label), CV_F32));
}

// ---- random numbers: splitmix64 (Steele, Lea and Flood, Fast splittable generators, 2014) --------

static uint64_t random_bits(uint64_t *random) {
    uint64_t z = *random += 0x9e3779b97f4a7c15u;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
    return z ^ (z >> 31);
}

static void shuffle(uint64_t *random, int *order, int n) {
    for (int i = n - 1; i > 0; i--) {
        int j = (int)(random_bits(random) % (uint64_t)(i + 1)), kept = order[i];
        order[i] = order[j];
        order[j] = kept;
    }
}

// A matrix as Glorot and Bengio (2010) begin with: uniform within sqrt(6 / (rows + columns)).
static cv_val glorot(uint64_t *random, int rows, int columns) {
    float numbers[PIXELS * HIDDEN], limit = sqrtf(6.0f / (float)(rows + columns));
    for (int i = 0; i < rows * columns; i++)
        numbers[i] = limit * (2.0f * ((float)(random_bits(random) >> 40) * 0x1p-24f) - 1.0f);
    return cv_array(CV_F32, CV_INTS(rows, columns), numbers);
}

static training initial_state(void) {
    uint64_t random = 2;
    training s;
    s.net.hidden = (layer){glorot(&random, PIXELS, HIDDEN), cv_zeros(CV_F32, CV_INTS(HIDDEN))};
    s.net.output = (layer){glorot(&random, HIDDEN, CLASSES), cv_zeros(CV_F32, CV_INTS(CLASSES))};
    s.velocity.hidden = (layer){cv_zeros_like(s.net.hidden.weight), cv_zeros_like(s.net.hidden.bias)};
    s.velocity.output = (layer){cv_zeros_like(s.net.output.weight), cv_zeros_like(s.net.output.bias)};
    return s;
}

// ---- the data ------------------------------------------------------------------------------------

typedef struct data {
    int n;
    const uint8_t *images, *labels; // n * PIXELS; n
    int *order;                     // the first TRAIN train, the others test
} data;

static bool load_data(const char *folder, data *d) {
    char path[4096];
    snprintf(path, sizeof path, "%s/digits_images.npy", folder);
    cv_val images = cv_load_npy(path);
    snprintf(path, sizeof path, "%s/digits_labels.npy", folder);
    cv_val labels = cv_load_npy(path);
    d->images = cv_data(images);
    d->labels = cv_data(labels);
    if (!cv_ok()) return false;
    d->n = (int)cv_size(images, 0);
    if (cv_dtype_of(images) != CV_U8 || cv_dtype_of(labels) != CV_U8 || d->n <= TRAIN ||
        cv_count(images) != (int64_t)d->n * PIXELS || cv_count(labels) != d->n) {
        fprintf(stderr, "digits: %s: the files are not those of the digits\n", folder);
        return false;
    }
    d->order = malloc((size_t)d->n * sizeof *d->order);
    if (!d->order) return false;
    for (int i = 0; i < d->n; i++) d->order[i] = i;
    uint64_t random = 1;
    shuffle(&random, d->order, d->n);
    return true;
}

// The images and labels that order[0 .. n) names, scaled to 0 .. 1.
static bool gather(const data *d, const int *order, int n, cv_val *images, cv_val *labels) {
    float *pixels = malloc((size_t)n * PIXELS * sizeof *pixels);
    int32_t *digits = malloc((size_t)n * sizeof *digits);
    if (pixels && digits) {
        for (int i = 0; i < n; i++) {
            const uint8_t *image = d->images + order[i] * PIXELS;
            for (int j = 0; j < PIXELS; j++) pixels[i * PIXELS + j] = (float)image[j] / 16.0f;
            digits[i] = d->labels[order[i]];
        }
        *images = cv_array(CV_F32, CV_INTS(n, 8, 8), pixels);
        *labels = cv_array(CV_S32, CV_INTS(n), digits);
    }
    bool done = pixels && digits && cv_ok();
    free(pixels);
    free(digits);
    return done;
}

// ---- training ------------------------------------------------------------------------------------

static void show_progress(int done, int steps, double loss) {
    enum { WIDTH = 40 };
    static const char full[] = "########################################";
    int filled = done * WIDTH / steps;
    fprintf(stderr, "\r[%-*.*s] %d/%d  loss %.4f", WIDTH, filled, full, done, steps, loss);
    if (done == steps) fputc('\n', stderr);
}

static bool train(training *s, const data *d, int steps, FILE *curve) {
    cv_fn train_step = cv_jit(cv_fun(step, .in = CV_LEAVES(step_in), .out = CV_LEAVES(step_out)),
                              .donate = CV_INTS(0, 1, 2, 3, 4, 5, 6, 7));
    bool terminal = isatty(2);
    uint64_t random = 3;
    for (int i = 0, at = TRAIN; i < steps; i++, at += BATCH) {
        if (at + BATCH > TRAIN) {
            shuffle(&random, d->order, TRAIN);
            at = 0;
        }
        cv_scope_begin(); // the batch and the loss go at its end, the new training is kept
        step_in in = {.now = *s};
        step_out out;
        bool fine = gather(d, d->order + at, BATCH, &in.images, &in.labels) &&
                    cv_call_list(train_step, (cv_val *)&out, CV_LEAVES(out), CV_TREE(in)) == CV_OK;
        if (fine) {
            double loss = cv_item(out.loss);
            for (int j = 0; j < CV_LEAVES(training); j++) cv_keep(((cv_val *)&out.next)[j]);
            *s = out.next;
            if (curve) fprintf(curve, "%.9g\n", loss);
            if (terminal) show_progress(i + 1, steps, loss);
        }
        cv_scope_end();
        if (!fine) return false;
    }
    return true;
}

static bool test(const training *s, const data *d, double *share) {
    example e = {.net = s->net};
    if (!gather(d, d->order + TRAIN, d->n - TRAIN, &e.image, &e.label)) return false;
    cv_fn measure = cv_jit(cv_fun(accuracy, .in = CV_LEAVES(example), .out = 1));
    *share = cv_item(cv_call_one_at(measure, CV_TREE(e), CV_HERE));
    return cv_ok();
}

static bool run(const char *folder, int steps, FILE *curve) {
    data d = {0};
    double share = 0;
    bool done = load_data(folder, &d);
    if (done) {
        training s = initial_state();
        done = train(&s, &d, steps, curve) && test(&s, &d, &share);
    }
    free(d.order);
    if (done) printf("test accuracy %.3f\n", share);
    else fprintf(stderr, "digits: %s\n", cv_ok() ? "stopped" : cv_message());
    return done;
}

int main(int count, char **words) {
    const char *folder = DIGITS_DATA, *curve_path = NULL;
    int steps = 660;
    for (int i = 1; i < count; i += 2) {
        if (i + 1 < count && !strcmp(words[i], "--steps")) steps = atoi(words[i + 1]);
        else if (i + 1 < count && !strcmp(words[i], "--curve")) curve_path = words[i + 1];
        else if (i + 1 < count && !strcmp(words[i], "--data")) folder = words[i + 1];
        else {
            fprintf(stderr, "usage: digits [--steps N] [--curve FILE] [--data DIR]\n");
            return 1;
        }
    }
    FILE *curve = curve_path ? fopen(curve_path, "w") : NULL;
    if (curve_path && !curve) {
        perror(curve_path);
        return 1;
    }
    bool done = run(folder, steps, curve);
    if (curve && fclose(curve)) {
        perror(curve_path);
        done = false;
    }
    cv_shutdown();
    return !done;
}
