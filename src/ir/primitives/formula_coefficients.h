// Polynomials and constants of functions that are formulas. Made by scripts/formula_coefficients.py, which
// says how; not edited by hand. Lowest coefficient first; errors are relative unless said.
#ifndef IR_PRIMITIVES_FORMULA_COEFFICIENTS_H
#define IR_PRIMITIVES_FORMULA_COEFFICIENTS_H

// (2^r - 1) / r for |r| <= 1/2; error below 2^-25.9
static const double fm_exp2_f32[] = {
    0x1.62e43p-1, 0x1.ebfbdcp-3, 0x1.c6aee8p-5, 0x1.3b2d4ep-7,
    0x1.5f3e52p-10, 0x1.41fba2p-13,
};
// (2^r - 1) / r for |r| <= 1/2; error below 2^-55.0
static const double fm_exp2_f64[] = {
    0x1.62e42fefa39efp-1, 0x1.ebfbdff82c5a4p-3, 0x1.c6b08d7049fe8p-5, 0x1.3b2ab6fba011bp-7,
    0x1.5d87fe78cd6d3p-10, 0x1.4309130ed8abcp-13, 0x1.ffcbfba97cad9p-17, 0x1.62bfc79d85be2p-20,
    0x1.b5267ceccdb65p-24, 0x1.e61b4f58bbb6p-28, 0x1.e79ba00d7b90ep-32,
};
// (e^r - 1 - r) / r^2 for |r| <= ln 2 / 2; error below 2^-60.2
static const double fm_exp_f64[] = {
    0x1p-1, 0x1.555555555555bp-3, 0x1.5555555555502p-5, 0x1.111111110ec1cp-7,
    0x1.6c16c16c307cdp-10, 0x1.a01a01b39814ep-13, 0x1.a01a0135e84fp-16, 0x1.71ddefdeab66ap-19,
    0x1.27e5b5187f3bfp-22, 0x1.af6c5d87d7e72p-26, 0x1.1e3ca443c0373p-29,
};
// (2 atanh(s) - 2 s - 2/3 s^3) / s^5 in z = s^2; error below 2^-66.7
static const double fm_log_tail_f64[] = {
    0x1.999999999999ap-2, 0x1.249249249246fp-2, 0x1.c71c71c72271ap-3, 0x1.745d174182328p-3,
    0x1.3b13b310a6d91p-3, 0x1.11109484980fap-3, 0x1.e20b74c9bab94p-4, 0x1.aaec9f487d6d2p-4,
    0x1.c31708b9e361p-4,
};
// m^(-1/3) for m between sqrt(1/2) and sqrt(2); error below 2^-11.9
static const double fm_cbrt_start[] = {
    0x1.bb0fc6p+0, -0x1.4925aep+0, 0x1.6d3ae4p-1, -0x1.44b064p-3,
};
// ln 2; the first times an exponent is exact
static const double fm_ln2_f64[] = {
    0x1.62e42fefa38p-1, 0x1.ef35793c7673p-45};
// (asin(x) - x) / x^3 in z = x^2, z <= 0.25; error below 2^-27.4
static const double fm_asin_f32[] = {
    0x1.5555c8p-3, 0x1.3301ecp-4, 0x1.747dbep-5, 0x1.8c2c06p-6,
    0x1.596b12p-5,
};
// (asin(x) - x) / x^3 in z = x^2, z <= 0.25; error below 2^-55.8
static const double fm_asin_f64[] = {
    0x1.555555555539p-3, 0x1.333333336e7bep-4, 0x1.6db6db427d45dp-5, 0x1.f1c72c38185a5p-6,
    0x1.6e89f45414512p-6, 0x1.1c6be08966e59p-6, 0x1.c6fdd690ff079p-7, 0x1.8ec279f17d265p-7,
    0x1.abd39442f5f37p-8, 0x1.3ff1e6f052e11p-6, -0x1.09cf01069af16p-6, 0x1.056c0e754a729p-5,
};
// (atan(x) - x) / x^3 in z = x^2, z <= 1; error below 2^-25.6
static const double fm_atan_f32[] = {
    -0x1.555552p-2, 0x1.9997ep-3, -0x1.247374p-3, 0x1.c4f1dcp-4,
    -0x1.68e6e6p-4, 0x1.14229p-4, -0x1.6e1904p-5, 0x1.714a18p-6,
    -0x1.df952ep-8, 0x1.23f7bep-10,
};
// (atan(x) - x) / x^3 in z = x^2, z <= 1; error below 2^-55.3
static const double fm_atan_f64[] = {
    -0x1.5555555555554p-2, 0x1.99999999996f8p-3, -0x1.24924924858bfp-3, 0x1.c71c71c326da9p-4,
    -0x1.745d16e655053p-4, 0x1.3b13ab3b97331p-4, -0x1.1110ccabb46e9p-4, 0x1.e1dd5f7ffcf88p-5,
    -0x1.af0b5eed4af74p-5, 0x1.8586229072a85p-5, -0x1.61e2b4ec94dfep-5, 0x1.4047cc0b645ep-5,
    -0x1.1bdbabb6e6758p-5, 0x1.dfa5364a53ffap-6, -0x1.750773b495a73p-6, 0x1.00c62b48061bap-6,
    -0x1.2c4b7e2bd86bap-7, 0x1.1d90281ba789p-8, -0x1.a364555ff84dap-10, 0x1.bad051748b1ddp-12,
    -0x1.298b1e8b733fap-14, 0x1.7cdcc19470066p-18,
};
// (sinh(x) - x) / x^3 in z = x^2, z <= 1; error below 2^-25.2
static const double fm_sinh_f32[] = {
    0x1.555598p-3, 0x1.10f77cp-7, 0x1.ab3c74p-13,
};
// (sinh(x) - x) / x^3 in z = x^2, z <= 1; error below 2^-56.6
static const double fm_sinh_f64[] = {
    0x1.5555555555556p-3, 0x1.11111111110a6p-7, 0x1.a01a01a02899cp-13, 0x1.71de3a465b2dcp-19,
    0x1.ae64671b0d464p-26, 0x1.611a5621e1da9p-33, 0x1.b4c7596d1109cp-41,
};
// (asinh(x) - x) / x^3 in z = x^2, z <= 1; error below 2^-57.5
static const double fm_asinh_f64[] = {
    -0x1.5555555555555p-3, 0x1.3333333333281p-4, -0x1.6db6db6db019dp-5, 0x1.f1c71c6fabbcep-6,
    -0x1.6e8ba2b5c43f8p-6, 0x1.1c4ec1b6c41abp-6, -0x1.c9995041ed0eap-7, 0x1.7a851b8d540c1p-7,
    -0x1.3fceb1cffd144p-7, 0x1.12a089c9d91b9p-7, -0x1.dcc53874d0eb6p-8, 0x1.9e902d43cbfa7p-8,
    -0x1.632ce2574b366p-8, 0x1.2402a0e41450ap-8, -0x1.bcde9244735d1p-9, 0x1.2d9ee85cd053fp-9,
    -0x1.5cf8f5a8456b2p-10, 0x1.495ea1973c997p-11, -0x1.e135abc7b49e7p-13, 0x1.fa3f04f601c95p-15,
    -0x1.53502b51d89ap-17, 0x1.b193f2ee8b137p-21,
};
// (atanh(x) - x) / x^3 in z = x^2, z <= 0.25; error below 2^-57.9
static const double fm_atanh_f64[] = {
    0x1.555555555554cp-2, 0x1.999999999b31bp-3, 0x1.24924923ca28fp-3, 0x1.c71c722a2a7e1p-4,
    0x1.745d08c4845bap-4, 0x1.3b1510379b0bfp-4, 0x1.10fa8497d5b47p-4, 0x1.e3e97ae9e207bp-5,
    0x1.9e87e431fcac9p-5, 0x1.e70c26a81ac67p-5, -0x1.4437d256f8487p-8, 0x1.6476eac9ad69bp-3,
    -0x1.8f38c3387528bp-3, 0x1.ec614f2e35d27p-3,
};
// (acosh(1 + t) / sqrt(2 t) - 1) / t for t <= 1; error below 2^-57.7
static const double fm_acosh_f64[] = {
    -0x1.5555555555539p-4, 0x1.333333333041fp-6, -0x1.6db6db6c02097p-8, 0x1.f1c71bf1145e6p-10,
    -0x1.6e8b9795aa786p-11, 0x1.1c4e1e1f5642p-12, -0x1.c98c52e97719fp-14, 0x1.7a267c8626669p-15,
    -0x1.3dd4f7a58eabdp-16, 0x1.0ac4a91d4c556p-17, -0x1.ade389b380fedp-19, 0x1.35895aaadd70bp-20,
    -0x1.65a4993fe8933p-22, 0x1.1a87929aa040dp-24, -0x1.bb268b4164236p-28,
};
// erf(x) / x - 1 in z = x^2, z <= 1; error below 2^-29.3
static const double fm_erf_f32[] = {
    0x1.06eba8p-3, -0x1.81273ep-2, 0x1.ce2cf8p-4, -0x1.b7f912p-6,
    0x1.5405cap-8, -0x1.a3f77ap-11, 0x1.496b04p-14,
};
// erf(x) / x - 1 in z = x^2, z <= 1; error below 2^-56.3
static const double fm_erf_f64[] = {
    0x1.06eba8214db69p-3, -0x1.812746b0379e6p-2, 0x1.ce2f21a042b2p-4, -0x1.b82ce3128499ep-6,
    0x1.565bcd0db031p-8, -0x1.c02db3d8ed8efp-11, 0x1.f9a321a128767p-14, -0x1.f4d1df3a03138p-17,
    0x1.b9def1a65e775p-20, -0x1.5f1d370466edp-23, 0x1.f7a414c7f1fa1p-27, -0x1.386ac8584cc6dp-30,
    0x1.0579be230d8acp-34,
};
// log(erfc(x)) for x between 1 and 4; the error is that of erfc; error below 2^-27.9
static const double fm_erf_far_f32[] = {
    -0x1.72e8a6p-12, -0x1.2085b2p+0, -0x1.46c586p-1, -0x1.a60a72p-4,
    0x1.6541fep-6, -0x1.814c8ap-9, 0x1.852cbcp-13,
};
// (1 + 2 x) exp(x^2) erfc(x) in t = (x - 15/4) / (x + 15/4); error below 2^-56.9
static const double fm_erfc_f64[] = {
    0x1.3ccda0b5d5dc2p+0, -0x1.1f367683f89a6p-3, 0x1.d5f29481596c4p-9, 0x1.510169d09673fp-4,
    -0x1.bda9309a27bf9p-4, 0x1.7a14188a9baa5p-4, -0x1.e0d0fa6e277f5p-5, 0x1.d0b0037d30398p-6,
    -0x1.3f603c2c294dbp-7, 0x1.cc3a0e91a0cd1p-10, 0x1.33fb1db209bffp-12, -0x1.303fa9f45a428p-12,
    0x1.b145312d29159p-15, 0x1.778dbc3e852b2p-16, -0x1.8012391cb7a94p-17, -0x1.05d389e65c581p-20,
    0x1.d72b2b3964d3cp-20, -0x1.c93a3a51ac013p-25, -0x1.19a4112708a9p-22, 0x1.35039d09c2444p-26,
    0x1.59933ab4e826dp-25, 0x1.28f4861664a29p-33, -0x1.4b4af10aa7b13p-28, -0x1.f38731bd62f66p-31,
};
static const double fm_erfc_f64_low = 0x1.eeae9413c3dcep-54;
// erf_inv(x) / x - 1 in z = x^2, z <= 9/16; error below 2^-27.6
static const double fm_erf_inv_f32[] = {
    -0x1.d203b6p-4, 0x1.db29c2p-3, 0x1.054b3cp-3, 0x1.5f6a4ep-4,
    0x1.33b158p-4, -0x1.b8d352p-6, 0x1.a9faa2p-2, -0x1.125184p+0,
    0x1.06e74p+1, -0x1.097d8p+1, 0x1.02be5p+0,
};
// erf_inv(x) / x - 1 in z = x^2, z <= 9/16; error below 2^-56.5
static const double fm_erf_inv_f64[] = {
    -0x1.d203b725884abp-4, 0x1.db29fb2fee605p-3, 0x1.053c2c0ab6619p-3, 0x1.62847c4ab213fp-4,
    0x1.0a1317d533b47p-4, 0x1.a7c89fcdd753ap-5, 0x1.5ee381c338b4ap-5, 0x1.2b56e69b27447p-5,
    0x1.f4a8fa32c1c2cp-6, 0x1.50226d6e61dep-5, -0x1.786d7ef3d4cf6p-4, 0x1.b266bb89d5f44p-1,
    -0x1.282cec4d6cf4bp+2, 0x1.503f3ef817888p+4, -0x1.316f63cc2ba4cp+6, 0x1.bf8b7048495e8p+7,
    -0x1.0707503eafd33p+9, 0x1.ec62740a59015p+9, -0x1.69f425c83c822p+10, 0x1.98fb98bad6169p+10,
    -0x1.56fb9c8b2cb26p+10, 0x1.92a18486df8a5p+9, -0x1.27c76f8e198e9p+8, 0x1.9aeed19153709p+5,
};
// erf_inv(x) / x in w - 2.875, w = -log(1 - x^2) up to 5; error below 2^-27.5
static const double fm_erf_inv_near_f32[] = {
    0x1.97df4p+0, 0x1.f1b6acp-3, -0x1.624acep-8, -0x1.ea89bap-11,
    0x1.a8f0cap-13, -0x1.799c88p-17, -0x1.25f49cp-19, 0x1.f7b624p-22,
    -0x1.9cc47ap-28, -0x1.c88a4ap-28,
};
static const double fm_erf_inv_near_f32_low = -0x1.72dfaf39f5982p-25;
static const double fm_erf_inv_near_f32_shift = 2.875;
// erf_inv(x) / x in sqrt(w) - 3.125, w = -log(1 - x^2) up to 17; error below 2^-25.7
static const double fm_erf_inv_far_f32[] = {
    0x1.7aaa3cp+1, 0x1.00f3b4p+0, 0x1.cde7c8p-8, -0x1.5b58f2p-8,
    0x1.f0fa58p-9, -0x1.4b0f56p-9, 0x1.4dd706p-10, -0x1.49676p-12,
    -0x1.ed5bb4p-14, 0x1.0354cap-13, -0x1.ef2c04p-16,
};
static const double fm_erf_inv_far_f32_low = 0x1.a1c0da1935728p-28;
static const double fm_erf_inv_far_f32_shift = 3.125;
// erf_inv(x) / x in w - 3.375, w = -log(1 - x^2) up to 6; error below 2^-55.7
static const double fm_erf_inv_near_f64[] = {
    0x1.b69b3b48e2406p+0, 0x1.e567857cc6eebp-3, -0x1.ab6328118b20ap-8, -0x1.272ea534364d8p-11,
    0x1.6100521738534p-13, -0x1.02679a0470692p-16, -0x1.6cf9583fec46dp-21, 0x1.805fecb0ea5fdp-22,
    -0x1.31308f848a59p-25, -0x1.d58afd1ec8096p-30, 0x1.d8db84ffc566cp-31, -0x1.63cee20354585p-34,
    -0x1.68ae21fee8a73p-38, 0x1.2d61865e91814p-39, -0x1.9eb29e88843f8p-43, -0x1.1a02df35933d7p-46,
    0x1.8ec389941e546p-48, -0x1.d88df0abd6064p-52, -0x1.17c9ea80b3da3p-54, 0x1.f69ad70c397e1p-57,
    0x1.d58ccf2a90212p-65, -0x1.61d566d9a0a11p-63,
};
static const double fm_erf_inv_near_f64_low = 0x1.05d7452734c9fp-57;
static const double fm_erf_inv_near_f64_shift = 3.375;
// erf_inv(x) / x in sqrt(w) - 3.25, w = -log(1 - x^2) up to 16; error below 2^-55.4
static const double fm_erf_inv_middle_f64[] = {
    0x1.8abcc380d5a48p+1, 0x1.0158a6d641d55p+0, 0x1.5ffcfe5b6cb6ap-8, -0x1.ebadabba0387fp-9,
    0x1.468eeca952d86p-9, -0x1.ba9240d84111bp-10, 0x1.f3cc545855f5fp-11, -0x1.7448bcd597cfdp-12,
    0x1.932e97ce2e05cp-16, 0x1.1e6abd81df281p-14, -0x1.8cf47ed8b38b4p-15, 0x1.a2418a5348c71p-17,
    0x1.89a1d26cdf835p-19, -0x1.0b78919eeeaa7p-18, 0x1.8d9193b020ff5p-20, -0x1.dcb07e40fbc24p-26,
    -0x1.06b45c05f9035p-22, 0x1.1ad5308e19646p-23, -0x1.739500323a458p-26, -0x1.07b645fc7c3bdp-26,
    0x1.10c82d387a581p-27,
};
static const double fm_erf_inv_middle_f64_low = -0x1.8d29004ee3e47p-54;
static const double fm_erf_inv_middle_f64_shift = 3.25;
// erf_inv(x) / x in sqrt(w) - 5.0, w = -log(1 - x^2) up to 37; error below 2^-55.6
static const double fm_erf_inv_far_f64[] = {
    0x1.3664ddd1ad7fbp+2, 0x1.02a30d1fba10bp+0, -0x1.22ea5df1ccf66p-13, -0x1.c2f36aa169008p-13,
    0x1.3ebf4efb59103p-14, -0x1.4a34903c20d04p-16, 0x1.2fbcfd5b0d7c2p-18, -0x1.0a9037cfbde86p-20,
    0x1.ebe33b5532a48p-23, -0x1.2237345705b3p-24, 0x1.f2868dc9d4916p-26, -0x1.05710d97db88dp-26,
    0x1.0cc84c8eb172p-27, -0x1.e4d27e8e8123dp-29, 0x1.69672b1beefe9p-30, -0x1.a958f133e9ba3p-32,
    0x1.34efeb59df1e5p-34, 0x1.38c03a3d2e0a1p-36, -0x1.696fd21295be7p-36, 0x1.70b3d352b50cdp-38,
};
static const double fm_erf_inv_far_f64_low = -0x1.6f0d539043c18p-54;
static const double fm_erf_inv_far_f64_shift = 5.0;
// y (lgamma(y) - (y - 1/2) log y + y - log(2 pi) / 2) in z = 1 / y^2, y >= 8; error below 2^-60.6
static const double fm_lgamma_f64[] = {
    0x1.5555555555555p-4, -0x1.6c16c16c1694dp-9, 0x1.a01a019da0a94p-11, -0x1.38137d44965e2p-11,
    0x1.b94e85ede1fb5p-11, -0x1.f5d9667df93dap-10, 0x1.954900778ea9fp-8, -0x1.4f025413e559fp-6,
};
// y^2 (log y - 1 / (2 y) - digamma(y)) in z = 1 / y^2, y >= 8; error below 2^-66.8
static const double fm_digamma_f64[] = {
    0x1.5555555555555p-4, -0x1.111111110f8f9p-7, 0x1.041040fb98a0ep-8, -0x1.11110584c073ep-8,
    0x1.f0735bb7e93cfp-8, -0x1.589af6936f92cp-6, 0x1.44bacc621e877p-4, -0x1.25f44427c91abp-2,
};
// (sin(pi x) / (pi x) - 1) / x^2 in z = x^2, |x| <= 1/2; error below 2^-60.5
static const double fm_half_turns_f64[] = {
    -0x1.a51a6625307d3p+0, 0x1.9f9cb402bc46cp-1, -0x1.86a8e4720db2cp-3, 0x1.ac6805cf31fd9p-6,
    -0x1.33816aa2f1fddp-9, 0x1.3747192a54934p-13, -0x1.d424067b8cb05p-18, 0x1.0faa880f8c97cp-22,
    -0x1.e75de378e21d1p-28,
};
static const double fm_half_turns_f64_low = -0x1.16a3fd008a3c3p-55;
// exp(-x) I0(x) in x, x <= 0.5; error below 2^-54.4
static const double fm_bessel_i0e_near_f64[] = {
    0x1p+0, -0x1.ffffffffffffdp-1, 0x1.7fffffffffe8cp-1, -0x1.aaaaaaaaa2d5p-2,
    0x1.75555553f4b14p-3, -0x1.0ccccca7c6d21p-4, 0x1.48888386e8c3fp-6, -0x1.5ca555d3e8903p-8,
    0x1.46d4252dbcac7p-10, -0x1.12158fd77441cp-12, 0x1.9c59cdb1d047dp-15, -0x1.0a1ec9d83d802p-17,
    0x1.ca002899a4d5cp-21,
};
static const double fm_bessel_i0e_near_f64_low = -0x1.5372daff58d12p-61;
// exp(-x) I0(x) in x - 1.5, x from 0.5 to 2.5; error below 2^-53.9
static const double fm_bessel_i0e_middle_f64[] = {
    0x1.784084195afep-2, -0x1.2fe94f46a410cp-3, 0x1.34c2cdefe6d9ep-4, -0x1.18eb98d35f223p-5,
    0x1.b58bb61bed58dp-7, -0x1.245e148770715p-8, 0x1.5374a8764925ap-10, -0x1.5b134d4fb7d55p-12,
    0x1.3c5c6cc1c5f91p-14, -0x1.03d2efa17eeb2p-16, 0x1.840e3b4f67dc1p-19, -0x1.098d0fea34e8ap-21,
    0x1.4f47f579bcdeap-24, -0x1.88cd8e8033085p-27, 0x1.ad243bcbeefcp-30, -0x1.b68f682c3ffe9p-33,
    0x1.a69af97805a1bp-36, -0x1.9444d11aac218p-39, 0x1.5425e44a7ef42p-42,
};
static const double fm_bessel_i0e_middle_f64_low = 0x1.02250b4b3df7cp-61;
// exp(-x) I0(x) in x - 5.25, x from 2.5 to 8.0; error below 2^-57.1
static const double fm_bessel_i0e_outer_f64[] = {
    0x1.6e42bdf5ed0ep-3, -0x1.284e240be66dp-6, 0x1.6bc08537f4ec2p-9, -0x1.f77c59bd4963cp-12,
    0x1.72dce9c24675fp-14, -0x1.1a6108bc54f98p-16, 0x1.b1701d8be9e8p-19, -0x1.47a320bbfbd35p-21,
    0x1.ded2f86a69afep-24, -0x1.4ddb6e6177bf1p-26, 0x1.b8c06907cba0dp-29, -0x1.1256f6ae6632cp-31,
    0x1.41986af0dbcdfp-34, -0x1.6316a94bfe85p-37, 0x1.71bd085cf3b8ap-40, -0x1.6bb3a91d17472p-43,
    0x1.529f3fa285abfp-46, -0x1.2ae63b3a537cp-49, 0x1.f5e43e6ce5f2p-53, -0x1.93a3f4f2bd895p-56,
    0x1.3350e8c2bbb67p-59, -0x1.a68258cc373e1p-63, 0x1.2b0d7ec7942fp-66, -0x1.17e410e656055p-69,
    0x1.5d0b083716e73p-73,
};
static const double fm_bessel_i0e_outer_f64_low = -0x1.94f865fba2a10p-57;
// exp(-x) I0(x) sqrt(x) in 1 / x - 1/16, x >= 8; error below 2^-57.5
static const double fm_bessel_i0e_far_f64[] = {
    0x1.9bd428ad249a5p-2, 0x1.b87969bb93b9bp-5, 0x1.1daa72b5e2719p-5, 0x1.75e5ee711e6acp-5,
    0x1.8e513a7950e01p-4, 0x1.3f49a965455cep-2, 0x1.7d0f0a520ca22p+0, 0x1.51cdd5d364517p+3,
    0x1.7234dc59fac44p+6, 0x1.03a49c988937cp+9, -0x1.cfe75b229e354p+12, -0x1.cd00fa4b1c45cp+17,
    -0x1.729633a7a6db7p+20, 0x1.04404fddaebadp+25, 0x1.fc7cb4554be81p+28, -0x1.e71e37182acfep+31,
    -0x1.9580034f698e6p+36, 0x1.ade664fd8fa71p+38, 0x1.ebe9a16deccf3p+43, -0x1.4b8ff25703bd7p+45,
    -0x1.b1ac0e1f8c653p+50, 0x1.6c5399d3c84b9p+51, 0x1.e50dcb172d015p+56, -0x1.8ca512ba96d52p+56,
    -0x1.fc4c02f33be96p+61,
};
static const double fm_bessel_i0e_far_f64_low = -0x1.ba141e33c52bfp-56;
// exp(-x) I1(x) / x in x, x <= 0.5; error below 2^-56.0
static const double fm_bessel_i1e_near_f64[] = {
    0x1p-1, -0x1.fffffffffffffp-2, 0x1.3ffffffffff9dp-2, -0x1.2aaaaaaaa8942p-3,
    0x1.bfffffff444c1p-5, -0x1.19999985ec016p-6, 0x1.31110e68e0723p-8, -0x1.2289eae1c3a4cp-10,
    0x1.ede329e08191ep-13, -0x1.7ad64464faa23p-15, 0x1.06ec93d204184p-17, -0x1.3cec4cf4edd0ep-20,
    0x1.0375434c7e1acp-23,
};
static const double fm_bessel_i1e_near_f64_low = -0x1.6b874d36a0554p-64;
// exp(-x) I1(x) in x - 1.5, x from 0.5 to 2.5; error below 2^-56.4
static const double fm_bessel_i1e_middle_f64[] = {
    0x1.c097b8ec11eb5p-3, 0x1.365faa50b24cep-9, -0x1.c27a5d349f6c3p-6, 0x1.39403a911c5e2p-6,
    -0x1.255f7d36aa34bp-7, 0x1.b1a1d05401edbp-9, -0x1.0bed1ed5c62ap-10, 0x1.1da58c323b2bcp-12,
    -0x1.0c3e2e379167cp-14, 0x1.c27db5bdd7beep-17, -0x1.5635c426e8de7p-19, 0x1.dabd90ca004d4p-22,
    -0x1.2f018bbbddbeep-24, 0x1.6638cba6d2e7cp-27, -0x1.8a5d0bf383535p-30, 0x1.959607f303a36p-33,
    -0x1.88696a6610442p-36, 0x1.7a301c53548ap-39, -0x1.482fa40de890cp-42,
};
static const double fm_bessel_i1e_middle_f64_low = -0x1.e416246cab48cp-57;
// exp(-x) I1(x) in x - 5.25, x from 2.5 to 8.0; error below 2^-57.6
static const double fm_bessel_i1e_outer_f64[] = {
    0x1.4938f97470406p-3, -0x1.9abc057bd264p-7, 0x1.5de3c721f2d4p-10, -0x1.093edff605b1p-13,
    0x1.1e39ed6d97022p-18, 0x1.55986b64abddcp-19, -0x1.17dab7783f003p-20, 0x1.2e5faf5efcd1cp-22,
    -0x1.105ac019de073p-24, 0x1.b22a29900cd04p-27, -0x1.39aeb938f2e0dp-29, 0x1.a01b5819f80bcp-32,
    -0x1.fed956401e541p-35, 0x1.23f3eea88e36bp-37, -0x1.382e41898f1e1p-40, 0x1.398e1f9646ff4p-43,
    -0x1.28d8ffa5c3e1bp-46, 0x1.0999ac8982995p-49, -0x1.c2fe80e2b8ca9p-53, 0x1.6e41e37fd3c65p-56,
    -0x1.193a70094a465p-59, 0x1.8470ea51dd3aap-63, -0x1.139b1e41eb27cp-66, 0x1.0557cc2eacd81p-69,
    -0x1.4a511a6066439p-73,
};
static const double fm_bessel_i1e_outer_f64_low = -0x1.b5b35cea23d47p-57;
// exp(-x) I1(x) sqrt(x) in 1 / x - 1/16, x >= 8; error below 2^-57.1
static const double fm_bessel_i1e_far_f64[] = {
    0x1.8ebe783a8403p-2, -0x1.3f796198ee632p-3, -0x1.cbc54df1e8d97p-5, -0x1.f89c23059fc32p-5,
    -0x1.ec8e107789b61p-4, -0x1.7613810bfa15fp-2, -0x1.ad8d46a9f70aap+0, -0x1.7279734a44856p+3,
    -0x1.9191e570a983p+6, -0x1.21a46d651259dp+9, 0x1.cf03a95bfe6dap+12, 0x1.e27e42fd1e444p+17,
    0x1.99aaf39f0705p+20, -0x1.07592517bdc84p+25, -0x1.0de4a53577235p+29, 0x1.dc3fade223434p+31,
    0x1.a917c217bebc1p+36, -0x1.97c380cd03c63p+38, -0x1.006b149084239p+44, 0x1.34d114e491c76p+45,
    0x1.c2ef4359710d4p+50, -0x1.5114a9f037107p+51, -0x1.f7ab0e515d4aap+56, 0x1.6ee4266db247p+56,
    0x1.07adbdfd06206p+62,
};
static const double fm_bessel_i1e_far_f64_low = -0x1.ba88c1d8b2c42p-58;

#endif
