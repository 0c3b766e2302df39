// Polynomials and constants of the elementary functions. Made by scripts/math_coefficients.py,
// which says how; not edited by hand. Lowest coefficient first; errors are relative to the
// function.
#ifndef CODEGEN_LLVM_MATH_COEFFICIENTS_H
#define CODEGEN_LLVM_MATH_COEFFICIENTS_H

#include <stdint.h>

// (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2; error below 2^-25.8
static const double cg_expm1_f32[] = {
    0x1.fffffep-2, 0x1.5554bp-3, 0x1.555674p-5, 0x1.1227f4p-7,
    0x1.6bebdcp-10,
};
// (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2; error below 2^-54.8
static const double cg_expm1_f64[] = {
    0x1.0000000000005p-1, 0x1.5555555555539p-3, 0x1.555555555225dp-5, 0x1.111111111909bp-7,
    0x1.6c16c17ef4eccp-10, 0x1.a01a0174d47a1p-13, 0x1.a019a71e54507p-16, 0x1.71de885dd7071p-19,
    0x1.28a234c4df9b1p-22, 0x1.ae6b8cb462047p-26,
};
// 2^r for |r| <= 1/2; error below 2^-29.0
static const double cg_exp2_wide[] = {
    0x1.0000000261a84p+0, 0x1.62e430c7ea813p-1, 0x1.ebfbdadc6bb55p-3, 0x1.c6aed4b825faep-5,
    0x1.3b2dbbdb68075p-7, 0x1.5f456b0a076bbp-10, 0x1.41d327f2f4576p-13,
};
// (log(1 + f) - f + f^2 / 2) / f^3 for 1 + f between sqrt(1/2) and sqrt(2); error below 2^-27.2
static const double cg_log1p_f32[] = {
    0x1.555554p-2, -0x1.000226p-2, 0x1.99a008p-3, -0x1.547246p-3,
    0x1.22da1ap-3, -0x1.0d8538p-3, 0x1.055b6cp-3, -0x1.38b59cp-4,
};
// (2 atanh(s) - 2 s) / s^3 in z = s^2, s = f / (2 + f); error below 2^-59.5
static const double cg_log_f64[] = {
    0x1.5555555555592p-1, 0x1.999999997ff6p-2, 0x1.24924941db845p-2, 0x1.c71c5219e2626p-3,
    0x1.74663baf5b654p-3, 0x1.39a20a60e3e16p-3, 0x1.2f025e9b6718bp-3,
};
// log2((1 + s) / (1 - s)) / s in z = s^2; error below 2^-37.8
static const double cg_log2_wide[] = {
    0x1.71547652bee0cp+1, 0x1.ec709d12cf6b1p-1, 0x1.27777fe3409fap-1, 0x1.a58d8c8a62456p-2,
    0x1.5ce7ff059dc21p-2,
};
// (2 atanh(s) - 2 s - 2/3 s^3) / s^5 in z = s^2; error below 2^-73.5
static const double cg_log_tail_f64[] = {
    0x1.9999999999996p-2, 0x1.2492492492f5p-2, 0x1.c71c71c596bd3p-3, 0x1.745d18293cee5p-3,
    0x1.3b1364d0954ddp-3, 0x1.11206e0e3c827p-3, 0x1.de3d9e4af48d1p-4, 0x1.eac44653f4aa9p-4,
};
// (sin(r) - r) / r^3 in z = r^2, |r| <= pi / 2; error below 2^-31.0
static const double cg_sin_f32[] = {
    -0x1.555556p-3, 0x1.111136p-7, -0x1.a023ccp-13, 0x1.72cddcp-19,
    -0x1.b624a4p-26,
};
// (sin(r) - r) / r^3 in z = r^2, |r| <= pi / 2; error below 2^-55.7
static const double cg_sin_f64[] = {
    -0x1.5555555555555p-3, 0x1.11111111110c9p-7, -0x1.a01a01a014d56p-13, 0x1.71de3a529f4f9p-19,
    -0x1.ae6454d386814p-26, 0x1.6123ccba9cb62p-33, -0x1.ae436c9c8225dp-41, 0x1.882fc822a144p-49,
};
// (cos(r) - 1 + r^2 / 2) / r^4 in z = r^2, |r| <= pi / 4; error below 2^-37.0
static const double cg_cos_f32[] = {
    0x1.555556p-5, -0x1.6c175cp-10, 0x1.a06f9p-16, -0x1.35851ap-22,
};
// (cos(r) - 1 + r^2 / 2) / r^4 in z = r^2, |r| <= pi / 4; error below 2^-69.0
static const double cg_cos_f64[] = {
    0x1.5555555555555p-5, -0x1.6c16c16c16b31p-10, 0x1.a01a019ffcf76p-16, -0x1.27e4fb5a7da47p-22,
    0x1.1eed7001a2db8p-29, -0x1.9374fd3a58173p-37, 0x1.9e046f55f40eap-45,
};
// (tanh(x) - x) / x^3 in z = x^2, |x| <= 9/16; error below 2^-29.4
static const double cg_tanh_f32[] = {
    -0x1.555548p-2, 0x1.110c5ep-3, -0x1.b905c4p-5, 0x1.5812aep-6,
    -0x1.945f78p-8,
};
// (tanh(x) - x) / x^3 in z = x^2, |x| <= 9/16; error below 2^-54.8
static const double cg_tanh_f64[] = {
    -0x1.555555555543dp-2, 0x1.11111110fbf23p-3, -0x1.ba1ba1a870e33p-5, 0x1.664f44d7d58cbp-6,
    -0x1.226dc4ff3ee0cp-7, 0x1.d6c318fb019bbp-9, -0x1.7cd643cc3a70bp-10, 0x1.2ef5ab07dff45p-11,
    -0x1.b4ac9a6ced5b3p-13, 0x1.a01102af97579p-15,
};
// ln 2; the first times an exponent is exact
static const double cg_ln2_f32[] = {
    0x1.62e4p-1, 0x1.7f7d1cp-20};
// ln 2, likewise
static const double cg_ln2_f64[] = {
    0x1.62e42fefa38p-1, 0x1.ef35793c7673p-45};
// pi / 2, for targets with fused multiply-add
static const double cg_half_pi_fused_f32[] = {
    0x1.921fb6p+0, -0x1.777a5cp-25, -0x1.ee59dap-50};
// pi / 2, likewise
static const double cg_half_pi_fused_f64[] = {
    0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110};
// pi / 2; multiples up to 2^20 of the first two are exact
static const double cg_half_pi_f64[] = {
    0x1.921fb544p+0, 0x1.0b4611a6p-34, 0x1.3198a2e037073p-69};
// pi
static const double cg_pi_f64[] = {
    0x1.921fb54442d18p+1, 0x1.1a62633145c07p-53};
// 64 zeros, then the digits of 2 / pi behind its binary point
static const uint64_t cg_two_over_pi[] = {
    0x0000000000000000, 0xa2f9836e4e441529, 0xfc2757d1f534ddc0, 0xdb6295993c439041, 0xfe5163abdebbc561,
    0xb7246e3a424dd2e0, 0x06492eea09d1921c, 0xfe1deb1cb129a73e, 0xe88235f52ebb4484, 0xe99c7026b45f7e41,
    0x3991d639835339f4, 0x9c845f8bbdf9283b, 0x1ff897ffde05980f, 0xef2f118b5a0a6d1f, 0x6d367ecf27cb09b7,
    0x4f463f669e5fea2d, 0x7527bac7ebe5f17b, 0x3d0739f78a5292ea, 0x6bfb5fb11f8d5d08, 0x56033046fc7b6bab,
    0xf0cfbc209af4361d,
};

#endif
